// What is known of the people who are called and who call.
#include "storage/contact_book.h"

#include "storage/internal/connection.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace cxdial::storage::testing {
namespace {

using base::Errc;
using Catch::Matchers::Contains;
using routing::FollowUpStatus;
using routing::FollowUpType;
using routing::Layer;

struct Office {
    Office() {
        for (const char* name : {"ada", "bob"}) {
            expect(fixture.repository.put(person(name), at(0)));
        }
    }

    void sql(const std::string& text) { fixture.database.connection().exec(text.c_str()); }

    campaign::FollowUpId add(
        std::uint64_t index, FollowUpType type, std::int64_t due, const std::string& campaign = {}
    ) {
        return expect(book.add(follow_up(index, type, due, campaign), at(100))).id;
    }
    std::vector<std::int64_t> listed(const FollowUpFilter& filter, const IdPage& page = {}) {
        std::vector<std::int64_t> ids;
        for (const routing::FollowUp& each : expect(book.follow_ups(filter, page))) {
            ids.push_back(each.id.raw());
        }
        return ids;
    }
    std::vector<std::int64_t> decided(const DecisionFilter& filter, const NewestPage& page = {}) {
        std::vector<std::int64_t> ids;
        for (const DecisionRecord& each : expect(book.decisions(filter, page))) {
            ids.push_back(each.id.raw());
        }
        return ids;
    }
    /// A decision on the caller `index`, by that layer.
    void decide(std::uint64_t index, const char* tenant, const char* reason, const char* campaign) {
        const std::string count = std::to_string(++calls);
        sql("INSERT INTO decision (tenant, call_sid, caller, did, phone, mode, reason, agent,"
            " agent_version, campaign_id, took, trace, decided_at) VALUES ('" +
            std::string(tenant) + "', 'call-" + count + "', '0202', '+12025550100', " +
            std::to_string(number(index).digits()) + ", 'smart', '" + reason + "', 'ada', 3, " +
            campaign + ", 850, '[{\"layer\":\"x\"}]', " + count + "000)");
    }

    static routing::FollowUp follow_up(
        std::uint64_t index, FollowUpType type, std::int64_t due, const std::string& campaign
    ) {
        routing::FollowUp wanted{.phone_number = number(index)};
        wanted.agent = "ada";
        wanted.type = type;
        wanted.due_at = at(due);
        wanted.campaign = campaign;
        return wanted;
    }

    Fixture fixture{};
    ContactBook book{fixture.database};
    int calls = 0;
};

routing::Contact contact_of(std::uint64_t index, const std::string& name) {
    routing::Contact contact{.phone_number = number(index)};
    contact.name = name;
    contact.tier = "vip";
    contact.attributes = {{"plan", "gold"}, {"say \"hi\"\n", "Zoë \\ {1,2}"}};
    return contact;
}

}  // namespace

TEST_CASE("contacts: come back as they were put", "[storage][contacts]") {
    Office office;
    const routing::Contact zoe = contact_of(1, "Zoë");
    CHECK(expect(office.book.put(zoe, at(1))) == PutOutcome::created);
    CHECK(expect(office.book.put(zoe, at(2))) == PutOutcome::unchanged);
    CHECK(expect(office.book.contact("default", number(1))) == zoe);
    routing::Contact changed = zoe;
    changed.attributes.erase("plan");
    CHECK(expect(office.book.put(changed, at(3))) == PutOutcome::changed);
    CHECK(expect(office.book.contact("default", number(1))).attributes.size() == 1);
    CHECK(office.book.contact("acme", number(1)).error().code == Errc::not_found);
}

