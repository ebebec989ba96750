#include "routing/trace_json.h"

#include "tests/routing/office.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

using namespace cxdial;
using namespace cxdial::routing;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

Json json_of(const RecordedDecision& record) {
    return Json::parse(to_json(record));
}

/// Without the members that hold ids and times.
Json without_ids_and_times(const Json& json) {
    if (!json.is_structured()) {
        return json;
    }
    Json kept = json.is_array() ? Json::array() : Json::object();
    for (const auto& [key, value] : json.items()) {
        const bool varies = key == "id" || key == "call_sid" || key.ends_with("_id") ||
                            key.ends_with("_at") || key == "took_us";
        if (json.is_array()) {
            kept.push_back(without_ids_and_times(value));
        } else if (!varies) {
            kept[key] = without_ids_and_times(value);
        }
    }
    return kept;
}

}  // namespace

TEST_CASE("trace JSON: one object for each layer, in order", "[routing][json]") {
    Office office;
    office.add_destination();
    office.tenant().layers_off = {Layer::last_outbound};
    office.records.scripts["open_destinations"].took = 120us;
    CHECK(
        to_json(office.decide().trace) ==
        R"([{"layer":"active_campaign","evaluated":true,"matched":true,"late":false,)"
        R"("why":"is pending in campaign spring: agent anna","took_us":120},)"
        R"({"layer":"retry_pending","evaluated":false,"matched":false,"late":false,)"
        R"("why":"active_campaign has matched","took_us":0},)"
        R"({"layer":"active_follow_up","evaluated":false,"matched":false,"late":false,)"
        R"("why":"active_campaign has matched","took_us":0},)"
        R"({"layer":"last_outbound","evaluated":false,"matched":false,"late":false,)"
        R"("why":"active_campaign has matched","took_us":0},)"
        R"({"layer":"did_fallback","evaluated":false,"matched":false,"late":false,)"
        R"("why":"active_campaign has matched","took_us":0}])"
    );
}

TEST_CASE("trace JSON: it reads back", "[routing][json]") {
    Office office;
    office.add_outbound();
    office.records.scripts["open_destinations"] = {.took = 50ms, .late = true};
    office.records.scripts["active_follow_ups"] = {.failure = "\"disk\" \xff"};
    Decision decision = office.decide();
    const auto read = trace_from_json(to_json(decision.trace));
    REQUIRE(read);
    // Bytes that are no text do not get into JSON.
    decision.trace[2].why = "the database could not be read: \"disk\" \uFFFD";
    CHECK(*read == decision.trace);
}

TEST_CASE("trace JSON: what is no trace is refused", "[routing][json]") {
    const auto* text = GENERATE(
        "",
        "{}",
        "[1]",
        R"([{"layer":"active_campaign"}])",
        R"([{"layer":"roof","evaluated":true,"matched":true,"late":false,"why":"","took_us":0}])"
    );
    CAPTURE(text);
    const auto read = trace_from_json(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == base::Errc::invalid_argument);
}

TEST_CASE(
    "decision JSON: a dry run shows what was asked and who would take it", "[routing][json]"
) {
    Office office;
    office.question.from = "2125550199";
    office.question.session_token = "16a7";
    office.add_destination(campaign::DestinationStatus::retry_pending);
    office.records.scripts["open_destinations"].took = 90us;
    Json json = json_of({.question = office.question, .decision = office.decide()});
    CHECK(json["trace"].size() == 5);
    json.erase("trace");
    CHECK(
        json.dump() ==
        R"({"call_sid":"call-1","session_token":"16a7","from":"2125550199",)"
        R"("caller":"+12125550199","to":"+12125550100","tenant":"default","mode":"smart",)"
        R"("routing_reason":"retry_pending","agent":"bert","agent_version":2,)"
        R"("matched":{"campaign":"spring","campaign_id":1,"destination_id":101},"took_us":90})"
    );
}

TEST_CASE("decision JSON: a recorded one has its ids and its time", "[routing][json]") {
    Office office;
    office.add_outbound();
    Json json = json_of(
        {.question = office.question,
         .decision = office.decide(),
         .id = campaign::DecisionId{8},
         .voice_session = campaign::VoiceSessionId{9},
         .decided_at = base::from_millis(1'772'355'600'250)}
    );
    CHECK(json["id"] == 8);
    CHECK(json["voice_session_id"] == 9);
    CHECK(json["decided_at"] == "2026-03-01T09:00:00.250Z");
    CHECK(json["matched"].dump() == R"({"campaign":"winter","campaign_id":30,"attempt_id":300})");
}

TEST_CASE("decision JSON: nobody and no number are null", "[routing][json]") {
    Office office;
    office.question = {.from = "anonymous", .to = "4711"};
    const Json json = json_of({.question = office.question, .decision = office.decide()});
    CHECK(json["caller"].is_null());
    CHECK(json["agent"].is_null());
    CHECK(json["tenant"] == "");
    CHECK(json["matched"] == Json::object());
}

TEST_CASE("decision JSON: the same decision gives the same bytes", "[routing][json]") {
    const auto run = [](std::int64_t shift, std::chrono::microseconds took) {
        Office office;
        office.now += base::Millis{shift};
        office.add_all();
        for (auto& match : office.records.destinations) {
            match.destination = campaign::DestinationId{match.destination.raw() + shift};
        }
        office.agent("anna").published = false;
        office.records.scripts["open_destinations"].took = took;
        return json_of(
            {.question = office.question,
             .decision = office.decide(),
             .id = campaign::DecisionId{shift},
             .decided_at = office.now}
        );
    };
    const Json one = run(1, 10us);
    const Json other = run(77, 990us);
    CHECK(one.dump() != other.dump());
    CHECK(without_ids_and_times(one).dump() == without_ids_and_times(other).dump());
}
