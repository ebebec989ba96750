// The resources that calls coming in are routed by: people, dialed numbers and tenants.
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <string>

namespace cxdial::storage::testing {
namespace {

using base::Errc;
using Catch::Matchers::Contains;

std::string text_of(const balancer::Assistant& agent) {
    return agent.name + " v" + std::to_string(agent.version);
}

}  // namespace

TEST_CASE("resources: a person is an agent and no assistant", "[storage][resources]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    CHECK(expect(repository.put(person("ada"), at(1))) == PutOutcome::created);
    expect(repository.put(sip_assistant("bot"), at(1)));
    CHECK(expect(repository.agent("default", "ada")).phone_number == "+12025550177");
    CHECK(repository.assistant("default", "ada").error().code == Errc::not_found);
    CHECK(repository.agent("default", "bot").error().code == Errc::not_found);
    REQUIRE(expect(repository.agents("default", {})).size() == 1);
    CHECK(expect(repository.agents("default", {})).front().name == "ada");
    REQUIRE(expect(repository.assistants("default", {})).size() == 1);
    CHECK(expect(repository.assistants("default", {})).front().name == "bot");
}

TEST_CASE("resources: the engine finds people and assistants by name", "[storage][resources]") {
    Fixture fixture;
    expect(fixture.repository.put(person("ada"), at(1)));
    expect(fixture.repository.put(sip_assistant("bot"), at(1)));
    in_transaction(fixture.store, [&] {
        CHECK(fixture.store.assistant("default", "ada")->protocol == balancer::Protocol::number);
        CHECK(fixture.store.assistant("default", "bot")->protocol == balancer::Protocol::sip);
        CHECK_FALSE(fixture.store.assistant("acme", "ada"));
    });
}

TEST_CASE("resources: assistants and agents share their names", "[storage][resources]") {
    Fixture fixture;
    expect(fixture.repository.put(sip_assistant("ada"), at(1)));
    const auto taken = fixture.repository.put(person("ada"), at(2));
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Errc::conflict);
    CHECK_THAT(taken.error().detail, Contains("an assistant \"ada\""));
    balancer::Assistant elsewhere = person("ada");
    elsewhere.tenant = "acme";
    CHECK(fixture.repository.put(elsewhere, at(2)));
}

TEST_CASE(
    "resources: an agent's version rises with each change and only then", "[storage][resources]"
) {
    Fixture fixture;
    balancer::Assistant ada = person("ada");
    expect(fixture.repository.put(ada, at(1)));
    CHECK(text_of(expect(fixture.repository.agent("default", "ada"))) == "ada v1");
    ada.version = 77;
    CHECK(expect(fixture.repository.put(ada, at(2))) == PutOutcome::unchanged);
    CHECK(text_of(expect(fixture.repository.agent("default", "ada"))) == "ada v1");
    ada.max_concurrent_calls = 3;
    CHECK(expect(fixture.repository.put(ada, at(3))) == PutOutcome::changed);
    CHECK(text_of(expect(fixture.repository.agent("default", "ada"))) == "ada v2");
}

TEST_CASE("resources: a dialed number is one resource's", "[storage][resources]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    expect(repository.put(person("ada"), at(1)));
    const routing::DialedNumber main = dialed("main", "+12025550100", "ada");
    CHECK(expect(repository.put(main, at(1))) == PutOutcome::created);
    CHECK(expect(repository.put(main, at(2))) == PutOutcome::unchanged);
    CHECK(expect(repository.dialed_number("default", "main")) == main);
    const auto refused = [&](const routing::DialedNumber& number) {
        const auto put = repository.put(number, at(3));
        REQUIRE_FALSE(put);
        CHECK(put.error().code == Errc::conflict);
        CHECK_THAT(put.error().detail, Contains("\"main\"") && Contains("tenant \"default\""));
    };
    refused(dialed("other", "+12025550100", "ada"));
    refused(dialed("digits", "12025550100", "ada"));
    routing::DialedNumber elsewhere = dialed("main", "+12025550100", "");
    elsewhere.tenant = "acme";
    refused(elsewhere);
    expect(repository.remove(ResourceKind::phone_number, "default", "main"));
    CHECK(repository.put(elsewhere, at(4)));
}

TEST_CASE("resources: the same tenant comes back as it was put", "[storage][resources]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    expect(repository.put(sip_assistant("bot"), at(1)));
    routing::Tenant tenant;
    tenant.routing_mode = routing::Mode::legacy_did;
    tenant.layers_off = {routing::Layer::last_outbound};
    tenant.unknown_caller_agent = "bot";
    tenant.callback_campaign = "spring";
    CHECK(repository.tenant("default").error().code == Errc::not_found);
    CHECK(expect(repository.put(tenant, at(1))) == PutOutcome::created);
    CHECK(expect(repository.put(tenant, at(2))) == PutOutcome::unchanged);
    CHECK(expect(repository.tenant("default")) == tenant);
    routing::Tenant other;
    other.name = "acme";
    expect(repository.put(other, at(3)));
    const auto names = [](const std::vector<routing::Tenant>& tenants) {
        std::string joined;
        for (const routing::Tenant& each : tenants) {
            joined += each.name + " ";
        }
        return joined;
    };
    CHECK(names(expect(repository.tenants({}))) == "acme default ");
    CHECK(names(expect(repository.tenants({.after = "acme", .limit = 1}))) == "default ");
    expect(repository.remove(ResourceKind::tenant, "", "acme"));
    CHECK(repository.tenant("acme").error().code == Errc::not_found);
}

