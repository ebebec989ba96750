// What the layers ask of the database, and the directory of who takes calls.
#include "storage/routing_records.h"

#include "storage/directory.h"
#include "storage/internal/connection.h"
#include "storage/internal/routing_queries.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace cxdial::storage::testing {
namespace {

using namespace std::chrono_literals;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using routing::Read;

constexpr std::chrono::microseconds enough{1s};

/// Goes on by the same step with each reading.
class SteppingClock final : public base::Clock {
public:
    explicit SteppingClock(std::chrono::nanoseconds step) : step_(step) {}
    [[nodiscard]] base::Now now() const override {
        now_ += step_;
        return {base::MonoTime{now_}, {}};
    }

private:
    std::chrono::nanoseconds step_;
    mutable std::chrono::nanoseconds now_{0};
};

struct Records {
    explicit Records(std::chrono::nanoseconds step = 1us) : clock(step) {}

    void sql(const std::string& text) { fixture.database.connection().exec(text.c_str()); }

    std::vector<routing::CampaignMatch> matches(std::uint64_t index) {
        const auto read = records.open_destinations("default", number(index), enough);
        REQUIRE(read.outcome == Read<std::vector<routing::CampaignMatch>>::Outcome::done);
        return read.value;
    }
    std::optional<routing::OutboundMatch> last(std::uint64_t index, std::int64_t since = 0) {
        return records.last_outbound("default", number(index), at(since), enough).value;
    }
    /// An active campaign with the destination `index`.
    campaign::CampaignId add_campaign(campaign::Campaign campaign, std::uint64_t index) {
        expect(fixture.repository.put(campaign, at(0)));
        const campaign::CampaignId id =
            expect(fixture.repository.campaign(campaign.tenant, campaign.name)).id;
        in_transaction(fixture.store, [&] {
            fixture.store.set_campaign_status(id, CampaignStatus::active, "", at(5'000));
        });
        expect(fixture.repository.add_destinations(id, std::vector{destination(index)}));
        return id;
    }

    Fixture fixture{};
    SteppingClock clock;
    RoutingRecords records{fixture.database, clock};
};

campaign::Campaign routed_to(
    const std::string& name, campaign::RoutingDestinationType type, const std::string& destination
) {
    campaign::Campaign campaign = hangup_campaign(name);
    campaign.routing_destination_type = type;
    campaign.routing_destination = destination;
    return campaign;
}

std::vector<std::string> plan_of(SQLite::Database& database, const char* sql) {
    SQLite::Statement plan(database, std::string("EXPLAIN QUERY PLAN ") + sql);
    std::vector<std::string> lines;
    while (plan.executeStep()) {
        lines.push_back(plan.getColumn(3).getString());
    }
    return lines;
}

}  // namespace

TEST_CASE(
    "routing records: destinations that are open in active campaigns are found",
    "[storage][routing]"
) {
    Records records;
    records.fixture.add(1, 2);
    const auto found = records.matches(1);
    REQUIRE(found.size() == 1);
    CHECK(found[0].campaign == records.fixture.id);
    CHECK(found[0].campaign_name == "spring");
    CHECK(found[0].status == DestinationStatus::pending);
    CHECK(found[0].agent.empty());
    CHECK(found[0].balancer.empty());
    CHECK(records.matches(3).empty());
    CHECK(records.records.open_destinations("acme", number(1), enough).value.empty());
    records.sql("UPDATE destination SET status = 4, next_at = 90000 WHERE id = 1");
    CHECK(records.matches(1).at(0).status == DestinationStatus::retry_pending);
    CHECK(records.matches(1).at(0).next_at == at(90'000));
    records.sql("UPDATE destination SET status = 5 WHERE id = 1");
    CHECK(records.matches(1).empty());
    in_transaction(records.fixture.store, [&] {
        records.fixture.store.set_campaign_status(
            records.fixture.id, CampaignStatus::paused, "", at(1)
        );
    });
    CHECK(records.matches(2).empty());
}

TEST_CASE("routing records: each match names who would talk", "[storage][routing]") {
    using enum campaign::RoutingDestinationType;
    Records records;
    Repository& repository = records.fixture.repository;
    for (const char* name : {"ada", "bob", "cleo"}) {
        expect(repository.put(person(name), at(0)));
    }
    balancer::Balancer pool;
    pool.name = "pool";
    pool.members = {{.assistant = "ada"}, {.assistant = "bob"}};
    expect(repository.put(pool, at(0)));
    const auto pooled = records.add_campaign(routed_to("pooled", ai_load_balancer, "pool"), 1);
    auto found = records.matches(1);
    REQUIRE(found.size() == 1);
    CHECK(found[0].activated_at == at(5'000));
    CHECK(found[0].agent.empty());
    CHECK(found[0].balancer == "pool");

    SECTION("a campaign of one assistant: that one, also after it was changed") {
        static_cast<void>(records.add_campaign(routed_to("direct", ai_assistant, "ada"), 2));
        CHECK(records.matches(2).at(0).agent == "ada");
        expect(repository.put(routed_to("direct", ai_assistant, "bob"), at(1)));
        CHECK(records.matches(2).at(0).agent == "bob");
    }
    SECTION("before that, whom its newest attempt with an assistant was connected to") {
        const std::string attempt =
            "INSERT INTO attempt (campaign_id, destination_id, phone, domain, caller_id,"
            " assistant, campaign_revision, status, live, intent_at, give_up_at) SELECT "
            "campaign_id, id, phone, 'd', '', '";
        const std::string rest = "', 1, 5, NULL, 0, 0 FROM destination WHERE campaign_id = " +
                                 std::to_string(pooled.raw());
        for (const char* assistant : {"ada", "bob", ""}) {
            records.sql(attempt + assistant + rest);
        }
        CHECK(records.matches(1).at(0).agent == "bob");
        CHECK(records.matches(1).at(0).balancer.empty());
        records.sql("UPDATE destination SET agent = 'cleo'");
        CHECK(records.matches(1).at(0).agent == "cleo");
    }
}

TEST_CASE(
    "routing records: the last call is the newest that reached a network", "[storage][routing]"
) {
    Records records;
    records.fixture.add(1, 1);
    const auto attempt = [&](int status, int intent_at, const char* domain) {
        records.sql(
            "INSERT INTO attempt (campaign_id, destination_id, phone, domain, caller_id, balancer,"
            " assistant, campaign_revision, status, live, intent_at, placed_at, give_up_at)"
            " VALUES (1, 1, 12025550001, '" +
            std::string(domain) + "', '', 'pool', 'bot', 1, " + std::to_string(status) +
            ", NULL, " + std::to_string(intent_at) + ", nullif(" + std::to_string(intent_at) +
            ", 2000), 0)"
        );
    };
    CHECK_FALSE(records.last(1));
    attempt(5, 1'000, "acme.cloudonix.net");
    attempt(5, 2'000, "acme.cloudonix.net");
    attempt(6, 3'000, "acme.cloudonix.net");
    attempt(7, 4'000, "acme.cloudonix.net");
    attempt(5, 5'000, campaign::simulated_domain);
    const auto last = records.last(1);
    REQUIRE(last);
    CHECK(last->attempt == campaign::AttemptId{2});
    CHECK(last->placed_at == at(2'000));
    CHECK(last->campaign_name == "spring");
    CHECK(last->agent == "bot");
    CHECK(last->balancer == "pool");
    CHECK(records.last(1, 2'000));
    CHECK_FALSE(records.last(1, 2'001));
    CHECK_FALSE(records.records.last_outbound("acme", number(1), at(0), enough).value);
}

TEST_CASE(
    "routing records: active follow-ups and what agents remember of a contact", "[storage][routing]"
) {
    Records records;
    records.sql(
        "INSERT INTO follow_up (tenant, phone, agent, type, campaign, status, note, due_at,"
        " activated_at) VALUES ('default', 12025550001, 'ada', 'call', 'spring', 0, 'n', 9, 8),"
        " ('default', 12025550001, 'ada', 'none', '', 2, '', 9, 8),"
        " ('acme', 12025550001, 'ada', 'none', '', 0, '', 9, 8);"
        "INSERT INTO contact_fact VALUES ('default', 12025550001, 'bob', 'plan', 'gold', 5),"
        " ('default', 12025550001, 'ada', 'pet', 'cat', 7),"
        " ('acme', 12025550001, 'ada', 'pet', 'dog', 7);"
        "INSERT INTO contact_summary VALUES ('default', 12025550001, 'ada', 'Nice.', 6)"
    );
    const auto follow_ups = records.records.active_follow_ups("default", number(1), enough).value;
    REQUIRE(follow_ups.size() == 1);
    CHECK(follow_ups[0].type == routing::FollowUpType::call);
    CHECK(follow_ups[0].campaign == "spring");
    CHECK(follow_ups[0].due_at == at(9));
    const routing::ContactMemory memory =
        records.records.memory("default", number(1), enough).value;
    CHECK(
        memory ==
        routing::ContactMemory{
            {.agent = "ada", .facts = {{"pet", "cat"}}, .summary = "Nice.", .updated_at = at(7)},
            {.agent = "bob", .facts = {{"plan", "gold"}}, .summary = "", .updated_at = at(5)}}
    );
}

TEST_CASE(
    "routing records: a question is timed, and cut off when its budget is used up",
    "[storage][routing]"
) {
    using Outcome = Read<std::vector<routing::CampaignMatch>>::Outcome;
    Records records{10ms};
    // Enough active campaigns for SQLite to ask on its way.
    records.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " INSERT INTO campaign (tenant, name, revision, status, status_reason, body, created_at,"
        " updated_at) SELECT 'default', 'c' || i, 1, 1, '', '{}', 0, 0 FROM n"
    );
    const auto cut = records.records.open_destinations("default", number(1), 15ms);
    CHECK(cut.outcome == Outcome::late);
    CHECK(cut.value.empty());
    CHECK(cut.took == 30ms);  // asked twice on the way, once afterwards
    const auto whole = records.records.open_destinations("default", number(1), 10s);
    CHECK(whole.outcome == Outcome::done);
    CHECK(whole.took > 40ms);
    const auto none = records.records.open_destinations("default", number(1), 0ms);
    CHECK(none.outcome == Outcome::late);
}

TEST_CASE("routing records: a failure says why", "[storage][routing]") {
    Records records;
    records.sql("DROP TABLE follow_up");
    const auto read = records.records.active_follow_ups("default", number(1), enough);
    CHECK(read.outcome == Read<std::vector<routing::FollowUp>>::Outcome::failed);
    CHECK_THAT(read.why, Catch::Matchers::Contains("no such table"));
    CHECK(records.records.memory("default", number(1), enough).value.empty());
}

TEST_CASE("routing records: no question walks a table, at any size", "[storage][routing]") {
    const TempDirectory directory;
    const Fixture fixture(directory.file("a.db"));
    SQLite::Database database(directory.file("a.db"));
    for (const char* sql :
         {open_destinations_query,
          campaign_routing_query,
          active_follow_ups_query,
          last_outbound_query,
          memory_query}) {
        CAPTURE(sql);
        for (const std::string& step : plan_of(database, sql)) {
            CAPTURE(step);
            const bool walks = step.find("SCAN") != std::string::npos;
            CHECK((!walks || step.find("INDEX campaign_active") != std::string::npos));
            CHECK(step.find("TEMP B-TREE") == std::string::npos);
        }
    }
}

TEST_CASE("directory: everybody is found, and numbers by their digits", "[storage][routing]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    expect(repository.put(person("ada"), at(0)));
    expect(repository.put(sip_assistant("bot"), at(0)));
    balancer::Balancer pool;
    pool.name = "pool";
    pool.members = {{.assistant = "ada"}};
    expect(repository.put(pool, at(0)));
    expect(repository.put(dialed("main", "+12025550100", "ada"), at(0)));
    routing::Tenant acme;
    acme.name = "acme";
    acme.routing_mode = routing::Mode::legacy_did;
    expect(repository.put(acme, at(0)));

    const auto directory = expect(MemoryDirectory::load(fixture.database));
    CHECK(directory->agent("default", "ada")->version == 1);
    CHECK(directory->agent("default", "bot")->protocol == balancer::Protocol::sip);
    CHECK(directory->agent("acme", "ada") == nullptr);
    CHECK(directory->agent("nobody", "ada") == nullptr);
    CHECK(directory->balancer("default", "pool")->members.size() == 1);
    CHECK(directory->balancer("default", "ada") == nullptr);
    for (const char* as_received : {"+12025550100", "12025550100", "+1 (202) 555-0100"}) {
        REQUIRE(directory->dialed(as_received) != nullptr);
        CHECK(directory->dialed(as_received)->name == "main");
    }
    CHECK(directory->dialed("2025550100") == nullptr);
    CHECK(directory->dialed("") == nullptr);
    CHECK(directory->tenant("acme").routing_mode == routing::Mode::legacy_did);
    CHECK(directory->tenant("default") == routing::Tenant{});
    CHECK(directory->tenant("nobody").routing_mode == routing::Mode::smart);

    expect(repository.remove(ResourceKind::phone_number, "default", "main"));
    CHECK(directory->dialed("12025550100") != nullptr);  // as of its moment
    CHECK(expect(MemoryDirectory::load(fixture.database))->dialed("12025550100") == nullptr);
}

}  // namespace cxdial::storage::testing
