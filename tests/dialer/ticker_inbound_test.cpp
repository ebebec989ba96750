// The people who call us, against what is dialed.

#include "bench.h"
#include <catch2/catch.hpp>

#include <algorithm>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::DestinationStatus;
using campaign::Disposition;

base::PhoneNumber number(const std::string& text) {
    return base::PhoneNumber::parse(text).value();
}
const base::PhoneNumber first = number("+12125551000");

/// A call to `anna` that comes in from the first of the bench's numbers.
InboundCall call_in(const std::string& sid, int cap = 0) {
    InboundCall call{
        .tenant = "default",
        .domain = "d.example",
        .call_sid = sid,
        .token = campaign::SessionToken{"token-" + sid},
        .caller = first,
        .caller_text = "+12125551000",
        .did_text = "+12125559999",
        .mode = "smart",
        .reason = "did_fallback",
        .agent = "anna",
    };
    call.agent_cap = cap;
    return call;
}

/// The same, matched with that number's destination.
InboundCall matched(Bench& bench, const std::string& sid) {
    InboundCall call = call_in(sid);
    call.reason = "active_campaign";
    call.campaign = bench.id();
    call.destination = bench.destination(first).id;
    return call;
}

CallCameIn asked(const Bench& bench, InboundCall call) {
    return {.question = 7, .answer_by = bench.now().mono + Millis{200}, .call = std::move(call)};
}

RouteCall routed(const std::vector<Effect>& effects) {
    const auto found = std::find_if(effects.begin(), effects.end(), [](const Effect& effect) {
        return std::holds_alternative<RouteCall>(effect);
    });
    REQUIRE(found != effects.end());
    return std::get<RouteCall>(*found);
}

WebhookReceived inbound_cdr(const std::string& sid, bool answered = true) {
    WebhookReceived webhook;
    webhook.key = "token-" + sid;
    webhook.domain = "d.example";
    webhook.report.token = campaign::SessionToken{webhook.key};
    webhook.report.progress = Progress::ended;
    webhook.report.disposition = answered ? Disposition::answered : Disposition::no_answer;
    webhook.body = "{}";
    return webhook;
}

int places_of_anna(const Bench& bench) {
    return bench.engine().calls_of("default", "anna");
}

std::string events(Bench& bench, const std::string& kind) {
    return bench.sql("SELECT count(*) FROM contact_event WHERE kind = '" + kind + "'");
}

TEST_CASE("a call that comes in is decided once, and asked about again gets the same agent") {
    Bench bench;
    const RouteCall answer = routed(bench.give(asked(bench, call_in("s1"))));
    CHECK(answer.question == 7);
    const Routed& decided = std::get<Routed>(answer.result);
    CHECK(decided.agent == "anna");
    CHECK_FALSE(decided.repeated);

    InboundCall other = matched(bench, "s1");
    other.agent = "bert";
    const Routed again = std::get<Routed>(routed(bench.give(asked(bench, other))).result);
    CHECK(again.agent == "anna");
    CHECK(again.decision == decided.decision);
    CHECK(again.voice_session == decided.voice_session);
    CHECK(again.repeated);
    CHECK(bench.destination(first).status == DestinationStatus::pending);
    CHECK(bench.sql("SELECT count(*) FROM decision") == "1");
    CHECK(places_of_anna(bench) == 1);
}

TEST_CASE("a question that nobody waits for any more leaves nothing behind") {
    Bench bench;
    CallCameIn late = asked(bench, matched(bench, "s1"));
    bench.advance(Millis{201});
    const TickResult result = bench.tick({late});
    REQUIRE(result.stored);
    REQUIRE_FALSE(result.outcomes[0]);
    CHECK(result.outcomes[0].error().code == base::Errc::unavailable);
    CHECK(result.output.effects.empty());
    CHECK(bench.sql("SELECT count(*) FROM decision") == "0");
    CHECK(places_of_anna(bench) == 0);
}

