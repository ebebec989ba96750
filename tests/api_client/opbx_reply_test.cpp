#include "api_client/opbx_reply.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial;
using api_client::OpbxCampaign;
using api_client::OpbxInitiated;
using api_client::OpbxKind;
using api_client::read_opbx_campaigns;
using api_client::read_opbx_destinations;
using api_client::read_opbx_initiated;
using net::HttpFailure;
using net::HttpOutcome;
using net::HttpResponse;

namespace {

constexpr base::WallTime now = base::from_millis(1'790'000'000'000);

HttpOutcome reply(int status, std::string body = {}) {
    return HttpResponse{.status = status, .headers = {}, .body = std::move(body)};
}

/// As the newest version writes it.
const std::string newest = R"({"data":[{
  "id":12,"organization_id":3,"name":"June","description":null,"status":"active",
  "status_label":"Active","routing_destination_type":"ai_assistant","routing_destination_id":4,
  "dial_timeout":45,"caller_id":"+12127773456","max_dial_attempts":3,"concurrent_active_calls":5,
  "calls_per_second":2,"api_interval_ms":500.0,"start_time":9,"end_time":17,
  "start_date":"2026-06-01","end_date":"2026-07-31","timezone":"Asia/Jerusalem",
  "schedule":{"monday":{"enabled":true,"time_ranges":[
      {"id":"1","start_time":"09:00","end_time":"17:00"},
      {"id":"2","start_time":"22:00","end_time":"06:00"}]},
    "tuesday":{"enabled":true,"time_ranges":[{"id":"1","start_time":"18:00","end_time":"24:00"}]},
    "wednesday":{"enabled":false,"time_ranges":[]}},
  "time_limit":1800,"record_calls":true,"retry_on_voicemail":true,
  "statistics":{"total_destinations":10,"pending_calls":3},
  "started_at":"2026-06-01 09:00:00","completed_at":null,
  "cloudonix_api_key":"XI0123","cloudonix_domain":"5b0e-uuid","cloudonix_api_url":"https://c.test",
  "caller_id_pool_enabled":true,"caller_id_strategy":"least_recently_used","caller_id_pool":[
    {"did_id":7,"phone_number":"+12127770001","friendly_name":"NY","weight":1},
    {"did_id":8,"phone_number":"+12127770002","friendly_name":"LA","weight":1}]}]})";

OpbxCampaign one(const std::string& body) {
    const auto campaigns = read_opbx_campaigns(body);
    REQUIRE(campaigns);
    REQUIRE(campaigns->size() == 1);
    return campaigns->front();
}

campaign::Campaign resource_of(const std::string& fields) {
    const OpbxCampaign read =
        one(R"({"data":[{"id":1,"status":"active","concurrent_active_calls":5,)"
            R"("caller_id":"+12127773456")" +
            fields + "}]}");
    INFO((read.resource ? std::string() : read.resource.error().detail));
    REQUIRE(read.resource);
    return *read.resource;
}

}  // namespace

TEST_CASE("opbx: a campaign of the newest version becomes one of ours", "[api_client][opbx]") {
    const OpbxCampaign read = one(newest);
    CHECK(read.id == campaign::OpbxCampaignId{12});
    CHECK(read.is_active);
    CHECK(read.kind == OpbxKind::places_calls);
    CHECK(read.routing_type == "ai_assistant");
    CHECK(read.routing_id == 4);
    CHECK(read.api_key.reveal() == "XI0123");
    CHECK(read.api_url == "https://c.test");
    REQUIRE(read.resource);
    const campaign::Campaign& made = *read.resource;
    CHECK(made.name == "opbx-12");
    CHECK(made.description == "June");
    CHECK(made.cloudonix_domain == "5b0e-uuid");
    CHECK(made.routing_destination_type == campaign::RoutingDestinationType::external);
    CHECK(made.concurrent_active_calls == 5);
    CHECK(made.calls_per_second == 2);
    CHECK(made.dial_timeout == 45s);
    CHECK(made.time_limit == 1800s);
    CHECK(made.max_dial_attempts == 3);
    CHECK(made.record_calls);
    CHECK(made.timezone == "Asia/Jerusalem");
    CHECK(made.start_date == "2026-06-01");
    CHECK(made.end_date == "2026-07-31");
    CHECK(made.caller_id_strategy == campaign::CallerIdStrategy::least_recently_used);
    REQUIRE(made.caller_ids.size() == 2);
    CHECK(made.caller_ids[1].phone_number == "+12127770002");
    CHECK(made.caller_ids[1].did_id == 8);
}

