// What the store keeps of calls that come in, and how it closes follow-ups.

#include "storage/sqlite_store.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <array>
#include <string>

namespace cxdial::storage::testing {
namespace {

using dialer::FollowUpEnd;

const base::PhoneNumber caller = base::PhoneNumber::parse("+12125551000").value();

/// A store with one active campaign, `spring`.
struct World {
    World() : path(directory.file("test.db")), database(open(path)), store(database) {
        Repository repository(database);
        expect(repository.put(hangup_campaign("spring"), at(0)));
        campaign = expect(repository.campaign("default", "spring")).id;
        in_transaction(store, [&] {
            store.set_campaign_status(campaign, campaign::CampaignStatus::active, "", at(5));
        });
    }

    std::string sql(const std::string& statement) const {
        SQLite::Database file(path, SQLite::OPEN_READWRITE);
        SQLite::Statement query(file, statement);
        return query.executeStep() ? query.getColumn(0).getString() : "";
    }
    void tenant(const std::string& body) const {
        sql("INSERT INTO resource (kind, tenant, name, body, updated_at) VALUES ('tenant',"
            " 'default', 'default', '" +
            body + "', 0)");
    }
    [[nodiscard]] campaign::FollowUpId follow_up(
        const std::string& agent, const std::string& campaign_name, std::int64_t due = 100
    ) const {
        return campaign::FollowUpId{std::stoll(
            sql("INSERT INTO follow_up (tenant, phone, agent, type, campaign, status, due_at,"
                " activated_at) VALUES ('default', 12125551000, '" +
                agent + "', 'call', '" + campaign_name + "', 0, " + std::to_string(due) +
                ", 0) RETURNING id")
        )};
    }
    [[nodiscard]] std::string state_of(campaign::FollowUpId id) const {
        return sql(
            "SELECT status || ' ' || reason FROM follow_up WHERE id = " + std::to_string(id.raw())
        );
    }

