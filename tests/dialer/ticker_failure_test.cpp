#include "bench.h"
#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::AttemptStatus;
using campaign::DestinationStatus;

TEST_CASE("ticker: when the store fails, nothing is placed or acknowledged", "[dialer][ticker]") {
    Bench bench(3);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    bench.block();
    const TickResult result = bench.tick({cdr(call)});
    CHECK_FALSE(result.stored);
    CHECK(result.output.effects.empty());
    REQUIRE(result.outcomes.size() == 1);
    CHECK(result.outcomes[0].error().code == base::Errc::unavailable);
    CHECK(calls_of(bench.run_for(Millis{5'000})).empty());

    bench.unblock();
    // The sender of the webhook repeats it; no restart was needed.
    CHECK(calls_of(bench.give(cdr(call))).size() == 1);
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
}

TEST_CASE("ticker: replies are kept while the store fails", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    const auto [delivery, expected] = GENERATE(table<Delivery, AttemptStatus>({
        {Accepted{campaign::SessionToken{"t1"}}, AttemptStatus::placed},
        {Refused{400, "bad number", {}}, AttemptStatus::refused},
        {Refused{429, "limit", {}}, AttemptStatus::refused},
        {NotSent{"connection refused"}, AttemptStatus::not_sent},
        {Unknown{"timeout"}, AttemptStatus::in_doubt},
    }));
    bench.block();
    CHECK_FALSE(bench.tick({PlacementReply{call.attempt, delivery}}).stored);
    CHECK_FALSE(bench.tick().stored);
    bench.unblock();
    CHECK(bench.tick().stored);
    CHECK(bench.attempt(call.attempt).status == expected);
}

TEST_CASE("ticker: a reply that was kept is heard before another call is placed", "[dialer]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    bench.add_destination("+13125551000");
    bench.block();
    CHECK_FALSE(bench.tick({PlacementReply{call.attempt, Refused{401, "no such key", {}}}}).stored);
    bench.unblock();
    const TickResult result = bench.tick();
    CHECK(result.stored);
    CHECK(calls_of(result.output.effects).empty());
    CHECK(bench.campaign().status == campaign::CampaignStatus::paused);
}

TEST_CASE("ticker: a start while the store fails comes when it works again", "[dialer][ticker]") {
    Bench bench(2);
    REQUIRE(bench.start().size() == 2);
    bench.restart();
    bench.block();
    CHECK_FALSE(bench.tick().stored);
    CHECK(bench.next_wake() > bench.now().mono);
    bench.unblock();
    CHECK(bench.tick().stored);
    CHECK(bench.engine().live_attempts() == 2);
}

TEST_CASE("ticker: a drain is remembered over a failure of the store", "[dialer][ticker]") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    bench.block();
    CHECK_FALSE(bench.tick({Drain{}}).stored);
    bench.unblock();
    CHECK(bench.give(cdr(call)).empty());
    CHECK(calls_of(bench.run_for(Millis{30'000})).empty());
}

TEST_CASE("ticker: edited limits are kept over a failure of the store", "[dialer][ticker]") {
    Bench bench(3);
    DomainsEdited edited{bench.settings.domains};
    edited.domains[0].max_concurrent_calls = 1;
    static_cast<void>(bench.give(edited));
    REQUIRE(bench.start().size() == 1);
    bench.block();
    edited.domains[0].max_concurrent_calls = 2;
    CHECK_FALSE(bench.tick({edited}).stored);
    CHECK_FALSE(bench.tick().stored);
    bench.unblock();
    CHECK(calls_of(bench.run_for(Millis{5'000})).size() == 1);
}

TEST_CASE("ticker: a further start finds nothing to do", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(cdr(call)));
    bench.restart();
    CHECK(bench.run_for(Millis{600'000}).empty());
    CHECK(bench.engine().live_attempts() == 0);
}

}  // namespace
}  // namespace cxdial::dialer
