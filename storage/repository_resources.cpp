#include "balancer/resource_json.h"
#include "base/check.h"
#include "campaign/resource_json.h"
#include "storage/internal/repository_impl.h"
#include "storage/repository.h"

#include <string>

namespace cxdial::storage {
namespace {

base::Error no_such(std::string_view kind, std::string_view name) {
    return {
        base::Errc::not_found,
        "there is no " + std::string(kind) + " \"" + std::string(name) + "\""};
}

bool exists(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    Query query(connection, "SELECT 1 FROM resource WHERE kind = ? AND tenant = ? AND name = ?");
    return query.bind(kind, tenant, name).next();
}

base::Result<void> must_exist(
    Connection& connection,
    std::string_view kind,
    std::string_view tenant,
    std::string_view name,
    const std::string& field
) {
    if (exists(connection, kind, tenant, name)) {
        return {};
    }
    return base::Error{base::Errc::invalid_argument, field + ": " + no_such(kind, name).detail};
}

}  // namespace

base::Result<void> check_references(Connection& connection, const campaign::Campaign& campaign) {
    using enum campaign::RoutingDestinationType;
    if (campaign.routing_destination_type == hangup ||
        campaign.routing_destination_type == external) {
        return {};
    }
    const bool to_assistant = campaign.routing_destination_type == ai_assistant;
    return must_exist(
        connection,
        to_assistant ? assistant_kind : balancer_kind,
        campaign.tenant,
        campaign.routing_destination,
        "routing_destination"
    );
}

namespace {

base::Result<void> check_references(Connection& connection, const balancer::Balancer& balancer) {
    const auto check = [&](const std::string& name, const std::string& field) {
        return must_exist(connection, assistant_kind, balancer.tenant, name, field);
    };
    for (std::size_t i = 0; i < balancer.members.size(); ++i) {
        base::Result<void> known =
            check(balancer.members[i].assistant, "members[" + std::to_string(i) + "].assistant");
        if (!known) {
            return known;
        }
    }
    if (balancer.fallback.empty() || balancer.fallback == "hangup") {
        return {};
    }
    return check(balancer.fallback, "fallback");
}

/// What makes a row of the table `resource`.
struct ResourceRow {
    std::string_view kind;
    std::string_view tenant;
    std::string_view name;
    std::string body;
};

PutOutcome put_row(Connection& connection, const ResourceRow& row, base::WallTime now) {
    Query known(connection, "SELECT body FROM resource WHERE kind = ? AND tenant = ? AND name = ?");
    const bool is_there = known.bind(row.kind, row.tenant, row.name).next();
    if (is_there && known.take_text() == row.body) {
        return PutOutcome::unchanged;
    }
    Query(
        connection,
        "INSERT INTO resource (kind, tenant, name, body, updated_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at"
    )
        .bind(row.kind, row.tenant, row.name, row.body, now)
        .run();
    return is_there ? PutOutcome::changed : PutOutcome::created;
}

/// Who needs an assistant or a balancer, as in `campaign "spring"`; empty: nobody.
std::string user_of(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    Query campaigns(
        connection,
        "SELECT name FROM campaign WHERE tenant = ? AND status <> 4"
        " AND body ->> '$.routing_destination_type' = ? AND body ->> '$.routing_destination' = ?"
    );
    const bool is_assistant = kind == assistant_kind;
    campaigns.bind(tenant, is_assistant ? "ai_assistant" : "ai_load_balancer", name);
    if (campaigns.next()) {
        return "campaign \"" + campaigns.take_text() + "\"";
    }
    Query balancers(
        connection,
        "SELECT name FROM resource WHERE kind = 'ai_load_balancer' AND tenant = ?1"
        " AND (body ->> '$.fallback' = ?2 OR EXISTS (SELECT 1"
        "  FROM json_each(body, '$.members') AS member WHERE member.value ->> '$.assistant' = ?2))"
    );
    if (is_assistant && balancers.bind(tenant, name).next()) {
        return "ai_load_balancer \"" + balancers.take_text() + "\"";
    }
    return {};
}

base::Result<void> remove_resource(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    if (!exists(connection, kind, tenant, name)) {
        return no_such(kind, name);
    }
    if (const std::string user = user_of(connection, kind, tenant, name); !user.empty()) {
        return base::Error{
            base::Errc::conflict,
            std::string(kind) + " \"" + std::string(name) + "\" is used by " + user};
    }
    Query(connection, "DELETE FROM resource WHERE kind = ? AND tenant = ? AND name = ?")
        .bind(kind, tenant, name)
        .run();
    return {};
}

base::Result<void> remove_campaign(
    Connection& connection, std::string_view tenant, std::string_view name
) {
    Query found(connection, "SELECT id, status FROM campaign WHERE tenant = ? AND name = ?");
    if (!found.bind(tenant, name).next()) {
        return no_such("campaign", name);
    }
    const auto id = found.take_id<campaign::CampaignId>();
    if (found.take_enum<campaign::CampaignStatus>() == campaign::CampaignStatus::active) {
        return base::Error{
            base::Errc::conflict,
            "campaign \"" + std::string(name) + "\" is active: pause it first"};
    }
    Query live(connection, "SELECT 1 FROM attempt WHERE campaign_id = ? AND live = 1");
    if (live.bind(id).next()) {
        return base::Error{
            base::Errc::conflict,
            "campaign \"" + std::string(name) + "\" has live calls: wait until they have ended"};
    }
    Query(connection, "DELETE FROM destination_count WHERE campaign_id = ?").bind(id).run();
    Query(connection, "DELETE FROM campaign_hold WHERE campaign_id = ?").bind(id).run();
    Query(connection, "DELETE FROM attempt_count WHERE campaign_id = ?").bind(id).run();
    // No tenant has it any more, and archived it cannot be started; `tidy` takes its rows.
    Query(connection, "UPDATE campaign SET tenant = '', name = id, status = 4 WHERE id = ?")
        .bind(id)
        .run();
    return {};
}

template <class Value>
base::Result<Value> found_or(std::optional<Value> value, const char* kind, std::string_view name) {
    if (!value) {
        return no_such(kind, name);
    }
    return *std::move(value);
}

}  // namespace

PutOutcome put_campaign(
    Connection& connection, const campaign::Campaign& campaign, base::WallTime now
) {
    const std::string body = campaign::to_json(campaign);
    Query known(connection, "SELECT id, body FROM campaign WHERE tenant = ? AND name = ?");
    if (!known.bind(campaign.tenant, campaign.name).next()) {
        Query(
            connection,
            "INSERT INTO campaign (tenant, name, revision, status, status_reason, body, created_at,"
            " updated_at) VALUES (?1, ?2, 1, 0, '', ?3, ?4, ?4)"
        )
            .bind(campaign.tenant, campaign.name, body, now)
            .run();
        return PutOutcome::created;
    }
    const std::int64_t id = known.take_integer();
    if (known.take_text() == body) {
        return PutOutcome::unchanged;
    }
    Query(
        connection,
        "UPDATE campaign SET body = ?, revision = revision + 1, updated_at = ? WHERE id = ?"
    )
        .bind(body, now, id)
        .run();
    return PutOutcome::changed;
}

base::Result<void> must_be_ours(Connection& connection, campaign::CampaignId id) {
    Query query(connection, "SELECT external_id FROM campaign WHERE id = ?");
    if (!query.bind(id).next()) {
        return {};
    }
    const auto external_id = query.take_optional_id<campaign::OpbxCampaignId>();
    return external_id ? base::Result<void>(owned_by_opbx(*external_id)) : base::Result<void>();
}

base::Result<PutOutcome> Repository::put(const campaign::Campaign& campaign, base::WallTime now) {
    return impl_->guarded("store a campaign", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        if (const auto known = impl_->resources.campaign(campaign.tenant, campaign.name)) {
            if (base::Result<void> ours = must_be_ours(impl_->connection, known->id); !ours) {
                return ours.error();
            }
        }
        if (base::Result<void> known = check_references(impl_->connection, campaign); !known) {
            return known.error();
        }
        const PutOutcome outcome = put_campaign(impl_->connection, campaign, now);
        scope.commit();
        return outcome;
    });
}

