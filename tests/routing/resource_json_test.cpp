#include "routing/resource_json.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace cxdial;
using namespace cxdial::routing;
using namespace std::chrono_literals;
using campaign::FieldError;
using campaign::FieldErrors;

namespace {

using Reasons = std::map<std::string, std::string>;

template <class Resource>
Reasons reasons(const std::variant<Resource, FieldErrors>& read) {
    Reasons reasons;
    if (const auto* errors = std::get_if<FieldErrors>(&read)) {
        for (const FieldError& error : *errors) {
            reasons[error.path] = error.reason;
        }
    }
    return reasons;
}

const base::WallTime now = base::from_millis(1'772'355'600'000);  // 2026-03-01T09:00:00Z

}  // namespace

TEST_CASE("tenant JSON: a tenant that says nothing has the defaults", "[routing][json]") {
    const auto read = tenant_from_json(R"({"name":"acme"})");
    REQUIRE(reasons(read).empty());
    Tenant expected;
    expected.name = "acme";
    CHECK(std::get<Tenant>(read) == expected);
    CHECK(
        to_json(expected) ==
        R"({"kind":"tenant","name":"acme","routing_mode":"smart","layers":)"
        R"({"active_campaign":true,"retry_pending":true,"active_follow_up":true,)"
        R"("last_outbound":true,"did_fallback":true},"retry_window_hours":24,)"
        R"("last_outbound_window_days":7,"engagement_unenroll_scope":"campaign",)"
        R"("contact_memory_scope":"exclusive","layer_budget":"50ms","total_budget":"200ms"})"
    );
}

TEST_CASE("tenant JSON: everything is read and written", "[routing][json]") {
    const auto read = tenant_from_json(R"({"kind":"tenant","revision":7,"name":"acme",
        "routing_mode":"legacy_did","layers":{"active_campaign":false,"last_outbound":true},
        "retry_window_hours":48,"last_outbound_window_days":30,
        "engagement_unenroll_scope":"contact","contact_memory_scope":"on_demand",
        "unknown_caller_agent":"desk","callback_campaign":"call backs","layer_budget":"20ms",
        "total_budget":"1s"})");
    REQUIRE(reasons(read).empty());
    const auto& tenant = std::get<Tenant>(read);
    CHECK(tenant.routing_mode == Mode::legacy_did);
    CHECK(tenant.layers_off == std::set<Layer>{Layer::active_campaign});
    CHECK(tenant.retry_window == 48h);
    CHECK(tenant.last_outbound_window == std::chrono::days{30});
    CHECK(tenant.engagement_unenroll_scope == UnenrollScope::contact);
    CHECK(tenant.contact_memory_scope == MemoryScope::on_demand);
    CHECK(tenant.unknown_caller_agent == "desk");
    CHECK(tenant.callback_campaign == "call backs");
    CHECK(tenant.layer_budget == 20ms);
    CHECK(tenant.total_budget == 1s);
    CHECK(std::get<Tenant>(tenant_from_json(to_json(tenant))) == tenant);
}

TEST_CASE("tenant JSON: all that is wrong is listed", "[routing][json]") {
    CHECK(
        reasons(tenant_from_json(R"({"routing_mode":"clever","layers":{"roof":true,
            "did_fallback":1},"retry_window_hours":-1,"last_outbound_window_days":"7",
            "engagement_unenroll_scope":"all","contact_memory_scope":"none",
            "unknown_caller_agent":" desk","layer_budget":50,"total_budget":"1h","colour":1})")) ==
        Reasons{
            {"name", "is required"},
            {"routing_mode", "expected one of smart, legacy_did"},
            {"layers.roof", "unknown field"},
            {"layers.did_fallback", "expected true or false"},
            {"retry_window_hours", "expected a whole number from 0 to 8760"},
            {"last_outbound_window_days", "expected a whole number from 0 to 3650"},
            {"engagement_unenroll_scope", "expected one of off, campaign, agent, contact"},
            {"contact_memory_scope", "expected one of exclusive, shared, on_demand"},
            {"unknown_caller_agent", "must not begin or end with a blank"},
            {"layer_budget", "expected a string"},
            {"total_budget", "expected a duration from 1ms to 5s"},
            {"colour", "unknown field"},
        }
    );
    CHECK(reasons(tenant_from_json("[]")) == Reasons{{"", "expected a JSON object"}});
}

TEST_CASE("phone number JSON: a dialed number is known by its E.164 form", "[routing][json]") {
    const auto read = dialed_number_from_json(
        R"({"kind":"phone_number","phone_number":"+1 212 555 0100","agent":"desk"})"
    );
    REQUIRE(reasons(read).empty());
    const auto& number = std::get<DialedNumber>(read);
    CHECK(number.phone_number == "+12125550100");
    CHECK(number.name == "+12125550100");
    CHECK(number.agent == "desk");
    CHECK(number.tenant == "default");
    CHECK(std::get<DialedNumber>(dialed_number_from_json(to_json(number))) == number);
}

TEST_CASE("phone number JSON: a domain's own number and a name of its own", "[routing][json]") {
    const auto read =
        dialed_number_from_json(R"({"tenant":"acme","name":"front desk","phone_number":"3000"})");
    REQUIRE(reasons(read).empty());
    const auto& number = std::get<DialedNumber>(read);
    CHECK(number.tenant == "acme");
    CHECK(number.name == "front desk");
    CHECK(number.phone_number == "3000");
    CHECK(number.agent.empty());
    CHECK(std::get<DialedNumber>(dialed_number_from_json(to_json(number))) == number);
}

