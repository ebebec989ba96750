#pragma once

#include "base/clock.h"
#include "net/http.h"

#include <cstddef>
#include <optional>
#include <string>

namespace cxdial::api_client::internal {

inline constexpr std::size_t error_text_max = 200;

/// What the other side said, fit for a log line: at most 200 bytes, control characters blanked,
/// telephone numbers masked.
[[nodiscard]] std::string one_line(std::string text);

/// The `Retry-After` of a reply, seconds or an HTTP date counted from `now`; at most a day.
[[nodiscard]] std::optional<base::Millis> retry_after(
    const net::HttpResponse& response, base::WallTime now
);

}  // namespace cxdial::api_client::internal
