#include "bench.h"
#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::AttemptStatus;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::Disposition;

TEST_CASE("ticker: an accepted call is settled by its CDR", "[dialer][ticker]") {
    Bench bench;
    const std::vector<PlaceCall> calls = bench.start();
    REQUIRE(calls.size() == 1);
    const PlaceCall& call = calls[0];
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::intent);
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::placing_call);

    static_cast<void>(bench.give(accepted(call)));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::placed);
    CHECK(bench.attempt(call.attempt).token == campaign::SessionToken{"t1"});
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::calling);

    static_cast<void>(bench.give(cdr(call)));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
    CHECK(bench.attempt(call.attempt).disposition == Disposition::answered);
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::completed);
    CHECK(bench.engine().live_attempts() == 0);
    CHECK(bench.campaign().status == CampaignStatus::completed);
}

TEST_CASE("ticker: a CDR may come before the reply", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    WebhookReceived early = cdr(call);
    SECTION("and name our attempt") {
        static_cast<void>(bench.give(early));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
        static_cast<void>(bench.give(accepted(call)));
    }
    SECTION("and name only a session that nobody knows yet") {
        early.report.attempt.reset();
        static_cast<void>(bench.give(early));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::intent);
        CHECK(bench.repository().orphan_cdrs({}).value().size() == 1);
        static_cast<void>(bench.give(accepted(call)));
        CHECK(bench.repository().orphan_cdrs({}).value().empty());
    }
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
    CHECK(bench.attempt(call.attempt).token == campaign::SessionToken{"t1"});
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::completed);
}

TEST_CASE("ticker: a CDR that comes twice changes nothing the second time", "[dialer][ticker]") {
    Bench bench(3);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(accepted(call)));
    CHECK(calls_of(bench.give(cdr(call, Disposition::busy))).size() == 1);
    const storage::AttemptRecord before = bench.attempt(call.attempt);
    WebhookReceived again = cdr(call, Disposition::answered);
    CHECK(bench.give(again).empty());
    CHECK(bench.attempt(call.attempt).disposition == before.disposition);
    CHECK(bench.engine().live_attempts() == 1);
}

TEST_CASE("ticker: session updates move an attempt forward and never back", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    WebhookReceived update = cdr(call);
    update.kind = WebhookReceived::Kind::session_update;
    update.report = report(call, Progress::answered);
    update.key = "e1";
    static_cast<void>(bench.give(update));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::answered);
    update.report = report(call, Progress::ringing);
    update.key = "e2";
    static_cast<void>(bench.give(update));
    static_cast<void>(bench.give(accepted(call)));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::answered);
}

TEST_CASE("ticker: 429 gives the attempt back and slows the domain down", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    CHECK(bench.give(PlacementReply{call.attempt, Refused{429, "limit", Millis{7'000}}}).empty());
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::refused);
    CHECK_FALSE(bench.attempt(call.attempt).disposition);
    CHECK(bench.destination(call.request.destination).attempts == 0);
    CHECK(calls_of(bench.run_for(Millis{6'999})).empty());
    CHECK(calls_of(bench.run_for(Millis{1})).size() == 1);
}

TEST_CASE("ticker: a refusal that is about the account pauses the campaign", "[dialer][ticker]") {
    Bench bench(3);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    const int status = GENERATE(401, 402, 403, 404);
    CHECK(bench.give(PlacementReply{call.attempt, Refused{status, "no", {}}}).empty());
    CHECK(bench.campaign().status == CampaignStatus::paused);
    CHECK(bench.campaign().status_reason.find(std::to_string(status)) != std::string::npos);
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::pending);
    CHECK(bench.destination(call.request.destination).attempts == 0);
}

TEST_CASE("ticker: a refusal of the destination is its attempt's outcome", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(PlacementReply{call.attempt, Refused{400, "bad number", {}}}));
    CHECK(bench.attempt(call.attempt).disposition == Disposition::failed);
    CHECK(bench.attempt(call.attempt).detail.find("bad number") != std::string::npos);
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::failed);
}

TEST_CASE("ticker: what was not sent goes back without using an attempt up", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    CHECK(bench.give(PlacementReply{call.attempt, NotSent{"connection refused"}}).empty());
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::not_sent);
    CHECK(bench.destination(call.request.destination).attempts == 0);
    const std::vector<PlaceCall> again = calls_of(bench.run_for(Millis{1'000}));
    REQUIRE(again.size() == 1);
    CHECK(again[0].attempt != call.attempt);
}

TEST_CASE("ticker: no credit pauses the campaign", "[dialer][ticker]") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    CHECK(bench.give(cdr(call, Disposition::no_credit)).empty());
    CHECK(bench.campaign().status == CampaignStatus::paused);
    CHECK(bench.campaign().status_reason.find("credit") != std::string::npos);
}

TEST_CASE("ticker: retries come after the policy's delay, until none is left", "[dialer][ticker]") {
    Bench bench;
    bench.plan.max_dial_attempts = 3;
    bench.plan.retry[Disposition::busy] = {Millis{10'000}, Millis{60'000}};
    bench.save();
    PlaceCall call = bench.start().at(0);
    for (const int delay : {10'000, 60'000}) {
        CHECK(bench.give(cdr(call, Disposition::busy, "t" + std::to_string(delay))).empty());
        const auto destination = bench.destination(call.request.destination);
        CHECK(destination.status == DestinationStatus::retry_pending);
        REQUIRE(destination.next_at.has_value());
        const Millis wait = *destination.next_at - bench.now().wall;
        CHECK(wait >= Millis{delay});
        CHECK(wait <= Millis{delay + delay / 10});
        CHECK(calls_of(bench.run_for(wait - Millis{1})).empty());
        const std::vector<PlaceCall> next = calls_of(bench.run_for(Millis{1}));
        REQUIRE(next.size() == 1);
        call = next[0];
    }
    static_cast<void>(bench.give(cdr(call, Disposition::busy, "last")));
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::failed);
    CHECK(bench.campaign().status == CampaignStatus::completed);
}

TEST_CASE("ticker: a call that left after its deadline is no attempt", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    bench.advance(std::chrono::ceil<Millis>(call.request.deadline - bench.now().wall));
    const Refused late{400, "the deadline has passed", std::nullopt};
    const std::vector<PlaceCall> again = calls_of(bench.give(PlacementReply{call.attempt, late}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::refused);
    REQUIRE(again.size() == 1);
    CHECK(again[0].request.destination == call.request.destination);
    CHECK(bench.destination(call.request.destination).attempts == 1);
}

}  // namespace
}  // namespace cxdial::dialer