TEST_CASE("phone number JSON: all that is wrong is listed", "[routing][json]") {
    CHECK(
        reasons(dialed_number_from_json(
            R"({"phone_number":"desk","name":"a/b","tenant":"","agent":7,"plan":"x"})"
        )) ==
        Reasons{
            {"phone_number", "is no number: as a phone number it is not a phone number"},
            {"name", "must not contain /"},
            {"tenant", "must not be empty"},
            {"agent", "expected a string"},
            {"plan", "unknown field"},
        }
    );
    CHECK(reasons(dialed_number_from_json("{}")) == Reasons{{"phone_number", "is required"}});
}

TEST_CASE("contact JSON: a contact is read and written", "[routing][json]") {
    const auto read = contact_from_json(R"({"tenant":"acme","phone_number":"+1 (212) 555-0199",
        "name":"Zoë","tier":"gold","attributes":{"crm-id":"77"},
        "engaged_at":"2026-01-01T00:00:00Z"})");
    REQUIRE(reasons(read).empty());
    auto contact = std::get<Contact>(read);
    CHECK(contact.phone_number.reveal() == "+12125550199");
    CHECK(contact.name == "Zoë");
    CHECK(contact.tier == "gold");
    CHECK(contact.attributes == std::map<std::string, std::string>{{"crm-id", "77"}});
    CHECK_FALSE(contact.engaged_at);
    CHECK(std::get<Contact>(contact_from_json(to_json(contact))) == contact);
    contact.engaged_at = now;
    CHECK_THAT(to_json(contact), Catch::Contains(R"("engaged_at":"2026-03-01T09:00:00.000Z")"));
}

TEST_CASE("contact JSON: all that is wrong is listed", "[routing][json]") {
    CHECK(
        reasons(contact_from_json(
            R"({"phone_number":"1004","name":7,"attributes":{"a b":"1","n":1},"vip":true})"
        )) ==
        Reasons{
            {"phone_number", "is too short for its country"},
            {"name", "expected a string"},
            {"attributes", "has a name that is not 1 to 64 letters, digits, `_`, `-` and `.`"},
            {"attributes.n", "expected a string"},
            {"vip", "unknown field"},
        }
    );
}

TEST_CASE("follow-up JSON: without a time it is due now", "[routing][json]") {
    const auto read = follow_up_from_json(R"({"phone_number":"+12125550199","agent":"anna"})", now);
    REQUIRE(reasons(read).empty());
    const auto& follow_up = std::get<FollowUp>(read);
    CHECK(follow_up.type == FollowUpType::call);
    CHECK(follow_up.status == FollowUpStatus::active);
    CHECK(follow_up.due_at == now);
    CHECK(follow_up.activated_at == now);
    CHECK(follow_up.campaign.empty());
}

TEST_CASE("follow-up JSON: everything is read and written", "[routing][json]") {
    const auto read = follow_up_from_json(
        R"({"id":7,"status":"cancelled","tenant":"acme","phone_number":"+12125550199",
            "agent":"anna","type":"none","campaign":"spring","due_at":"2026-03-01T12:30:00+01:00",
            "note":"ask about the cat"})",
        now
    );
    REQUIRE(reasons(read).empty());
    auto follow_up = std::get<FollowUp>(read);
    CHECK(follow_up.id == campaign::FollowUpId{});
    CHECK(follow_up.status == FollowUpStatus::active);
    CHECK(follow_up.tenant == "acme");
    CHECK(follow_up.agent == "anna");
    CHECK(follow_up.type == FollowUpType::none);
    CHECK(follow_up.campaign == "spring");
    CHECK(follow_up.due_at == now + 150min);
    CHECK(follow_up.note == "ask about the cat");
    CHECK(std::get<FollowUp>(follow_up_from_json(to_json(follow_up), now)) == follow_up);

    follow_up.id = campaign::FollowUpId{7};
    follow_up.status = FollowUpStatus::completed;
    follow_up.reason = "engaged";
    follow_up.closed_at = now + 1s;
    follow_up.destination = campaign::DestinationId{8};
    follow_up.decision = campaign::DecisionId{9};
    CHECK(
        to_json(follow_up) ==
        R"({"kind":"follow_up","id":7,"tenant":"acme","phone_number":"+12125550199",)"
        R"("agent":"anna","type":"none","campaign":"spring","status":"completed",)"
        R"("reason":"engaged","note":"ask about the cat","due_at":"2026-03-01T11:30:00.000Z",)"
        R"("activated_at":"2026-03-01T09:00:00.000Z","closed_at":"2026-03-01T09:00:01.000Z",)"
        R"("destination_id":8,"decision_id":9})"
    );
    CHECK(reasons(follow_up_from_json(to_json(follow_up), now)).empty());
}

TEST_CASE("follow-up JSON: all that is wrong is listed", "[routing][json]") {
    CHECK(
        reasons(follow_up_from_json(
            R"({"type":"fax","due_at":"soon","campaign":"a/b","note":1,"colour":1})", now
        )) ==
        Reasons{
            {"phone_number", "is required"},
            {"agent", "is required"},
            {"type", "expected one of call, sms, email, none"},
            {"due_at", "is not an ISO 8601 time such as 2026-03-01T09:00:00Z"},
            {"campaign", "must not contain /"},
            {"note", "expected a string"},
            {"colour", "unknown field"},
        }
    );
    CHECK(
        reasons(follow_up_from_json(
                    R"({"phone_number":"+12125550199","agent":"anna","due_at":"2026-03-01T12:30"})",
                    now
                ))
            .count("due_at") == 1
    );
}