TEST_CASE(
    "opbx: a range over midnight is left out, as OPBX never matches it", "[api_client][opbx]"
) {
    const campaign::Campaign made = *one(newest).resource;
    REQUIRE(made.schedule);
    CHECK(made.schedule->at(0).time_ranges == std::vector<campaign::TimeRange>{{540, 1020}});
    CHECK(made.schedule->at(1).time_ranges == std::vector<campaign::TimeRange>{{1080, 1440}});
    CHECK_FALSE(made.schedule->at(2).enabled);
    CHECK_FALSE(made.schedule->at(6).enabled);
}

TEST_CASE("opbx: retries are those of its server, and voicemail where it says so", "[opbx]") {
    using campaign::Disposition;
    const std::vector<base::Millis> delays{5min, 10min, 20min, 40min, 60min};
    const campaign::Campaign with = *one(newest).resource;
    CHECK(with.retry.at(Disposition::busy) == delays);
    CHECK(with.retry.at(Disposition::no_answer) == delays);
    CHECK(with.retry.at(Disposition::cancelled) == delays);
    CHECK(with.retry.at(Disposition::voicemail) == delays);
    CHECK(with.retry.count(Disposition::failed) == 0);
    CHECK(resource_of("").retry.count(Disposition::voicemail) == 0);
}

TEST_CASE("opbx: what an older or odd version leaves out has OPBX's defaults", "[opbx]") {
    const campaign::Campaign made = resource_of("");
    CHECK(made.calls_per_second == 1);
    CHECK(made.dial_timeout == 60s);
    CHECK(made.time_limit == 3600s);
    CHECK(made.max_dial_attempts == 1);
    CHECK_FALSE(made.schedule);
    REQUIRE(made.caller_ids.size() == 1);
    CHECK(made.caller_ids[0].did_id == 0);
}

TEST_CASE("opbx: numbers may be texts, and flags numbers", "[api_client][opbx]") {
    const campaign::Campaign made = resource_of(
        R"(,"calls_per_second":"3","dial_timeout":"20","record_calls":1,"max_dial_attempts":"2")"
    );
    CHECK(made.calls_per_second == 3);
    CHECK(made.dial_timeout == 20s);
    CHECK(made.record_calls);
    CHECK(made.max_dial_attempts == 2);
}

TEST_CASE("opbx: the campaign shows what its initiate does", "[api_client][opbx]") {
    const auto kind = [](const std::string& fields) {
        return one(R"([{"id":"5","status":"paused")" + fields + "}]").kind;
    };
    CHECK(kind(R"(,"calls_per_second":1)") == OpbxKind::places_calls);
    CHECK(kind(R"(,"caller_id_pool_enabled":false)") == OpbxKind::places_calls);
    CHECK(kind(R"(,"api_interval_seconds":12)") == OpbxKind::unclear);
    CHECK(kind(R"(,"valid_cac_values":[2,3])") == OpbxKind::unclear);
    CHECK(kind("") == OpbxKind::unclear);
}

TEST_CASE("opbx: an older campaign has its pace from its interval, and its AMD", "[opbx]") {
    const campaign::Campaign made = resource_of(
        R"(,"api_interval_seconds":4,"amd_enabled":true,"amd_mode":"Enabled","amd_timeout":20)"
    );
    CHECK(made.calls_per_second == 0.25);
    CHECK(made.amd.mode == "Enable");
    CHECK(made.amd.timeout == 20s);
    CHECK(made.amd.on_machine == "hangup");
}

