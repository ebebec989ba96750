#include "simulator/internal/call.h"

#include "base/check.h"
#include "simulator/internal/iso_time.h"

#include <array>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

json millis_or_null(const std::optional<base::WallTime>& time) {
    return time ? json(base::to_millis(*time)) : json();
}

json iso_or_null(const std::optional<base::WallTime>& time) {
    return time ? json(to_iso(*time)) : json();
}

}  // namespace

std::string_view to_string(CallStatus status) {
    constexpr std::array<std::string_view, 10> names = {
        "new",
        "processing",
        "ringing",
        "connected",
        "noanswer",
        "busy",
        "cancel",
        "nocredit",
        "congestion",
        "failed"};
    return names.at(static_cast<std::size_t>(status));
}

std::string_view disposition_of(CallStatus status) {
    switch (status) {
        case CallStatus::connected:
            return "ANSWER";
        case CallStatus::noanswer:
            return "NOANSWER";
        case CallStatus::busy:
            return "BUSY";
        case CallStatus::cancel:
            return "CANCEL";
        case CallStatus::nocredit:
            return "NOCREDIT";
        case CallStatus::congestion:
            return "CONGESTION";
        case CallStatus::fresh:
        case CallStatus::processing:
        case CallStatus::ringing:
        case CallStatus::failed:
            return "FAILED";
    }
    return "FAILED";
}

CallStatus status_of_outcome(std::string_view outcome) {
    constexpr std::array<std::pair<std::string_view, CallStatus>, 7> outcomes = {{
        {"answered", CallStatus::connected},
        {"busy", CallStatus::busy},
        {"noanswer", CallStatus::noanswer},
        {"cancel", CallStatus::cancel},
        {"congestion", CallStatus::congestion},
        {"failed", CallStatus::failed},
        {"nocredit", CallStatus::nocredit},
    }};
    for (const auto& [name, status] : outcomes) {
        if (name == outcome) {
            return status;
        }
    }
    return CallStatus::failed;
}

std::string_view direction_of(const Call& call) {
    return call.inbound ? "inbound" : "outbound-api";
}

json session_json(const Call& call) {
    CHECK_INVARIANT(call.domain != nullptr);
    json session = {
        {"id", call.id},
        {"domainId", call.domain->id},
        {"domain", call.domain->name},
        {"subscriberId", nullptr},
        {"outgoingSubscriberId", nullptr},
        {"destination", call.request.destination},
        {"callerId", call.request.caller_id},
        {"direction", direction_of(call)},
        {"token", call.token},
        {"createdAt", to_iso(call.created)},
        {"modifiedAt", to_iso(call.modified)},
        {"timeLimit", call.request.time_limit_s},
        {"status", to_string(call.status)},
        {"vappServer", vapp_server},
        {"callStartTime", millis_or_null(call.started)},
        {"callAnswerTime", millis_or_null(call.answered)},
        {"callEndTime", millis_or_null(call.ended)},
        {"startTime", iso_or_null(call.started)},
        {"answerTime", iso_or_null(call.answered)},
        {"endTime", iso_or_null(call.ended)},
        {"profile", call.request.profile},
        {"callIds", json::array({call.sip_call_id})},
        {"ringing", call.status == CallStatus::ringing},
        {"domainNameOrId", call.domain->name}};
    if (!call.request.callback.empty()) {
        session["callback"] = call.request.callback;
    }
    if (!call.error.empty()) {
        session["error"] = call.error;
    }
    return session;
}

}  // namespace cxdial::simulator
