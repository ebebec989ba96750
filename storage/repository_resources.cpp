#include "balancer/resource_json.h"
#include "base/check.h"
#include "campaign/resource_json.h"
#include "routing/resource_json.h"
#include "storage/internal/references.h"
#include "storage/internal/repository_impl.h"
#include "storage/repository.h"

#include <string>

namespace cxdial::storage {
namespace {

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
        " ON CONFLICT (kind, tenant, name) DO UPDATE SET body = excluded.body,"
        " updated_at = excluded.updated_at, version = version + 1"
    )
        .bind(row.kind, row.tenant, row.name, row.body, now)
        .run();
    return is_there ? PutOutcome::changed : PutOutcome::created;
}

base::Result<void> must_be_unused(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    const std::string user = user_of(connection, kind, tenant, name);
    if (user.empty()) {
        return {};
    }
    return base::Error{
        base::Errc::conflict,
        std::string(kind) + " \"" + std::string(name) + "\" is used by " + user};
}

base::Result<void> remove_resource(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
) {
    if (!has_resource(connection, kind, tenant, name)) {
        return no_such(kind, name);
    }
    if (base::Result<void> unused = must_be_unused(connection, kind, tenant, name); !unused) {
        return unused;
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
    if (base::Result<void> unused = must_be_unused(connection, "campaign", tenant, name); !unused) {
        return unused;
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

/// Assistants and people share their names.
base::Result<void> must_have_free_name(
    Connection& connection, const balancer::Assistant& assistant, bool is_person
) {
    const char* const other = is_person ? assistant_kind : agent_kind;
    if (!has_resource(connection, other, assistant.tenant, assistant.name)) {
        return {};
    }
    return base::Error{
        base::Errc::conflict,
        "there is an " + std::string(other) + " \"" + assistant.name +
            "\" already: assistants and agents share their names"};
}

/// A dialed number is of one resource of one tenant.
base::Result<void> must_have_free_number(
    Connection& connection, const routing::DialedNumber& number
) {
    Query owner(
        connection,
        "SELECT tenant, name FROM resource INDEXED BY resource_did WHERE kind = 'phone_number'"
        " AND ltrim(json_extract(body, '$.phone_number'), '+') = ltrim(?1, '+')"
        " AND NOT (tenant = ?2 AND name = ?3)"
    );
    if (!owner.bind(number.phone_number, number.tenant, number.name).next()) {
        return {};
    }
    const std::string tenant = owner.take_text();
    return base::Error{
        base::Errc::conflict,
        "phone_number: " + number.phone_number + " is that of \"" + owner.take_text() +
            "\" of tenant \"" + tenant + "\""};
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
        const bool is_person = balancer::is_person(assistant.protocol);
        if (base::Result<void> free = must_have_free_name(impl_->connection, assistant, is_person);
            !free) {
            return free.error();
        }
        balancer::Assistant kept = assistant;
        kept.version = 0;
        if (kept.auth_token.empty()) {
            if (auto stored = impl_->resources.assistant(assistant.tenant, assistant.name)) {
                kept.auth_token = stored->auth_token;
            }
        }
        const PutOutcome outcome = put_row(
            impl_->connection,
            {is_person ? agent_kind : assistant_kind,
             kept.tenant,
             kept.name,
             balancer::to_json(kept, balancer::Reveal::yes)},
            now
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

base::Result<PutOutcome> Repository::put(const routing::DialedNumber& number, base::WallTime now) {
    return impl_->guarded("store a phone number", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        if (base::Result<void> known = check_references(impl_->connection, number); !known) {
            return known.error();
        }
        if (base::Result<void> free = must_have_free_number(impl_->connection, number); !free) {
            return free.error();
        }
        const PutOutcome outcome = put_row(
            impl_->connection,
            {phone_number_kind, number.tenant, number.name, routing::to_json(number)},
            now
        );
        scope.commit();
        return outcome;
    });
}

base::Result<PutOutcome> Repository::put(const routing::Tenant& tenant, base::WallTime now) {
    return impl_->guarded("store a tenant", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        if (base::Result<void> known = check_references(impl_->connection, tenant); !known) {
            return known.error();
        }
        const PutOutcome outcome = put_row(
            impl_->connection,
            {tenant_kind, tenant.name, tenant.name, routing::to_json(tenant)},
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
    return impl_->guarded("read an assistant", [&] {
        return found_or(impl_->agent_of_kind(assistant_kind, tenant, name), assistant_kind, name);
    });
}

base::Result<balancer::Assistant> Repository::agent(
    std::string_view tenant, std::string_view name
) {
    return impl_->guarded("read an agent", [&] {
        return found_or(impl_->agent_of_kind(agent_kind, tenant, name), agent_kind, name);
    });
}

base::Result<routing::DialedNumber> Repository::dialed_number(
    std::string_view tenant, std::string_view name
) {
    return impl_->guarded("read a phone number", [&] {
        return found_or(impl_->resources.dialed_number(tenant, name), phone_number_kind, name);
    });
}

base::Result<routing::Tenant> Repository::tenant(std::string_view name) {
    return impl_->guarded("read a tenant", [&] {
        return found_or(impl_->resources.tenant(name), tenant_kind, name);
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
        return impl_->resources.assistants(assistant_kind, {tenant, page.after, page.limit});
    });
}

base::Result<std::vector<balancer::Assistant>> Repository::agents(
    std::string_view tenant, const NamePage& page
) {
    using Found = base::Result<std::vector<balancer::Assistant>>;
    return impl_->guarded("list agents", [&]() -> Found {
        return impl_->resources.assistants(agent_kind, {tenant, page.after, page.limit});
    });
}

base::Result<std::vector<routing::DialedNumber>> Repository::dialed_numbers(
    std::string_view tenant, const NamePage& page
) {
    using Found = base::Result<std::vector<routing::DialedNumber>>;
    return impl_->guarded("list phone numbers", [&]() -> Found {
        return impl_->resources.dialed_numbers({tenant, page.after, page.limit});
    });
}

base::Result<std::vector<routing::Tenant>> Repository::tenants(const NamePage& page) {
    using Found = base::Result<std::vector<routing::Tenant>>;
    return impl_->guarded("list tenants", [&]() -> Found {
        return impl_->resources.tenants(page.after, page.limit);
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
        const std::string_view owner = kind == ResourceKind::tenant ? name : tenant;
        base::Result<void> removed =
            kind == ResourceKind::campaign
                ? remove_campaign(impl_->connection, tenant, name)
                : remove_resource(impl_->connection, to_string(kind), owner, name);
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
        const bool is_balancer = kind == ResourceKind::ai_load_balancer;
        query.bind(tenant, is_balancer ? "ai_load_balancer" : "ai_assistant", name);
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