base::Result<PutOutcome> Repository::put(const balancer::Assistant& assistant, base::WallTime now) {
    return impl_->guarded("store an assistant", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        balancer::Assistant kept = assistant;
        if (kept.auth_token.empty()) {
            if (auto stored = impl_->resources.assistant(assistant.tenant, assistant.name)) {
                kept.auth_token = stored->auth_token;
            }
        }
        std::string body = balancer::to_json(kept, balancer::Reveal::yes);
        const PutOutcome outcome = put_row(
            impl_->connection, {assistant_kind, kept.tenant, kept.name, std::move(body)}, now
        );
        scope.commit();
        return outcome;
    });
}

base::Result<PutOutcome> Repository::put(const balancer::Balancer& balancer, base::WallTime now) {
    return impl_->guarded("store a balancer", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        if (base::Result<void> known = check_references(impl_->connection, balancer); !known) {
            return known.error();
        }
        const PutOutcome outcome = put_row(
            impl_->connection,
            {balancer_kind, balancer.tenant, balancer.name, balancer::to_json(balancer)},
            now
        );
        scope.commit();
        return outcome;
    });
}

base::Result<campaign::StoredCampaign> Repository::campaign(
    std::string_view tenant, std::string_view name
) {
    return impl_->guarded("read a campaign", [&]() -> base::Result<campaign::StoredCampaign> {
        return found_or(impl_->resources.campaign(tenant, name), "campaign", name);
    });
}

base::Result<campaign::StoredCampaign> Repository::campaign(campaign::CampaignId id) {
    return impl_->guarded("read a campaign", [&]() -> base::Result<campaign::StoredCampaign> {
        return found_or(impl_->resources.campaign(id), "campaign", std::to_string(id.raw()));
    });
}

