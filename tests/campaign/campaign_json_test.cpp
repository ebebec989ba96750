#include "campaign/resource_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <rapidcheck.h>
#include <string>

using namespace cxdial::campaign;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json smallest() {
    return {
        {"name", "spring"}, {"routing_destination_type", "hangup"}, {"caller_id", "+12125550100"}};
}

/// What is wrong with the smallest campaign once `key` is `value`; null removes the key.
std::map<std::string, std::string> errors_with(const std::string& key, const json& value) {
    json resource = smallest();
    resource[key] = value;
    const auto read = campaign_from_json(resource.dump());
    std::map<std::string, std::string> reasons;
    if (const auto* errors = std::get_if<FieldErrors>(&read)) {
        for (const FieldError& error : *errors) {
            reasons[error.path] = error.reason;
        }
    }
    return reasons;
}

Campaign read(const std::string& text) {
    auto result = campaign_from_json(text);
    if (const auto* errors = std::get_if<FieldErrors>(&result)) {
        FAIL(errors->front().path + ": " + errors->front().reason);
    }
    return std::get<Campaign>(std::move(result));
}

using Reasons = std::map<std::string, std::string>;

constexpr std::string_view full = R"({
  "kind": "campaign", "tenant": "acme", "name": "spring", "description": "Überraschung",
  "status": "active", "statistics": {}, "id": 3, "revision": 9, "created_at": "x",
  "cloudonix_domain": "acme.cloudonix.net",
  "routing_destination_type": "ai_assistant", "routing_destination": "anna",
  "caller_id_pool": [{"phone_number": "+1 212 555 0100", "weight": 3}, {"phone_number": "4711"}],
  "caller_id_strategy": "least_recently_used",
  "concurrent_active_calls": 50, "calls_per_second": 2.5, "dial_timeout": 30, "time_limit": 600,
  "max_dial_attempts": 4, "retry": {"busy": ["10m", "2h"], "no_answer": ["1.5h"]},
  "timezone": "America/New_York", "start_date": "2026-03-01", "end_date": "2026-03-31",
  "schedule": {"monday": {"enabled": true, "time_ranges": [
      {"start_time": "09:00", "end_time": "12:00"}, {"start_time": "22:00", "end_time": "24:00"}]},
    "tuesday": {"enabled": false}},
  "caller_id_sticky": true, "priority": 7, "weight": 250, "record_calls": true,
  "keep_open": true,
  "amd": {"mode": "DetectMessageEnd", "timeout": 20, "on_machine": "continue"},
  "cxml_delivery": "callback",
  "respect_recipient_time": {"start_time": "08:00", "end_time": "21:00"},
  "metadata": {"owner": "ops", "tags": [1, 2]}
})";

rc::Gen<CallerId> caller_ids() {
    return rc::gen::construct<CallerId>(
        rc::gen::map(
            rc::gen::inRange<std::uint64_t>(12125550000, 12125559999),
            [](std::uint64_t digits) { return "+" + std::to_string(digits); }
        ),
        rc::gen::inRange(0, 1000)
    );
}

rc::Gen<TimeRange> time_ranges() {
    return rc::gen::construct<TimeRange>(rc::gen::inRange(0, 1440), rc::gen::inRange(0, 1441));
}

