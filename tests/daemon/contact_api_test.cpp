#include "daemon/api_reader.h"
#include "daemon/api_writer.h"
#include "routing/resolver.h"
#include "routing/trace_json.h"
#include "storage/contact_book.h"
#include "storage/directory.h"
#include "storage/routing_records.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <SQLiteCpp/SQLiteCpp.h>
#include <functional>
#include <utility>

using namespace cxdial;
using nlohmann::ordered_json;
using storage::testing::at;
using storage::testing::expect;
using storage::testing::number;

namespace {

/// The time of everything here.
class Noon final : public base::Clock {
public:
    [[nodiscard]] base::Now now() const override { return {base::MonoTime{}, at(1'000'000)}; }
};

/// A database with a person and two campaigns, and the API on it. A job runs at once, as if the
/// engine had heard of it.
class Office {
public:
    Office() {
        expect(repository.put(storage::testing::person("ada"), at(0)));
        expect(repository.put(storage::testing::person("bob"), at(0)));
        for (const char* name : {"spring", "call backs"}) {
            expect(repository.put(storage::testing::hangup_campaign(name), at(0)));
        }
        reader_.connect(api);
        writer_.connect(api);
    }

    /// A call of the caller 1 that matched the campaign `spring`.
    void decide(const std::string& sid, const std::string& tenant, const std::string& trace) {
        SQLite::Database file(folder_.file("cxdial.db"), SQLite::OPEN_READWRITE);
        SQLite::Statement added(
            file,
            "INSERT INTO decision (tenant, call_sid, caller, did, phone, mode, reason, agent,"
            " agent_version, campaign_id, took, trace, decided_at)"
            " VALUES (?, ?, '0202', '+12025550100', ?, 'smart', 'active_campaign', 'ada', 3,"
            " (SELECT id FROM campaign WHERE name = 'spring'), 850, ?, 1000)"
        );
        added.bind(1, tenant);
        added.bind(2, sid);
        added.bind(3, static_cast<std::int64_t>(number(1).digits()));
        added.bind(4, trace);
        added.exec();
    }

    routing::FollowUp follow_up(const std::string& campaign) {
        routing::FollowUp wanted{.phone_number = number(1)};
        wanted.agent = "ada";
        wanted.campaign = campaign;
        wanted.due_at = at(5);
        return wanted;
    }
    webhook::ApiAddedFollowUp add(const routing::FollowUp& wanted) {
        webhook::ApiAddedFollowUp added;
        api.contacts.add_follow_up(wanted, [&](const auto& result) { added = expect(result); });
        return added;
    }
    /// The campaigns that the engine was told of since this was asked last.
    std::vector<std::string> told() {
        std::vector<std::string> names;
        for (const dialer::Input& input : std::exchange(inputs_, {})) {
            const auto id = std::get<dialer::CampaignEdited>(input).campaign;
            names.push_back(expect(repository.campaign(id)).campaign.name);
        }
        return names;
    }

private:
    storage::testing::TempDirectory folder_;
    storage::Database database_ = storage::testing::open(folder_.file("cxdial.db"));
    Noon clock_;
    config::Config config_;
    std::vector<dialer::Input> inputs_;

public:
    storage::Repository repository{database_};
    webhook::ApiPorts api;
    std::vector<std::function<void()>> reloads;  ///< those that wait

    storage::Database& database() { return database_; }

private:
    daemon::ApiReader reader_{database_.path(), config_, clock_};
    daemon::ApiWriter writer_{
        {.run =
             [this](const daemon::Inbox::Job& job) {
                 daemon::Inbox::Written written = job(repository);
                 inputs_.insert(inputs_.end(), written.inputs.begin(), written.inputs.end());
                 written.answer();
                 return true;
             },
         .submit = [](const auto&, const auto&) { return false; },
         .post = [](const std::function<void()>& task) { task(); },
         .now = [this] { return clock_.now().wall; },
         .reload = [this](std::function<void()> done) { reloads.push_back(std::move(done)); }},
        reader_};
};

ordered_json items(const base::Result<webhook::ApiPage>& page) {
    return ordered_json::parse(expect(page).items);
}
ordered_json json(const base::Result<std::string>& text) {
    return ordered_json::parse(expect(text));
}

}  // namespace

