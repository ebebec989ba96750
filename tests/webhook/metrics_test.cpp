#include "webhook/metrics.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial;
using campaign::AttemptStatus;
using webhook::Metrics;

namespace {

dialer::AttemptMoved moved(std::optional<AttemptStatus> from, AttemptStatus to) {
    dialer::AttemptMoved note{
        .attempt = campaign::AttemptId{1},
        .campaign = campaign::CampaignId{3},
        .destination = campaign::DestinationId{2},
        .phone_number = *base::PhoneNumber::parse("+12127773456"),
        .from = from,
        .to = to,
        .disposition = {},
        .why = {}};
    if (to == AttemptStatus::ended) {
        note.disposition = campaign::Disposition::busy;
    }
    return note;
}

bool has_line(const Metrics& metrics, const std::string& line) {
    const std::string text = metrics.text();
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

void touch_all(Metrics& metrics) {
    dialer::Output output;
    output.effects = {dialer::ListSessions{"acme"}};
    output.notes = {
        moved(std::nullopt, AttemptStatus::intent),
        dialer::DestinationMoved{
            .campaign = campaign::CampaignId{3},
            .destination = campaign::DestinationId{2},
            .to = campaign::DestinationStatus::completed},
        dialer::CampaignMoved{},
        dialer::OrphanKept{},
        dialer::RateLimited{"acme", 1s}};
    metrics.on_tick(output, 3ms);
    metrics.on_tick_lost();
    metrics.on_delivery(dialer::Unknown{"x"});
    metrics.on_refill(20ms);
    metrics.on_webhook("cdr", 503);
    metrics.set_inbox(4);
    metrics.on_inbound({.trace = {routing::TraceEntry{}}});
    metrics.set_forced_legacy(true);
    metrics.on_handover("opbx_cdr", "taken");
    metrics.set_outbox("opbx_cdr", {.waiting = 3, .refused = 2, .dead = 1});
}

}  // namespace

TEST_CASE("metrics: names, kinds and labels are an interface", "[webhook][golden]") {
    Metrics metrics;
    touch_all(metrics);
    std::vector<std::string> names;
    std::istringstream text(metrics.text());
    for (std::string line; std::getline(text, line);) {
        if (line.rfind("# TYPE ", 0) == 0) {
            names.push_back(line.substr(7));
        }
    }
    std::sort(names.begin(), names.end());
    CHECK(
        names ==
        std::vector<std::string>{
            "cxdial_attempts_total counter",
            "cxdial_cloudonix_requests_total counter",
            "cxdial_deliveries_total counter",
            "cxdial_destinations_total counter",
            "cxdial_dispositions_total counter",
            "cxdial_in_doubt_attempts gauge",
            "cxdial_inbox_inputs gauge",
            "cxdial_live_attempts gauge",
            "cxdial_orphan_cdrs_total counter",
            "cxdial_outbox_handovers_total counter",
            "cxdial_outbox_messages gauge",
            "cxdial_rate_limited_total counter",
            "cxdial_slot_refill_seconds histogram",
            "cxdial_tick_duration_seconds histogram",
            "cxdial_ticks_lost_total counter",
            "cxdial_webhooks_total counter",
            "inbound_routing_decision_seconds histogram",
            "inbound_routing_decisions_total counter",
            "inbound_routing_forced_legacy gauge",
            "inbound_routing_layer_match_total counter",
            "inbound_routing_layer_seconds histogram",
            "inbound_routing_layer_timeout_total counter",
        }
    );
    for (const std::string line :
         {R"(cxdial_attempts_total{status="intent"} 1)",
          R"(cxdial_attempts_total{status="abandoned"} 0)",
          R"(cxdial_cloudonix_requests_total{kind="list_sessions"} 1)",
          R"(cxdial_deliveries_total{delivery="unknown"} 1)",
          R"(cxdial_deliveries_total{delivery="not_sent"} 0)",
          R"(cxdial_destinations_total{status="completed"} 1)",
          R"(cxdial_dispositions_total{disposition="answered"} 0)",
          R"(cxdial_inbox_inputs 4)",
          R"(cxdial_orphan_cdrs_total 1)",
          R"(cxdial_outbox_handovers_total{outcome="taken",queue="opbx_cdr"} 1)",
          R"(cxdial_outbox_messages{queue="opbx_cdr",state="waiting"} 3)",
          R"(cxdial_rate_limited_total{domain="acme"} 1)",
          R"(cxdial_slot_refill_seconds_bucket{le="0.025"} 1)",
          R"(cxdial_slot_refill_seconds_bucket{le="0.01"} 0)",
          R"(cxdial_tick_duration_seconds_count 1)",
          R"(cxdial_ticks_lost_total 1)",
          R"(cxdial_webhooks_total{endpoint="cdr",status="503"} 1)",
          R"(cxdial_webhooks_total{endpoint="voice",status="200"} 0)"}) {
        CAPTURE(line);
        CHECK(has_line(metrics, line));
    }
}

TEST_CASE("metrics: they carry no telephone number", "[webhook]") {
    Metrics metrics;
    touch_all(metrics);
    CHECK(metrics.text().find("2127773456") == std::string::npos);
}

TEST_CASE("metrics: live and in-doubt attempts follow their moves", "[webhook]") {
    Metrics metrics;
    const std::string live = R"(cxdial_live_attempts{campaign="spring",campaign_id="3"} )";
    metrics.name_campaign(campaign::CampaignId{3}, "spring");
    metrics.set_live_attempts(campaign::CampaignId{3}, 5);
    metrics.set_in_doubt(1);
    metrics.on_note(moved(std::nullopt, AttemptStatus::intent));
    CHECK(has_line(metrics, live + "6"));
    metrics.on_note(moved(AttemptStatus::intent, AttemptStatus::in_doubt));
    CHECK(has_line(metrics, live + "6"));
    CHECK(has_line(metrics, "cxdial_in_doubt_attempts 2"));
    metrics.on_note(moved(AttemptStatus::in_doubt, AttemptStatus::ended));
    CHECK(has_line(metrics, live + "5"));
    CHECK(has_line(metrics, "cxdial_in_doubt_attempts 1"));
    CHECK(has_line(metrics, R"(cxdial_dispositions_total{disposition="busy"} 1)"));
}

TEST_CASE("metrics: a campaign that is renamed keeps its count", "[webhook]") {
    Metrics metrics;
    const campaign::CampaignId id{3};
    metrics.set_live_attempts(id, 2);
    CHECK(has_line(metrics, R"(cxdial_live_attempts{campaign="",campaign_id="3"} 2)"));
    metrics.name_campaign(id, "spring");
    CHECK(has_line(metrics, R"(cxdial_live_attempts{campaign="spring",campaign_id="3"} 2)"));
    CHECK_FALSE(has_line(metrics, R"(cxdial_live_attempts{campaign="",campaign_id="3"} 2)"));
}
