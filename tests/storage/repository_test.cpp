#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace cxdial::storage::testing {
namespace {

using base::Errc;
using campaign::AttemptStatus;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::Disposition;
using Catch::Matchers::Contains;

balancer::Assistant websocket_assistant(const std::string& name, const std::string& token) {
    balancer::Assistant assistant;
    assistant.name = name;
    assistant.protocol = balancer::Protocol::websocket;
    assistant.url_template = "wss://bots.example.com/{bot_id}";
    assistant.bot_id = "b1";
    assistant.auth_token = base::Secret{token};
    return assistant;
}

balancer::Balancer balancer_over(const std::string& name, std::vector<std::string> members) {
    balancer::Balancer balancer;
    balancer.name = name;
    for (std::string& member : members) {
        balancer.members.push_back({.assistant = std::move(member)});
    }
    return balancer;
}

campaign::Campaign campaign_to(
    const std::string& name, campaign::RoutingDestinationType type, const std::string& destination
) {
    campaign::Campaign campaign = hangup_campaign(name);
    campaign.routing_destination_type = type;
    campaign.routing_destination = destination;
    return campaign;
}

std::vector<std::string> names(const std::vector<campaign::StoredCampaign>& campaigns) {
    std::vector<std::string> found;
    for (const campaign::StoredCampaign& stored : campaigns) {
        found.push_back(stored.campaign.name);
    }
    return found;
}

}  // namespace

TEST_CASE(
    "repository: a campaign's revision rises with each change and only then",
    "[storage][repository]"
) {
    Fixture fixture;
    campaign::Campaign campaign = hangup_campaign("autumn");
    CHECK(expect(fixture.repository.put(campaign, at(1))) == PutOutcome::created);
    CHECK(expect(fixture.repository.put(campaign, at(2))) == PutOutcome::unchanged);
    CHECK(expect(fixture.repository.campaign("default", "autumn")).revision == 1);
    campaign.concurrent_active_calls = 77;
    CHECK(expect(fixture.repository.put(campaign, at(3))) == PutOutcome::changed);
    const campaign::StoredCampaign stored =
        expect(fixture.repository.campaign("default", "autumn"));
    CHECK(stored.revision == 2);
    CHECK(stored.status == CampaignStatus::draft);
    CHECK(stored.campaign.concurrent_active_calls == 77);
    CHECK(expect(fixture.repository.campaign(stored.id)).campaign.name == "autumn");
}

TEST_CASE("repository: an edit that was undone is not remembered", "[storage][repository]") {
    Fixture fixture;
    campaign::Campaign campaign = hangup_campaign("spring");
    campaign.concurrent_active_calls = 20;
    fixture.store.begin();
    expect(fixture.repository.put(campaign, at(1)));
    CHECK(fixture.store.campaign(fixture.id)->campaign.concurrent_active_calls == 20);
    fixture.store.rollback();
    campaign.concurrent_active_calls = 30;
    expect(fixture.repository.put(campaign, at(2)));
    fixture.store.begin();
    CHECK(fixture.store.campaign(fixture.id)->campaign.concurrent_active_calls == 30);
    fixture.store.rollback();
}

TEST_CASE("repository: a tenant's names are its own", "[storage][repository]") {
    Fixture fixture;
    campaign::Campaign other = hangup_campaign("spring");
    other.tenant = "acme";
    CHECK(expect(fixture.repository.put(other, at(1))) == PutOutcome::created);
    CHECK(expect(fixture.repository.campaign("acme", "spring")).id != fixture.id);
    CHECK(
        names(expect(fixture.repository.campaigns("acme", {}))) ==
        std::vector<std::string>{"spring"}
    );
    CHECK(fixture.repository.campaign("nobody", "spring").error().code == Errc::not_found);
}

TEST_CASE("repository: lists are paged by name", "[storage][repository]") {
    Fixture fixture;
    for (const char* name : {"e", "b", "d", "a", "c"}) {
        expect(fixture.repository.put(hangup_campaign(name), at(0)));
        expect(fixture.repository.put(sip_assistant(name), at(0)));
        expect(fixture.repository.put(balancer_over(name, {name}), at(0)));
    }
    const NamePage page{.after = "b", .limit = 2};
    CHECK(
        names(expect(fixture.repository.campaigns("default", page))) ==
        std::vector<std::string>{"c", "d"}
    );
    CHECK(expect(fixture.repository.assistants("default", page)).at(1).name == "d");
    CHECK(expect(fixture.repository.balancers("default", page)).at(0).name == "c");
}

