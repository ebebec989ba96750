#include "bench.h"
#include <catch2/catch.hpp>

#include <array>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::Transition;

TEST_CASE("ticker: no more calls are live than the campaign allows", "[dialer][ticker]") {
    Bench bench(10);
    bench.plan.concurrent_active_calls = 3;
    bench.save();
    const std::vector<PlaceCall> calls = bench.start();
    CHECK(calls.size() == 3);
    CHECK(calls_of(bench.run_for(Millis{20'000})).empty());
    const std::vector<PlaceCall> next = calls_of(bench.give(cdr(calls[1])));
    REQUIRE(next.size() == 1);
    // How fast a freed slot is filled is measured from when the news arrived.
    CHECK(next[0].slot_freed_at == bench.now().mono);
    CHECK_FALSE(calls[0].slot_freed_at);
}

TEST_CASE("ticker: a domain's cap holds over its campaigns", "[dialer][ticker]") {
    Bench bench(5);
    bench.settings.domains[0].max_concurrent_calls = 2;
    bench.restart();
    CHECK(bench.start().size() == 2);
}

TEST_CASE("ticker: the request window of the domain is kept, over a restart too", "[dialer]") {
    Bench bench(20);
    bench.settings.domains[0].requests = 4;
    bench.restart();
    // A new life reckons with one look-up of the last.
    CHECK(bench.start().size() == 3);
    bench.restart();
    CHECK(calls_of(bench.run_for(Millis{9'000})).empty());
    CHECK_FALSE(calls_of(bench.run_for(Millis{1'100})).empty());
}

TEST_CASE("ticker: a number that was suppressed meanwhile is not dialed", "[dialer][ticker]") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    const base::PhoneNumber other = base::PhoneNumber::parse("+12125551001").value();
    REQUIRE(call.request.destination != other);
    REQUIRE(bench.repository().suppress(std::array{other}, "asked us to", bench.now().wall));
    CHECK(bench.give(cdr(call)).empty());
    CHECK(bench.destination(other).status == DestinationStatus::suppressed);
    CHECK(bench.campaign().status == CampaignStatus::completed);
}

TEST_CASE("ticker: a pause gives the buffer back and lets calls go on", "[dialer][ticker]") {
    Bench bench(4);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    const base::PhoneNumber other = base::PhoneNumber::parse("+12125551003").value();
    CHECK(bench.destination(other).status == DestinationStatus::queued);
    CHECK(bench.give(ChangeCampaign{bench.id(), Transition::pause}).empty());
    CHECK(bench.destination(other).status == DestinationStatus::pending);
    CHECK(bench.give(accepted(call)).empty());
    CHECK(bench.give(cdr(call)).empty());
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::completed);
    CHECK(calls_of(bench.give(ChangeCampaign{bench.id(), Transition::resume})).size() == 1);
}

TEST_CASE("ticker: after a drain nothing is placed and all is settled", "[dialer][ticker]") {
    Bench bench(4);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(Drain{}));
    CHECK(bench.give(cdr(call)).empty());
    CHECK(calls_of(bench.run_for(Millis{60'000})).empty());
    CHECK(bench.engine().live_attempts() == 0);
    CHECK(bench.campaign().status == CampaignStatus::active);
    bench.restart();
    CHECK(calls_of(bench.tick().output.effects).size() == 1);
}

TEST_CASE("ticker: destinations added to a running campaign are dialed", "[dialer][ticker]") {
    Bench bench(1);
    REQUIRE(bench.start().size() == 1);
    bench.add_destination("+12125559999");
    CHECK(calls_of(bench.give(CampaignEdited{bench.id()})).size() == 1);
}

TEST_CASE("ticker: a campaign is started only with something to dial", "[dialer][ticker]") {
    Bench bench(0);
    const TickResult result = bench.tick({ChangeCampaign{bench.id(), Transition::start}});
    REQUIRE(result.outcomes.size() == 1);
    CHECK(result.outcomes[0].error().code == base::Errc::conflict);
    CHECK(bench.campaign().status == CampaignStatus::draft);
}

TEST_CASE("ticker: the deadline leaves a session list the time to show the call", "[dialer]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    CHECK(call.request.deadline == bench.now().wall + Millis{110'000});
}

}  // namespace
}  // namespace cxdial::dialer
