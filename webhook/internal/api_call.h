#pragma once

#include "base/result.h"
#include "net/http.h"
#include "webhook/api.h"
#include "webhook/json_error.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cxdial::webhook::internal {

/// A request to the API, taken apart.
struct ApiCall {
    std::vector<std::string> path;  ///< what follows `/api/v1/`, decoded, by its slashes
    std::string tenant = "default";
    ApiSlice slice;
    std::optional<base::PhoneNumber> contact;
    std::map<std::string, std::string, std::less<>> filters;  ///< of what a list shows
    std::string region;
    std::string reason;
    bool names_tenant = false;
    std::string_view body;  ///< of the request, which must outlive this

    /// Of the resource that the path names second.
    [[nodiscard]] ApiName name() const { return {tenant, path[1]}; }
    /// Empty: there is none.
    [[nodiscard]] std::string filter(std::string_view key) const;
};

/// Reads path and query. An unknown parameter or a value that is none is an error: a filter that is
/// quietly left out would show what was not asked for. `filters`: those of this path, by their
/// names with a blank between.
[[nodiscard]] std::variant<ApiCall, std::vector<FieldError>> read_call(
    const net::HttpRequest& request, std::string_view filters = {}
);
/// The answer to a query of which this is wrong.
[[nodiscard]] net::HttpResponse unreadable_query(const std::vector<FieldError>& wrong);

/// Whether a path, without its query, is `pattern`, where `*` stands for one part and `~` for the
/// plural of a kind.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);

/// `campaigns`: campaign.
[[nodiscard]] std::optional<ApiKind> kind_of_plural(std::string_view plural);
[[nodiscard]] std::string kind_name(ApiKind kind);

/// What a part of a path names; `not_found` where it is none.
[[nodiscard]] base::Result<base::PhoneNumber> number_in(const std::string& part);
[[nodiscard]] base::Result<std::int64_t> id_in(const std::string& part);

/// `{"items":[…],"next_cursor":…}`
[[nodiscard]] net::HttpResponse page_response(const ApiPage& page);

/// The answer to what could not be done. A detail `path: reason` of an invalid argument becomes a
/// field.
[[nodiscard]] net::HttpResponse failure(const base::Error& error);

}  // namespace cxdial::webhook::internal