TEST_CASE(
    "repository: an assistant keeps its token when it comes back without", "[storage][repository]"
) {
    Fixture fixture;
    expect(fixture.repository.put(websocket_assistant("bot", "s3cret"), at(0)));
    CHECK(
        expect(fixture.repository.put(websocket_assistant("bot", ""), at(1))) ==
        PutOutcome::unchanged
    );
    CHECK(expect(fixture.repository.assistant("default", "bot")).auth_token.reveal() == "s3cret");
    expect(fixture.repository.put(websocket_assistant("bot", "new"), at(2)));
    CHECK(expect(fixture.repository.assistant("default", "bot")).auth_token.reveal() == "new");
}

TEST_CASE(
    "repository: a resource that names what does not exist is refused with its field",
    "[storage][repository]"
) {
    Fixture fixture;
    using enum campaign::RoutingDestinationType;
    const auto campaign = fixture.repository.put(campaign_to("x", ai_assistant, "bot"), at(0));
    REQUIRE_FALSE(campaign);
    CHECK(campaign.error().code == Errc::invalid_argument);
    CHECK_THAT(campaign.error().detail, Contains("routing_destination") && Contains("\"bot\""));
    expect(fixture.repository.put(sip_assistant("bot"), at(0)));
    const auto balancer = fixture.repository.put(balancer_over("pool", {"bot", "gone"}), at(0));
    REQUIRE_FALSE(balancer);
    CHECK_THAT(balancer.error().detail, Contains("members[1].assistant") && Contains("\"gone\""));
    balancer::Balancer with_fallback = balancer_over("pool", {"bot"});
    with_fallback.fallback = "gone";
    CHECK_THAT(fixture.repository.put(with_fallback, at(0)).error().detail, Contains("fallback"));
    with_fallback.fallback = "hangup";
    CHECK(fixture.repository.put(with_fallback, at(0)));
}

TEST_CASE(
    "repository: what is in use is not deleted, and its user is named", "[storage][repository]"
) {
    Fixture fixture;
    using enum campaign::RoutingDestinationType;
    expect(fixture.repository.put(sip_assistant("bot"), at(0)));
    expect(fixture.repository.put(balancer_over("pool", {"bot"}), at(0)));
    const auto remove = [&](ResourceKind kind, const char* name) {
        return fixture.repository.remove(kind, "default", name);
    };
    expect(fixture.repository.put(sip_assistant("sole"), at(0)));
    expect(fixture.repository.put(campaign_to("winter", ai_assistant, "sole"), at(0)));
    CHECK_THAT(
        remove(ResourceKind::assistant, "sole").error().detail, Contains("campaign \"winter\"")
    );
    const base::Result<void> by_balancer = remove(ResourceKind::assistant, "bot");
    REQUIRE_FALSE(by_balancer);
    CHECK(by_balancer.error().code == Errc::conflict);
    CHECK_THAT(by_balancer.error().detail, Contains("ai_load_balancer \"pool\""));

    expect(fixture.repository.put(campaign_to("summer", ai_load_balancer, "pool"), at(0)));
    CHECK_THAT(
        remove(ResourceKind::ai_load_balancer, "pool").error().detail,
        Contains("campaign \"summer\"")
    );
    expect(remove(ResourceKind::campaign, "summer"));
    expect(remove(ResourceKind::ai_load_balancer, "pool"));
    expect(remove(ResourceKind::assistant, "bot"));
    CHECK(remove(ResourceKind::assistant, "bot").error().code == Errc::not_found);
}

TEST_CASE(
    "repository: a campaign is deleted with all that is its own, once nothing of it lives",
    "[storage][repository]"
) {
    Fixture fixture;
    fixture.add(1, 3);
    const campaign::AttemptId attempt = fixture.dial().second;
    const auto remove = [&] {
        return fixture.repository.remove(ResourceKind::campaign, "default", "spring");
    };
    CHECK_THAT(remove().error().detail, Contains("is active"));
    expect(fixture.repository.change_campaign(fixture.id, campaign::Transition::pause, at(0)));
    CHECK_THAT(remove().error().detail, Contains("live calls"));
    in_transaction(fixture.store, [&] {
        CHECK(fixture.store.record_webhook(cdr("call-1", "t1"), attempt, at(0)));
        CHECK(
            fixture.store.move_attempt(attempt, AttemptStatus::intent, {.to = AttemptStatus::ended})
        );
    });
    expect(remove());
    CHECK_FALSE(expect(fixture.repository.tidy({}, 100)));
    CHECK(fixture.count("SELECT count(*) FROM campaign") == 0);
    CHECK(fixture.count("SELECT count(*) FROM destination") == 0);
    CHECK(fixture.count("SELECT count(*) FROM attempt") == 0);
    CHECK(fixture.count("SELECT count(*) FROM destination_count") == 0);
    CHECK(fixture.count("SELECT count(*) FROM attempt_count") == 0);
    CHECK(fixture.count("SELECT count(*) FROM webhook") == 1);
}

