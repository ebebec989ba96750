#include "base/duration.h"

#include <array>
#include <charconv>
#include <cmath>

namespace cxdial::base {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t millis;
};

constexpr std::array units{
    Unit{"d", 86'400'000},
    Unit{"h", 3'600'000},
    Unit{"m", 60'000},
    Unit{"s", 1'000},
    Unit{"ms", 1},
};
constexpr double longest_millis = 3650.0 * 86'400'000.0;

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, problem] =
        std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (problem != std::errc{} || std::signbit(number)) {
        return std::nullopt;
    }
    const std::string_view unit_name{rest, static_cast<std::size_t>(end - rest)};
    for (const Unit& unit : units) {
        if (unit.name == unit_name) {
            const double millis = number * static_cast<double>(unit.millis);
            if (!(millis <= longest_millis)) {
                return std::nullopt;
            }
            return Millis{std::llround(millis)};
        }
    }
    return std::nullopt;
}

std::string to_text(Millis duration) {
    for (const Unit& unit : units) {
        if (duration.count() != 0 && duration.count() % unit.millis == 0) {
            return std::to_string(duration.count() / unit.millis).append(unit.name);
        }
    }
    return "0s";
}

}  // namespace cxdial::base
