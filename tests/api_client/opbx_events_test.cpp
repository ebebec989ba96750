#include "api_client/opbx_events.h"

#include <catch2/catch.hpp>

namespace cxdial::api_client {

using campaign::Disposition;
using dialer::Progress;
using dialer::WebhookReceived;

TEST_CASE("opbx events: a relayed CDR is the end of its session", "[opbx]") {
    const std::string body =
        R"({"session_id":"501","status":"completed","disposition":"answered","duration":60,)"
        R"("billsec":58,"recording_url":"","completed_at":"2026-06-01T10:00:05Z"})";
    const OpbxRelay relay = *read_opbx_relay(body);
    CHECK(relay.session_id == "501");
    CHECK(relay.event.kind == WebhookReceived::Kind::cdr);
    CHECK(relay.event.report.external_id->raw() == 501);
    CHECK(relay.event.report.progress == Progress::ended);
    CHECK(relay.event.report.disposition == Disposition::answered);
    CHECK(relay.event.report.billsec->count() == 58);
    CHECK(relay.event.report.ended_at == base::from_millis(1'780'308'005'000));
    CHECK(relay.event.body == body);
}

TEST_CASE("opbx events: the session id may be a number, and the end may have no status", "[opbx]") {
    const OpbxRelay relay = *read_opbx_relay(R"({"session_id":7,"disposition":"no-answer"})");
    CHECK(relay.session_id == "7");
    CHECK(relay.event.report.progress == Progress::ended);
    CHECK(relay.event.report.disposition == Disposition::no_answer);
}

TEST_CASE("opbx events: a call that rings is not over", "[opbx]") {
    const OpbxRelay relay = *read_opbx_relay(R"({"session_id":"7","status":"ringing"})");
    CHECK(relay.event.kind == WebhookReceived::Kind::callback);
    CHECK(relay.event.report.progress == Progress::ringing);
    CHECK_FALSE(relay.event.report.disposition.has_value());
}

TEST_CASE("opbx events: the same relay twice has the same key, another one another", "[opbx]") {
    const auto key = [](const char* body) { return read_opbx_relay(body)->event.key; };
    CHECK(
        key(R"({"session_id":"7","status":"failed"})") ==
        key(R"({"session_id":"7","status":"failed"})")
    );
    CHECK(
        key(R"({"session_id":"7","status":"failed"})") !=
        key(R"({"session_id":"7","status":"answered"})")
    );
}

TEST_CASE("opbx events: what names no session is refused", "[opbx]") {
    for (const char* body :
         {"",
          "[]",
          "{",
          R"({"status":"completed"})",
          R"({"session_id":"x"})",
          R"({"session_id":0})",
          "7"}) {
        INFO(body);
        CHECK_FALSE(read_opbx_relay(body).has_value());
        CHECK_FALSE(read_opbx_completed(body).has_value());
    }
}

TEST_CASE("opbx events: a message of the channel names token and session", "[opbx]") {
    const WebhookReceived event = *read_opbx_completed(
        R"({"type":"call.completed","session_token":"16a7294c989b11e7b3d32b9edb8660c7","session_id":501,)"
        R"("campaign_id":12,"destination_id":9,"disposition":"BUSY","duration":4,"billsec":0,)"
        R"("worker_id":null,"timestamp":"2026-06-01T10:00:05+00:00"})"
    );
    CHECK(event.kind == WebhookReceived::Kind::cdr);
    CHECK(event.report.token->raw() == "16a7294c989b11e7b3d32b9edb8660c7");
    CHECK(event.report.external_id->raw() == 501);
    CHECK(event.report.disposition == Disposition::busy);
    CHECK(event.key == "opbx:501:16a7294c989b11e7b3d32b9edb8660c7");
}

TEST_CASE("opbx events: an unknown disposition is told by the time talked", "[opbx]") {
    CHECK(
        read_opbx_completed(R"({"session_id":1,"disposition":"?","billsec":3})")
            ->report.disposition == Disposition::answered
    );
    CHECK(
        read_opbx_completed(R"({"session_id":1,"disposition":"?","billsec":0})")
            ->report.disposition == Disposition::failed
    );
}

}  // namespace cxdial::api_client
