#include "storage/internal/references.h"

#include "balancer/assistant.h"
#include "campaign/campaign.h"
#include "routing/tenant.h"
#include "storage/internal/stored_resources.h"

namespace cxdial::storage {
namespace {

base::Error named_in(const std::string& field, const base::Error& missing) {
    return {base::Errc::invalid_argument, field + ": " + missing.detail};
}

std::string quoted(const char* kind, const std::string& name) {
    return std::string(kind) + " \"" + name + "\"";
}

std::string campaign_routed_to(
    Connection& connection, std::string_view type, std::string_view tenant, std::string_view name
) {
    Query campaigns(
        connection,
        "SELECT name FROM campaign WHERE tenant = ? AND status <> 4"
        " AND body ->> '$.routing_destination_type' = ? AND body ->> '$.routing_destination' = ?"
    );
    return campaigns.bind(tenant, type, name).next() ? quoted("campaign", campaigns.take_text())
                                                     : std::string();
}

std::string user_of_agent(Connection& connection, std::string_view tenant, std::string_view name) {
    if (std::string user = campaign_routed_to(connection, "ai_assistant", tenant, name);
        !user.empty()) {
        return user;
    }
    Query balancers(
        connection,
        "SELECT name FROM resource WHERE kind = 'ai_load_balancer' AND tenant = ?1"
        " AND (body ->> '$.fallback' = ?2 OR EXISTS (SELECT 1"
        "  FROM json_each(body, '$.members') AS member WHERE member.value ->> '$.assistant' = ?2))"
    );
    if (balancers.bind(tenant, name).next()) {
        return quoted(balancer_kind, balancers.take_text());
    }
    Query numbers(
        connection,
        "SELECT name FROM resource WHERE kind = 'phone_number' AND tenant = ?"
        " AND body ->> '$.agent' = ?"
    );
    if (numbers.bind(tenant, name).next()) {
        return quoted(phone_number_kind, numbers.take_text());
    }
    Query tenants(
        connection,
        "SELECT name FROM resource WHERE kind = 'tenant' AND tenant = ?"
        " AND body ->> '$.unknown_caller_agent' = ?"
    );
    return tenants.bind(tenant, name).next() ? quoted(tenant_kind, tenants.take_text())
                                             : std::string();
}

}  // namespace

base::Error no_such(std::string_view kind, std::string_view name) {
    return {
        base::Errc::not_found,
        "there is no " + std::string(kind) + " \"" + std::string(name) + "\""};
}

bool has_resource(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    Query query(connection, "SELECT 1 FROM resource WHERE kind = ? AND tenant = ? AND name = ?");
    return query.bind(kind, tenant, name).next();
}

base::Result<void> must_have_agent(
    Connection& connection, std::string_view tenant, std::string_view name, const std::string& field
) {
    if (has_resource(connection, assistant_kind, tenant, name) ||
        has_resource(connection, agent_kind, tenant, name)) {
        return {};
    }
    return named_in(field, no_such("assistant or agent", name));
}

base::Result<void> must_have_campaign(
    Connection& connection, std::string_view tenant, std::string_view name, const std::string& field
) {
    Query query(connection, "SELECT 1 FROM campaign WHERE tenant = ? AND name = ?");
    if (query.bind(tenant, name).next()) {
        return {};
    }
    return named_in(field, no_such("campaign", name));
}

base::Result<void> check_references(Connection& connection, const campaign::Campaign& campaign) {
    const std::string field = "routing_destination";
    switch (campaign.routing_destination_type) {
        case campaign::RoutingDestinationType::ai_assistant:
            return must_have_agent(
                connection, campaign.tenant, campaign.routing_destination, field
            );
        case campaign::RoutingDestinationType::ai_load_balancer:
            if (!has_resource(
                    connection, balancer_kind, campaign.tenant, campaign.routing_destination
                )) {
                return named_in(field, no_such(balancer_kind, campaign.routing_destination));
            }
            return {};
        case campaign::RoutingDestinationType::hangup:
        case campaign::RoutingDestinationType::external:
            return {};
    }
    return {};
}

base::Result<void> check_references(Connection& connection, const balancer::Balancer& balancer) {
    for (std::size_t i = 0; i < balancer.members.size(); ++i) {
        base::Result<void> known = must_have_agent(
            connection,
            balancer.tenant,
            balancer.members[i].assistant,
            "members[" + std::to_string(i) + "].assistant"
        );
        if (!known) {
            return known;
        }
    }
    if (balancer.fallback.empty() || balancer.fallback == balancer::hangup_fallback) {
        return {};
    }
    return must_have_agent(connection, balancer.tenant, balancer.fallback, "fallback");
}

base::Result<void> check_references(Connection& connection, const routing::DialedNumber& number) {
    return number.agent.empty() ? base::Result<void>()
                                : must_have_agent(connection, number.tenant, number.agent, "agent");
}

base::Result<void> check_references(Connection& connection, const routing::Tenant& tenant) {
    if (!tenant.unknown_caller_agent.empty()) {
        base::Result<void> known = must_have_agent(
            connection, tenant.name, tenant.unknown_caller_agent, "unknown_caller_agent"
        );
        if (!known) {
            return known;
        }
    }
    return tenant.callback_campaign.empty()
               ? base::Result<void>()
               : must_have_campaign(
                     connection, tenant.name, tenant.callback_campaign, "callback_campaign"
                 );
}

std::string user_of(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    if (kind == assistant_kind || kind == agent_kind) {
        return user_of_agent(connection, tenant, name);
    }
    if (kind == balancer_kind) {
        return campaign_routed_to(connection, balancer_kind, tenant, name);
    }
    Query tenants(
        connection,
        "SELECT name FROM resource WHERE kind = 'tenant' AND tenant = ?"
        " AND body ->> '$.callback_campaign' = ?"
    );
    if (kind == "campaign" && tenants.bind(tenant, name).next()) {
        return quoted(tenant_kind, tenants.take_text());
    }
    return {};
}

}  // namespace cxdial::storage