TEST_CASE("opbx: a campaign that cannot be dialed says why, the others are read", "[opbx]") {
    const auto campaigns = read_opbx_campaigns(
        R"({"data":[{"id":1,"status":"active","caller_id":"+12127773456","timezone":"Mars/Base"},
            {"name":"no id"},7,null,
            {"id":2,"status":"active","caller_id":"+12127773456","concurrent_active_calls":2}]})"
    );
    REQUIRE(campaigns);
    REQUIRE(campaigns->size() == 2);
    REQUIRE_FALSE((*campaigns)[0].resource);
    CHECK((*campaigns)[0].resource.error().detail.find("timezone") != std::string::npos);
    CHECK((*campaigns)[1].resource);
}

TEST_CASE("opbx: rows are read with and without what they should have", "[api_client][opbx]") {
    const auto rows = read_opbx_destinations(
        R"({"data":[{"id":901,"phone_number":"+14155550100","name":"Ann","status":"pending",
              "priority":2,"dial_attempts":1,"last_dialed_at":"2026-06-01 09:00:05",
              "metadata":{"order":7},"last_disposition":"BUSY"},
            {"id":"902","phone_number":"+14155550101","metadata":null},
            {"id":903,"phone_number":"12"},{"phone_number":"+14155550103"}],
            "meta":{"total":3,"limit":50,"offset":0}})"
    );
    REQUIRE(rows);
    REQUIRE(rows->size() == 3);
    CHECK((*rows)[0].number->reveal() == "+14155550100");
    CHECK((*rows)[0].priority == 2);
    CHECK((*rows)[0].attempts == 1);
    CHECK((*rows)[0].metadata == R"({"order":7})");
    CHECK((*rows)[0].last_dialed_at == base::from_millis(1'780'304'405'000));
    CHECK((*rows)[1].id == campaign::OpbxDestinationId{902});
    CHECK((*rows)[1].priority == 1);
    CHECK_FALSE((*rows)[2].number);
    CHECK_FALSE(read_opbx_destinations("<html>"));
    CHECK_FALSE(read_opbx_destinations(R"({"error":"Campaign not found"})"));
}

TEST_CASE("opbx: a placed call has its session, as number or text, and no token", "[opbx]") {
    const std::string session = GENERATE("501", "\"501\"");
    const std::string call_id = GENERATE("null", "77", "\"c-77\"");
    const OpbxInitiated read = read_opbx_initiated(
        reply(
            201,
            R"({"message":"Call initiated","data":{"session_id":)" + session + R"(,"call_id":)" +
                call_id +
                R"(,"caller_id":"+12127773456","caller_did_id":7,)"
                R"("callback_url":"https://pbx.test/api/webhooks/cloudonix/call-status"}})"
        ),
        now
    );
    const auto& accepted = std::get<dialer::Accepted>(read.delivery);
    CHECK(accepted.external_id == campaign::OpbxSessionId{501});
    CHECK_FALSE(accepted.token);
    CHECK(read.kind == OpbxKind::unclear);
    CHECK_FALSE(read.is_down);
}

TEST_CASE("opbx: a token in the reply tells which kind of OPBX it is", "[api_client][opbx]") {
    const OpbxInitiated old_one = read_opbx_initiated(
        reply(201, R"({"data":{"session_id":9,"call_id":null,"token":"sess-66f0a1b2c3"}})"), now
    );
    CHECK(old_one.kind == OpbxKind::creates_sessions);
    CHECK_FALSE(std::get<dialer::Accepted>(old_one.delivery).token);
    const OpbxInitiated new_one = read_opbx_initiated(
        reply(
            201, R"({"data":{"session_id":9,"session_token":"16a7294c989b11e7b3d32b9edb8660c7"}})"
        ),
        now
    );
    CHECK(new_one.kind == OpbxKind::places_calls);
    CHECK(
        std::get<dialer::Accepted>(new_one.delivery).token ==
        campaign::SessionToken{"16a7294c989b11e7b3d32b9edb8660c7"}
    );
}

TEST_CASE("opbx: any 2xx is a placed call, whatever its body", "[api_client][opbx]") {
    const std::string body = GENERATE("", "{}", "<html>", R"({"data":{"session_id":"abc"}})", "[]");
    CHECK(std::holds_alternative<dialer::Accepted>(
        read_opbx_initiated(reply(201, body), now).delivery
    ));
}