Campaign any_campaign() {
    Campaign campaign;
    campaign.name = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
    campaign.name = campaign.name.substr(0, 100);
    campaign.routing_destination_type = *rc::gen::element(
        RoutingDestinationType::hangup,
        RoutingDestinationType::ai_assistant,
        RoutingDestinationType::ai_load_balancer
    );
    if (campaign.routing_destination_type != RoutingDestinationType::hangup) {
        campaign.routing_destination = "anna";
    }
    campaign.caller_ids = *rc::gen::nonEmpty(rc::gen::uniqueBy<std::vector<CallerId>>(
        caller_ids(), [](const CallerId& caller_id) { return caller_id.phone_number; }
    ));
    campaign.caller_id_strategy = *rc::gen::element(
        CallerIdStrategy::random,
        CallerIdStrategy::weighted,
        CallerIdStrategy::round_robin,
        CallerIdStrategy::least_recently_used
    );
    campaign.caller_id_sticky = *rc::gen::arbitrary<bool>();
    campaign.concurrent_active_calls = *rc::gen::inRange(1, 10'001);
    campaign.calls_per_second = *rc::gen::inRange(0, 4000) / 7.0;
    campaign.calls_per_second = std::min(campaign.calls_per_second, 1000.0);
    campaign.max_dial_attempts = *rc::gen::inRange(1, 21);
    const auto delays = rc::gen::container<std::vector<std::chrono::milliseconds>>(
        *rc::gen::inRange<std::size_t>(0, 20),
        rc::gen::map(
            rc::gen::inRange(1, 86'400'000),
            [](int millis) { return std::chrono::milliseconds{millis}; }
        )
    );
    for (const Disposition disposition : {Disposition::busy, Disposition::no_answer}) {
        if (*rc::gen::arbitrary<bool>()) {
            campaign.retry[disposition] = *delays;
        }
    }
    if (*rc::gen::arbitrary<bool>()) {
        for (DaySchedule& day : campaign.schedule.emplace()) {
            day.time_ranges = *rc::gen::container<std::vector<TimeRange>>(2, time_ranges());
            day.enabled = *rc::gen::arbitrary<bool>();
        }
        campaign.schedule->at(*rc::gen::inRange<std::size_t>(0, 7)).enabled = true;
    }
    if (*rc::gen::arbitrary<bool>()) {
        campaign.respect_recipient_time = *time_ranges();
    }
    campaign.priority = *rc::gen::inRange(-1'000'000, 1'000'001);
    campaign.weight = *rc::gen::inRange(1, 1001);
    campaign.record_calls = *rc::gen::arbitrary<bool>();
    campaign.keep_open = *rc::gen::arbitrary<bool>();
    return campaign;
}

}  // namespace

TEST_CASE("campaign JSON: the smallest campaign has the interface's defaults", "[campaign][json]") {
    const Campaign campaign = read(smallest().dump());
    REQUIRE(campaign.tenant == "default");
    REQUIRE(campaign.weight == 100);
    REQUIRE_FALSE(campaign.caller_id_sticky);
    REQUIRE_FALSE(campaign.keep_open);
    REQUIRE(campaign.dial_timeout == 60s);
    REQUIRE(campaign.time_limit == 3600s);
    REQUIRE(campaign.max_dial_attempts == 1);
    REQUIRE(campaign.caller_ids == std::vector<CallerId>{{"+12125550100", 100}});
    REQUIRE_FALSE(campaign.schedule.has_value());
}

TEST_CASE("campaign JSON: every field is read", "[campaign][json]") {
    const Campaign campaign = read(std::string(full));
    REQUIRE(campaign.tenant == "acme");
    REQUIRE(campaign.description == "Überraschung");
    REQUIRE(campaign.cloudonix_domain == "acme.cloudonix.net");
    REQUIRE(campaign.routing_destination_type == RoutingDestinationType::ai_assistant);
    REQUIRE(campaign.routing_destination == "anna");
    REQUIRE(campaign.caller_ids == std::vector<CallerId>{{"+12125550100", 3}, {"4711", 100}});
    REQUIRE(campaign.caller_id_strategy == CallerIdStrategy::least_recently_used);
    REQUIRE(campaign.concurrent_active_calls == 50);
    REQUIRE(campaign.calls_per_second == 2.5);
    REQUIRE(
        campaign.retry.at(Disposition::busy) == std::vector<std::chrono::milliseconds>{10min, 2h}
    );
    REQUIRE(
        campaign.retry.at(Disposition::no_answer) == std::vector<std::chrono::milliseconds>{90min}
    );
    REQUIRE(campaign.schedule->at(0).enabled);
    REQUIRE(
        campaign.schedule->at(0).time_ranges == std::vector<TimeRange>{{540, 720}, {1320, 1440}}
    );
    REQUIRE_FALSE(campaign.schedule->at(1).enabled);
    REQUIRE(campaign.start_date == "2026-03-01");
    REQUIRE(campaign.keep_open);
    REQUIRE(campaign.amd == Amd{"DetectMessageEnd", 20s, "continue"});
    REQUIRE(campaign.cxml_delivery == CxmlDelivery::callback);
    REQUIRE(campaign.respect_recipient_time == TimeRange{480, 1260});
    REQUIRE(campaign.metadata == R"({"owner":"ops","tags":[1,2]})");
}

TEST_CASE("campaign JSON: what is written reads back as the same", "[campaign][json]") {
    const Campaign campaign = read(std::string(full));
    REQUIRE(read(to_json(campaign)) == campaign);
    REQUIRE(rc::check("any campaign reads back", [] {
        const Campaign any = any_campaign();
        const auto back = campaign_from_json(to_json(any));
        RC_ASSERT(std::holds_alternative<Campaign>(back) == true);
        RC_ASSERT((std::get<Campaign>(back) == any));
    }));
}

