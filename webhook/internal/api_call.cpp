#include "webhook/internal/api_call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace cxdial::webhook::internal {

namespace {

constexpr std::string_view root = "/api/v1/";
constexpr int limit_max = 1000;
constexpr std::size_t hex_digits = 2;
constexpr int hex_base = 16;

constexpr std::array<std::pair<std::string_view, ApiKind>, 6> plurals{{
    {"campaigns", ApiKind::campaign},
    {"assistants", ApiKind::assistant},
    {"ai_load_balancers", ApiKind::ai_load_balancer},
    {"agents", ApiKind::agent},
    {"phone_numbers", ApiKind::phone_number},
    {"tenants", ApiKind::tenant},
}};

std::vector<std::string_view> parts_of(std::string_view path, char between = '/') {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t slash = path.find(between);
        parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return parts;
        }
        path.remove_prefix(slash + 1);
    }
}

/// In a path a plus is a plus, unlike in a form.
std::string decode(std::string_view part) {
    std::string form = "part=";
    for (const char c : part) {
        const bool is_form_syntax = c == '+' || c == '&' || c == '=';
        form += is_form_syntax ? net::url_encode(std::string_view(&c, 1)) : std::string(1, c);
    }
    return net::parse_form(form).front().second;
}

/// Two hexadecimal digits a byte: clients must not build it themselves.
std::string encode_cursor(std::string_view after) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string cursor;
    for (const char c : after) {
        const auto byte = static_cast<unsigned char>(c);
        cursor += digits[byte / hex_base];
        cursor += digits[byte % hex_base];
    }
    return cursor;
}

std::optional<std::string> decode_cursor(std::string_view cursor) {
    std::string after;
    while (!cursor.empty()) {
        const std::string_view digits = cursor.substr(0, hex_digits);
        unsigned byte = 0;
        const auto [rest, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), byte, hex_base);
        if (problem != std::errc{} || rest != digits.data() + hex_digits) {
            return std::nullopt;
        }
        after += static_cast<char>(byte);
        cursor.remove_prefix(hex_digits);
    }
    return after;
}

/// Why the parameter is wrong; empty: it was read.
std::string read_parameter(ApiCall& call, const std::string& name, const std::string& value) {
    if (name == "tenant") {
        if (value.empty()) {
            return "is empty";
        }
        call.tenant = value;
        call.names_tenant = true;
    } else if (name == "region") {
        call.region = value;
    } else if (name == "reason") {
        call.reason = value;
    } else if (name == "limit") {
        const char* const end = value.data() + value.size();
        const auto [rest, problem] = std::from_chars(value.data(), end, call.slice.limit);
        const bool is_number = problem == std::errc{} && rest == end;
        if (!is_number || call.slice.limit < 1 || call.slice.limit > limit_max) {
            return "expected a whole number from 1 to 1000";
        }
    } else if (name == "cursor") {
        std::optional<std::string> after = decode_cursor(value);
        if (!after) {
            return "is not a next_cursor of this API";
        }
        call.slice.after = *std::move(after);
    } else {
        return "unknown parameter";
    }
    return "";
}

/// As above, of what chooses among the rows of a list.
std::string read_filter(ApiCall& call, const std::string& name, const std::string& value) {
    if (value.empty()) {
        return "is empty";
    }
    call.filters[name] = value;
    if (name == "contact") {
        // A plus that was not encoded has become a blank.
        const std::string text = value.front() == ' ' ? "+" + value.substr(1) : value;
        const base::Result<base::PhoneNumber> number = campaign::read_phone_number(text);
        if (!number) {
            return number.error().detail;
        }
        call.contact = *number;
    }
    return "";
}

int status_of(base::Errc code) {
    switch (code) {
        case base::Errc::invalid_argument:
            return 422;
        case base::Errc::not_found:
            return 404;
        case base::Errc::conflict:
            return 409;
        case base::Errc::unavailable:
        case base::Errc::unknown_outcome:
            return 503;
    }
    return 503;
}

}  // namespace

std::string ApiCall::filter(std::string_view key) const {
    const auto found = filters.find(key);
    return found == filters.end() ? std::string() : found->second;
}

std::variant<ApiCall, std::vector<FieldError>> read_call(
    const net::HttpRequest& request, std::string_view filters
) {
    const std::vector<std::string_view> known = parts_of(filters, ' ');
    ApiCall call;
    call.body = request.body;
    for (const std::string_view part : parts_of(request.path().substr(root.size()))) {
        call.path.push_back(decode(part));
    }
    std::vector<FieldError> wrong;
    for (const auto& [name, value] : net::parse_form(request.query())) {
        const bool is_filter = std::find(known.begin(), known.end(), name) != known.end();
        std::string reason =
            is_filter ? read_filter(call, name, value) : read_parameter(call, name, value);
        if (!reason.empty()) {
            wrong.push_back({name, std::move(reason)});
        }
    }
    if (!wrong.empty()) {
        return wrong;
    }
    return call;
}

bool matches(std::string_view pattern, std::string_view path) {
    if (path.substr(0, root.size()) != root) {
        return false;
    }
    const std::vector<std::string_view> wanted = parts_of(pattern);
    const std::vector<std::string_view> given = parts_of(path.substr(root.size()));
    const auto fits = [](std::string_view want, std::string_view part) {
        if (want == "*") {
            return !part.empty();
        }
        return want == "~" ? kind_of_plural(part).has_value() : want == part;
    };
    return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(), fits);
}

std::optional<ApiKind> kind_of_plural(std::string_view plural) {
    const auto* const found = std::find_if(plurals.begin(), plurals.end(), [&](const auto& known) {
        return known.first == plural;
    });
    return found == plurals.end() ? std::nullopt : std::optional(found->second);
}

std::string kind_name(ApiKind kind) {
    const auto* const found = std::find_if(plurals.begin(), plurals.end(), [&](const auto& known) {
        return known.second == kind;
    });
    return std::string(found->first.substr(0, found->first.size() - 1));
}

base::Result<base::PhoneNumber> number_in(const std::string& part) {
    base::Result<base::PhoneNumber> number = campaign::read_phone_number(part);
    if (!number) {
        return base::Error{base::Errc::not_found, "the path names no phone number"};
    }
    return number;
}

base::Result<std::int64_t> id_in(const std::string& part) {
    std::int64_t id = 0;
    const char* const end = part.data() + part.size();
    const auto [rest, problem] = std::from_chars(part.data(), end, id);
    if (problem != std::errc{} || rest != end) {
        return base::Error{base::Errc::not_found, "the path names no id"};
    }
    return id;
}

net::HttpResponse unreadable_query(const std::vector<FieldError>& wrong) {
    return error_response(400, "the query cannot be read", wrong);
}

net::HttpResponse page_response(const ApiPage& page) {
    const std::string cursor =
        page.next ? "\"" + encode_cursor(*page.next) + "\"" : std::string("null");
    return json_response(200, R"({"items":)" + page.items + R"(,"next_cursor":)" + cursor + "}");
}

net::HttpResponse failure(const base::Error& error) {
    const int status = status_of(error.code);
    std::vector<FieldError> fields;
    const std::size_t colon = error.detail.find(": ");
    if (error.code == base::Errc::invalid_argument && colon != std::string::npos) {
        fields.push_back({error.detail.substr(0, colon), error.detail.substr(colon + 2)});
    }
    net::HttpResponse response = error_response(status, error.detail, fields);
    if (status == 503) {
        response.headers.add("Retry-After", "1");
    }
    return response;
}

}  // namespace cxdial::webhook::internal
