#include "simulator/internal/notices.h"

#include "base/check.h"
#include "simulator/internal/draw.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::simulator {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr Range held_back{milliseconds{150}, milliseconds{600}};

std::string text_of(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::int64_t seconds_between(base::WallTime from, base::WallTime to) {
    return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(to - from).count());
}

std::string variant_of(base::Rng& rng, const std::string& disposition) {
    static const std::map<std::string, std::vector<std::string>> variants = {
        {"ANSWER", {"ANSWERED", "CONNECTED", "answer"}},
        {"NOANSWER", {"NO ANSWER", "NO_ANSWER", "NO-ANSWER"}},
        {"CANCEL", {"CANCELLED", "CANCELED"}},
        {"FAILED", {"ERROR", "EXTERNAL"}},
        {"BUSY", {"Busy"}},
        {"CONGESTION", {"Congestion"}},
        {"NOCREDIT", {"NoCredit"}},
    };
    const auto found = variants.find(disposition);
    return found == variants.end() ? disposition : found->second[rng.below(found->second.size())];
}

void to_upper(json& value) {
    auto& text = value.get_ref<std::string&>();
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
    });
}

void apply_cdr_faults(json& cdr, base::Rng& rng, const Options& options) {
    if (rng.chance(options.status_case)) {
        to_upper(cdr["session"]["status"]);
    }
    if (rng.chance(options.cdr_disposition_variant)) {
        cdr["disposition"] = variant_of(rng, cdr["disposition"].get<std::string>());
    }
    if (rng.chance(options.cdr_null_domain)) {
        cdr["domain"] = "nullDomain";
    }
    if (rng.chance(options.cdr_nan)) {
        cdr["qos"] = {{"rtt", "NaN"}, {"rx_mos", "NaN"}, {"tx_mos", "NaN"}, {"ssrc", "NaN"}};
    }
    if (rng.chance(options.cdr_session_list)) {
        cdr["session"] = json::array({cdr["session"]});
    } else if (rng.chance(options.cdr_null_session)) {
        cdr["session"] = nullptr;
    }
}

}  // namespace

json cdr_json(Call& call) {
    CHECK_INVARIANT(call.is_ended && call.ended);
    const auto start = call.started.value_or(call.created);
    const auto billsec = call.answered ? seconds_between(*call.answered, *call.ended) : 0;
    json qos = nullptr;
    if (call.answered) {
        qos = {
            {"rtt", 12.5},
            {"rx_mos", 4.3},
            {"tx_mos", 4.4},
            {"ssrc", std::to_string(call.rng.below(1ULL << 32U))}};
    }
    return {
        {"timestamp", std::chrono::floor<std::chrono::seconds>(start).time_since_epoch().count()},
        {"domain", call.domain->name},
        {"subscriber", nullptr},
        {"cx_trunk_id", 117},
        {"application", call.application ? json(call.application->id) : json()},
        {"route", nullptr},
        {"from", call.request.caller_id},
        {"to", call.request.destination},
        {"disposition", disposition_of(call.status)},
        {"duration", seconds_between(start, *call.ended)},
        {"billsec", billsec},
        {"rated_cost", nullptr},
        {"approx_cost", nullptr},
        {"sell_cost", nullptr},
        {"vapp_server", vapp_server},
        {"call_id", call.sip_call_id},
        {"session", session_json(call)},
        {"owner", {{"domain", {{"uuid", call.domain->uuid}, {"name", call.domain->name}}}}},
        {"qos", qos}};
}

net::HttpRequest Notices::request_for(Call& call, std::string url) const {
    net::HttpRequest request;
    request.method = "POST";
    request.target = std::move(url);
    auto& headers = request.headers;
    headers.add("Content-Type", "application/json");
    if (const auto key = call.domain->setting("authorization-api-key"); !key.empty()) {
        headers.add("Authorization", "Bearer " + key);
    }
    headers.add("X-Cx-Apikey", "XI0000000000000000000000000000000F");
    headers.add("X-Cx-Domain", call.domain->name);
    const auto& called = call.request.destination;
    const auto& caller = call.request.caller_id;
    // Where we placed the call, the program runs as if the destination had called it.
    headers.add("X-Cx-From", call.inbound ? caller : called);
    headers.add("X-Cx-To", call.inbound ? called : caller);
    headers.add("X-Cx-Session", call.token);
    headers.add("X-Cx-Source", call.inbound ? "TRUNK" : "API");
    headers.add("X-Cx-Stageid", draw_hex(call.rng, 16));
    return request;
}

void Notices::status_changed(Call& call, const std::string& action, bool with_callback) {
    const auto endpoint = call.domain->setting("session-update-endpoint");
    const auto has_callback = with_callback && options_.callbacks && !call.request.callback.empty();
    if (endpoint.empty() && !has_callback) {
        return;
    }
    auto body = session_json(call);
    body["eventId"] = "evt_" + std::to_string(++events_);
    body["action"] = action;
    body["reason"] = nullptr;
    body["lastError"] = call.error.empty() ? json() : json(call.error);
    if (has_callback) {
        send_update(call, "callback", call.request.callback, body);
    }
    if (!endpoint.empty()) {
        body["direction"] = call.inbound ? "incoming" : "application";
        send_update(call, "session-update", endpoint, std::move(body));
    }
}

void Notices::send_update(Call& call, const std::string& kind, const std::string& url, json body) {
    auto& rng = call.rng;
    if (rng.chance(options_.update_drop)) {
        return;
    }
    if (rng.chance(options_.status_case)) {
        to_upper(body["status"]);
    }
    if (rng.chance(options_.update_list)) {
        body = json::array({std::move(body)});
    }
    auto request = request_for(call, url);
    request.body = text_of(body);
    const auto is_held = rng.chance(options_.update_reorder);
    const auto delay = is_held ? draw(rng, held_back) : milliseconds{0};
    if (rng.chance(options_.update_duplicate)) {
        send_after(draw(rng, held_back), kind, request);
    }
    send_after(delay, kind, std::move(request));
}

void Notices::send_after(milliseconds delay, const std::string& kind, net::HttpRequest request) {
    if (delay.count() == 0) {
        sender_.send(kind, std::move(request));
        return;
    }
    schedule_.after(delay, [this, kind, request = std::move(request)] {
        sender_.send(kind, request);
    });
}

void Notices::ended(Call& call) {
    const auto endpoint = call.domain->setting("cdr-endpoint");
    if (!is_http_url(endpoint)) {
        return;
    }
    auto& rng = call.rng;
    auto cdr = cdr_json(call);
    apply_cdr_faults(cdr, rng, options_);
    if (rng.chance(options_.cdr_drop)) {
        return;
    }
    auto request = request_for(call, endpoint);
    request.body = text_of(cdr);
    const auto delay =
        rng.chance(options_.cdr_delay_chance) ? draw(rng, options_.cdr_delay) : milliseconds{0};
    if (rng.chance(options_.cdr_duplicate)) {
        send_after(delay + draw(rng, held_back), "cdr", request);
    }
    send_after(delay, "cdr", std::move(request));
}

void Notices::other(Call& call, const std::string& kind, const std::string& url, const json& body) {
    auto request = request_for(call, url);
    request.body = text_of(body);
    sender_.send(kind, std::move(request));
}

}  // namespace cxdial::simulator