TEST_CASE("an answer that was given when the time was up is recorded, and replaces nothing") {
    Bench bench;
    InboundCall fallback = call_in("s1", 1);
    fallback.is_late_fallback = true;
    SECTION("of a call that nothing was decided on") {
        CallCameIn late = asked(bench, fallback);
        bench.advance(Millis{1'000});
        CHECK(bench.give(late).empty());
        CHECK(bench.sql("SELECT agent FROM decision") == "anna");
        CHECK(events(bench, "answered_by_fallback") == "0");
    }
    SECTION("of a call whose answer came too late") {
        InboundCall decided = call_in("s1");
        decided.agent = "bert";
        static_cast<void>(bench.give(asked(bench, decided)));
        static_cast<void>(bench.give(asked(bench, fallback)));
        CHECK(bench.sql("SELECT agent FROM decision") == "bert");
        CHECK(bench.sql("SELECT count(*) FROM decision") == "1");
        CHECK(events(bench, "answered_by_fallback") == "1");
        CHECK(bench.engine().calls_of("default", "bert") == 0);
    }
    // Who has the call holds the place.
    CHECK(places_of_anna(bench) == 1);
    static_cast<void>(bench.give(inbound_cdr("s1")));
    CHECK(places_of_anna(bench) == 0);
}

TEST_CASE("calls answered while the disk fails are recorded afterwards, up to a bound") {
    Bench bench;
    std::vector<Input> answered;
    for (int i = 0; i < 1'005; ++i) {
        InboundCall fallback = call_in("s" + std::to_string(i));
        fallback.is_late_fallback = true;
        answered.emplace_back(asked(bench, fallback));
    }
    bench.block();
    CHECK_FALSE(bench.tick(answered).stored);
    bench.unblock();
    CHECK(bench.tick().stored);
    CHECK(bench.sql("SELECT count(*) FROM decision") == "1000");
}

TEST_CASE("an agent takes no more calls than it may, and the place is given back once") {
    Bench bench;
    static_cast<void>(bench.give(asked(bench, call_in("s1", 1))));
    const RouteCall full = routed(bench.give(asked(bench, call_in("s2", 1))));
    CHECK(std::holds_alternative<AgentFull>(full.result));
    CHECK(bench.sql("SELECT count(*) FROM decision") == "1");

    static_cast<void>(bench.give(inbound_cdr("s1")));
    static_cast<void>(bench.give(inbound_cdr("s1")));
    CHECK(places_of_anna(bench) == 0);
    CHECK(bench.sql("SELECT voice_session_id FROM webhook") == "1");
    CHECK(bench.sql("SELECT count(*) FROM voice_session WHERE live IS NULL") == "1");
    const RouteCall free = routed(bench.give(asked(bench, call_in("s2", 1))));
    CHECK(std::holds_alternative<Routed>(free.result));
}

TEST_CASE("inbound and outbound calls share an assistant's cap") {
    Bench bench(2);
    balancer::Assistant anna = assistant("anna", "0001");
    anna.max_concurrent_calls = 1;
    REQUIRE(bench.repository().put(anna, bench.now().wall));
    bench.plan.routing_destination_type = campaign::RoutingDestinationType::ai_assistant;
    bench.plan.routing_destination = "anna";
    bench.save();
    static_cast<void>(bench.give(asked(bench, call_in("s1", 1))));
    CHECK(bench.start().empty());
    CHECK(bench.hold().reason == HoldReason::assistants_full);
    CHECK(calls_of(bench.give(inbound_cdr("s1"))).size() == 1);
    const RouteCall full = routed(bench.give(asked(bench, call_in("s2", 1))));
    CHECK(std::holds_alternative<AgentFull>(full.result));
}

TEST_CASE("a restart finds the calls that came in and their places") {
    Bench bench;
    static_cast<void>(bench.give(asked(bench, call_in("s1", 1))));
    bench.restart();
    static_cast<void>(bench.tick());
    CHECK(places_of_anna(bench) == 1);
    static_cast<void>(bench.give(inbound_cdr("s1")));
    CHECK(places_of_anna(bench) == 0);
}

TEST_CASE("a call of whose end nobody tells is given up when it expires") {
    Bench bench;
    bench.settings.inbound_expiry = Millis{60'000};
    bench.restart();
    static_cast<void>(bench.give(asked(bench, call_in("s1"))));
    static_cast<void>(bench.run_for(Millis{59'000}));
    CHECK(places_of_anna(bench) == 1);
    static_cast<void>(bench.run_for(Millis{2'000}));
    CHECK(places_of_anna(bench) == 0);
    // Its CDR comes after all: no orphan, and no place to give back.
    const TickResult result = bench.tick({inbound_cdr("s1")});
    CHECK(result.output.notes.empty());
    CHECK(bench.sql("SELECT disposition FROM voice_session") == "answered");
    CHECK(places_of_anna(bench) == 0);
}

TEST_CASE("a CDR that came before the decision on its call ends it") {
    Bench bench;
    static_cast<void>(bench.give(inbound_cdr("s1")));
    static_cast<void>(bench.give(asked(bench, call_in("s1"))));
    CHECK(places_of_anna(bench) == 0);
    CHECK(bench.sql("SELECT voice_session_id FROM webhook") == "1");
    CHECK(bench.sql("SELECT count(*) FROM voice_session WHERE live IS NULL") == "1");
}

TEST_CASE("who calls us is not dialed: waiting, and in the buffer") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const bool is_queued = GENERATE(false, true);
    if (is_queued) {
        // The other number takes the only slot, and this one waits in the buffer.
        bench.sql("UPDATE destination SET priority = 1 WHERE phone <> 12125551000");
        REQUIRE(bench.start().size() == 1);
        REQUIRE(bench.destination(first).status == DestinationStatus::queued);
    }
    static_cast<void>(bench.give(asked(bench, matched(bench, "s1"))));
    CHECK(bench.destination(first).status == DestinationStatus::contacted_inbound);
    CHECK(events(bench, "contacted_inbound") == "1");
    CHECK(
        bench.sql("SELECT call_sid || voice_session_id || decision_id FROM contact_event") == "s111"
    );
    if (!is_queued) {
        CHECK(bench.start().size() == 1);
    }
    CHECK(calls_of(bench.run_for(Millis{60'000})).empty());
}

TEST_CASE("a campaign whose last number calls back is complete") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const auto calls = bench.start();
    REQUIRE(calls.size() == 1);
    InboundCall call = call_in("s1");
    const bool is_first = calls[0].request.destination == first;
    call.caller = is_first ? number("+12125551001") : first;
    call.destination = bench.destination(*call.caller).id;
    static_cast<void>(bench.give(asked(bench, call)));
    static_cast<void>(bench.give(cdr(calls[0])));
    CHECK(bench.campaign().status == campaign::CampaignStatus::completed);
}

TEST_CASE("a call that is being placed to who calls us is hung up as soon as it can be") {
    Bench bench;
    const auto calls = bench.start();
    REQUIRE(calls.size() == 1);
    const auto ends = [](const std::vector<Effect>& effects) {
        return count_of<EndSession>(effects);
    };
    SECTION("once its token is known") {
        CHECK(ends(bench.give(asked(bench, matched(bench, "s1")))) == 0);
        const auto effects = bench.give(accepted(calls[0]));
        REQUIRE(ends(effects) == 1);
        CHECK(std::get<EndSession>(effects[0]).token.raw() == "t1");
        CHECK(std::get<EndSession>(effects[0]).domain == "d.example");
    }
    SECTION("at once while it rings") {
        static_cast<void>(bench.give(accepted(calls[0])));
        CHECK(ends(bench.give(asked(bench, matched(bench, "s1")))) == 1);
        // The effect may have been lost.
        bench.restart();
        CHECK(ends(bench.tick().output.effects) == 1);
    }
    SECTION("answered too late it is told to hang up") {
        static_cast<void>(bench.give(accepted(calls[0])));
        static_cast<void>(bench.give(asked(bench, matched(bench, "s1"))));
        const auto effects = bench.give(CallAnswered{
            .question = 3,
            .attempt = calls[0].attempt,
            .token = campaign::SessionToken{"t1"},
            .domain = "d.example",
            .answered_by = {},
            .dial_status = {}});
        const auto& answer = std::get<Connect>(effects.at(0));
        CHECK(answer.document.value().find("<Hangup") != std::string::npos);
    }
    CHECK(bench.destination(first).status == DestinationStatus::contacted_inbound);
    // The attempt settles as ever, and its destination stays.
    static_cast<void>(bench.give(cdr(calls[0], Disposition::cancelled)));
    CHECK(bench.attempt(calls[0].attempt).status == campaign::AttemptStatus::ended);
    CHECK(bench.destination(first).status == DestinationStatus::contacted_inbound);
    CHECK(bench.destination(first).attempts == 1);
    CHECK(bench.engine().live_attempts() == 0);
}

TEST_CASE("an attempt that never left is given back to a number that called us meanwhile") {
    Bench bench;
    const auto calls = bench.start();
    static_cast<void>(bench.give(asked(bench, matched(bench, "s1"))));
    static_cast<void>(bench.give(PlacementReply{calls.at(0).attempt, NotSent{"no route"}}));
    CHECK(bench.destination(first).status == DestinationStatus::contacted_inbound);
    CHECK(bench.destination(first).attempts == 0);
    CHECK(calls_of(bench.run_for(Millis{120'000})).empty());
}

TEST_CASE("a call that is answered already goes on, and settles its destination") {
    Bench bench;
    const auto calls = bench.start();
    WebhookReceived update = cdr(calls.at(0));
    update.kind = WebhookReceived::Kind::session_update;
    update.report = report(calls[0], Progress::answered);
    static_cast<void>(bench.give(update));
    CHECK(count_of<EndSession>(bench.give(asked(bench, matched(bench, "s1")))) == 0);
    CHECK(bench.destination(first).status == DestinationStatus::calling);
    static_cast<void>(bench.give(cdr(calls[0])));
    CHECK(bench.destination(first).status == DestinationStatus::completed);
}

TEST_CASE("a hang-up waits for the domain's request limit like every request") {
    Bench bench(2);
    DomainLimits limits;
    limits.name = "d.example";
    limits.requests = 2;
    bench.settings.domains = {limits};
    bench.restart();
    static_cast<void>(bench.run_for(Millis{15'000}));
    const auto placed = bench.start();
    REQUIRE(placed.size() == 2);
    static_cast<void>(bench.give(accepted(placed[0])));
    InboundCall call = call_in("s1");
    call.caller = placed[0].request.destination;
    call.destination = bench.destination(*call.caller).id;
    CHECK(count_of<EndSession>(bench.give(asked(bench, call))) == 0);
    CHECK(count_of<EndSession>(bench.run_for(Millis{11'000})) == 1);
}

TEST_CASE("an inbound call that is answered engages the contact once") {
    Bench bench;
    static_cast<void>(bench.give(asked(bench, call_in("s1"))));
    WebhookReceived update = inbound_cdr("s1");
    update.kind = WebhookReceived::Kind::session_update;
    update.key = "e1";
    update.report.progress = Progress::answered;
    update.report.disposition.reset();
    static_cast<void>(bench.give(update));
    CHECK(events(bench, "engaged") == "1");
    CHECK(
        bench.sql("SELECT engaged_at FROM contact") ==
        std::to_string(base::to_millis(bench.now().wall))
    );
    static_cast<void>(bench.give(inbound_cdr("s1")));
    CHECK(events(bench, "engaged") == "1");
}

TEST_CASE("an outbound call engages when it lasted ten seconds with a person") {
    Bench bench;
    REQUIRE(bench.repository().put(assistant("anna", "0001"), bench.now().wall));
    bench.plan.routing_destination_type = campaign::RoutingDestinationType::ai_assistant;
    bench.plan.routing_destination = "anna";
    bench.save();
    const auto calls = bench.start();
    WebhookReceived ended = cdr(calls.at(0));
    const bool is_long = GENERATE(true, false);
    ended.report.billsec = std::chrono::seconds{is_long ? 10 : 9};
    static_cast<void>(bench.give(ended));
    CHECK(events(bench, "engaged") == (is_long ? "1" : "0"));
}

}  // namespace
}  // namespace cxdial::dialer
