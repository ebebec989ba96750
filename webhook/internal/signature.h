#pragma once

#include "base/secret.h"

#include <string_view>

namespace cxdial::webhook::internal {

/// Whether `signature` is the lower-case hex HMAC-SHA256 of the bytes under the secret, compared in
/// a time that tells nothing of where they differ. No secret: never.
[[nodiscard]] bool is_signed(
    const base::Secret& secret, std::string_view bytes, std::string_view signature
);

}  // namespace cxdial::webhook::internal