TEST_CASE("contacts: an edit does not forget an engagement", "[storage][contacts]") {
    Office office;
    expect(office.book.put(contact_of(1, "Zoë"), at(1)));
    office.sql("UPDATE contact SET engaged_at = 7000");
    expect(office.book.put(contact_of(1, "Zoe"), at(2)));
    CHECK(expect(office.book.contact("default", number(1))).engaged_at == at(7'000));
}

TEST_CASE("contacts: are listed by number, page by page", "[storage][contacts]") {
    Office office;
    for (const std::uint64_t index : {3U, 1U, 2U}) {
        expect(office.book.put(contact_of(index, std::to_string(index)), at(1)));
    }
    const auto first = expect(office.book.contacts("default", {.limit = 2}));
    REQUIRE(first.size() == 2);
    CHECK(first[1].name == "2");
    const IdPage rest{.after = static_cast<std::int64_t>(first[1].phone_number.digits())};
    REQUIRE(expect(office.book.contacts("default", rest)).size() == 1);
    CHECK(expect(office.book.contacts("acme", {})).empty());
}

TEST_CASE(
    "contacts: with one go its memory and its tasks, and what happened stays", "[storage][contacts]"
) {
    Office office;
    CHECK(office.book.remove("default", number(1), at(1)).error().code == Errc::not_found);
    expect(office.book.put(contact_of(1, "Zoë"), at(1)));
    expect(office.book.set_facts({"default", number(1), "ada"}, {{"pet", "cat"}}, at(2)));
    expect(office.book.set_summary({"default", number(1), "bob"}, "Nice.", at(2)));
    const auto task = office.add(1, FollowUpType::call, 500);
    const auto other = office.add(2, FollowUpType::call, 500);
    office.decide(1, "default", "did_fallback", "NULL");
    expect(office.book.remove("default", number(1), at(9)));
    CHECK(office.book.contact("default", number(1)).error().code == Errc::not_found);
    CHECK(expect(office.book.memory("default", number(1))).empty());
    const routing::FollowUp closed = expect(office.book.follow_up(task));
    CHECK(closed.status == FollowUpStatus::cancelled);
    CHECK(closed.reason == "contact_removed");
    CHECK(closed.closed_at == at(9));
    CHECK(expect(office.book.follow_up(other)).status == FollowUpStatus::active);
    CHECK(office.decided({.tenant = "default"}).size() == 1);
}

TEST_CASE(
    "follow-ups: the same one once more is the one that is active, with the new time",
    "[storage][follow_ups]"
) {
    Office office;
    routing::FollowUp wanted = Office::follow_up(1, FollowUpType::call, 500, "spring");
    const AddedFollowUp first = expect(office.book.add(wanted, at(100)));
    CHECK(first.outcome == PutOutcome::created);
    CHECK(expect(office.book.add(wanted, at(200))).outcome == PutOutcome::unchanged);
    wanted.due_at = at(900);
    wanted.note = "after lunch";
    const AddedFollowUp again = expect(office.book.add(wanted, at(300)));
    CHECK(again.outcome == PutOutcome::changed);
    CHECK(again.id == first.id);
    const routing::FollowUp stored = expect(office.book.follow_up(first.id));
    CHECK(stored.due_at == at(900));
    CHECK(stored.note == "after lunch");
    CHECK(stored.activated_at == at(100));
    CHECK(stored.campaign == "spring");
    CHECK(stored.status == FollowUpStatus::active);

    // Another type, campaign or contact is another task, and so is one after the first was closed.
    CHECK(office.add(1, FollowUpType::sms, 500, "spring") != first.id);
    CHECK(office.add(1, FollowUpType::call, 500) != first.id);
    CHECK(office.add(2, FollowUpType::call, 500, "spring") != first.id);
    expect(office.book.cancel(first.id, "", at(400)));
    CHECK(office.add(1, FollowUpType::call, 500, "spring") != first.id);
}

TEST_CASE("follow-ups: agent and campaign must be there", "[storage][follow_ups]") {
    Office office;
    routing::FollowUp wanted = Office::follow_up(1, FollowUpType::call, 500, "autumn");
    const auto without_campaign = office.book.add(wanted, at(1));
    REQUIRE_FALSE(without_campaign);
    CHECK(without_campaign.error().code == Errc::invalid_argument);
    CHECK_THAT(without_campaign.error().detail, Contains("campaign: ") && Contains("autumn"));
    wanted.agent = "nobody";
    CHECK_THAT(office.book.add(wanted, at(1)).error().detail, Contains("agent: "));
}

TEST_CASE("follow-ups: are listed by contact and status, page by page", "[storage][follow_ups]") {
    Office office;
    const auto one = office.add(1, FollowUpType::call, 500).raw();
    const auto two = office.add(2, FollowUpType::call, 500).raw();
    const auto three = office.add(1, FollowUpType::sms, 500).raw();
    expect(office.book.cancel(campaign::FollowUpId{one}, "done by mail", at(400)));
    using Ids = std::vector<std::int64_t>;
    CHECK(office.listed({.tenant = "default"}) == Ids{one, two, three});
    CHECK(office.listed({.tenant = "default"}, {.after = one, .limit = 1}) == Ids{two});
    CHECK(office.listed({.tenant = "acme"}).empty());
    FollowUpFilter filter{.tenant = "default", .status = FollowUpStatus::active};
    CHECK(office.listed(filter) == Ids{two, three});
    CHECK(office.listed(filter, {.after = two}) == Ids{three});
    filter.phone_number = number(1);
    CHECK(office.listed(filter) == Ids{three});
    filter.status = {};
    CHECK(office.listed(filter) == Ids{one, three});
    CHECK(office.listed(filter, {.limit = 1}) == Ids{one});
}

TEST_CASE(
    "follow-ups: a cancelled one is closed, and what was made of it is not dialed",
    "[storage][follow_ups]"
) {
    Office office;
    office.fixture.add(1, 2);
    const auto id = office.add(1, FollowUpType::call, 500, "spring");
    office.sql(
        "UPDATE follow_up SET destination_id = 1;"
        "UPDATE destination SET follow_up_id = " +
        std::to_string(id.raw()) + " WHERE id = 1"
    );
    expect(office.book.cancel(id, "not wanted", at(400)));
    const routing::FollowUp closed = expect(office.book.follow_up(id));
    CHECK(closed.status == FollowUpStatus::cancelled);
    CHECK(closed.reason == "not wanted");
    CHECK(closed.closed_at == at(400));
    const auto status_of = [&](std::uint64_t index) {
        return expect(office.fixture.repository.destination(office.fixture.id, number(index)))
            .status;
    };
    CHECK(status_of(1) == campaign::DestinationStatus::cancelled);
    CHECK(status_of(2) == campaign::DestinationStatus::pending);
    CHECK(office.book.cancel(id, "", at(500)).error().code == Errc::conflict);
    CHECK(
        office.book.cancel(campaign::FollowUpId{99}, "", at(500)).error().code == Errc::not_found
    );
}

TEST_CASE("memory: each agent has its own facts and summary", "[storage][contacts]") {
    Office office;
    const MemoryOwner ada{"default", number(1), "ada"};
    const MemoryOwner bob{"default", number(1), "bob"};
    expect(office.book.set_facts(ada, {{"pet", "cat"}, {"plan", "gold"}}, at(2)));
    expect(office.book.set_facts(ada, {{"pet", "dog"}}, at(5)));
    expect(office.book.set_facts(bob, {{"pet", "fish"}}, at(3)));
    expect(office.book.set_summary(ada, "Nice.", at(4)));
    routing::ContactMemory memory = expect(office.book.memory("default", number(1)));
    REQUIRE(memory.size() == 2);
    CHECK(memory[0].facts == std::map<std::string, std::string>{{"pet", "dog"}, {"plan", "gold"}});
    CHECK(memory[0].summary == "Nice.");
    CHECK(memory[0].updated_at == at(5));
    CHECK(memory[1].agent == "bob");

    const std::vector<std::string> keys{"pet", "car"};
    CHECK(expect(office.book.forget_facts(ada, keys)) == 1);
    expect(office.book.set_summary(ada, "", at(6)));
    memory = expect(office.book.memory("default", number(1)));
    CHECK(memory[0].facts.size() == 1);
    CHECK(memory[0].summary.empty());
    CHECK(memory[1].facts.at("pet") == "fish");

    const MemoryOwner nobody{"default", number(1), "nobody"};
    CHECK(
        office.book.set_facts(nobody, {{"a", "b"}}, at(1)).error().code == Errc::invalid_argument
    );
    CHECK(office.book.set_summary(nobody, "x", at(1)).error().code == Errc::invalid_argument);
    expect(office.book.set_summary(nobody, "", at(1)));
}

TEST_CASE("decisions: are found by id and call, and listed newest first", "[storage][decisions]") {
    Office office;
    office.decide(1, "default", "active_campaign", "1");  // 1
    office.decide(2, "default", "did_fallback", "NULL");  // 2
    office.decide(1, "default", "last_outbound", "1");    // 3
    office.decide(1, "acme", "did_fallback", "NULL");     // 4
    const DecisionRecord first = expect(office.book.decision(campaign::DecisionId{1}));
    CHECK(first.call_sid == "call-1");
    CHECK(first.caller == "0202");
    CHECK(first.did == "+12025550100");
    CHECK(first.phone_number == number(1));
    CHECK(first.mode == routing::Mode::smart);
    CHECK(first.reason == Layer::active_campaign);
    CHECK(first.agent_version == 3);
    CHECK(first.campaign == campaign::CampaignId{1});
    CHECK_FALSE(first.destination);
    CHECK(first.took == std::chrono::microseconds{850});
    CHECK(first.trace == R"([{"layer":"x"}])");
    CHECK(first.decided_at == at(1'000));
    CHECK(expect(office.book.decision("call-3")).id == campaign::DecisionId{3});
    CHECK(office.book.decision("call-9").error().code == Errc::not_found);
    CHECK(office.book.decision(campaign::DecisionId{9}).error().code == Errc::not_found);

    using Ids = std::vector<std::int64_t>;
    CHECK(office.decided({.tenant = "default"}) == Ids{3, 2, 1});
    CHECK(office.decided({.tenant = "default"}, {.before = 3, .limit = 1}) == Ids{2});
    DecisionFilter filter{.tenant = "default", .campaign = office.fixture.id};
    CHECK(office.decided(filter) == Ids{3, 1});
    CHECK(office.decided(filter, {.before = 3}) == Ids{1});
    filter.phone_number = number(2);
    CHECK(office.decided(filter).empty());
    filter.campaign = {};
    CHECK(office.decided(filter) == Ids{2});
    CHECK(
        expect(office.book.inbound_returns(office.fixture.id)) ==
        std::map<Layer, std::int64_t>{{Layer::active_campaign, 1}, {Layer::last_outbound, 1}}
    );
}

TEST_CASE("calls that came in: are found by their call", "[storage][decisions]") {
    Office office;
    office.sql(
        "INSERT INTO voice_session (tenant, domain, call_sid, token, phone, did, agent,"
        " campaign_id, started_at, expires_at) VALUES ('default', 'acme.cloudonix.net', 'call-1',"
        " 't1', 12025550001, '+12025550100', 'ada', 1, 1000, 9000),"
        " ('default', 'acme.cloudonix.net', 'call-2', NULL, NULL, 'x', '', NULL, 2000, 9000);"
        "UPDATE voice_session SET live = NULL, disposition = 'answered', answered_at = 3000,"
        " ended_at = 8000, duration = 6, billsec = 5 WHERE call_sid = 'call-2'"
    );
    const VoiceSessionRecord live = expect(office.book.voice_session("call-1"));
    CHECK(live.is_live);
    CHECK(live.token == campaign::SessionToken{"t1"});
    CHECK(live.phone_number == number(1));
    CHECK(live.expires_at == at(9'000));
    const VoiceSessionRecord over = expect(office.book.voice_session("call-2"));
    CHECK_FALSE(over.is_live);
    CHECK_FALSE(over.phone_number);
    CHECK(over.disposition == campaign::Disposition::answered);
    CHECK(over.billsec == std::chrono::seconds{5});
    CHECK(office.book.voice_session("call-3").error().code == Errc::not_found);
}

TEST_CASE(
    "timeline: what happened with a number in a tenant, of all kinds, newest first",
    "[storage][decisions]"
) {
    Office office;
    office.fixture.add(1, 1);
    static_cast<void>(office.fixture.dial());             // at 1000
    office.decide(2, "default", "did_fallback", "NULL");  // of another
    office.decide(1, "default", "active_campaign", "1");  // at 2000
    office.decide(1, "acme", "did_fallback", "NULL");     // of another tenant
    office.sql(
        "INSERT INTO voice_session (tenant, domain, call_sid, phone, did, agent, started_at,"
        " expires_at) VALUES ('default', 'd', 'call-2', 12025550001, '', 'ada', 2500, 9000);"
        "INSERT INTO contact_event (tenant, phone, kind, at, call_sid, decision_id, detail)"
        " VALUES ('default', 12025550001, 'contacted_inbound', 3000, 'call-2', 2, 'x')"
    );
    static_cast<void>(office.add(1, FollowUpType::none, 500));  // at 100
    const auto entries = expect(office.book.timeline("default", number(1), 10));
    REQUIRE(entries.size() == 5);
    CHECK(std::get<ContactEventRecord>(entries[0].what).kind == "contacted_inbound");
    CHECK(std::get<ContactEventRecord>(entries[0].what).decision == campaign::DecisionId{2});
    CHECK(std::get<VoiceSessionRecord>(entries[1].what).call_sid == "call-2");
    CHECK(std::get<DecisionRecord>(entries[2].what).call_sid == "call-2");
    CHECK(std::get<AttemptRecord>(entries[3].what).phone_number == number(1));
    CHECK(entries[3].at == at(1'000));
    CHECK(std::get<routing::FollowUp>(entries[4].what).type == FollowUpType::none);
    const auto newest = expect(office.book.timeline("default", number(1), 2));
    REQUIRE(newest.size() == 2);
    CHECK(newest[1].at == at(2'500));
}

}  // namespace cxdial::storage::testing