TEST_CASE("contact API: a follow-up wakes the campaign that dials it", "[daemon][contacts]") {
    Office office;
    const webhook::ApiAddedFollowUp first = office.add(office.follow_up("spring"));
    CHECK(first.is_new);
    CHECK(office.told() == std::vector<std::string>{"spring"});
    CHECK_FALSE(office.add(office.follow_up("spring")).is_new);
    CHECK(office.told() == std::vector<std::string>{"spring"});

    office.add(office.follow_up(""));
    CHECK(office.told().empty());
    routing::Tenant tenant;
    tenant.callback_campaign = "call backs";
    office.api.put({tenant}, [](const auto&) {});
    CHECK(office.told() == std::vector<std::string>{"call backs"});
    office.add(office.follow_up(""));
    CHECK(office.told() == std::vector<std::string>{"call backs"});
    routing::FollowUp letter = office.follow_up("spring");
    letter.type = routing::FollowUpType::email;
    office.add(letter);
    CHECK(office.told().empty());

    office.api.contacts.cancel_follow_up("default", first.id, "why", [](const auto& cancelled) {
        CHECK(cancelled);
    });
    CHECK(office.told() == std::vector<std::string>{"spring"});
    const ordered_json shown = json(office.api.contacts.follow_up("default", first.id));
    CHECK(shown["status"] == "cancelled");
    CHECK(shown["reason"] == "why");
}

TEST_CASE("contact API: a contact that goes takes its call-backs along", "[daemon][contacts]") {
    Office office;
    office.api.contacts.put({.phone_number = number(1)}, [](const auto& is_new) {
        CHECK(expect(is_new));
    });
    office.add(office.follow_up("spring"));
    office.told();
    office.api.contacts.remove({"default", number(1)}, [](const auto& gone) { CHECK(gone); });
    CHECK(office.told() == std::vector<std::string>{"spring"});
}

TEST_CASE("contact API: of another tenant's follow-up nothing is told", "[daemon][contacts]") {
    Office office;
    const campaign::FollowUpId id = office.add(office.follow_up("spring")).id;
    office.told();
    CHECK(office.api.contacts.follow_up("acme", id).error().code == base::Errc::not_found);
    base::Result<void> cancelled;
    office.api.contacts.cancel_follow_up("acme", id, "", [&](const auto& done) {
        cancelled = done;
    });
    CHECK(cancelled.error().code == base::Errc::not_found);
    CHECK(office.told().empty());
}

TEST_CASE("contact API: follow-ups are chosen by agent and campaign", "[daemon][contacts]") {
    Office office;
    office.add(office.follow_up("spring"));
    office.add(office.follow_up(""));
    routing::FollowUp bobs = office.follow_up("spring");
    bobs.agent = "bob";
    office.add(bobs);
    webhook::ApiFollowUpFilter filter{.tenant = "default", .agent = "ada", .campaign = "spring"};
    CHECK(items(office.api.contacts.follow_ups(filter, {})).size() == 1);
    filter.campaign = "";
    const auto first = expect(office.api.contacts.follow_ups(filter, {.after = "", .limit = 1}));
    REQUIRE(first.next);
    const auto rest = expect(office.api.contacts.follow_ups(filter, {.after = *first.next}));
    CHECK(ordered_json::parse(rest.items).size() == 1);
    CHECK_FALSE(rest.next);
}

TEST_CASE("contact API: a memory changes as a whole or not at all", "[daemon][contacts]") {
    Office office;
    const webhook::ApiContact zoe{"default", number(1)};
    const auto edit = [&](const std::string& agent, webhook::ApiMemoryEdit change) {
        base::Result<void> outcome;
        office.api.contacts.edit_memory(zoe, agent, std::move(change), [&](const auto& done) {
            outcome = done;
        });
        return outcome;
    };
    CHECK(edit("ada", {.facts = {{"pet", "cat"}, {"plan", "gold"}}, .summary = "Nice."}));
    CHECK(edit("ada", {.facts = {{"pet", "dog"}}, .forgotten = {"plan"}}));
    CHECK(edit("bob", {.facts = {{"pet", "fish"}}}));
    CHECK(
        edit("nobody", {.facts = {{"pet", "fish"}}}).error().code == base::Errc::invalid_argument
    );
    const auto known = [&](const webhook::ApiMemoryFilter& filter) {
        return json(office.api.contacts.memory(zoe, filter));
    };
    const ordered_json adas = known({.agent = "ada", .except = {}});
    REQUIRE(adas.size() == 1);
    CHECK(adas[0]["facts"] == ordered_json{{"pet", "dog"}});
    CHECK(adas[0]["summary"] == "Nice.");
    const ordered_json others = known({.agent = {}, .except = "ada"});
    REQUIRE(others.size() == 1);
    CHECK(others[0]["agent"] == "bob");
    const auto forget = [&] {
        bool was_there = false;
        office.api.contacts.forget(zoe, "ada", [&](const auto& done) { was_there = expect(done); });
        return was_there;
    };
    CHECK(forget());
    CHECK_FALSE(forget());
    CHECK(known({}).size() == 1);
}

