#include "simulator/internal/request_meter.h"
#include "simulator/internal/tally.h"
#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace cxdial;
using namespace cxdial::simulator::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

net::HttpRequest placement(const std::string& domain, const std::string& key) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/calls/" + domain + "/application";
    request.headers.add("Authorization", "Bearer " + key);
    request.headers.add("Content-Type", "application/json");
    request.body = good_placement().dump();
    return request;
}

json from(const std::string& caller_id, int number) {
    return {
        {"caller-id", caller_id},
        {"destination", "+1212777" + std::to_string(1000 + number)},
        {"profile", {{"cxdial-attempt", std::to_string(number)}}}};
}

const base::MonoTime zero{};

}  // namespace

TEST_CASE("simulator: a limit by window refuses what a bucket lets through", "[simulator][limit]") {
    const auto passes = [](bool is_bucket) {
        simulator::RequestMeter meter;
        meter.set_limit(zero, {10, 3s, is_bucket});
        auto count = 0;
        // Ten at once, and one for each that the bucket has got back.
        for (auto i = 0; i < 10; ++i) {
            count += meter.take(zero + 1ms) ? 1 : 0;
        }
        for (auto i = 1; i <= 9; ++i) {
            count += meter.take(zero + i * 310ms) ? 1 : 0;
        }
        return count;
    };
    CHECK(passes(true) == 19);
    CHECK(passes(false) == 10);
}

TEST_CASE(
    "simulator: requests above the limit are counted whoever lets them through",
    "[simulator][limit]"
) {
    simulator::RequestMeter meter;
    meter.set_limit(zero, {2, 1s, true});
    for (const auto at : {0ms, 10ms, 600ms}) {
        CHECK(meter.take(zero + at));
    }
    CHECK(meter.summary().at("over_limit") == 1);
    CHECK(meter.summary().at("max_in_window") == 3);
    CHECK(meter.summary().at("limited") == 0);
}

TEST_CASE(
    "simulator: the share of allowed requests follows the limit's changes", "[simulator][limit]"
) {
    simulator::RequestMeter meter;
    meter.set_limit(zero, {10, 1s, false});
    for (auto i = 0; i < 20; ++i) {
        const auto at = zero + i * 100ms;
        CHECK(meter.take(at));
        meter.asked(at);
        meter.accepted(at);
    }
    meter.set_limit(zero + 2s, {5, 1s, false});
    for (auto i = 0; i < 6; ++i) {
        meter.asked(zero + 2s);
        if (meter.take(zero + 2s)) {
            meter.accepted(zero + 2s);
        } else {
            meter.refused(zero + 2s);
        }
    }
    const auto whole = meter.span(zero + 4s, 0s, 4s);
    CHECK(whole.at("allowed") == 30.0);
    CHECK(whole.at("accepted") == 25);
    CHECK(whole.at("refused_429") == 1);
    const auto begin = meter.span(zero + 4s, 0s, 2s);
    CHECK(begin.at("share") == 1.0);
    CHECK(meter.span(zero + 4s, 2s, 9s).at("share") == 0.5);
}

TEST_CASE("simulator: each domain has its own limit, cap and key", "[simulator][limit]") {
    Bench bench({{"ring", "1m"}, {"limiter", "window"}});
    const std::string acme = "/control/domains/acme.cloudonix.net";
    CHECK(bench.ask("PATCH", acme, {{"requests", 2}, {"per", "1m"}}).status == 200);
    const json other = {{"max-concurrent", 1}, {"api-key", "XIother"}};
    CHECK(bench.ask("PATCH", "/control/domains/other.cloudonix.net", other).status == 200);

    CHECK(bench.place(good_placement()).status == 200);
    CHECK(bench.place(good_placement()).status == 200);
    CHECK(bench.place(good_placement()).status == 429);
    CHECK(bench.ask_raw(placement("acme.cloudonix.net", "XIother")).status == 403);
    CHECK(bench.ask_raw(placement("other.cloudonix.net", "XIother")).status == 200);
    CHECK(bench.ask_raw(placement("other.cloudonix.net", "XIkey")).status == 429);
    CHECK(bench.ask_raw(placement("other.cloudonix.net", "XInone")).status == 401);

    const auto domains = bench.ask("GET", "/control/domains").body;
    CHECK(domains.at("acme.cloudonix.net").at("asked") == 3);
    CHECK(domains.at("acme.cloudonix.net").at("accepted") == 2);
    CHECK(domains.at("acme.cloudonix.net").at("refused_429") == 1);
    CHECK(domains.at("acme.cloudonix.net").at("limited") == 1);
    CHECK(domains.at("other.cloudonix.net").at("live_max") == 1);
    CHECK(domains.at("other.cloudonix.net").at("limited") == 0);

    CHECK(bench.ask("PATCH", acme, {{"requests", 3}}).status == 200);
    CHECK(bench.place(good_placement()).status == 200);
    CHECK(bench.ask("PATCH", acme, {{"requests", nullptr}}).status == 200);
    CHECK(bench.ask("GET", "/control/domains").body.at("acme.cloudonix.net").at("limit") == 0);
}

TEST_CASE("simulator: a wrong change of a domain is refused whole", "[simulator][limit]") {
    Bench bench;
    const auto bad = GENERATE(
        json{{"requests", -1}},
        json{{"per", "0"}},
        json{{"per", 3}},
        json{{"colour", 1}},
        json{{"api-key", 1}},
        json::array()
    );
    auto body = bad;
    if (body.is_object()) {
        body["max-concurrent"] = 1;
    }
    CHECK(bench.ask("PATCH", "/control/domains/acme.cloudonix.net", body).status == 400);
    CHECK(bench.ask("PATCH", "/control/domains/gone", {{"requests", 1}}).status == 404);
    CHECK(
        bench.ask("GET", "/control/domains").body.at("acme.cloudonix.net").at("max_concurrent") == 0
    );
}

