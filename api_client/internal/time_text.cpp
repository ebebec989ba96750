#include "api_client/internal/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <date/date.h>
#include <sstream>

namespace cxdial::api_client::internal {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Whether the text has the shape: `0` stands for a digit, `a` for a letter, anything else for
/// itself. The date library is given nothing else: out of shape, it may convert a time that is not
/// a number.
bool has_shape(std::string_view text, std::string_view shape) {
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char want) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (want == '0') {
            return digit;
        }
        return want == 'a' ? letter : c == want;
    });
}

std::optional<date::sys_seconds> parse(const std::string& text, const char* format) {
    std::istringstream in(text);
    date::sys_seconds time;
    in >> date::parse(format, time);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) {
        return std::nullopt;
    }
    return time;
}

std::optional<int> two_digits(std::string_view text) {
    int number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.size() != 2 || text[0] == '-' || error != std::errc{} ||
        stop != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

/// `Z`, `+hh:mm`, `-hhmm`, or nothing.
std::optional<minutes> parse_offset(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") {
        return minutes{0};
    }
    if (text[0] != '+' && text[0] != '-') {
        return std::nullopt;
    }
    const bool has_colon = text.size() == 6 && text[3] == ':';
    if (!has_colon && text.size() != 5) {
        return std::nullopt;
    }
    const auto hour = two_digits(text.substr(1, 2));
    const auto minute = two_digits(text.substr(has_colon ? 4 : 3));
    if (!hour || !minute) {
        return std::nullopt;
    }
    const minutes offset = hours{*hour} + minutes{*minute};
    return text[0] == '-' ? -offset : offset;
}

/// Takes `.123…` off the front; milliseconds, further digits dropped.
base::Millis take_fraction(std::string_view& text) {
    if (text.empty() || text[0] != '.') {
        return base::Millis{0};
    }
    std::size_t digits = 0;
    int millis = 0;
    while (digits + 1 < text.size() && text[digits + 1] >= '0' && text[digits + 1] <= '9') {
        millis = digits < 3 ? millis * 10 + (text[digits + 1] - '0') : millis;
        ++digits;
    }
    for (std::size_t missing = digits; missing < 3; ++missing) {
        millis *= 10;
    }
    text.remove_prefix(digits + 1);
    return base::Millis{millis};
}

}  // namespace

std::optional<base::WallTime> parse_iso_time(std::string_view text) {
    constexpr std::size_t whole_seconds = std::string_view("2024-05-20T21:05:00").size();
    if (text.size() < whole_seconds) {
        return std::nullopt;
    }
    std::string to_the_second(text.substr(0, whole_seconds));
    to_the_second[10] = '-';
    if (!has_shape(to_the_second, "0000-00-00-00:00:00")) {
        return std::nullopt;
    }
    const auto time = parse(to_the_second, "%F-%T");
    text.remove_prefix(whole_seconds);
    const base::Millis fraction = take_fraction(text);
    const auto offset = parse_offset(text);
    if (!time || !offset) {
        return std::nullopt;
    }
    return base::WallTime{time->time_since_epoch() - *offset + fraction};
}

std::string to_iso_time(base::WallTime time) {
    return date::format("%FT%TZ", std::chrono::floor<seconds>(time));
}

std::optional<base::WallTime> parse_http_date(const std::string& text) {
    if (!has_shape(text, "aaa, 00 aaa 0000 00:00:00 GMT")) {
        return std::nullopt;
    }
    const auto time = parse(text, "%a, %d %b %Y %T GMT");
    return time ? std::optional<base::WallTime>{*time} : std::nullopt;
}

}  // namespace cxdial::api_client::internal
