#include "bench.h"
#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::AttemptStatus;
using campaign::DestinationStatus;
using campaign::Disposition;

constexpr Millis limit{120'000};

PlaceCall place_in_doubt(Bench& bench) {
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(PlacementReply{call.attempt, Unknown{"timeout"}}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
    CHECK(bench.engine().live_attempts() == 1);
    return call;
}

/// Goes on until the engine asks for the list, and says when it did.
base::MonoTime run_to_list(Bench& bench) {
    for (int i = 0; i < 600; ++i) {
        for (const Effect& effect : bench.run_for(Millis{1'000})) {
            if (const auto* list = std::get_if<ListSessions>(&effect)) {
                return list->asked_at;
            }
        }
    }
    FAIL("no session list was asked for");
    return {};
}

TEST_CASE("ticker: a lost reply is resolved by the CDR", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = place_in_doubt(bench);
    static_cast<void>(bench.give(cdr(call)));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::completed);
}

TEST_CASE("ticker: a lost reply is resolved by a session update", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = place_in_doubt(bench);
    WebhookReceived update = cdr(call);
    update.kind = WebhookReceived::Kind::session_update;
    update.report = report(call, Progress::ringing);
    static_cast<void>(bench.give(update));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ringing);
    CHECK(bench.attempt(call.attempt).token == campaign::SessionToken{"t1"});
}

TEST_CASE("ticker: a lost reply is resolved by the session list", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = place_in_doubt(bench);
    const base::MonoTime asked = run_to_list(bench);
    SessionListReply list{call.domain, std::vector{report(call, Progress::answered)}, asked};
    static_cast<void>(bench.give(list));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::answered);
    // From here on its silence is followed up by token.
    CHECK(count_of<LookUpSession>(bench.run_for(Millis{31'000})) == 1);
    static_cast<void>(bench.give(LookUpReply{call.attempt, report(call, Progress::ended)}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
}

TEST_CASE("ticker: an empty list proves nothing before the limit", "[dialer][ticker]") {
    Bench bench;
    bench.plan.max_dial_attempts = 2;
    bench.plan.retry[Disposition::unknown] = {Millis{5'000}};
    bench.save();
    const base::MonoTime placed = bench.now().mono;
    const PlaceCall call = place_in_doubt(bench);
    SessionListReply nothing{call.domain, std::vector<SessionReport>{}};
    base::MonoTime asked = bench.now().mono;
    while (bench.attempt(call.attempt).status == AttemptStatus::in_doubt) {
        REQUIRE(bench.now().mono < placed + 2 * limit);
        asked = nothing.asked_at = run_to_list(bench);
        CHECK(calls_of(bench.give(nothing)).empty());
    }
    CHECK(asked >= placed + limit);
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::abandoned);
    CHECK(bench.attempt(call.attempt).disposition == Disposition::unknown);
    // It counts as an attempt, and the policy says what follows.
    CHECK(bench.destination(call.request.destination).attempts == 1);
    CHECK(calls_of(bench.run_for(Millis{5'500})).size() == 1);
}

TEST_CASE("ticker: without any answer an attempt is abandoned when it cannot be live", "[dialer]") {
    Bench bench;
    bench.plan.dial_timeout = std::chrono::seconds{30};
    bench.plan.time_limit = std::chrono::seconds{60};
    bench.save();
    const PlaceCall call = place_in_doubt(bench);
    static_cast<void>(bench.run_for(limit + Millis{90'000 + 59'000}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
    static_cast<void>(bench.run_for(Millis{2'000}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::abandoned);
    CHECK(bench.destination(call.request.destination).status == DestinationStatus::failed);
}

TEST_CASE("ticker: a call that the API does not find stays live", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(accepted(call)));
    CHECK(count_of<LookUpSession>(bench.run_for(Millis{30'000})) == 1);
    static_cast<void>(bench.give(LookUpReply{call.attempt, SessionNotFound{}}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::placed);
    CHECK(count_of<LookUpSession>(bench.run_for(Millis{59'000})) == 0);
    CHECK(count_of<LookUpSession>(bench.run_for(Millis{1'000})) == 1);
}

TEST_CASE("ticker: an attempt known without its token is found by the list", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = place_in_doubt(bench);
    WebhookReceived update = cdr(call);
    update.kind = WebhookReceived::Kind::session_update;
    update.report = report(call, Progress::ringing);
    update.report.token.reset();
    static_cast<void>(bench.give(update));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ringing);
    const base::MonoTime asked = run_to_list(bench);
    SessionListReply list{call.domain, std::vector{report(call, Progress::ended)}, asked};
    static_cast<void>(bench.give(list));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
}

TEST_CASE("ticker: a list that was asked for before a failure proves nothing", "[dialer][ticker]") {
    Bench bench;
    const PlaceCall call = place_in_doubt(bench);
    const base::MonoTime asked = run_to_list(bench);
    bench.restart();
    bench.advance(Millis{2 * limit});
    static_cast<void>(bench.tick());
    static_cast<void>(run_to_list(bench));
    static_cast<void>(bench.give(SessionListReply{call.domain, std::vector<SessionReport>{}, asked})
    );
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
}

TEST_CASE("ticker: a placement never answered for becomes doubt, not a new call", "[dialer]") {
    Bench bench;
    const PlaceCall call = bench.start().at(0);
    bench.restart();
    CHECK(calls_of(bench.tick().output.effects).empty());
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
    CHECK(bench.engine().live_attempts() == 1);
}

TEST_CASE("ticker: a set wall clock and a restart do not end an attempt early", "[dialer]") {
    Bench bench;
    const PlaceCall call = place_in_doubt(bench);
    bench.advance(Millis{3'600'000});  // as the wall clock tells it
    bench.restart();
    static_cast<void>(bench.tick());
    const base::MonoTime asked = run_to_list(bench);
    static_cast<void>(bench.give(SessionListReply{call.domain, std::vector<SessionReport>{}, asked})
    );
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
}

}  // namespace
}  // namespace cxdial::dialer
