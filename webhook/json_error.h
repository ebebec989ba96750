#pragma once

#include "net/http.h"

#include <string>
#include <string_view>
#include <vector>

namespace cxdial::webhook {

/// One bad field of what was sent.
struct FieldError {
    std::string path;
    std::string reason;
};

/// The answer to a request that is not done: `{"error":{"code","message","fields":[…]}}`. The code
/// follows from the status: `bad_request`, `unauthorized`, `not_found`, `method_not_allowed`,
/// `conflict`, `too_large`, `unavailable`, else `error`. Bytes that are not UTF-8 are replaced.
[[nodiscard]] net::HttpResponse error_response(
    int status, std::string_view message, const std::vector<FieldError>& fields = {}
);

/// An answer whose body is JSON text.
[[nodiscard]] net::HttpResponse json_response(int status, std::string body);

}  // namespace cxdial::webhook
