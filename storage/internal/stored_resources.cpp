#include "storage/internal/stored_resources.h"

#include "balancer/resource_json.h"
#include "base/log.h"
#include "campaign/resource_json.h"
#include "routing/resource_json.h"
#include "storage/internal/connection.h"

#include <tuple>
#include <type_traits>
#include <variant>

namespace cxdial::storage {
namespace {

constexpr std::size_t parsed_max = 4'096;

/// The value that `body` describes, from memory when it is the text that was parsed last.
template <class Value, class Cache, class Parse>
std::optional<Value> parsed(Cache& cache, const std::string& key, std::string body, Parse parse) {
    const auto known = cache.find(key);
    if (known != cache.end() && known->second.first == body) {
        return known->second.second;
    }
    std::variant<Value, campaign::FieldErrors> result = parse(body);
    if (const auto* errors = std::get_if<campaign::FieldErrors>(&result)) {
        const bool known_field = !errors->empty();
        base::log_error(
            "stored_resource_unreadable",
            {{"resource", key},
             {"field", known_field ? errors->front().path : std::string()},
             {"why", known_field ? errors->front().reason : std::string("not JSON")}}
        );
        return std::nullopt;
    }
    if (cache.size() >= parsed_max) {
        cache.clear();
    }
    auto& kept = cache[key];
    kept = {std::move(body), std::get<Value>(std::move(result))};
    return kept.second;
}

template <class Value>
std::variant<Value, campaign::FieldErrors> parse_body(
    const std::string& kind, const std::string& body
) {
    if constexpr (std::is_same_v<Value, balancer::Assistant>) {
        return kind == agent_kind ? balancer::agent_from_json(body)
                                  : balancer::assistant_from_json(body);
    } else if constexpr (std::is_same_v<Value, balancer::Balancer>) {
        return balancer::balancer_from_json(body);
    } else if constexpr (std::is_same_v<Value, routing::DialedNumber>) {
        return routing::dialed_number_from_json(body);
    } else {
        return routing::tenant_from_json(body);
    }
}

}  // namespace

/// Reads rows of the column list that the statements on campaigns share.
class StoredResources::CampaignReader {
public:
    CampaignReader(StoredResources& owner, Query& query) : owner_(owner), query_(query) {}

    /// `id, tenant, name, revision, status, status_reason, external_id, body`
    std::optional<campaign::StoredCampaign> campaign() {
        campaign::StoredCampaign stored{.id = query_.take_id<campaign::CampaignId>()};
        std::string tenant = query_.take_text();
        std::string name = query_.take_text();
        stored.revision = query_.take_integer();
        stored.status = query_.take_enum<campaign::CampaignStatus>();
        stored.status_reason = query_.take_text();
        stored.external_id = query_.take_optional_id<campaign::OpbxCampaignId>();
        std::optional<campaign::Campaign> resource = parsed<campaign::Campaign>(
            std::get<Parsed<campaign::Campaign>>(owner_.parsed_),
            "campaign " + tenant + "/" + name,
            query_.take_text(),
            campaign::stored_campaign_from_json
        );
        if (!resource) {
            return std::nullopt;
        }
        stored.campaign = *std::move(resource);
        stored.campaign.tenant = std::move(tenant);
        stored.campaign.name = std::move(name);
        return stored;
    }

private:
    StoredResources& owner_;
    Query& query_;
};

/// One of the table `resource`: `kind, tenant, name, body, version`.
struct StoredResources::Row {
    explicit Row(Query& query)
        : kind(query.take_text()),
          tenant(query.take_text()),
          name(query.take_text()),
          body(query.take_text()),
          version(query.take_integer()) {}

    std::string kind;
    std::string tenant;
    std::string name;
    std::string body;
    std::int64_t version;
};

template <class Value>
std::optional<Value> StoredResources::value_of(Row row) {
    std::optional<Value> value = parsed<Value>(
        std::get<Parsed<Value>>(parsed_),
        row.kind + " " + row.tenant + "/" + row.name,
        std::move(row.body),
        [&row](const std::string& body) { return parse_body<Value>(row.kind, body); }
    );
    if (value) {
        // Where the row stands is who it is, whatever its body says.
        value->name = std::move(row.name);
        if constexpr (!std::is_same_v<Value, routing::Tenant>) {
            value->tenant = std::move(row.tenant);
        }
        if constexpr (std::is_same_v<Value, balancer::Assistant>) {
            value->version = row.version;
        }
    }
    return value;
}

template <class Value>
void StoredResources::append_to(std::vector<Value>& values, Row row) {
    if (std::optional<Value> value = value_of<Value>(std::move(row))) {
        values.push_back(*std::move(value));
    }
}

std::vector<campaign::StoredCampaign> StoredResources::active_campaigns() {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE status = 1 ORDER BY id"
    );
    CampaignReader reader(*this, query);
    std::vector<campaign::StoredCampaign> found;
    while (query.next()) {
        if (std::optional<campaign::StoredCampaign> row = reader.campaign()) {
            found.push_back(*std::move(row));
        }
    }
    return found;
}