TEST_CASE(
    "repository: a deleted campaign is gone at once and its rows in pieces, also after a restart",
    "[storage][repository]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    campaign::CampaignId deleted{0};
    {
        Fixture fixture(path);
        deleted = fixture.id;
        fixture.add(1, 25);
        const campaign::AttemptId attempt = fixture.dial().second;
        in_transaction(fixture.store, [&] {
            CHECK(fixture.store.move_attempt(
                attempt, AttemptStatus::intent, {.to = AttemptStatus::ended}
            ));
        });
        const campaign::CampaignId id = fixture.id;
        expect(fixture.repository.change_campaign(id, campaign::Transition::pause, at(0)));
        expect(fixture.repository.remove(ResourceKind::campaign, "default", "spring"));
        CHECK(fixture.repository.campaign("default", "spring").error().code == Errc::not_found);
        CHECK(expect(fixture.repository.campaigns("default", {})).empty());
        CHECK_FALSE(fixture.repository.change_campaign(id, campaign::Transition::resume, at(0)));
        CHECK_FALSE(fixture.repository.add_destinations(id, {}));
        CHECK(expect(fixture.repository.tidy({}, 10)));
        CHECK(fixture.count("SELECT count(*) FROM destination") == 16);
    }
    // The same name may be had again at once, and its rows are its own.
    Fixture fixture(path);
    fixture.add(1, 3);
    CHECK(fixture.id != deleted);
    CHECK(expect(fixture.repository.tidy({}, 10)));
    CHECK_FALSE(expect(fixture.repository.tidy({}, 10)));
    CHECK(fixture.count("SELECT count(*) FROM destination") == 3);
    CHECK(fixture.count("SELECT count(*) FROM campaign") == 1);
}

TEST_CASE("repository: several writes happen all or not at all", "[storage][repository]") {
    Fixture fixture;
    using enum campaign::RoutingDestinationType;
    const bool with_mistake = GENERATE(false, true);
    const base::Result<void> done = fixture.repository.atomically([&]() -> base::Result<void> {
        expect(fixture.repository.put(sip_assistant("bot"), at(0)));
        const std::string target = with_mistake ? "gone" : "bot";
        const auto put = fixture.repository.put(campaign_to("x", ai_assistant, target), at(0));
        return put ? base::Result<void>() : put.error();
    });
    CHECK(done.has_value() == !with_mistake);
    CHECK(fixture.repository.assistant("default", "bot").has_value() == !with_mistake);
}

TEST_CASE(
    "repository: the life cycle without an engine obeys the same rules", "[storage][repository]"
) {
    Fixture fixture;
    using campaign::Transition;
    expect(fixture.repository.put(hangup_campaign("autumn"), at(0)));
    const campaign::CampaignId id = expect(fixture.repository.campaign("default", "autumn")).id;
    const auto change = [&](Transition transition) {
        return fixture.repository.change_campaign(id, transition, at(1));
    };
    CHECK_THAT(change(Transition::start).error().detail, Contains("import destinations first"));
    CHECK(change(Transition::pause).error().code == Errc::conflict);
    expect(fixture.repository.add_destinations(id, std::array{destination(1)}));
    CHECK(expect(change(Transition::start)) == CampaignStatus::active);
    CHECK(expect(fixture.repository.campaign(id)).status == CampaignStatus::active);
    CHECK(expect(change(Transition::pause)) == CampaignStatus::paused);
    CHECK(expect(change(Transition::archive)) == CampaignStatus::archived);
    CHECK(
        fixture.repository.add_destinations(id, std::array{destination(2)}).error().code ==
        Errc::conflict
    );
}