TEST_CASE("resources: what names nobody is refused with its field", "[storage][resources]") {
    Fixture fixture;
    const auto refused = [&](const auto& resource, const char* field) {
        const auto put = fixture.repository.put(resource, at(1));
        REQUIRE_FALSE(put);
        CHECK(put.error().code == Errc::invalid_argument);
        CHECK_THAT(put.error().detail, Contains(std::string(field) + ": ") && Contains("\"x\""));
    };
    refused(dialed("main", "+12025550100", "x"), "agent");
    routing::Tenant tenant;
    tenant.unknown_caller_agent = "x";
    refused(tenant, "unknown_caller_agent");
    tenant.unknown_caller_agent = "";
    tenant.callback_campaign = "x";
    refused(tenant, "callback_campaign");
}

TEST_CASE("resources: campaigns and balancers may lead to people", "[storage][resources]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    expect(repository.put(person("ada"), at(1)));
    balancer::Balancer pool;
    pool.name = "pool";
    pool.members = {{.assistant = "ada"}};
    CHECK(repository.put(pool, at(1)));
    campaign::Campaign campaign = hangup_campaign("winter");
    campaign.routing_destination_type = campaign::RoutingDestinationType::ai_assistant;
    campaign.routing_destination = "ada";
    CHECK(repository.put(campaign, at(1)));
    const campaign::CampaignId id = expect(repository.campaign("default", "winter")).id;
    CHECK(
        expect(repository.campaigns_using(ResourceKind::agent, "default", "ada")) ==
        std::vector<campaign::CampaignId>{id}
    );
}

TEST_CASE(
    "resources: who is in use is not deleted, and the user is named", "[storage][resources]"
) {
    Fixture fixture;
    Repository& repository = fixture.repository;
    for (const char* name : {"ada", "bob", "cleo"}) {
        expect(repository.put(person(name), at(1)));
    }
    const auto refused = [&](ResourceKind kind, const char* name, const char* user) {
        const base::Result<void> removed = repository.remove(kind, "default", name);
        REQUIRE_FALSE(removed);
        CHECK(removed.error().code == Errc::conflict);
        CHECK_THAT(removed.error().detail, Contains(std::string("is used by ") + user));
    };
    expect(repository.put(dialed("main", "+12025550100", "ada"), at(1)));
    refused(ResourceKind::agent, "ada", "phone_number \"main\"");
    routing::Tenant tenant;
    tenant.unknown_caller_agent = "bob";
    expect(repository.put(hangup_campaign("back"), at(1)));
    tenant.callback_campaign = "back";
    expect(repository.put(tenant, at(1)));
    refused(ResourceKind::agent, "bob", "tenant \"default\"");
    refused(ResourceKind::campaign, "back", "tenant \"default\"");
    balancer::Balancer pool;
    pool.name = "pool";
    pool.members = {{.assistant = "cleo"}};
    expect(repository.put(pool, at(1)));
    refused(ResourceKind::agent, "cleo", "ai_load_balancer \"pool\"");
    expect(repository.remove(ResourceKind::ai_load_balancer, "default", "pool"));
    expect(repository.remove(ResourceKind::agent, "default", "cleo"));
    CHECK(
        repository.remove(ResourceKind::assistant, "default", "ada").error().code == Errc::not_found
    );
}

TEST_CASE(
    "resources: a campaign keeps when it was last activated, and no edit moves that",
    "[storage][resources]"
) {
    Fixture fixture;  // activated at 0
    const auto activated = [&] {
        return fixture.count("SELECT activated_at FROM campaign WHERE name = 'spring'");
    };
    const auto becomes = [&](campaign::CampaignStatus status, std::int64_t when) {
        in_transaction(fixture.store, [&] {
            fixture.store.set_campaign_status(fixture.id, status, "", at(when));
        });
    };
    becomes(campaign::CampaignStatus::paused, 1'000);
    CHECK(activated() == 0);
    becomes(campaign::CampaignStatus::active, 2'000);
    CHECK(activated() == 2'000);
    becomes(campaign::CampaignStatus::active, 3'000);
    campaign::Campaign edited = hangup_campaign("spring");
    edited.concurrent_active_calls = 7;
    expect(fixture.repository.put(edited, at(4'000)));
    CHECK(activated() == 2'000);
    fixture.add(1, 1);
    expect(fixture.repository.change_campaign(fixture.id, campaign::Transition::pause, at(5'000)));
    expect(fixture.repository.change_campaign(fixture.id, campaign::Transition::resume, at(6'000)));
    CHECK(activated() == 6'000);
}

}  // namespace cxdial::storage::testing
