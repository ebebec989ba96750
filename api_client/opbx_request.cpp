#include "api_client/opbx_request.h"

#include "api_client/internal/time_text.h"

#include <nlohmann/json.hpp>

namespace cxdial::api_client {

namespace {

using campaign::Disposition;
using nlohmann::ordered_json;

std::string dump(const ordered_json& body) {
    return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json time_value(const std::optional<base::WallTime>& time) {
    return time ? ordered_json(internal::to_iso_time(*time)) : ordered_json();
}

void put_lengths(ordered_json& body, const OpbxOutcome& outcome) {
    if (outcome.duration) {
        body["duration"] = outcome.duration->count();
    }
    if (outcome.billsec) {
        body["billsec"] = outcome.billsec->count();
    }
}

}  // namespace

std::string initiate_body(const OpbxInitiate& call, std::string_view worker_id) {
    ordered_json body{
        {"campaign_id", call.campaign.raw()},
        {"destination_id", call.destination.raw()},
        {"phone_number", call.number.reveal()},
        {"worker_id", worker_id},
        {"initiated_at", internal::to_iso_time(call.at)},
    };
    if (!call.caller_id.empty()) {
        body["caller_id"] = call.caller_id;
    }
    if (call.caller_did != 0) {
        body["caller_did_id"] = call.caller_did;
    }
    return dump(body);
}

std::string pause_body(
    std::string_view reason, std::string_view worker_id, std::optional<base::WallTime> resume_at
) {
    ordered_json body{{"reason", reason}, {"paused_by", worker_id}};
    if (resume_at) {
        body["resume_at"] = time_value(resume_at);
    }
    return dump(body);
}

std::string generate_cxml_body(
    campaign::OpbxCampaignId campaign,
    campaign::OpbxSessionId session,
    base::PhoneNumber number,
    std::string_view call_sid
) {
    return dump({
        {"campaign_id", campaign.raw()},
        {"session_id", session.raw()},
        {"phone_number", number.reveal()},
        {"call_sid", call_sid},
    });
}

std::string_view opbx_disposition(Disposition disposition) {
    switch (disposition) {
        case Disposition::answered:
        case Disposition::voicemail:
            return "answered";
        case Disposition::busy:
            return "busy";
        case Disposition::no_answer:
            return "no-answer";
        case Disposition::cancelled:
            return "cancelled";
        case Disposition::congestion:
            return "congestion";
        case Disposition::failed:
        case Disposition::no_credit:
        case Disposition::unknown:
            return "failed";
    }
    return "failed";
}

std::string status_body(const OpbxOutcome& outcome) {
    const bool is_good = opbx_disposition(outcome.disposition) == "answered";
    ordered_json body{
        {"status", is_good ? "completed" : "failed"},
        {"disposition", opbx_disposition(outcome.disposition)},
    };
    put_lengths(body, outcome);
    if (outcome.completed_at) {
        body["completed_at"] = time_value(outcome.completed_at);
    }
    return dump(body);
}

std::string disposition_body(const OpbxOutcome& outcome) {
    ordered_json body{
        {"disposition", opbx_disposition(outcome.disposition)},
        {"should_retry", outcome.next_retry_at.has_value()},
        {"next_retry_at", time_value(outcome.next_retry_at)},
        {"attempt_number", outcome.attempt},
    };
    put_lengths(body, outcome);
    return dump(body);
}

std::string state_body(std::string_view worker_id, base::WallTime now) {
    const ordered_json none = ordered_json::array();
    return dump({
        {"worker_id", worker_id},
        {"active_calls", none},
        {"retry_queue", none},
        {"campaign_states", none},
        {"last_updated", time_value(now)},
    });
}

}  // namespace cxdial::api_client
