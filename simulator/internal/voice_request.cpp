#include "simulator/internal/voice_request.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;
using Parameters = std::map<std::string, std::string>;

/// The keys that have one text value each.
Parameters parameters_of(const Call& call) {
    Parameters all = {
        {"ApplicationSid", call.application ? call.application->uuid : ""},
        {"ApiVersion", "1"},
        {"AccountSid", call.domain->name},
        {"Domain", call.domain->name},
        {"Session", call.token},
        {"CallSid", call.token},
        // The program runs as if the destination had called it.
        {"From", call.request.destination},
        {"To", call.request.caller_id},
        {"CallStatus", "in-progress"},
        {"Direction", std::string(direction_of(call))}};
    if (call.inbound) {
        all["CallSid"] = call.inbound->call_sid;
        std::swap(all["From"], all["To"]);
        if (!call.answered) {
            all["CallStatus"] = call.inbound->request.call_status;
        }
        all.insert(
            call.inbound->request.parameters.begin(), call.inbound->request.parameters.end()
        );
    }
    if (!call.answered_by.empty()) {
        all["AnsweredBy"] = call.answered_by;
    }
    return all;
}

void put_in_query(net::HttpRequest& request, const Parameters& all) {
    auto separator = request.target.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : all) {
        request.target += separator + net::url_encode(name) + "=" + net::url_encode(value);
        separator = '&';
    }
}

std::string body_of(const Call& call, const Parameters& all, const net::HttpRequest& request) {
    json body(all);
    body["SessionData"] = session_json(call);
    const auto application = call.application.value_or(Application{
        0, "remote", "", request.target, request.method, json::object()});
    body["Application"] = to_json(application, *call.domain);
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void put_voice_parameters(
    net::HttpRequest& request, const Call& call, const std::map<std::string, std::string>& extras
) {
    auto all = parameters_of(call);
    for (const auto& [name, value] : extras) {
        all[name] = value;
    }
    if (request.method == "POST") {
        request.body = body_of(call, all, request);
    } else {
        put_in_query(request, all);
    }
}

}  // namespace cxdial::simulator
