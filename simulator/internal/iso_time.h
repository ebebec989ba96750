#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::simulator {

/// `2024-05-20T21:05:00.387Z`.
[[nodiscard]] std::string to_iso(base::WallTime time);
/// Reads ISO 8601 with a date, a time of day, an optional fraction, and `Z`, `+02:00`, `+0200` or
/// nothing (UTC). Nothing when it is anything else.
[[nodiscard]] std::optional<base::WallTime> parse_iso(std::string_view text);

}  // namespace cxdial::simulator
