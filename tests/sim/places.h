#pragma once

#include "base/phone_number.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cxdial::sim {

/// Where the people of a run live: the numbers of a place follow each other from `first`.
struct Place {
    std::uint64_t first;
    std::string_view zone;  ///< IANA name; empty: nobody can tell from the number
};

inline constexpr std::array places{
    Place{12'125'550'200, "America/New_York"},
    Place{13'125'550'200, "America/Chicago"},
    Place{14'155'550'200, "America/Los_Angeles"},
    Place{442'079'460'200, "Europe/London"},
    Place{493'023'125'200, "Europe/Berlin"},
    Place{18'005'550'200, ""},
};
inline constexpr std::uint64_t numbers_of_a_place = 400;

[[nodiscard]] base::PhoneNumber number_in(std::size_t place, std::uint64_t index);
/// Whether somebody of this simulation has the number.
[[nodiscard]] bool is_somebodys(std::uint64_t digits);
/// The zone of the place; empty: unknown.
[[nodiscard]] std::string_view zone_of(base::PhoneNumber number);

}  // namespace cxdial::sim