TEST_CASE("simulator: a domain can be named with its key", "[simulator][limit]") {
    Bench bench({{"domain", "acme.cloudonix.net=XIacme,other.cloudonix.net"}});
    CHECK(bench.ask_raw(placement("acme.cloudonix.net", "XIacme")).status == 200);
    CHECK(bench.ask_raw(placement("other.cloudonix.net", "XIacme")).status == 403);
}

TEST_CASE("simulator: the mean of live calls ends with the last call made", "[simulator][bounds]") {
    simulator::Tally tally;
    const auto at = [](std::chrono::seconds time) {
        return base::Now{zero + 100s + time, base::from_millis(0)};
    };
    tally.made(at(0s));
    tally.made(at(2s));
    tally.ended(at(3s));
    tally.made(at(4s));
    tally.ended(at(50s));
    // 1 for two seconds, 2 for one, 1 for one.
    CHECK(tally.summary(zero).at("live_mean") == 5.0 / 4.0);
    CHECK(tally.summary(zero).at("first_ms") == 100'000);
}

TEST_CASE("simulator: calls are counted by caller ID", "[simulator][bounds]") {
    Bench bench({{"ring", "1m"}});
    const auto begin = std::chrono::steady_clock::now();
    bench.placed(from("+12125550100", 1));
    bench.placed(from("12125550100", 2));
    bench.placed(from("+12125550100", 1));
    const bool within_a_second = std::chrono::steady_clock::now() - begin < 1s;
    bench.placed(from("+12125550101", 1));
    const auto truth = bench.truth();
    const auto& first = truth.at("caller_ids").at("+12125550100");
    CHECK(first.at("accepted") == 3);
    CHECK(first.at("live_max") == 3);
    CHECK((first.at("max_in_1s") == 3 || !within_a_second));
    CHECK(first.at("double_dials") == 1);
    CHECK(first.at("first_ms") <= first.at("last_ms"));
    // The same number for another campaign is its own business there.
    CHECK(truth.at("caller_ids").at("+12125550101").at("double_dials") == 0);
    CHECK(truth.at("all").at("accepted") == 4);
}

TEST_CASE(
    "simulator: a breach of a declared bound is counted when it happens", "[simulator][bounds]"
) {
    Bench bench({{"ring", "1m"}});
    const json bounds = {
        {"all", {{"cap", 3}}},
        {"caller_id",
         {{"+12125550100", {{"cap", 1}}}, {"+12125550101", {{"rate", 1}, {"per", "1m"}}}}},
        {"destination_prefix",
         {{"+12127771003",
           {{"forbidden", {{{"from", "2020-01-01T00:00:00Z"}, {"to", "2099-01-01T00:00:00Z"}}}}}},
          {"+12127771004",
           {{"forbidden",
             {{{"from", "2020-01-01T00:00:00Z"}, {"to", "2020-01-02T00:00:00Z"}}}}}}}}};
    REQUIRE(bench.ask("PUT", "/control/bounds", bounds).status == 204);
    bench.placed(from("+12125550100", 1));
    CHECK(bench.truth().at("violations") == 0);
    const auto second = bench.placed(from("+12125550100", 2));
    bench.placed(from("+12125550101", 3));
    bench.placed(from("+12125550101", 4));
    REQUIRE(bench.until([&] { return bench.session(second).at("status") == "ringing"; }));
    REQUIRE(bench.until([&] {
        return bench.truth().at("destination_prefixes").at("+12127771003").at("started") == 1;
    }));
    const auto truth = bench.truth();
    const auto of = [&](const char* kind, const char* name) {
        return truth.at(kind).at(name).at("violations");
    };
    CHECK(of("caller_ids", "+12125550100").at("cap") == 1);
    CHECK(of("caller_ids", "+12125550101").at("rate") == 1);
    CHECK(of("destination_prefixes", "+12127771003").at("made_forbidden") == 1);
    CHECK(of("destination_prefixes", "+12127771003").at("started_forbidden") == 1);
    CHECK(of("destination_prefixes", "+12127771004").at("made_forbidden") == 0);
    CHECK(truth.at("all").at("violations").at("cap") == 1);
    CHECK(truth.at("violations") == 5);
}

TEST_CASE("simulator: bounds that are wrong are refused whole", "[simulator][bounds]") {
    Bench bench({{"ring", "1m"}});
    REQUIRE(bench.ask("PUT", "/control/bounds", {{"all", {{"cap", 0}}}}).status == 204);
    const auto bad = GENERATE(
        json::array(),
        json{{"campaign", json::object()}},
        json{{"all", {{"cap", "1"}}}},
        json{{"all", {{"limit", 1}}}},
        json{{"caller_id", {{"1", {{"rate", 1}, {"per", "0"}}}}}},
        json{{"domain", {{"acme", {{"forbidden", {{{"from", "today"}, {"to", "tomorrow"}}}}}}}}},
        json{{"domain", {{"acme", {{"forbidden", {1}}}}}}}
    );
    CHECK(bench.ask("PUT", "/control/bounds", bad).status == 400);
    bench.placed();
    CHECK(bench.truth().at("violations") == 1);
}
