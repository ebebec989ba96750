#include "dialer/advice.h"

#include "bench.h"
#include <catch2/catch.hpp>

#include <algorithm>

namespace cxdial::dialer {
namespace {

using campaign::RoutingDestinationType;

std::vector<std::string> codes(Bench& bench, const Situation& situation) {
    Switchboard switchboard;
    storage::SqliteStore store(bench.database());
    REQUIRE(fit_to_dial(store, switchboard, bench.plan, situation.has_public_url));
    std::vector<std::string> found;
    for (const Advice& advice : advise(bench.plan, switchboard, situation)) {
        found.push_back(advice.code);
    }
    return found;
}

void put(Bench& bench, const balancer::Assistant& resource) {
    REQUIRE(bench.repository().put(resource, bench.now().wall));
}

TEST_CASE("advice: hanging up on people is for tests", "[dialer][advice]") {
    Bench bench;
    const Situation situation{.now = bench.now().wall, .open_destinations = 1};
    CHECK(codes(bench, situation) == std::vector<std::string>{"hangup_routing"});
}

TEST_CASE("advice: a sound campaign gets none", "[dialer][advice]") {
    Bench bench;
    put(bench, assistant("a", "0001"));
    bench.plan.routing_destination_type = RoutingDestinationType::ai_assistant;
    bench.plan.routing_destination = "a";
    bench.plan.concurrent_active_calls = 5;
    const Situation situation{.now = bench.now().wall, .open_destinations = 1};
    CHECK(codes(bench, situation).empty());
}

TEST_CASE("advice: tells of a cap that nobody can serve", "[dialer][advice]") {
    Bench bench;
    balancer::Assistant small = assistant("a", "0001");
    small.max_concurrent_calls = 3;
    small.provider = "nobody-knows-it";
    put(bench, small);
    bench.plan.routing_destination_type = RoutingDestinationType::ai_assistant;
    bench.plan.routing_destination = "a";
    bench.plan.concurrent_active_calls = 50;
    const Situation situation{.now = bench.now().wall, .open_destinations = 1};
    CHECK(
        codes(bench, situation) ==
        std::vector<std::string>{"cac_above_capacity", "cac_without_balancer", "unknown_provider"}
    );
}

TEST_CASE("advice: tells of a list that cannot be finished in time", "[dialer][advice]") {
    Bench bench;
    bench.plan.end_date = "2026-09-22";
    bench.plan.calls_per_second = 0.1;
    Situation situation{.now = bench.now().wall, .open_destinations = 100'000};
    std::vector<std::string> found = codes(bench, situation);
    CHECK(std::count(found.begin(), found.end(), "list_cannot_be_finished") == 1);
    situation.open_destinations = 1'000;
    found = codes(bench, situation);
    CHECK(std::count(found.begin(), found.end(), "list_cannot_be_finished") == 0);
}

TEST_CASE("advice: a balancer wants company and a public URL", "[dialer][advice]") {
    Bench bench;
    put(bench, assistant("a", "0001"));
    balancer::Balancer pool;
    pool.name = "pool";
    balancer::Member member;
    member.assistant = "a";
    pool.members = {member};
    REQUIRE(bench.repository().put(pool, bench.now().wall));
    bench.plan.routing_destination_type = RoutingDestinationType::ai_load_balancer;
    bench.plan.routing_destination = "pool";
    const Situation situation{.now = bench.now().wall, .open_destinations = 1};
    CHECK(codes(bench, situation) == std::vector<std::string>{"balancer_of_one", "no_public_url"});
}

TEST_CASE("fitness: a placeholder without a value is named before anybody is called", "[dialer]") {
    Bench bench;
    balancer::Assistant stream;
    stream.name = "stream";
    stream.protocol = balancer::Protocol::websocket;
    stream.url_template = "wss://bot.example/{session}";
    put(bench, stream);
    bench.plan.routing_destination_type = RoutingDestinationType::ai_assistant;
    bench.plan.routing_destination = "stream";
    Switchboard switchboard;
    storage::SqliteStore store(bench.database());
    CHECK(fit_to_dial(store, switchboard, bench.plan, true));
    const base::Result<void> without_url = fit_to_dial(store, switchboard, bench.plan, false);
    REQUIRE_FALSE(without_url);
    CHECK(without_url.error().detail.find("session") != std::string::npos);
}

}  // namespace
}  // namespace cxdial::dialer
