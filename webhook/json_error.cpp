#include "webhook/json_error.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace cxdial::webhook {

namespace {

using nlohmann::ordered_json;

std::string_view code_of(int status) {
    switch (status) {
        case 400:
        case 422:
            return "bad_request";
        case 401:
        case 403:
            return "unauthorized";
        case 404:
            return "not_found";
        case 405:
            return "method_not_allowed";
        case 409:
            return "conflict";
        case 413:
            return "too_large";
        case 503:
            return "unavailable";
        default:
            return "error";
    }
}

}  // namespace

net::HttpResponse error_response(
    int status, std::string_view message, const std::vector<FieldError>& fields
) {
    ordered_json list = ordered_json::array();
    for (const FieldError& field : fields) {
        list.push_back({{"path", field.path}, {"reason", field.reason}});
    }
    const ordered_json body = {
        {"error", {{"code", code_of(status)}, {"message", message}, {"fields", std::move(list)}}}};
    return json_response(status, body.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

net::HttpResponse json_response(int status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

}  // namespace cxdial::webhook