TEST_CASE("opbx: a 500, a proxy's words and a lost reply are unknown deliveries", "[opbx]") {
    const HttpOutcome outcome = GENERATE(
        reply(500, R"({"message":"Failed to initiate call: timeout"})"),
        reply(502, "<html>Bad Gateway</html>"),
        reply(503, "<html>Service Unavailable</html>"),
        reply(504),
        reply(408),
        reply(302),
        HttpOutcome{HttpFailure{.request_sent = true, .why = "Timeout was reached"}}
    );
    const OpbxInitiated read = read_opbx_initiated(outcome, now);
    CHECK(std::holds_alternative<dialer::Unknown>(read.delivery));
    CHECK_FALSE(read.is_down);
}

TEST_CASE("opbx: what is turned away at the door was not sent", "[api_client][opbx]") {
    const HttpOutcome outcome = GENERATE(
        reply(401, R"({"error":"Unauthorized","message":"Invalid authentication token"})"),
        reply(
            503,
            R"({"error":"Service Unavailable","message":"Worker authentication not configured"})"
        ),
        reply(404, "not found"),
        HttpOutcome{HttpFailure{.request_sent = false, .why = "Couldn't connect"}}
    );
    const OpbxInitiated read = read_opbx_initiated(outcome, now);
    CHECK(read.is_down);
    REQUIRE(std::holds_alternative<dialer::NotSent>(read.delivery));
    CHECK(std::get<dialer::NotSent>(read.delivery).held_back);
}

TEST_CASE("opbx: its own limit says for how long", "[api_client][opbx]") {
    const OpbxInitiated told = read_opbx_initiated(
        reply(429, R"({"error":"Too Many Requests","message":"limit","retry_after":17})"), now
    );
    CHECK(std::holds_alternative<dialer::NotSent>(told.delivery));
    CHECK(told.retry_after == base::Millis{17'000});
    CHECK_FALSE(told.is_down);
    CHECK(read_opbx_initiated(reply(429), now).retry_after == base::Millis{60'000});
}

TEST_CASE("opbx: a 422 is about the destination only where it says so", "[api_client][opbx]") {
    const auto is_about_campaign = [](const std::string& body) {
        const OpbxInitiated read = read_opbx_initiated(reply(422, body), now);
        return std::get<dialer::Refused>(read.delivery).is_about_campaign;
    };
    CHECK_FALSE(is_about_campaign(
        R"({"message":"x","errors":{"campaign_id":[],"destination_id":["is unknown"]}})"
    ));
    CHECK(is_about_campaign(
        R"({"message":"x","errors":{"campaign_id":["is unknown"],"destination_id":[]}})"
    ));
    CHECK(is_about_campaign(R"({"message":"Cloudonix not configured for this organization"})"));
}

TEST_CASE("opbx: health and documents are read under an envelope or without", "[opbx]") {
    const auto health = api_client::read_opbx_health(
        R"({"status":"healthy","active_campaigns":2,"active_calls":"7","queue_depth":130})"
    );
    REQUIRE(health);
    CHECK(health->active_calls == 7);
    CHECK(health->queue_depth == 130);
    CHECK(
        api_client::read_opbx_cxml(R"({"data":{"cxml":"<Response/>","routing_type":"hangup"}})")
            .value() == "<Response/>"
    );
    CHECK_FALSE(api_client::read_opbx_cxml(R"({"error":"Session not found"})"));
}

TEST_CASE("opbx: the outcome of any other request is its body, or why not", "[opbx]") {
    using base::Errc;
    CHECK(api_client::read_opbx_reply(reply(200, "{}")).value() == "{}");
    CHECK(api_client::read_opbx_reply(reply(404)).error().code == Errc::not_found);
    CHECK(api_client::read_opbx_reply(reply(422)).error().code == Errc::invalid_argument);
    CHECK(api_client::read_opbx_reply(reply(500)).error().code == Errc::unavailable);
    CHECK(
        api_client::read_opbx_reply(HttpFailure{.request_sent = true, .why = "gone"})
            .error()
            .code == Errc::unavailable
    );
}
