#include "campaign/internal/civil_time.h"

#include "campaign/internal/time_zone.h"

#include <charconv>
#include <date/date.h>
#include <date/tz.h>

namespace cxdial::campaign {
namespace {

/// Takes text from the front, piece by piece.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    bool take(char expected) {
        if (rest_.empty() || rest_.front() != expected) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    /// A number of exactly `width` digits.
    std::optional<int> number(std::size_t width) {
        if (rest_.size() < width ||
            rest_.substr(0, width).find_first_not_of("0123456789") != std::string_view::npos) {
            return std::nullopt;
        }
        int value = 0;
        std::from_chars(rest_.data(), rest_.data() + width, value);
        rest_.remove_prefix(width);
        return value;
    }
    /// The digits of a fraction as milliseconds; further ones are cut off.
    std::optional<base::Millis> fraction() {
        std::size_t width = 0;
        int millis = 0;
        int place = 100;
        while (width < rest_.size() && rest_[width] >= '0' && rest_[width] <= '9') {
            millis += (rest_[width] - '0') * place;
            place /= 10;
            ++width;
        }
        rest_.remove_prefix(width);
        return width == 0 ? std::nullopt : std::optional{base::Millis{millis}};
    }

private:
    std::string_view rest_;
};

std::optional<date::local_days> read_day(Reader& reader) {
    const auto year = reader.number(4);
    if (!year || !reader.take('-')) {
        return std::nullopt;
    }
    const auto month = reader.number(2);
    if (!month || !reader.take('-')) {
        return std::nullopt;
    }
    const auto day = reader.number(2);
    if (!day) {
        return std::nullopt;
    }
    const date::year_month_day calendar{
        date::year{*year},
        date::month{static_cast<unsigned>(*month)},
        date::day{static_cast<unsigned>(*day)}};
    if (!calendar.ok() || *year < 1) {
        return std::nullopt;
    }
    return date::local_days{calendar};
}

/// Hours and minutes, `24:00` included.
std::optional<std::chrono::minutes> read_hour_and_minute(Reader& reader) {
    const auto hour = reader.number(2);
    if (!hour || !reader.take(':')) {
        return std::nullopt;
    }
    const auto minute = reader.number(2);
    if (!minute || *minute > 59 || *hour > 24 || (*hour == 24 && *minute != 0)) {
        return std::nullopt;
    }
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

std::optional<base::Millis> read_time_of_day(Reader& reader) {
    const auto minutes = read_hour_and_minute(reader);
    if (!minutes) {
        return std::nullopt;
    }
    base::Millis time = *minutes;
    if (reader.take(':')) {
        const auto second = reader.number(2);
        if (!second || *second > 59) {
            return std::nullopt;
        }
        time += std::chrono::seconds{*second};
        if (reader.take('.') || reader.take(',')) {
            const auto fraction = reader.fraction();
            if (!fraction) {
                return std::nullopt;
            }
            time += *fraction;
        }
    }
    return time;
}

struct Offset {
    bool good = true;
    std::optional<std::chrono::minutes> ahead;  ///< of UTC; nothing: the text names none
};

Offset read_offset(Reader& reader) {
    if (reader.at_end()) {
        return {};
    }
    if (reader.take('Z') || reader.take('z')) {
        return {.good = true, .ahead = std::chrono::minutes{0}};
    }
    const bool behind = reader.take('-');
    if (!behind && !reader.take('+')) {
        return {.good = false, .ahead = {}};
    }
    const auto hour = reader.number(2);
    reader.take(':');
    const auto minute = reader.at_end() ? std::optional{0} : reader.number(2);
    if (!hour || !minute || *hour > 14 || *minute > 59) {
        return {.good = false, .ahead = {}};
    }
    const std::chrono::minutes ahead = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
    return {.good = true, .ahead = behind ? -ahead : ahead};
}

}  // namespace

bool is_time_zone(std::string_view name) {
    return find_zone(name) != nullptr;
}

std::optional<base::Millis> midnight_of(std::string_view text) {
    Reader reader{text};
    const auto day = read_day(reader);
    if (!day || !reader.at_end()) {
        return std::nullopt;
    }
    return day->time_since_epoch();
}

std::optional<int> parse_minute_of_day(std::string_view text) {
    Reader reader{text};
    const auto minutes = read_hour_and_minute(reader);
    if (!minutes || !reader.at_end()) {
        return std::nullopt;
    }
    return static_cast<int>(minutes->count());
}

std::string minute_of_day_text(int minute) {
    const auto digit = [](int value) { return static_cast<char>('0' + value); };
    const int hour = minute / 60;
    const int rest = minute % 60;
    return {digit(hour / 10), digit(hour % 10), ':', digit(rest / 10), digit(rest % 10)};
}

ReadInstant parse_instant(std::string_view text, std::string_view zone) {
    Reader reader{text};
    const auto day = read_day(reader);
    base::Millis time_of_day{0};
    if (day && (reader.take('T') || reader.take('t') || reader.take(' '))) {
        const auto time = read_time_of_day(reader);
        if (!time) {
            return {};
        }
        time_of_day = *time;
    }
    const Offset offset = read_offset(reader);
    if (!day || !offset.good || !reader.at_end()) {
        return {};
    }
    const auto local = date::local_time<base::Millis>{*day} + time_of_day;
    if (offset.ahead) {
        return {.time = base::WallTime{local.time_since_epoch()} - *offset.ahead};
    }
    const date::time_zone* const found = find_zone(zone);
    if (found == nullptr) {
        return {.time = {}, .problem = InstantProblem::no_zone};
    }
    return {
        .time = base::WallTime{found->to_sys(local, date::choose::earliest).time_since_epoch()}};
}

}  // namespace cxdial::campaign