TEST_CASE("contact API: a dry run and a stored decision show the same trace", "[daemon][route]") {
    Office office;
    expect(office.repository.put(storage::testing::dialed("desk", "+12025550100", "ada"), at(0)));
    const auto directory = expect(storage::MemoryDirectory::load(office.database()));
    const Noon clock;
    storage::RoutingRecords records(office.database(), clock);
    routing::RecordedDecision dry;
    dry.question = {
        .call_sid = "", .session_token = "", .domain = "", .from = "0202", .to = "+12025550100"};
    dry.decision = routing::resolve(dry.question, {.now = at(0)}, *directory, records);
    const std::string trace = routing::to_json(dry.decision.trace);
    office.decide("CA1", "default", trace);

    const ordered_json stored =
        json(office.api.contacts.decision("default", campaign::DecisionId{1}));
    const ordered_json shown = ordered_json::parse(routing::to_json(dry));
    CHECK(stored["trace"].dump() == trace);
    CHECK(shown["trace"].dump() == trace);
    for (const char* key : {"from", "to", "mode"}) {
        CHECK(stored[key] == shown[key]);
    }
    CHECK(stored["caller"] == number(1).reveal());
    CHECK(stored["matched"]["campaign"] == "spring");
    CHECK(stored["call_sid"] == "CA1");
}

TEST_CASE("contact API: decisions are counted and paged, newest first", "[daemon][route]") {
    Office office;
    for (const char* sid : {"CA1", "CA2", "CA3"}) {
        office.decide(sid, "default", "[]");
    }
    office.decide("CA4", "acme", "[]");
    office.decide("CA5", "", "[]");
    const auto first =
        expect(office.api.contacts.decisions({.tenant = "default"}, {.after = "", .limit = 2}));
    CHECK(ordered_json::parse(first.items)[0]["call_sid"] == "CA3");
    REQUIRE(first.next);
    const auto rest = items(office.api.contacts.decisions({.tenant = "default"}, {*first.next, 2}));
    REQUIRE(rest.size() == 1);
    CHECK(rest[0]["call_sid"] == "CA1");
    const auto by_sid = [&](const char* sid) {
        webhook::ApiDecisionFilter filter;
        filter.tenant = "default";
        filter.call_sid = sid;
        return items(office.api.contacts.decisions(filter, {})).size();
    };
    CHECK(by_sid("CA2") == 1);
    CHECK(by_sid("CA4") == 0);
    CHECK(by_sid("CA5") == 1);
    CHECK(by_sid("CA9") == 0);
    const ordered_json returns = json(office.api.contacts.inbound_returns({"default", "spring"}));
    CHECK(returns["total"] == 5);
    CHECK(returns["by_reason"]["active_campaign"] == 5);
    const ordered_json timeline = json(office.api.contacts.timeline({"default", number(1)}, 2));
    REQUIRE(timeline.size() == 2);
    CHECK(timeline[0]["kind"] == "decision");
    CHECK(timeline[0]["record"]["matched"]["campaign"] == "spring");
}

TEST_CASE("API: who edits who takes calls is told when calls are routed by it", "[daemon]") {
    Office office;
    int answers = 0;
    const auto put = [&](webhook::ApiResource resource) {
        office.api.put({std::move(resource)}, [&](const webhook::ApiStored& stored) {
            answers += stored.error ? 100 : 1;
        });
    };
    put(storage::testing::hangup_campaign("autumn"));
    CHECK(answers == 1);
    put(storage::testing::person("cid"));
    put(storage::testing::dialed("front", "+12025550101", "cid"));
    office.api.remove(webhook::ApiKind::agent, {"default", "bob"}, [&](const auto& removed) {
        answers += removed ? 1 : 100;
    });
    CHECK(answers == 1);
    REQUIRE(office.reloads.size() == 3);
    for (const auto& done : office.reloads) {
        done();
    }
    CHECK(answers == 4);
    put(storage::testing::dialed("back", "+12025550102", "nobody"));
    CHECK(answers == 104);
    CHECK(office.reloads.size() == 3);
}
