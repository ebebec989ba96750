#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::base {

/// Reads `250ms`, `10s`, `5m`, `2h`, `1d`: a whole or decimal number, not negative, and a unit.
/// Nothing when the text is something else or the time is longer than ten years.
[[nodiscard]] std::optional<Millis> parse_duration(std::string_view text);

/// The shortest text that `parse_duration` reads back: whole numbers of the largest unit that fits.
[[nodiscard]] std::string to_text(Millis duration);

}  // namespace cxdial::base