    TempDirectory directory;
    std::string path;
    Database database;
    SqliteStore store;
    campaign::CampaignId campaign;
};

dialer::InboundCall call_in(const std::string& sid, const std::string& token) {
    return {
        .tenant = "default",
        .domain = "d.example",
        .call_sid = sid,
        .token = campaign::SessionToken{token},
        .caller = caller,
        .caller_text = "+12125551000",
        .did_text = "4711",
        .mode = "smart",
        .reason = "did_fallback",
        .agent = "anna",
    };
}

TEST_CASE("store: a decision and its session are kept, and found by sid and by token") {
    World world;
    dialer::InboundCall call = call_in("s1", "t1");
    call.campaign = world.campaign;
    const dialer::InboundSession session = in_transaction(world.store, [&] {
        return world.store.record_decision(call, at(10), at(20));
    });
    CHECK(session.campaign == "spring");
    in_transaction(world.store, [&] {
        const auto known = world.store.find_decision("s1");
        REQUIRE(known);
        CHECK(known->voice_session == session.id);
        CHECK(known->agent == "anna");
        CHECK_FALSE(world.store.find_decision("s2"));
        CHECK(world.store.find_inbound(campaign::SessionToken{"t1"})->id == session.id);
        CHECK(world.store.find_inbound(campaign::SessionToken{"s1"})->id == session.id);
        REQUIRE(world.store.live_inbound().size() == 1);
        CHECK(world.store.live_inbound()[0].expires_at == at(20));
    });
}

TEST_CASE("store: a token that another session has is not written, and costs nothing else") {
    World world;
    in_transaction(world.store, [&] {
        static_cast<void>(world.store.record_decision(call_in("s1", "t1"), at(10), at(20)));
        const auto second = world.store.record_decision(call_in("s2", "t1"), at(10), at(20));
        CHECK_FALSE(second.token);
    });
    CHECK(world.sql("SELECT count(*) FROM decision") == "2");
}

TEST_CASE("store: a session is over once, and keeps what was told first") {
    World world;
    in_transaction(world.store, [&] {
        const auto id = world.store.record_decision(call_in("s1", "t1"), at(10), at(20)).id;
        CHECK(world.store.move_inbound(id, {.is_over = true, .ended_at = at(15)}));
        CHECK_FALSE(world.store.move_inbound(id, {.is_over = true, .ended_at = at(99)}));
        CHECK(world.store.live_inbound().empty());
    });
    CHECK(world.sql("SELECT ended_at FROM voice_session") == "15");
}

TEST_CASE("store: an engagement closes what the tenant's scope says") {
    World world;
    const std::string scope = GENERATE("off", "", "campaign", "agent", "contact");
    if (!scope.empty()) {
        world.tenant(R"({"name": "default", "engagement_unenroll_scope": ")" + scope + "\"}");
    }
    const auto same = world.follow_up("anna", "spring");
    const auto other_campaign = world.follow_up("anna", "autumn");
    const auto other_agent = world.follow_up("bert", "spring");
    const auto closed = in_transaction(world.store, [&] {
        return world.store.engage(
            {.tenant = "default", .caller = caller}, {"anna", "spring"}, at(7)
        );
    });
    const bool off = scope == "off";
    const bool agent = scope == "agent" || scope == "contact";
    CHECK(world.state_of(same) == (off ? "0 " : "2 engaged"));
    CHECK(world.state_of(other_campaign) == (agent ? "3 engaged" : "0 "));
    CHECK(world.state_of(other_agent) == (scope == "contact" ? "3 engaged" : "0 "));
    CHECK(
        std::to_string(closed.size()) ==
        world.sql("SELECT count(*) FROM contact_event WHERE kind = 'follow_up_closed'")
    );
    CHECK(world.sql("SELECT engaged_at FROM contact") == "7");
}

TEST_CASE("store: follow-ups that are due become destinations of active campaigns") {
    World world;
    const auto due = world.follow_up("anna", "spring", 100);
    static_cast<void>(world.follow_up("anna", "autumn", 100));  // no such campaign
    static_cast<void>(world.follow_up("bert", "spring", 90));   // the same number: one at a time
    static_cast<void>(world.follow_up("carl", "spring", 300));
    in_transaction(world.store, [&] {
        CHECK(world.store.enrol_follow_ups(at(89), 10).empty());
        const auto enrolled = world.store.enrol_follow_ups(at(100), 10);
        REQUIRE(enrolled.size() == 1);
        CHECK(enrolled[0].campaign == world.campaign);
        CHECK(enrolled[0].follow_up != due);
        CHECK(world.store.enrol_follow_ups(at(100), 10).empty());
        CHECK(world.store.next_follow_up(at(100)) == at(300));
        const auto claimed = world.store.claim(world.campaign, at(100), 10);
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].agent == "bert");
        CHECK(claimed[0].follow_up == enrolled[0].follow_up);
        world.store.move_destination(
            claimed[0].id,
            {.to = campaign::DestinationStatus::failed,
             .attempts = 1,
             .next_at = {},
             .last_disposition = campaign::Disposition::busy}
        );
        // Opened anew for the next one, from the beginning.
        const auto again = world.store.enrol_follow_ups(at(100), 10);
        REQUIRE(again.size() == 1);
        CHECK(again[0].destination == enrolled[0].destination);
        const auto state = world.store.destination(again[0].destination);
        CHECK(state->status == campaign::DestinationStatus::pending);
        CHECK(state->attempts == 0);
        CHECK(state->follow_up == due);
    });
    CHECK(world.sql("SELECT sum(number) FROM destination_count") == "1");
}

TEST_CASE("store: a destination may wait for its agent, and a campaign says when it was started") {
    World world;
    static_cast<void>(world.follow_up("anna", "spring"));
    in_transaction(world.store, [&] {
        const auto enrolled = world.store.enrol_follow_ups(at(100), 10);
        world.store.move_destination(
            enrolled.at(0).destination,
            {.next_at = at(200), .wait = campaign::WaitReason::agent_busy, .last_disposition = {}}
        );
    });
    CHECK(world.sql("SELECT wait FROM destination") == "6");
    CHECK(world.sql("SELECT activated_at FROM campaign") == "5");
    CHECK(world.sql("PRAGMA integrity_check") == "ok");
}

}  // namespace
}  // namespace cxdial::storage::testing
