#include "bench.h"
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

namespace cxdial::dialer {
namespace {

using base::Millis;

/// Two campaigns with 300 destinations each; the second one has the given weight and priority.
struct TwoCampaigns {
    explicit TwoCampaigns(int weight, int priority = 0) : bench(300) {
        bench.settings.domains[0].requests = 10;
        bench.settings.domains[0].per = Millis{1'000};
        bench.restart();
        bench.plan.concurrent_active_calls = 1'000;
        bench.save();
        static_cast<void>(bench.start());
        bench.plan.name = "second";
        bench.plan.weight = weight;
        bench.plan.priority = priority;
        bench.plan.caller_ids = {{.phone_number = "+13125550100"}};
        bench.save();
        for (int i = 0; i < 300; ++i) {
            bench.add_destination("+1312555" + std::to_string(1'000 + i));
        }
        static_cast<void>(bench.start());
    }
    /// How many calls each placed in so many seconds.
    std::map<std::string, int> run(int seconds) {
        std::map<std::string, int> placed;
        for (const PlaceCall& call : calls_of(bench.run_for(std::chrono::seconds{seconds}))) {
            ++placed[call.request.caller_id == "+12125550100" ? "first" : "second"];
        }
        return placed;
    }
    Bench bench;
};

TEST_CASE("sharing: a domain's requests go by weight", "[dialer][sharing]") {
    TwoCampaigns two(300);
    std::map<std::string, int> placed = two.run(20);
    CHECK(placed["first"] + placed["second"] >= 190);
    CHECK(placed["second"] == Approx(3 * placed["first"]).margin(4));
}

TEST_CASE("sharing: priority comes first and starves nobody", "[dialer][sharing]") {
    TwoCampaigns two(100, 5);
    std::map<std::string, int> placed = two.run(20);
    CHECK(placed["second"] > 8 * placed["first"]);
    CHECK(placed["first"] >= 10);
}

TEST_CASE("sharing: what a campaign did not use is not owed to it later", "[dialer][sharing]") {
    TwoCampaigns two(100);
    static_cast<void>(two.bench.give(ChangeCampaign{two.bench.id(), campaign::Transition::pause}));
    static_cast<void>(two.run(10));
    static_cast<void>(two.bench.give(ChangeCampaign{two.bench.id(), campaign::Transition::resume}));
    std::map<std::string, int> placed = two.run(10);
    CHECK(placed["first"] >= 40);
}

TEST_CASE("sharing: the process has a cap of its own", "[dialer][sharing]") {
    Bench bench(10);
    bench.settings.max_concurrent_calls = 3;
    bench.restart();
    CHECK(bench.start().size() == 3);
    CHECK(bench.hold().reason == HoldReason::process_cap);
}

TEST_CASE("sharing: a 429 lowers the domain's rate and loses no call", "[dialer][rate]") {
    Bench bench(30);
    bench.settings.domains[0].requests = 10;
    bench.settings.domains[0].per = Millis{3'000};
    bench.restart();
    bench.plan.concurrent_active_calls = 100;
    bench.save();
    static_cast<void>(bench.start());
    std::vector<PlaceCall> calls = calls_of(bench.run_for(Millis{4'000}));
    REQUIRE(calls.size() >= 5);
    static_cast<void>(bench.give(PlacementReply{
        calls[0].attempt, Refused{429, "too many", std::nullopt}}));
    CHECK(bench.destination(calls[0].request.destination).attempts == 0);
    CHECK(bench.campaign().status == campaign::CampaignStatus::active);
    static_cast<void>(bench.run_for(Millis{3'000}));
    CHECK(calls_of(bench.run_for(Millis{3'100})).size() <= 6);  // five in a window
}

TEST_CASE("sharing: a store that fails does not make a Retry-After forgotten", "[dialer][rate]") {
    Bench bench(3);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    const Refused busy{429, "too many", Millis{60'000}};
    CHECK(bench.give(PlacementReply{call.attempt, busy}).empty());
    bench.block();
    CHECK_FALSE(bench.tick().stored);
    bench.unblock();
    bench.advance(Millis{2'000});
    CHECK(calls_of(bench.run_for(Millis{50'000})).empty());
    CHECK(bench.hold().reason == HoldReason::domain_backing_off);
    CHECK(calls_of(bench.run_for(Millis{30'000})).size() == 1);
}

}  // namespace
}  // namespace cxdial::dialer