std::optional<campaign::StoredCampaign> StoredResources::campaign(campaign::CampaignId id) {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE id = ?"
    );
    return query.bind(id).next() ? CampaignReader(*this, query).campaign() : std::nullopt;
}

std::optional<campaign::StoredCampaign> StoredResources::campaign(
    std::string_view tenant, std::string_view name
) {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE tenant = ? AND name = ?"
    );
    return query.bind(tenant, name).next() ? CampaignReader(*this, query).campaign() : std::nullopt;
}

std::vector<campaign::StoredCampaign> StoredResources::campaigns(const NameRange& range) {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?"
    );
    query.bind(range.tenant, range.after, range.limit);
    CampaignReader reader(*this, query);
    std::vector<campaign::StoredCampaign> found;
    while (query.next()) {
        if (std::optional<campaign::StoredCampaign> row = reader.campaign()) {
            found.push_back(*std::move(row));
        }
    }
    return found;
}

template <class Value>
std::optional<Value> StoredResources::one(
    std::string_view kind, std::string_view tenant, std::string_view name
) {
    Query query(
        connection_,
        "SELECT kind, tenant, name, body, version FROM resource"
        " WHERE kind = ? AND tenant = ? AND name = ?"
    );
    const bool is_there = query.bind(kind, tenant, name).next();
    return is_there ? value_of<Value>(Row(query)) : std::nullopt;
}

template <class Value>
std::vector<Value> StoredResources::page(std::string_view kind, const NameRange& range) {
    Query query(
        connection_,
        "SELECT kind, tenant, name, body, version FROM resource"
        " WHERE kind = ? AND tenant = ? AND name > ? ORDER BY name LIMIT ?"
    );
    query.bind(kind, range.tenant, range.after, range.limit);
    std::vector<Value> found;
    while (query.next()) {
        append_to(found, Row(query));
    }
    return found;
}

std::optional<balancer::Assistant> StoredResources::assistant(
    std::string_view tenant, std::string_view name
) {
    Query query(
        connection_,
        "SELECT kind, tenant, name, body, version FROM resource"
        " WHERE kind IN ('assistant', 'agent') AND tenant = ? AND name = ?"
    );
    const bool is_there = query.bind(tenant, name).next();
    return is_there ? value_of<balancer::Assistant>(Row(query)) : std::nullopt;
}

std::vector<balancer::Assistant> StoredResources::assistants(
    std::string_view kind, const NameRange& range
) {
    return page<balancer::Assistant>(kind, range);
}

std::optional<balancer::Balancer> StoredResources::balancer(
    std::string_view tenant, std::string_view name
) {
    return one<balancer::Balancer>(balancer_kind, tenant, name);
}

std::vector<balancer::Balancer> StoredResources::balancers(const NameRange& range) {
    return page<balancer::Balancer>(balancer_kind, range);
}

std::optional<routing::DialedNumber> StoredResources::dialed_number(
    std::string_view tenant, std::string_view name
) {
    return one<routing::DialedNumber>(phone_number_kind, tenant, name);
}

std::vector<routing::DialedNumber> StoredResources::dialed_numbers(const NameRange& range) {
    return page<routing::DialedNumber>(phone_number_kind, range);
}

std::optional<routing::Tenant> StoredResources::tenant(std::string_view name) {
    return one<routing::Tenant>(tenant_kind, name, name);
}

std::vector<routing::Tenant> StoredResources::tenants(std::string_view after, int limit) {
    Query query(
        connection_,
        "SELECT kind, tenant, name, body, version FROM resource"
        " WHERE kind = 'tenant' AND tenant > ? ORDER BY tenant LIMIT ?"
    );
    query.bind(after, limit);
    std::vector<routing::Tenant> found;
    while (query.next()) {
        append_to(found, Row(query));
    }
    return found;
}

RoutingResources StoredResources::routing_resources() {
    Query query(connection_, "SELECT kind, tenant, name, body, version FROM resource");
    RoutingResources found;
    while (query.next()) {
        Row row(query);
        if (row.kind == assistant_kind || row.kind == agent_kind) {
            append_to(found.agents, std::move(row));
        } else if (row.kind == balancer_kind) {
            append_to(found.balancers, std::move(row));
        } else if (row.kind == phone_number_kind) {
            append_to(found.dialed_numbers, std::move(row));
        } else if (row.kind == tenant_kind) {
            append_to(found.tenants, std::move(row));
        }
    }
    return found;
}

}  // namespace cxdial::storage
