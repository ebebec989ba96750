#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::api_client::internal {

/// Reads `2024-05-20T21:05:00`, with or without a fraction, and `Z`, `+hh:mm`, `+hhmm` or nothing
/// (taken as UTC) behind it.
[[nodiscard]] std::optional<base::WallTime> parse_iso_time(std::string_view text);

/// `2024-05-20T21:05:00Z`, rounded down to the second.
[[nodiscard]] std::string to_iso_time(base::WallTime time);

/// Reads the date form of HTTP headers, `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::optional<base::WallTime> parse_http_date(const std::string& text);

}  // namespace cxdial::api_client::internal
