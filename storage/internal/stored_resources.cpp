#include "storage/internal/stored_resources.h"

#include "balancer/resource_json.h"
#include "base/log.h"
#include "campaign/resource_json.h"
#include "storage/internal/connection.h"

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

}  // namespace

/// Reads rows of the column lists that the statements below share.
class StoredResources::RowReader {
public:
    RowReader(StoredResources& owner, Query& query) : owner_(owner), query_(query) {}

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
            owner_.campaigns_,
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

    /// `tenant, name, body`
    std::optional<balancer::Assistant> assistant() {
        return resource<balancer::Assistant>(
            owner_.assistants_, "assistant ", balancer::assistant_from_json
        );
    }
    std::optional<balancer::Balancer> balancer() {
        return resource<balancer::Balancer>(
            owner_.balancers_, "balancer ", balancer::balancer_from_json
        );
    }

private:
    template <class Value, class Parse>
    std::optional<Value> resource(Parsed<Value>& cache, const char* kind, Parse parse) {
        std::string tenant = query_.take_text();
        std::string name = query_.take_text();
        std::optional<Value> value =
            parsed<Value>(cache, kind + tenant + "/" + name, query_.take_text(), parse);
        if (value) {
            value->tenant = std::move(tenant);
            value->name = std::move(name);
        }
        return value;
    }

    StoredResources& owner_;
    Query& query_;
};

std::vector<campaign::StoredCampaign> StoredResources::active_campaigns() {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE status = 1 ORDER BY id"
    );
    RowReader reader(*this, query);
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
    return query.bind(id).next() ? RowReader(*this, query).campaign() : std::nullopt;
}

std::optional<campaign::StoredCampaign> StoredResources::campaign(
    std::string_view tenant, std::string_view name
) {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE tenant = ? AND name = ?"
    );
    return query.bind(tenant, name).next() ? RowReader(*this, query).campaign() : std::nullopt;
}

std::vector<campaign::StoredCampaign> StoredResources::campaigns(const NameRange& range) {
    Query query(
        connection_,
        "SELECT id, tenant, name, revision, status, status_reason, external_id, body FROM campaign"
        " WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?"
    );
    query.bind(range.tenant, range.after, range.limit);
    RowReader reader(*this, query);
    std::vector<campaign::StoredCampaign> found;
    while (query.next()) {
        if (std::optional<campaign::StoredCampaign> row = reader.campaign()) {
            found.push_back(*std::move(row));
        }
    }
    return found;
}

std::optional<balancer::Assistant> StoredResources::assistant(
    std::string_view tenant, std::string_view name
) {
    Query query(
        connection_,
        "SELECT tenant, name, body FROM resource"
        " WHERE kind = 'assistant' AND tenant = ? AND name = ?"
    );
    return query.bind(tenant, name).next() ? RowReader(*this, query).assistant() : std::nullopt;
}

std::vector<balancer::Assistant> StoredResources::assistants(const NameRange& range) {
    Query query(
        connection_,
        "SELECT tenant, name, body FROM resource"
        " WHERE kind = 'assistant' AND tenant = ? AND name > ? ORDER BY name LIMIT ?"
    );
    query.bind(range.tenant, range.after, range.limit);
    RowReader reader(*this, query);
    std::vector<balancer::Assistant> found;
    while (query.next()) {
        if (std::optional<balancer::Assistant> row = reader.assistant()) {
            found.push_back(*std::move(row));
        }
    }
    return found;
}

std::optional<balancer::Balancer> StoredResources::balancer(
    std::string_view tenant, std::string_view name
) {
    Query query(
        connection_,
        "SELECT tenant, name, body FROM resource"
        " WHERE kind = 'ai_load_balancer' AND tenant = ? AND name = ?"
    );
    return query.bind(tenant, name).next() ? RowReader(*this, query).balancer() : std::nullopt;
}

std::vector<balancer::Balancer> StoredResources::balancers(const NameRange& range) {
    Query query(
        connection_,
        "SELECT tenant, name, body FROM resource"
        " WHERE kind = 'ai_load_balancer' AND tenant = ? AND name > ? ORDER BY name LIMIT ?"
    );
    query.bind(range.tenant, range.after, range.limit);
    RowReader reader(*this, query);
    std::vector<balancer::Balancer> found;
    while (query.next()) {
        if (std::optional<balancer::Balancer> row = reader.balancer()) {
            found.push_back(*std::move(row));
        }
    }
    return found;
}

}  // namespace cxdial::storage
