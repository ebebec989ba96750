#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::net {

/// Header fields in the order sent. Names compare without case.
class Headers {
public:
    void add(std::string name, std::string value);
    /// The first value of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const {
        return fields_;
    }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// What a server was asked, or a client asks.
struct HttpRequest {
    std::string method = "GET";
    /// Server: the request target as sent, `/path?query`. Client: the absolute URL.
    std::string target;
    Headers headers;
    std::string body;

    /// The part of `target` before `?`.
    [[nodiscard]] std::string_view path() const;
    /// The part of `target` after `?`, still encoded; empty when there is none.
    [[nodiscard]] std::string_view query() const;
};

struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
};

/// `name=value&…` of a query or a form, decoded (`%41`, `+`), in order. A broken escape is kept as
/// it stands.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

/// Encodes everything but RFC 3986's unreserved characters.
[[nodiscard]] std::string url_encode(std::string_view text);

}  // namespace cxdial::net