TEST_CASE("import: every row is imported, a duplicate or suppressed", "[storage][import]") {
    Fixture fixture;
    CHECK(expect(fixture.repository.suppress(std::array{number(2)}, "asked", at(7))) == 1);
    const std::array batch{
        destination(1), destination(2), destination(3), destination(1), destination(2)};
    const AddedDestinations first = expect(fixture.repository.add_destinations(fixture.id, batch));
    CHECK(first.imported == 2);
    CHECK(first.suppressed == 1);
    CHECK(first.duplicates == 2);
    const AddedDestinations again = expect(fixture.repository.add_destinations(fixture.id, batch));
    CHECK(again.imported + again.suppressed == 0);
    CHECK(again.duplicates == 5);
    CHECK(
        expect(fixture.repository.destination(fixture.id, number(2))).status ==
        DestinationStatus::suppressed
    );
    CHECK(fixture.repository.destination(fixture.id, number(9)).error().code == Errc::not_found);
    CHECK(
        fixture.repository.add_destinations(campaign::CampaignId{99}, batch).error().code ==
        Errc::not_found
    );
}

TEST_CASE("import: a destination keeps what it came with", "[storage][import]") {
    Fixture fixture;
    campaign::NewDestination given = destination(1, 7);
    given.name = "Ada";
    given.timezone = "Europe/Zurich";
    given.metadata = R"({"plan":"gold"})";
    given.not_before = at(5'000);
    expect(fixture.repository.add_destinations(fixture.id, std::array{given, destination(2)}));
    const DestinationRecord kept = expect(fixture.repository.destination(fixture.id, number(1)));
    CHECK(kept.name == "Ada");
    CHECK(kept.timezone == "Europe/Zurich");
    CHECK(kept.metadata == given.metadata);
    CHECK(kept.priority == 7);
    CHECK(kept.next_at == at(5'000));
    CHECK_FALSE(expect(fixture.repository.destination(fixture.id, number(2))).next_at);
    const auto page = expect(fixture.repository.destinations(
        fixture.id, {.after = static_cast<std::int64_t>(number(1).digits()), .limit = 5}
    ));
    REQUIRE(page.size() == 1);
    CHECK(page[0].phone_number == number(2));
}

TEST_CASE("repository: statistics are what counting the rows gives", "[storage][repository]") {
    Fixture fixture;
    fixture.add(1, 20);
    std::vector<campaign::AttemptId> attempts;
    for (int i = 0; i < 10; ++i) {
        attempts.push_back(fixture.dial().second);
    }
    in_transaction(fixture.store, [&] {
        const auto move = [&](std::size_t i, AttemptStatus to, std::optional<Disposition> outcome) {
            dialer::AttemptChange change{.to = to};
            change.disposition = outcome;
            CHECK(fixture.store.move_attempt(attempts[i], AttemptStatus::intent, change));
        };
        move(0, AttemptStatus::placed, {});
        move(1, AttemptStatus::answered, {});
        move(2, AttemptStatus::in_doubt, {});
        move(3, AttemptStatus::ended, Disposition::busy);
        move(4, AttemptStatus::ended, Disposition::busy);
        move(5, AttemptStatus::ended, Disposition::answered);
        move(6, AttemptStatus::refused, Disposition::failed);
        move(7, AttemptStatus::not_sent, {});
    });
    const CampaignStatistics statistics = expect(fixture.repository.statistics(fixture.id));
    CHECK(
        statistics.destinations ==
        std::map<DestinationStatus, std::int64_t>{
            {DestinationStatus::pending, 10}, {DestinationStatus::placing_call, 10}}
    );
    CHECK(statistics.active_calls == 5);
    CHECK(statistics.in_doubt_calls == 1);
    CHECK(statistics.placed_calls == 5);
    CHECK(
        statistics.dispositions ==
        std::map<Disposition, std::int64_t>{
            {Disposition::answered, 1}, {Disposition::busy, 2}, {Disposition::failed, 1}}
    );
    CHECK(
        fixture.count(
            "SELECT count(*) FROM (SELECT status, count(*) AS n FROM destination GROUP BY 1"
            " EXCEPT SELECT status, number FROM destination_count)"
        ) == 0
    );
    CHECK(
        fixture.count("SELECT count(*) FROM (SELECT status, ifnull(disposition, '') AS d,"
                      " count(*) AS n FROM attempt GROUP BY 1, 2"
                      " EXCEPT SELECT status, disposition, number FROM attempt_count)") == 0
    );
}

TEST_CASE("repository: an attempt tells all that a voice request needs", "[storage][repository]") {
    Fixture fixture;
    fixture.add(1, 2);
    const auto dialed = fixture.dial();
    const auto& taken = dialed.first;
    const campaign::AttemptId id = dialed.second;
    const campaign::AttemptId second = fixture.dial().second;
    in_transaction(fixture.store, [&] {
        dialer::AttemptChange ended{.to = AttemptStatus::ended};
        ended.token = campaign::SessionToken{"t1"};
        ended.disposition = Disposition::answered;
        ended.detail = "ok";
        ended.placed_at = at(1'100);
        ended.answered_at = at(2'000);
        ended.ended_at = at(9'000);
        ended.duration = std::chrono::seconds{8};
        ended.billsec = std::chrono::seconds{7};
        CHECK(fixture.store.move_attempt(id, AttemptStatus::intent, ended));
    });
    const AttemptRecord found = expect(fixture.repository.attempt(campaign::SessionToken{"t1"}));
    CHECK(found.id == id);
    CHECK(found.campaign == fixture.id);
    CHECK(found.destination == taken.id);
    CHECK(found.phone_number == number(1));
    CHECK(found.caller_id == "+12025550100");
    CHECK(found.campaign_revision == 1);
    CHECK(found.status == AttemptStatus::ended);
    CHECK(found.disposition == Disposition::answered);
    CHECK(found.detail == "ok");
    CHECK(found.intent_at == at(1'000));
    CHECK(found.placed_at == at(1'100));
    CHECK(found.answered_at == at(2'000));
    CHECK(found.ended_at == at(9'000));
    CHECK(found.duration == std::chrono::seconds{8});
    CHECK(found.billsec == std::chrono::seconds{7});
    CHECK(expect(fixture.repository.attempt(id)).token == campaign::SessionToken{"t1"});
    CHECK(fixture.repository.attempt(campaign::AttemptId{5}).error().code == Errc::not_found);

    const auto page = expect(fixture.repository.attempts(fixture.id, {.after = id.raw()}));
    REQUIRE(page.size() == 1);
    CHECK(page[0].id == second);
    CHECK(expect(fixture.repository.attempts(taken.id)).size() == 1);
}

TEST_CASE(
    "repository: CDRs without a call are listed and outlive what passes", "[storage][repository]"
) {
    Fixture fixture;
    in_transaction(fixture.store, [&] {
        dialer::WebhookReceived webhook = cdr("call-1", "t1");
        webhook.report.attempt = campaign::AttemptId{4242};
        CHECK(fixture.store.record_webhook(webhook, std::nullopt, at(1'000)));
        webhook.kind = dialer::WebhookReceived::Kind::session_update;
        CHECK(fixture.store.record_webhook(webhook, std::nullopt, at(1'000)));
        webhook.key = "call-2";
        CHECK(fixture.store.record_webhook(webhook, std::nullopt, at(5'000)));
        CHECK(fixture.store.record_webhook(cdr("call-3", "t3"), campaign::AttemptId{1}, at(1'000)));
    });
    const std::vector<OrphanCdr> orphans = expect(fixture.repository.orphan_cdrs({}));
    REQUIRE(orphans.size() == 1);
    CHECK(orphans[0].key == "call-1");
    CHECK(orphans[0].token == campaign::SessionToken{"t1"});
    CHECK(orphans[0].reported_attempt == campaign::AttemptId{4242});
    CHECK(orphans[0].disposition == Disposition::answered);
    CHECK(orphans[0].received_at == at(1'000));
    CHECK(orphans[0].body == R"({"disposition":"ANSWER"})");
    CHECK(expect(fixture.repository.orphan_cdrs({.after = orphans[0].id})).empty());
    CHECK(fixture.count("SELECT count(*) FROM webhook WHERE kind <> 0 AND body <> ''") == 0);
    CHECK_FALSE(expect(fixture.repository.tidy(at(5'000), 100)));
    CHECK(fixture.count("SELECT count(*) FROM webhook") == 3);
    CHECK(expect(fixture.repository.tidy(at(9'000), 1)));
    CHECK(fixture.count("SELECT count(*) FROM webhook") == 2);
}

TEST_CASE(
    "repository: the do-not-call list is added to, asked, paged and taken from",
    "[storage][repository]"
) {
    Fixture fixture;
    const std::array numbers{number(3), number(1), number(2), number(1)};
    CHECK(expect(fixture.repository.suppress(numbers, "asked", at(7))) == 3);
    CHECK(expect(fixture.repository.suppress(numbers, "again", at(8))) == 0);
    const auto entry = expect(fixture.repository.suppression(number(2)));
    REQUIRE(entry);
    CHECK(entry->reason == "asked");
    CHECK(entry->added_at == at(7));
    const auto page = expect(fixture.repository.suppressions({.limit = 2}));
    REQUIRE(page.size() == 2);
    CHECK(page[1].phone_number == number(2));
    CHECK(expect(fixture.repository.unsuppress(number(2))));
    CHECK_FALSE(expect(fixture.repository.unsuppress(number(2))));
    CHECK_FALSE(expect(fixture.repository.suppression(number(2))));
}

TEST_CASE(
    "repository: a prefix is suppressed once, listed by its digits and taken off again",
    "[storage][repository]"
) {
    Fixture fixture;
    storage::Repository& repository = fixture.repository;
    CHECK(expect(repository.suppress_prefix(44, "a country", at(7))));
    CHECK(expect(repository.suppress_prefix(1202, "an area", at(8))));
    CHECK_FALSE(expect(repository.suppress_prefix(1202, "again", at(9))));
    const auto listed = expect(repository.suppressed_prefixes());
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].prefix == 44);
    CHECK(listed[1].prefix == 1202);
    CHECK(listed[1].reason == "an area");
    CHECK(listed[1].added_at == at(8));
    CHECK(expect(repository.unsuppress_prefix(1202)));
    CHECK_FALSE(expect(repository.unsuppress_prefix(1202)));
    CHECK(expect(repository.suppressed_prefixes()).size() == 1);
    CHECK_FALSE(repository.suppress_prefix(0, "", at(9)));
    CHECK_FALSE(repository.suppress_prefix(100'000'000'000'000, "", at(9)));
}

TEST_CASE("import: what begins with a suppressed prefix is suppressed", "[storage][import]") {
    // number(1) is +12025550001; a prefix is the beginning of a number, not a part of it.
    const auto [prefix, is_under] = GENERATE(table<std::int64_t, bool>({
        {1, true},
        {1202, true},
        {1'202'555'000, true},
        {202, false},
        {1203, false},
        {12'025'550'002, false},
    }));
    CAPTURE(prefix);
    Fixture fixture;
    expect(fixture.repository.suppress_prefix(prefix, "test", at(0)));
    const AddedDestinations added =
        expect(fixture.repository.add_destinations(fixture.id, std::array{destination(1)}));
    CHECK(added.suppressed == (is_under ? 1 : 0));
    CHECK(added.imported == (is_under ? 0 : 1));
    CHECK(fixture.store.is_suppressed(number(1)) == is_under);
}

TEST_CASE(
    "repository: the campaigns that an edit of an assistant or a balancer concerns are found",
    "[storage][repository]"
) {
    using enum campaign::RoutingDestinationType;
    Fixture fixture;
    for (const char* name : {"anna", "bert", "carl"}) {
        expect(fixture.repository.put(sip_assistant(name), at(0)));
    }
    balancer::Balancer pool = balancer_over("pool", {"anna"});
    pool.fallback = "bert";
    expect(fixture.repository.put(pool, at(0)));
    expect(fixture.repository.put(campaign_to("direct", ai_assistant, "anna"), at(0)));
    expect(fixture.repository.put(campaign_to("pooled", ai_load_balancer, "pool"), at(0)));
    expect(fixture.repository.put(campaign_to("gone", ai_assistant, "anna"), at(0)));
    const auto id_of = [&](const char* name) {
        return expect(fixture.repository.campaign("default", name)).id;
    };
    expect(fixture.repository.change_campaign(id_of("gone"), campaign::Transition::archive, at(1)));
    using Ids = std::vector<campaign::CampaignId>;
    const auto using_assistant = [&](const char* name) {
        return expect(fixture.repository.campaigns_using(ResourceKind::assistant, "default", name));
    };
    CHECK(using_assistant("anna") == Ids{id_of("direct"), id_of("pooled")});
    CHECK(using_assistant("bert") == Ids{id_of("pooled")});
    CHECK(using_assistant("carl").empty());
    const auto pooled =
        fixture.repository.campaigns_using(ResourceKind::ai_load_balancer, "default", "pool");
    CHECK(expect(pooled) == Ids{id_of("pooled")});
}

}  // namespace cxdial::storage::testing