TEST_CASE("campaign JSON: a wrong value is named by path and reason", "[campaign][json]") {
    const auto [key, value, path, reason] = GENERATE(table<
                                                     std::string,
                                                     std::string,
                                                     std::string,
                                                     std::string>({
        {"naem", R"("x")", "naem", "unknown field"},
        {"name", "null", "name", "is required"},
        {"name", R"("  ")", "name", "must not be empty"},
        {"name", R"(" x")", "name", "must not begin or end with a blank"},
        {"name", R"("a/b")", "name", "must not contain /"},
        {"name", R"("a\u0000")", "name", "contains a control character"},
        {"name", "7", "name", "expected a string"},
        {"caller_id", "null", "caller_id", "is required, or caller_id_pool"},
        {"caller_id",
         R"("nobody")",
         "caller_id",
         "is no caller ID: as a phone number it is not a phone number"},
        {"caller_id_pool",
         "[]",
         "caller_id",
         "is given together with caller_id_pool: only one may be"},
        {"routing_destination_type", "null", "routing_destination_type", "is required"},
        {"routing_destination_type",
         R"("agent")",
         "routing_destination_type",
         "expected one of ai_assistant, ai_load_balancer, hangup"},
        {"routing_destination_type", R"("ai_assistant")", "routing_destination", "is required"},
        {"routing_destination",
         R"("anna")",
         "routing_destination",
         "must be absent when calls are hung up"},
        {"concurrent_active_calls",
         "0",
         "concurrent_active_calls",
         "expected a whole number from 1 to 10000"},
        {"concurrent_active_calls",
         "2.5",
         "concurrent_active_calls",
         "expected a whole number from 1 to 10000"},
        {"concurrent_active_calls",
         "18446744073709551615",
         "concurrent_active_calls",
         "expected a whole number from 1 to 10000"},
        {"calls_per_second", "-1", "calls_per_second", "expected a number from 0.0 to 1000.0"},
        {"calls_per_second", R"("2")", "calls_per_second", "expected a number from 0.0 to 1000.0"},
        {"dial_timeout", "4", "dial_timeout", "expected a whole number from 5 to 600"},
        {"time_limit", "90000", "time_limit", "expected a whole number from 1 to 86400"},
        {"max_dial_attempts", "21", "max_dial_attempts", "expected a whole number from 1 to 20"},
        {"retry",
         R"({"busy":["10x"]})",
         "retry.busy[0]",
         R"(expected a duration such as "10m", longer than 0 and at most 30 days)"},
        {"retry",
         R"({"busy":["1m","0s"]})",
         "retry.busy[1]",
         R"(expected a duration such as "10m", longer than 0 and at most 30 days)"},
        {"retry", R"({"busy":"1m"})", "retry.busy", "expected an array"},
        {"retry", R"({"engaged":[]})", "retry.engaged", "unknown field"},
        {"retry",
         R"({"answered":["1m"]})",
         "retry.answered",
         "an answered call is never tried again"},
        {"timezone",
         R"("Mars/Olympus")",
         "timezone",
         "is not a zone of the IANA database such as Europe/Rome"},
        {"start_date", R"("2026-02-30")", "start_date", "expected a date such as 2026-03-01"},
        {"weight", "0", "weight", "expected a whole number from 1 to 1000"},
        {"weight", "1001", "weight", "expected a whole number from 1 to 1000"},
        {"caller_id_sticky", "1", "caller_id_sticky", "expected true or false"},
        {"caller_id_strategy",
         R"("heavy")",
         "caller_id_strategy",
         "expected one of round_robin, random, weighted, least_recently_used"},
        {"end_date", R"("tomorrow")", "end_date", "expected a date such as 2026-03-01"},
        {"schedule", R"({"someday":{}})", "schedule.someday", "unknown field"},
        {"schedule", "{}", "schedule", "enables no day: leave it out to dial at any time"},
        {"schedule",
         R"({"monday":{"enabled":false,"time_ranges":[{"start_time":"09:00","end_time":"10:00"}]}})",
         "schedule",
         "enables no day: leave it out to dial at any time"},
        {"schedule",
         R"({"monday":{}})",
         "schedule.monday.time_ranges",
         "an enabled day needs at least one"},
        {"schedule",
         R"({"monday":{"time_ranges":[{"start_time":"9","end_time":"10:00"}]}})",
         "schedule.monday.time_ranges[0].start_time",
         R"(expected a time such as "09:00")"},
        {"schedule",
         R"({"monday":{"time_ranges":[{"start_time":"09:00"}]}})",
         "schedule.monday.time_ranges[0].end_time",
         "is required"},
        {"schedule",
         R"({"monday":{"time_ranges":[7]}})",
         "schedule.monday.time_ranges[0]",
         "expected an object"},
        {"schedule",
         R"({"monday":{"time_ranges":[{"start_time":"24:00","end_time":"10:00"}]}})",
         "schedule.monday.time_ranges[0].start_time",
         "must be before 24:00"},
        {"record_calls", R"("yes")", "record_calls", "expected true or false"},
        {"amd", "{}", "amd.mode", "is required"},
        {"amd", R"({"mode":"Enabled"})", "amd.mode", "expected one of Enable, DetectMessageEnd"},
        {"metadata", "[]", "metadata", "expected an object"},
        {"cxml_delivery", R"("later")", "cxml_delivery", "expected one of auto, inline, callback"},
    }));
    CAPTURE(key, value);
    const Reasons errors = errors_with(key, json::parse(value));
    REQUIRE(errors.contains(path));
    REQUIRE(errors.at(path) == reason);
}

