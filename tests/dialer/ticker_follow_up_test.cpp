// Follow-ups that fall due, and what closes them.

#include "bench.h"
#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::DestinationStatus;
using campaign::Disposition;

base::PhoneNumber number(const std::string& text) {
    return base::PhoneNumber::parse(text).value();
}
const base::PhoneNumber contact = number("+12125551000");

/// A campaign that stays open, with two assistants; its calls are hung up.
void prepare(Bench& bench) {
    bench.plan.keep_open = true;
    bench.save();
    balancer::Assistant anna = assistant("anna", "0001");
    anna.max_concurrent_calls = 1;
    REQUIRE(bench.repository().put(anna, bench.now().wall));
    REQUIRE(bench.repository().put(assistant("bert", "0002"), bench.now().wall));
}

/// Of the contact, for `agent`, due `in` from now. Its id.
std::string follow_up(
    Bench& bench, const std::string& agent, Millis in, const std::string& campaign = "spring"
) {
    const std::string due = std::to_string(base::to_millis(bench.now().wall + in));
    return bench.sql(
        "INSERT INTO follow_up (tenant, phone, agent, type, campaign, status, due_at, activated_at)"
        " VALUES ('default', 12125551000, '" +
        agent + "', 'call', '" + campaign + "', 0, " + due + ", 0) RETURNING id"
    );
}

std::string state_of(Bench& bench, const std::string& id) {
    return bench.sql("SELECT status || ' ' || reason FROM follow_up WHERE id = " + id);
}

TEST_CASE("a campaign that is kept open starts without a list and does not complete") {
    Bench bench(0);
    CHECK_FALSE(bench.tick({ChangeCampaign{bench.id(), campaign::Transition::start}}).outcomes[0]);
    prepare(bench);
    CHECK(bench.start().empty());
    static_cast<void>(bench.run_for(Millis{60'000}));
    CHECK(bench.campaign().status == campaign::CampaignStatus::active);
}

TEST_CASE("a follow-up is dialed when it falls due, by its own agent") {
    Bench bench(0);
    prepare(bench);
    const std::string id = follow_up(bench, "anna", Millis{25'000});
    CHECK(bench.start().empty());
    CHECK(calls_of(bench.run_for(Millis{24'900})).empty());
    const auto calls = calls_of(bench.run_for(Millis{200}));
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].request.destination == contact);
    CHECK(calls[0].request.cxml.find("+16465550001") != std::string::npos);
    CHECK(bench.engine().calls_of("default", "anna") == 1);
    CHECK(state_of(bench, id) == "0 ");
    SECTION("answered it is completed") {
        static_cast<void>(bench.give(cdr(calls[0])));
        CHECK(state_of(bench, id) == "2 answered");
    }
    SECTION("not reached it is cancelled") {
        static_cast<void>(bench.give(cdr(calls[0], Disposition::busy)));
        CHECK(state_of(bench, id) == "3 busy");
    }
    SECTION("after a restart too") {
        bench.restart();
        static_cast<void>(bench.give(cdr(calls[0])));
        CHECK(state_of(bench, id) == "2 answered");
    }
    CHECK(bench.engine().calls_of("default", "anna") == 0);
}

TEST_CASE("a follow-up waits for its agent, and says so") {
    Bench bench(0);
    prepare(bench);
    InboundCall other{
        .tenant = "default",
        .domain = {},
        .call_sid = "s1",
        .token = campaign::SessionToken{"s1"},
        .caller_text = "anonymous",
        .did_text = "1",
        .mode = "smart",
        .reason = "did_fallback",
        .agent = "anna",
        .agent_cap = 1,
    };
    static_cast<void>(bench.give(CallCameIn{1, bench.now().mono, other}));
    static_cast<void>(follow_up(bench, "anna", Millis{0}));
    CHECK(bench.start().empty());
    CHECK(bench.destination(contact).wait == campaign::WaitReason::agent_busy);
    WebhookReceived over;
    over.key = "s1";
    over.report.token = campaign::SessionToken{"s1"};
    over.report.progress = Progress::ended;
    over.body = "{}";
    CHECK(calls_of(bench.give(over)).empty());
    CHECK(calls_of(bench.run_for(Millis{31'000})).size() == 1);
}

TEST_CASE("a follow-up's number that is in the list already is opened anew when it is over") {
    Bench bench(1);
    prepare(bench);
    const auto first = bench.start();
    REQUIRE(first.size() == 1);
    static_cast<void>(follow_up(bench, "bert", Millis{0}));
    CHECK(calls_of(bench.run_for(Millis{30'000})).empty());  // it is in a call of the list's own
    static_cast<void>(bench.give(cdr(first[0])));
    const auto again = calls_of(bench.run_for(Millis{30'000}));
    REQUIRE(again.size() == 1);
    CHECK(again[0].request.cxml.find("+16465550002") != std::string::npos);
    CHECK(bench.sql("SELECT count(*) FROM destination") == "1");
}

TEST_CASE("without a campaign of its own a follow-up goes to its tenant's") {
    Bench bench(0);
    prepare(bench);
    static_cast<void>(follow_up(bench, "bert", Millis{0}, ""));
    CHECK(bench.start().empty());
    bench.sql(
        "INSERT INTO resource (kind, tenant, name, body, updated_at) VALUES ('tenant', 'default',"
        " 'default', '{\"callback_campaign\": \"spring\"}', 0) RETURNING 1"
    );
    CHECK(calls_of(bench.run_for(Millis{30'000})).size() == 1);
}

TEST_CASE("who has a follow-up and calls is not dialed, for its siblings either") {
    Bench bench(0);
    prepare(bench);
    const std::string matched = follow_up(bench, "anna", Millis{0});
    const std::string sibling = follow_up(bench, "anna", Millis{600'000}, "autumn");
    const std::string other = follow_up(bench, "bert", Millis{600'000}, "autumn");
    const auto calls = bench.start();
    REQUIRE(calls.size() == 1);
    InboundCall call{
        .tenant = "default",
        .domain = {},
        .call_sid = "s1",
        .caller = contact,
        .caller_text = "+12125551000",
        .did_text = "1",
        .mode = "smart",
        .reason = "active_follow_up",
        .agent = "bert",
        .follow_up = campaign::FollowUpId{std::stoll(matched)},
    };
    static_cast<void>(bench.give(CallCameIn{1, bench.now().mono, call}));
    CHECK(state_of(bench, matched) == "1 contacted_inbound");
    CHECK(state_of(bench, sibling) == "1 contacted_inbound_sibling");
    CHECK(state_of(bench, other) == "0 ");
    CHECK(bench.sql("SELECT decision_id FROM follow_up WHERE id = " + matched) == "1");
    CHECK(bench.destination(contact).status == DestinationStatus::contacted_inbound);
    CHECK(count_of<EndSession>(bench.give(accepted(calls[0]))) == 1);
}

}  // namespace
}  // namespace cxdial::dialer
