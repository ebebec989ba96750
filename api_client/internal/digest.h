#pragma once

#include <string>
#include <string_view>

namespace cxdial::api_client::internal {

/// SHA-256 as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace cxdial::api_client::internal
