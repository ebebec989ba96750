#include "simulator/internal/iso_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdio>

namespace cxdial::simulator {
namespace {

using namespace std::chrono_literals;

/// Takes a fixed number of digits, or a fixed character, off the front of a text.
class Taker {
public:
    explicit Taker(std::string_view text) : text_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        const auto part = text_.substr(0, count);
        const auto* const end = part.data() + part.size();
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        ok_ = ok_ && part.size() == count && std::all_of(part.begin(), part.end(), is_digit) &&
              std::from_chars(part.data(), end, value).ptr == end;
        text_.remove_prefix(part.size());
        return ok_ ? value : 0;
    }
    bool maybe(char expected) {
        if (text_.empty() || text_.front() != expected) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }
    void exactly(char expected) { ok_ = maybe(expected) && ok_; }
    std::chrono::milliseconds fraction() {
        auto unit = 100;
        auto sum = 0;
        auto count = 0;
        for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; ++count) {
            sum += (text_.front() - '0') * unit;
            unit /= 10;
            text_.remove_prefix(1);
        }
        ok_ = ok_ && count > 0;
        return std::chrono::milliseconds{sum};
    }
    [[nodiscard]] bool at_end() const { return text_.empty(); }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    std::string_view text_;
    bool ok_ = true;
};

std::chrono::minutes take_offset(Taker& taker) {
    const auto is_west = taker.maybe('-');
    if (!is_west && !taker.maybe('+')) {
        (void)taker.maybe('Z');
        return 0min;
    }
    auto offset = taker.digits(2) * 60min;
    (void)taker.maybe(':');
    if (!taker.at_end()) {
        offset += taker.digits(2) * 1min;
    }
    return is_west ? -offset : offset;
}

}  // namespace

std::string to_iso(base::WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 40> text{};
    const auto length = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count())
    );
    return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::optional<base::WallTime> parse_iso(std::string_view text) {
    Taker taker(text);
    const auto year = taker.digits(4);
    taker.exactly('-');
    const auto month = taker.digits(2);
    taker.exactly('-');
    const auto day = taker.digits(2);
    if (!taker.maybe(' ')) {
        taker.exactly('T');
    }
    const auto hour = taker.digits(2);
    taker.exactly(':');
    const auto minute = taker.digits(2);
    auto second = 0;
    if (taker.maybe(':')) {
        second = taker.digits(2);
    }
    auto fraction = 0ms;
    if (taker.maybe('.')) {
        fraction = taker.fraction();
    }
    const auto offset = take_offset(taker);
    const std::chrono::year_month_day date{
        std::chrono::year{year},
        std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}};
    if (!taker.ok() || !taker.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date} + hour * 1h + minute * 1min + second * 1s + fraction -
           offset;
}

}  // namespace cxdial::simulator
