#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace cxdial::campaign {

/// Which zones the numbers that begin so may be in. Both are lists with a space between: of leading
/// digits from the country code on, and of IANA names. The longest prefix of a number counts.
struct PrefixZones {
    std::string_view prefixes;
    std::string_view zones;
};

/// Longest prefix in the tables.
inline constexpr std::size_t prefix_digits_max = 7;

/// Country code 1 by area code. What is not listed (toll-free, personal and unassigned codes) is
/// nowhere in particular.
[[nodiscard]] std::span<const PrefixZones> zones_of_north_america();

/// All other country codes.
[[nodiscard]] std::span<const PrefixZones> zones_of_the_world();

}  // namespace cxdial::campaign