TEST_CASE("campaign JSON: all that is wrong is listed at once", "[campaign][json]") {
    const auto result =
        campaign_from_json(R"({"nmae":"x","priority":"high","retry":{"busy":[7]}})");
    std::vector<std::string> paths;
    for (const FieldError& error : std::get<FieldErrors>(result)) {
        paths.push_back(error.path);
    }
    REQUIRE(
        paths ==
        std::vector<std::string>{
            "name", "routing_destination_type", "caller_id", "priority", "retry.busy[0]", "nmae"}
    );
}

TEST_CASE("campaign JSON: rules between fields", "[campaign][json]") {
    json dates = smallest();
    dates["start_date"] = "2026-03-02";
    dates["end_date"] = "2026-03-01";
    REQUIRE(std::get<FieldErrors>(campaign_from_json(dates.dump())).at(0).path == "end_date");

    dates["end_date"] = "2026-03-03";  // Monday and Tuesday
    dates["schedule"] =
        json::parse(R"({"sunday":{"time_ranges":[{"start_time":"22:00","end_time":"02:00"}]}})");
    REQUIRE(std::holds_alternative<Campaign>(campaign_from_json(dates.dump())));
    dates["schedule"]["sunday"]["time_ranges"][0]["end_time"] = "23:00";
    const auto never_open = std::get<FieldErrors>(campaign_from_json(dates.dump()));
    REQUIRE(never_open.at(0).path == "schedule");
    REQUIRE(never_open.at(0).reason == "has no open time from start_date to end_date");

    json inline_amd = smallest();
    inline_amd["amd"] = {{"mode", "Enable"}};
    inline_amd["cxml_delivery"] = "inline";
    REQUIRE(
        std::get<FieldErrors>(campaign_from_json(inline_amd.dump())).at(0).path == "cxml_delivery"
    );
    inline_amd["amd"]["on_machine"] = "continue";
    REQUIRE(std::holds_alternative<Campaign>(campaign_from_json(inline_amd.dump())));

    json pool = smallest();
    pool.erase("caller_id");
    pool["caller_id_pool"] = json::parse(
        R"([{"phone_number":"+12125550100"},{"phone_number":"+1 (212) 555-0100"},{"weight":-1,"phone_number":"+12125550101"}])"
    );
    const auto errors = std::get<FieldErrors>(campaign_from_json(pool.dump()));
    REQUIRE(errors.at(0).path == "caller_id_pool[1].phone_number");
    REQUIRE(errors.at(0).reason == "is in the pool twice");
    REQUIRE(errors.at(1).path == "caller_id_pool[2].weight");
}

TEST_CASE(
    "campaign JSON: text that is no JSON object is refused with its place", "[campaign][json]"
) {
    const auto reason = [](std::string_view text) {
        return std::get<FieldErrors>(campaign_from_json(text)).at(0).reason;
    };
    REQUIRE(reason("") == "not valid JSON at line 1, column 1");
    REQUIRE(reason("{\n  \"name\": oops\n}") == "not valid JSON at line 2, column 11");
    REQUIRE(reason("[]") == "expected a JSON object");
    REQUIRE(reason(R"({"name":"a","name":"b"})") == "is given twice");
    REQUIRE(reason(R"({"metadata":)" + std::string(100'000, '[')).find("not valid JSON") == 0);
    REQUIRE(
        reason(R"({"metadata":)" + std::string(40, '[') + std::string(40, ']') + "}") ==
        "nested more than 32 deep"
    );
    REQUIRE(reason("{\"name\":\"\xff\"}").find("not valid JSON") == 0);
    REQUIRE(reason(R"({"priority":1e999})").find("not valid JSON") == 0);
}
