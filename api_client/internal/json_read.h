#pragma once

#include "base/clock.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::api_client::internal {

/// Parses what the outside sent; `is_discarded()` when it is no JSON, or nested deeper than 64.
[[nodiscard]] nlohmann::json parse_json(std::string_view text);

/// The member of that name; null when `value` is no object, has no such member, or the member is
/// JSON `null`.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& value, const char* name);

/// A string as it is, an integer as its digits; empty for anything else, null included.
[[nodiscard]] std::string text_of(const nlohmann::json* value);

/// A number, or a string that holds one, rounded down. Nothing for `NaN`, for what is beyond
/// +-2^53, and for anything else.
[[nodiscard]] std::optional<std::int64_t> integer_of(const nlohmann::json* value);

/// A point in time: epoch milliseconds or seconds (told apart by size), as number or string, or an
/// ISO 8601 date-time. Zero and negative numbers mean "never" and give nothing.
[[nodiscard]] std::optional<base::WallTime> time_of(const nlohmann::json* value);

}  // namespace cxdial::api_client::internal
