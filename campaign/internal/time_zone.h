#pragma once

#include <date/tz.h>
#include <string_view>

namespace cxdial::campaign {

/// The zone of that name in the tz database, or null. It lives as long as the program.
[[nodiscard]] const date::time_zone* find_zone(std::string_view name);

}  // namespace cxdial::campaign
