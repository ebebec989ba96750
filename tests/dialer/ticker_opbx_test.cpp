#include "bench.h"
#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::AttemptStatus;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::Disposition;
using campaign::OpbxSessionId;

/// What Cloudonix says of a call that OPBX placed: it names nothing of ours.
WebhookReceived foreign_cdr(
    const PlaceCall& call, base::WallTime started, const std::string& token = "t1"
) {
    WebhookReceived webhook = cdr(call, Disposition::answered, token);
    webhook.report.attempt.reset();
    webhook.report.number = call.request.destination;
    webhook.report.started_at = started;
    return webhook;
}

PlacementReply taken(const PlaceCall& call, std::int64_t session = 501) {
    return {call.attempt, Accepted{std::nullopt, OpbxSessionId{session}}};
}

/// Time goes by, and each session list that is asked for is empty.
void nothing_is_listed_for(Bench& bench, int seconds) {
    for (int second = 0; second < seconds; ++second) {
        for (const Effect& effect : bench.run_for(Millis{1'000})) {
            if (const auto* list = std::get_if<ListSessions>(&effect)) {
                static_cast<void>(bench.give(SessionListReply{
                    list->domain, std::vector<SessionReport>{}, list->asked_at}));
            }
        }
    }
}

TEST_CASE("opbx: its campaign places nothing before OPBX was heard of", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    CHECK(bench.give(ChangeCampaign{bench.id(), campaign::Transition::resume}).empty());
    CHECK(bench.hold().reason == HoldReason::opbx_unreachable);
    CHECK(calls_of(bench.give(ExternalHold{.reason = HoldReason::none})).size() == 1);
}

TEST_CASE("opbx: a hold of OPBX's stops its campaigns, and ends by itself", "[dialer][opbx]") {
    Bench bench(0);
    bench.plan.concurrent_active_calls = 1;
    bench.lend(3);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(ExternalHold{.reason = HoldReason::redis_unreachable}));
    CHECK(bench.give(cdr(call)).empty());
    CHECK(bench.hold().reason == HoldReason::redis_unreachable);
    CHECK(calls_of(bench.run_for(Millis{30'000})).empty());
    const base::MonoTime end = bench.now().mono + Millis{5'000};
    static_cast<void>(bench.give(ExternalHold{.reason = HoldReason::opbx_rate, .until = end}));
    CHECK(bench.hold().reason == HoldReason::opbx_rate);
    CHECK(calls_of(bench.run_for(Millis{4'999})).empty());
    CHECK(calls_of(bench.run_for(Millis{2})).size() == 1);
}

TEST_CASE("opbx: the call says whose it is, and holds no document", "[dialer][opbx]") {
    Bench bench(0);
    bench.plan.caller_ids = {{.phone_number = "+12127770002", .weight = 1, .did_id = 8}};
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    REQUIRE(call.external);
    CHECK(call.external->campaign == campaign::OpbxCampaignId{12});
    CHECK(call.external->destination == campaign::OpbxDestinationId{900});
    CHECK(call.external->caller_did == 8);
    CHECK(call.external->concurrent_active_calls == 10);
    CHECK(call.external->by_opbx);
    CHECK(call.request.cxml.empty());
    CHECK(call.request.url.empty());
}

TEST_CASE("opbx: placed directly, the call is ours and still OPBX's", "[dialer][opbx]") {
    Bench bench(0);
    bench.settings.opbx_places = false;
    bench.restart();
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    REQUIRE(call.external);
    CHECK_FALSE(call.external->by_opbx);
    CHECK_FALSE(call.request.cxml.empty());
    PlacementReply refused{call.attempt, Refused{400, "bad number", {}}, OpbxSessionId{9}};
    static_cast<void>(bench.give(refused));
    CHECK(bench.attempt(call.attempt).external_id == OpbxSessionId{9});
}

TEST_CASE("opbx: accepted without a token, a call is settled by its number", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    const base::WallTime intent = bench.now().wall;
    static_cast<void>(bench.give(taken(call)));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::placed);
    CHECK(bench.attempt(call.attempt).external_id == OpbxSessionId{501});
    SECTION("of a session that started since") {
        static_cast<void>(bench.give(foreign_cdr(call, intent - Millis{1'000})));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
        CHECK(bench.attempt(call.attempt).token == campaign::SessionToken{"t1"});
        CHECK(bench.destination(call.request.destination).status == DestinationStatus::completed);
        CHECK(bench.campaign().status == CampaignStatus::active);
    }
    SECTION("but not of an earlier one") {
        static_cast<void>(bench.give(foreign_cdr(call, intent - Millis{60'000})));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::placed);
    }
    SECTION("but not of one whose start nobody knows") {
        WebhookReceived webhook = foreign_cdr(call, intent);
        webhook.report.started_at.reset();
        static_cast<void>(bench.give(webhook));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::placed);
    }
    SECTION("but not of one on another domain") {
        WebhookReceived webhook = foreign_cdr(call, intent);
        webhook.domain = "other.example";
        static_cast<void>(bench.give(webhook));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::placed);
    }
}

TEST_CASE("opbx: a CDR may come before the reply, and the reply may be lost", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    SECTION("the reply comes late") {
        static_cast<void>(bench.give(foreign_cdr(call, bench.now().wall)));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
        static_cast<void>(bench.give(taken(call)));
        CHECK(bench.attempt(call.attempt).external_id == OpbxSessionId{501});
    }
    SECTION("the reply is lost, and the engine with it") {
        static_cast<void>(bench.give(PlacementReply{call.attempt, Unknown{"500"}}));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
        bench.restart();
        static_cast<void>(bench.tick());
        static_cast<void>(bench.give(foreign_cdr(call, bench.now().wall)));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
    }
}

/// A call to the same number in another campaign of OPBX.
PlaceCall placed_elsewhere(Bench& bench, const PlaceCall& first) {
    campaign::Campaign other = bench.plan;
    other.name = "opbx-13";
    REQUIRE(
        bench.repository().put_external(other, campaign::OpbxCampaignId{13}, "", bench.now().wall)
    );
    const campaign::CampaignId id = bench.repository().campaign("default", "opbx-13").value().id;
    const storage::OfferedDestination row{
        .id = campaign::OpbxDestinationId{77}, .row = {.phone_number = first.request.destination}};
    REQUIRE(bench.repository().take_offer(id, std::span(&row, 1), false));
    return calls_of(bench.give(ChangeCampaign{id, campaign::Transition::resume})).at(0);
}

TEST_CASE("opbx: a report of a call that is over settles no other to its number", "[opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall first = bench.resume().at(0);
    const PlaceCall second = placed_elsewhere(bench, first);
    static_cast<void>(bench.give(taken(second, 502)));
    const WebhookReceived nameless = foreign_cdr(second, bench.now().wall, "t2");
    WebhookReceived relayed = cdr(second, Disposition::answered, "t2");
    relayed.key = "opbx:502:t2";
    relayed.report.attempt.reset();
    relayed.report.external_id = OpbxSessionId{502};
    const auto orphans = [&] { return bench.repository().orphan_cdrs({}).value().size(); };
    SECTION("which came before OPBX told whose it is") {
        static_cast<void>(bench.give(nameless));
        CHECK(orphans() == 1);
        static_cast<void>(bench.give(relayed));
        static_cast<void>(bench.tick());
        CHECK(orphans() == 0);
    }
    SECTION("which came before OPBX told of an end, and not of which session") {
        relayed.report.token.reset();
        static_cast<void>(bench.give(nameless));
        static_cast<void>(bench.give(relayed));
        static_cast<void>(bench.tick());
        CHECK(orphans() == 1);
    }
    SECTION("which came after that") {
        relayed.report.token.reset();
        static_cast<void>(bench.give(relayed));
        static_cast<void>(bench.give(nameless));
        CHECK(orphans() == 1);
    }
    CHECK(bench.attempt(second.attempt).status == AttemptStatus::ended);
    CHECK(bench.attempt(first.attempt).status == AttemptStatus::intent);
    // What started later is no other's.
    bench.advance(Millis{6'000});
    static_cast<void>(bench.give(foreign_cdr(first, bench.now().wall, "t1")));
    CHECK(bench.attempt(first.attempt).token == campaign::SessionToken{"t1"});
    CHECK(bench.attempt(first.attempt).status == AttemptStatus::ended);
}

TEST_CASE("opbx: a report that two calls may mean waits until only one can", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall first = bench.resume().at(0);
    const PlaceCall second = placed_elsewhere(bench, first);
    static_cast<void>(bench.give(foreign_cdr(first, bench.now().wall, "t1")));
    CHECK(bench.repository().orphan_cdrs({}).value().size() == 1);
    SECTION("because the other one's session is known by OPBX's name") {
        static_cast<void>(bench.give(taken(second, 502)));
        WebhookReceived relayed = cdr(second, Disposition::busy, "t2");
        relayed.report.attempt.reset();
        relayed.report.external_id = OpbxSessionId{502};
        static_cast<void>(bench.give(relayed));
        CHECK(bench.attempt(second.attempt).disposition == Disposition::busy);
        static_cast<void>(bench.tick());
        CHECK(bench.attempt(first.attempt).disposition == Disposition::answered);
        CHECK(bench.repository().orphan_cdrs({}).value().empty());
    }
    SECTION("because it showed another caller ID") {
        // Both show the same here, so that it does not help.
        WebhookReceived again = foreign_cdr(first, bench.now().wall, "t3");
        again.report.caller_id = first.request.caller_id;
        static_cast<void>(bench.give(again));
        CHECK(bench.attempt(first.attempt).status == AttemptStatus::intent);
        CHECK(bench.attempt(second.attempt).status == AttemptStatus::intent);
    }
}

TEST_CASE("opbx: a relayed report that came first is adopted by its session id", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    WebhookReceived relayed = cdr(call, Disposition::no_answer);
    relayed.report.attempt.reset();
    relayed.report.token.reset();
    relayed.report.external_id = OpbxSessionId{501};
    static_cast<void>(bench.give(relayed));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::intent);
    static_cast<void>(bench.give(taken(call)));
    CHECK(bench.attempt(call.attempt).disposition == Disposition::no_answer);
}

TEST_CASE("opbx: a lost reply may still become a call for six minutes", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(PlacementReply{call.attempt, Unknown{"500"}}));
    nothing_is_listed_for(bench, 359);
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
    nothing_is_listed_for(bench, 3);
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::abandoned);
    CHECK(bench.destination(call.request.destination).attempts == 1);
}

TEST_CASE("opbx: a list proves nothing of a call that OPBX is still asked for", "[dialer][opbx]") {
    Bench bench(0);
    bench.settings.opbx_in_doubt_limit = Millis{3'000};
    bench.restart();
    bench.lend(2);
    const std::vector<PlaceCall> calls = bench.resume();
    REQUIRE(calls.size() == 2);
    // One is in doubt, so that lists are asked for; the other's reply is long in coming.
    static_cast<void>(bench.give(PlacementReply{calls[0].attempt, Unknown{"500"}}));
    nothing_is_listed_for(bench, 10);
    CHECK(bench.attempt(calls[0].attempt).status == AttemptStatus::abandoned);
    CHECK(bench.attempt(calls[1].attempt).status == AttemptStatus::intent);
    static_cast<void>(bench.give(taken(calls[1])));
    CHECK(bench.attempt(calls[1].attempt).status == AttemptStatus::placed);
}

TEST_CASE("opbx: its limit of doubt is its own, whatever the domain's", "[dialer][opbx]") {
    Bench bench(0);
    bench.settings.opbx_in_doubt_limit = Millis{3'000};
    bench.settings.domains[0].in_doubt_limit = Millis{120'000};
    bench.restart();
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(PlacementReply{call.attempt, Unknown{"500"}}));
    nothing_is_listed_for(bench, 2);
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
    nothing_is_listed_for(bench, 4);
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::abandoned);
}

TEST_CASE("opbx: the tick that settles a call posts that OPBX is to be told", "[dialer][opbx]") {
    Bench bench(0);
    bench.settings.report_queue = "reports";
    bench.restart();
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(taken(call)));
    const auto posted = [&] {
        const base::WallTime due = bench.now().wall + bench.settings.report_after;
        return bench.repository().outbox("reports", due, 9).value().size();
    };
    SessionReport ended = report(call, Progress::ended);
    ended.disposition = Disposition::busy;
    SECTION("where nobody else tells it") {
        static_cast<void>(bench.give(LookUpReply{call.attempt, ended}));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
        CHECK(posted() == 1);
    }
    SECTION("also where OPBX's name for it is learnt only after its end") {
        static_cast<void>(bench.offer(901, "+12125553000"));
        const PlaceCall other = calls_of(bench.give(CampaignEdited{bench.id()})).at(0);
        WebhookReceived update = cdr(other, Disposition::busy, "t2");
        update.kind = WebhookReceived::Kind::session_update;
        static_cast<void>(bench.give(update));
        CHECK(bench.attempt(other.attempt).status == AttemptStatus::ended);
        CHECK(posted() == 0);
        static_cast<void>(bench.give(taken(other, 502)));
        CHECK(posted() == 1);
    }
    SECTION("or posts nothing and settles nothing") {
        bench.block();
        CHECK_FALSE(bench.tick({LookUpReply{call.attempt, ended}}).stored);
        bench.unblock();
        CHECK(posted() == 0);
    }
    SECTION("and not where its CDR does") {
        WebhookReceived told = foreign_cdr(call, bench.now().wall);
        told.key = "cdr:t1";
        static_cast<void>(bench.give(told));
        CHECK(bench.attempt(call.attempt).status == AttemptStatus::ended);
        CHECK(posted() == 0);
    }
}

TEST_CASE("opbx: a listed call to the number keeps a doubt alive", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(PlacementReply{call.attempt, Unknown{"500"}}));
    SessionReport ringing;
    ringing.token = campaign::SessionToken{"t1"};
    ringing.number = call.request.destination;
    ringing.progress = Progress::ringing;  // when it started is not told
    for (int minute = 0; minute < 10; ++minute) {
        for (const Effect& effect : bench.run_for(Millis{60'000})) {
            if (const auto* list = std::get_if<ListSessions>(&effect)) {
                static_cast<void>(bench.give(SessionListReply{
                    list->domain, std::vector<SessionReport>{ringing}, list->asked_at}));
            }
        }
    }
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::in_doubt);
}

TEST_CASE("opbx: a session list names a call that OPBX placed", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(taken(call)));
    SessionReport ringing;
    ringing.token = campaign::SessionToken{"t1"};
    ringing.number = call.request.destination;
    ringing.started_at = bench.now().wall;
    ringing.progress = Progress::ringing;
    const std::vector<Effect> effects = bench.run_for(Millis{31'000});
    REQUIRE(count_of<ListSessions>(effects) == 1);
    const auto& list = std::get<ListSessions>(effects.at(0));
    static_cast<void>(bench.give(SessionListReply{
        list.domain, std::vector<SessionReport>{ringing}, list.asked_at}));
    CHECK(bench.attempt(call.attempt).status == AttemptStatus::ringing);
    CHECK(bench.attempt(call.attempt).token == campaign::SessionToken{"t1"});
}

TEST_CASE("opbx: a 500 slows the domain down, for it may be a 429", "[dialer][opbx]") {
    Bench bench(0);
    bench.plan.calls_per_second = 5;
    bench.lend(3);
    static_cast<void>(bench.resume());
    const std::vector<PlaceCall> calls = calls_of(bench.run_for(Millis{200}));
    REQUIRE(calls.size() == 1);
    CHECK(bench.give(PlacementReply{calls[0].attempt, Unknown{"500"}}).empty());
    CHECK(calls_of(bench.run_for(Millis{999})).empty());
    CHECK(bench.hold().reason == HoldReason::domain_backing_off);
    CHECK_FALSE(calls_of(bench.run_for(Millis{2})).empty());
}

TEST_CASE("opbx: other workers' slots are not used twice", "[dialer][opbx]") {
    Bench bench(0);
    bench.plan.concurrent_active_calls = 3;
    bench.lend(5);
    static_cast<void>(bench.give(OthersHold{bench.id(), 2}));
    CHECK(bench.resume().size() == 1);
    CHECK(bench.hold().reason == HoldReason::cac_shared);
    CHECK(calls_of(bench.give(OthersHold{bench.id(), 0})).size() == 2);
    CHECK(bench.hold().reason == HoldReason::cac_reached);
}

TEST_CASE("opbx: what was held back says nothing of the domain", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(OthersHold{bench.id(), 10}));
    CHECK(bench.give(PlacementReply{call.attempt, NotSent{"locked", true}}).empty());
    CHECK(bench.destination(call.request.destination).attempts == 0);
    CHECK(calls_of(bench.give(OthersHold{bench.id(), 0})).size() == 1);
}

TEST_CASE("opbx: what is wrong with its campaign pauses that campaign alone", "[dialer][opbx]") {
    Bench bench(0);
    bench.lend(1);
    const PlaceCall call = bench.resume().at(0);
    Refused refused{422, "OPBX: Cloudonix not configured", {}};
    refused.is_about_campaign = true;
    static_cast<void>(bench.give(PlacementReply{call.attempt, refused}));
    CHECK(bench.campaign().status == CampaignStatus::paused);
    CHECK(bench.campaign().status_reason == "OPBX: Cloudonix not configured");
    CHECK(bench.destination(call.request.destination).attempts == 0);
}

TEST_CASE("opbx: what it does not offer any more is forgotten, unless tried", "[dialer][opbx]") {
    Bench bench(0);
    bench.plan.concurrent_active_calls = 1;
    bench.lend(3);
    const PlaceCall call = bench.resume().at(0);
    std::vector<campaign::DestinationId> all;
    const auto rows = bench.repository().destinations(bench.id(), {}).value();
    for (const auto& row : rows) {
        all.push_back(row.id);
    }
    REQUIRE(all.size() == 3);
    CHECK(bench.give(DestinationsWithdrawn{bench.id(), all}).empty());
    const auto left = bench.repository().destinations(bench.id(), {}).value();
    REQUIRE(left.size() == 1);
    CHECK(left[0].phone_number == call.request.destination);
    const auto statistics = bench.repository().statistics(bench.id()).value();
    CHECK(statistics.open_destinations() == 1);
    CHECK(bench.give(cdr(call)).empty());
    CHECK(bench.campaign().status == CampaignStatus::active);
}

TEST_CASE("opbx: a call that was given back is placed though OPBX takes it for live", "[opbx]") {
    Bench bench(0);
    bench.plan.concurrent_active_calls = 1;
    bench.lend(2);
    const PlaceCall call = bench.resume().at(0);
    static_cast<void>(bench.give(OthersHold{bench.id(), 1}));
    CHECK(bench.give(PlacementReply{call.attempt, NotSent{"locked", true}}).empty());
    std::vector<campaign::DestinationId> all;
    const auto rows = bench.repository().destinations(bench.id(), {}).value();
    for (const auto& row : rows) {
        all.push_back(row.id);
    }
    CHECK(bench.give(DestinationsWithdrawn{bench.id(), all}).empty());
    const std::vector<PlaceCall> again = calls_of(bench.give(OthersHold{bench.id(), 0}));
    REQUIRE(again.size() == 1);
    CHECK(again[0].request.destination == call.request.destination);
}

TEST_CASE("opbx: its campaign is not over when its end date has passed", "[dialer][opbx]") {
    Bench bench(0);
    bench.plan.end_date = "2020-01-01";
    bench.lend(1);
    CHECK(bench.resume().empty());
    CHECK(bench.campaign().status == CampaignStatus::active);
    CHECK(bench.hold().reason == HoldReason::outside_schedule);
}

}  // namespace
}  // namespace cxdial::dialer
