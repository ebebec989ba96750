#pragma once

#include "base/secret.h"
#include "net/http.h"

#include <map>
#include <optional>
#include <string>

namespace cxdial::webhook::internal {

/// The Cloudonix domain that sent the request, as its bearer shows; empty: it may be any. Nothing:
/// the request must be refused.
///
/// A domain without a key accepts requests without its bearer. Where that leaves several domains,
/// the `X-Cx-Domain` header chooses among them; it never adds one.
[[nodiscard]] std::optional<std::string> authenticate(
    const std::map<std::string, base::Secret>& keys, const net::Headers& headers
);

}  // namespace cxdial::webhook::internal
