#include "api_client/opbx_request.h"

#include <catch2/catch.hpp>

#include <string>

using namespace std::chrono_literals;
using namespace cxdial;
using campaign::Disposition;

namespace {

const base::PhoneNumber number = *base::PhoneNumber::parse("+14155550100");
constexpr base::WallTime at = base::from_millis(1'780'304'405'000);

}  // namespace

TEST_CASE("opbx: initiate names the row, and the caller ID only where it is chosen", "[opbx]") {
    api_client::OpbxInitiate call{
        .campaign = campaign::OpbxCampaignId{12},
        .destination = campaign::OpbxDestinationId{901},
        .number = number,
        .caller_id = "+12127770002",
        .caller_did = 8,
        .at = at,
    };
    CHECK(
        api_client::initiate_body(call, "cxdial-1") ==
        R"({"campaign_id":12,"destination_id":901,"phone_number":"+14155550100",)"
        R"("worker_id":"cxdial-1","initiated_at":"2026-06-01T09:00:05Z",)"
        R"("caller_id":"+12127770002","caller_did_id":8})"
    );
    call.caller_id.clear();
    call.caller_did = 0;
    CHECK(api_client::initiate_body(call, "w").find("caller") == std::string::npos);
}

TEST_CASE("opbx: a pause says who paused, and until when", "[api_client][opbx]") {
    CHECK(
        api_client::pause_body("cloudonix_rate_limit", "cxdial-1", at) ==
        R"({"reason":"cloudonix_rate_limit","paused_by":"cxdial-1",)"
        R"("resume_at":"2026-06-01T09:00:05Z"})"
    );
    CHECK(
        api_client::pause_body("no credit", "cxdial-1", std::nullopt) ==
        R"({"reason":"no credit","paused_by":"cxdial-1"})"
    );
}

TEST_CASE("opbx: an outcome always has the keys without which OPBX fails", "[api_client][opbx]") {
    api_client::OpbxOutcome outcome{.disposition = Disposition::busy, .attempt = 2};
    CHECK(
        api_client::disposition_body(outcome) ==
        R"({"disposition":"busy","should_retry":false,"next_retry_at":null,"attempt_number":2})"
    );
    outcome.next_retry_at = at;
    outcome.duration = 4s;
    outcome.billsec = 0s;
    CHECK(
        api_client::disposition_body(outcome) ==
        R"({"disposition":"busy","should_retry":true,"next_retry_at":"2026-06-01T09:00:05Z",)"
        R"("attempt_number":2,"duration":4,"billsec":0})"
    );
    CHECK(
        api_client::status_body({.disposition = Disposition::answered, .completed_at = at}) ==
        R"({"status":"completed","disposition":"answered","completed_at":"2026-06-01T09:00:05Z"})"
    );
}

TEST_CASE("opbx: each disposition is one that OPBX knows", "[api_client][opbx]") {
    const auto [ours, theirs] = GENERATE(table<Disposition, std::string>({
        {Disposition::answered, "answered"},
        {Disposition::voicemail, "answered"},
        {Disposition::busy, "busy"},
        {Disposition::no_answer, "no-answer"},
        {Disposition::cancelled, "cancelled"},
        {Disposition::congestion, "congestion"},
        {Disposition::failed, "failed"},
        {Disposition::no_credit, "failed"},
        {Disposition::unknown, "failed"},
    }));
    CHECK(api_client::opbx_disposition(ours) == theirs);
}

TEST_CASE("opbx: state and documents are asked for by their keys", "[api_client][opbx]") {
    CHECK(
        api_client::state_body("cxdial-1", at) ==
        R"({"worker_id":"cxdial-1","active_calls":[],"retry_queue":[],"campaign_states":[],)"
        R"("last_updated":"2026-06-01T09:00:05Z"})"
    );
    CHECK(
        api_client::generate_cxml_body(
            campaign::OpbxCampaignId{12}, campaign::OpbxSessionId{501}, number, "sid"
        ) == R"({"campaign_id":12,"session_id":501,"phone_number":"+14155550100","call_sid":"sid"})"
    );
}