base::Result<balancer::Assistant> Repository::assistant(
    std::string_view tenant, std::string_view name
) {
    return impl_->guarded("read an assistant", [&]() -> base::Result<balancer::Assistant> {
        return found_or(impl_->resources.assistant(tenant, name), assistant_kind, name);
    });
}

base::Result<balancer::Balancer> Repository::balancer(
    std::string_view tenant, std::string_view name
) {
    return impl_->guarded("read a balancer", [&]() -> base::Result<balancer::Balancer> {
        return found_or(impl_->resources.balancer(tenant, name), balancer_kind, name);
    });
}

base::Result<std::vector<campaign::StoredCampaign>> Repository::campaigns(
    std::string_view tenant, const NamePage& page
) {
    using Found = base::Result<std::vector<campaign::StoredCampaign>>;
    return impl_->guarded("list campaigns", [&]() -> Found {
        return impl_->resources.campaigns({tenant, page.after, page.limit});
    });
}

base::Result<std::vector<balancer::Assistant>> Repository::assistants(
    std::string_view tenant, const NamePage& page
) {
    using Found = base::Result<std::vector<balancer::Assistant>>;
    return impl_->guarded("list assistants", [&]() -> Found {
        return impl_->resources.assistants({tenant, page.after, page.limit});
    });
}

base::Result<std::vector<balancer::Balancer>> Repository::balancers(
    std::string_view tenant, const NamePage& page
) {
    using Found = base::Result<std::vector<balancer::Balancer>>;
    return impl_->guarded("list balancers", [&]() -> Found {
        return impl_->resources.balancers({tenant, page.after, page.limit});
    });
}

base::Result<void> Repository::remove(
    ResourceKind kind, std::string_view tenant, std::string_view name
) {
    return impl_->guarded("delete a resource", [&]() -> base::Result<void> {
        WriteScope scope(impl_->connection);
        base::Result<void> removed =
            kind == ResourceKind::campaign
                ? remove_campaign(impl_->connection, tenant, name)
                : remove_resource(impl_->connection, to_string(kind), tenant, name);
        if (removed) {
            scope.commit();
        }
        return removed;
    });
}

base::Result<std::vector<campaign::CampaignId>> Repository::campaigns_using(
    ResourceKind kind, std::string_view tenant, std::string_view name
) {
    using Found = base::Result<std::vector<campaign::CampaignId>>;
    return impl_->guarded("list the campaigns that use it", [&]() -> Found {
        Query query(
            impl_->connection,
            "SELECT id FROM campaign WHERE tenant = ?1 AND status <> 4"
            " AND (body ->> '$.routing_destination_type' = ?2"
            "   AND body ->> '$.routing_destination' = ?3"
            "  OR ?2 = 'ai_assistant' AND body ->> '$.routing_destination_type' ="
            "   'ai_load_balancer' AND body ->> '$.routing_destination' IN (SELECT name"
            "   FROM resource WHERE kind = 'ai_load_balancer' AND tenant = ?1"
            "   AND (body ->> '$.fallback' = ?3 OR EXISTS (SELECT 1 FROM json_each(body,"
            "   '$.members') AS member WHERE member.value ->> '$.assistant' = ?3))))"
        );
        query.bind(
            tenant, kind == ResourceKind::assistant ? "ai_assistant" : "ai_load_balancer", name
        );
        std::vector<campaign::CampaignId> found;
        while (query.next()) {
            found.push_back(query.take_id<campaign::CampaignId>());
        }
        return found;
    });
}

base::Result<campaign::CampaignStatus> Repository::change_campaign(
    campaign::CampaignId id, campaign::Transition transition, base::WallTime now
) {
    using Changed = base::Result<campaign::CampaignStatus>;
    return impl_->guarded("change a campaign", [&]() -> Changed {
        WriteScope scope(impl_->connection);
        Query found(impl_->connection, "SELECT status FROM campaign WHERE id = ?");
        if (!found.bind(id).next()) {
            return no_such("campaign", std::to_string(id.raw()));
        }
        if (base::Result<void> ours = must_be_ours(impl_->connection, id); !ours) {
            return ours.error();
        }
        Changed next = campaign::after(found.take_enum<campaign::CampaignStatus>(), transition);
        if (!next) {
            return next;
        }
        Query open(
            impl_->connection,
            "SELECT 1 FROM destination_count WHERE campaign_id = ? AND status <= 4 AND number > 0"
        );
        if (*next == campaign::CampaignStatus::active && !open.bind(id).next()) {
            return base::Error{
                base::Errc::conflict, "there is nothing to dial: import destinations first"};
        }
        Query(
            impl_->connection,
            "UPDATE campaign SET status = ?, status_reason = '', updated_at = ? WHERE id = ?"
        )
            .bind(*next, now, id)
            .run();
        scope.commit();
        return next;
    });
}

}  // namespace cxdial::storage
