#include "tests/routing/office.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace cxdial;
using namespace cxdial::routing;
using namespace std::chrono_literals;
using campaign::DestinationStatus;

namespace {

using Reads = std::vector<std::pair<std::string, Records::Budget>>;

}  // namespace

TEST_CASE("budget: what the reads take is added up, layer by layer", "[routing][budget]") {
    Office office;
    office.records.scripts = {
        {"open_destinations", {.took = 100us}},
        {"active_follow_ups", {.took = 30us}},
        {"last_outbound", {.took = 7us}}};
    const Decision decision = office.decide();
    CHECK(decision.took == 137us);
    CHECK(entry_of(decision, Layer::active_campaign).took == 100us);
    // The two layers of destinations share one read.
    CHECK(entry_of(decision, Layer::retry_pending).took == 0us);
    CHECK(entry_of(decision, Layer::active_follow_up).took == 30us);
    CHECK(entry_of(decision, Layer::last_outbound).took == 7us);
    CHECK(
        office.records.reads ==
        Reads{{"open_destinations", 50ms}, {"active_follow_ups", 50ms}, {"last_outbound", 50ms}}
    );
}

TEST_CASE("budget: the retry layer reads for itself when the first is off", "[routing][budget]") {
    Office office;
    office.add_destination(DestinationStatus::retry_pending);
    office.tenant().layers_off = {Layer::active_campaign};
    office.records.scripts["open_destinations"].took = 100us;
    const Decision decision = office.decide();
    CHECK(decision.agent == "bert");
    CHECK(entry_of(decision, Layer::retry_pending).took == 100us);
}

TEST_CASE("budget: a late read is skipped and the next layer is asked", "[routing][budget]") {
    Office office;
    office.add_all();
    office.records.scripts["open_destinations"] = {.took = 50ms, .late = true};
    const Decision decision = office.decide();
    CHECK(decision.agent == "carl");
    for (const Layer layer : {Layer::active_campaign, Layer::retry_pending}) {
        const TraceEntry& entry = entry_of(decision, layer);
        CHECK(entry.evaluated);
        CHECK_FALSE(entry.matched);
        CHECK(entry.late);
        CHECK(entry.why == "the database did not answer in time");
    }
    CHECK_FALSE(entry_of(decision, Layer::active_follow_up).late);
    CHECK(office.records.reads.size() == 2);
    CHECK(decision.took == 50ms);
}

TEST_CASE("budget: a read that failed is skipped with its reason", "[routing][budget]") {
    Office office;
    office.add_all();
    office.records.scripts["open_destinations"] = {.failure = "disk I/O error"};
    office.records.scripts["active_follow_ups"] = {.failure = "disk I/O error"};
    const Decision decision = office.decide();
    CHECK(decision.agent == "dora");
    const TraceEntry& entry = entry_of(decision, Layer::active_follow_up);
    CHECK(entry.evaluated);
    CHECK_FALSE(entry.late);
    CHECK(entry.why == "the database could not be read: disk I/O error");
}

TEST_CASE("budget: a read gets what is left of the total budget", "[routing][budget]") {
    Office office;
    office.tenant().layer_budget = 60ms;
    office.tenant().total_budget = 100ms;
    office.records.scripts["open_destinations"] = {.took = 60ms, .late = true};
    office.records.scripts["active_follow_ups"] = {.took = 30ms};
    const Decision decision = office.decide();
    CHECK(decision.agent == "desk");
    CHECK(
        office.records.reads ==
        Reads{{"open_destinations", 60ms}, {"active_follow_ups", 40ms}, {"last_outbound", 10ms}}
    );
}

TEST_CASE("budget: with no time left the fallback decides", "[routing][budget]") {
    Office office;
    office.add_outbound();
    office.tenant().layer_budget = 50ms;
    office.tenant().total_budget = 100ms;
    office.records.scripts["open_destinations"] = {.took = 50ms, .late = true};
    office.records.scripts["active_follow_ups"] = {.took = 51ms, .late = true};
    const Decision decision = office.decide();
    CHECK(decision.agent == "desk");
    CHECK(decision.layer == Layer::did_fallback);
    const TraceEntry& entry = entry_of(decision, Layer::last_outbound);
    CHECK_FALSE(entry.evaluated);
    CHECK(entry.late);
    CHECK(entry.why == "no time was left");
    CHECK(office.records.reads.size() == 2);
    CHECK(decision.trace.size() == all_layers.size());
}

TEST_CASE("budget: an answer that came just past its budget is used", "[routing][budget]") {
    Office office;
    office.add_destination();
    office.records.scripts["open_destinations"] = {.took = 51ms};
    CHECK(office.decide().agent == "anna");
}

TEST_CASE("budget: when no answer came at all the fallback decides alone", "[routing][budget]") {
    Office office;
    office.add_all();
    office.tenant().layers_off = {Layer::retry_pending};
    const DecideOptions options{.now = office.now};
    Decision decision = resolve_late(office.question, options, office.directory);
    CHECK(decision.agent == "desk");
    CHECK(decision.mode == Mode::smart);
    CHECK(decision.caller);
    for (const TraceEntry& entry : decision.trace) {
        const bool is_off = entry.layer == Layer::retry_pending;
        CHECK(entry.late == (entry.layer != Layer::did_fallback && !is_off));
    }
    office.tenant().routing_mode = Mode::legacy_did;
    decision = resolve_late(office.question, options, office.directory);
    CHECK(decision.agent == "desk");
    CHECK_FALSE(entry_of(decision, Layer::active_campaign).late);
}
