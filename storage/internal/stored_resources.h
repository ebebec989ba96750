#pragma once

#include "balancer/assistant.h"
#include "campaign/campaign.h"
#include "routing/tenant.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace cxdial::storage {

class Connection;

inline constexpr const char* assistant_kind = "assistant";
inline constexpr const char* agent_kind = "agent";
inline constexpr const char* balancer_kind = "ai_load_balancer";
inline constexpr const char* phone_number_kind = "phone_number";
inline constexpr const char* tenant_kind = "tenant";

/// Which resource: names are unique within a tenant and kind.
struct NameRange {
    std::string_view tenant;
    std::string_view after;  ///< the name before the first one wanted; empty: from the start
    int limit = 0;
};

/// All that a call that comes in is routed by, of all tenants.
struct RoutingResources {
    std::vector<routing::Tenant> tenants;
    std::vector<routing::DialedNumber> dialed_numbers;
    std::vector<balancer::Assistant> agents;  ///< assistants and people
    std::vector<balancer::Balancer> balancers;
};

/// The resources as values. A body is parsed again only when its text has changed, so asking on
/// every tick is cheap. A stored body that cannot be read (the file was edited, or an older program
/// wrote it) is logged as an error and counts as absent. Throws `SQLite::Exception`.
class StoredResources {
public:
    explicit StoredResources(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::vector<campaign::StoredCampaign> active_campaigns();
    [[nodiscard]] std::optional<campaign::StoredCampaign> campaign(campaign::CampaignId id);
    [[nodiscard]] std::optional<campaign::StoredCampaign> campaign(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] std::vector<campaign::StoredCampaign> campaigns(const NameRange& range);
    /// An assistant or a person: they share their names.
    [[nodiscard]] std::optional<balancer::Assistant> assistant(
        std::string_view tenant, std::string_view name
    );
    /// `kind` says which: assistants or people.
    [[nodiscard]] std::vector<balancer::Assistant> assistants(
        std::string_view kind, const NameRange& range
    );
    [[nodiscard]] std::optional<balancer::Balancer> balancer(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] std::vector<balancer::Balancer> balancers(const NameRange& range);
    [[nodiscard]] std::optional<routing::DialedNumber> dialed_number(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] std::vector<routing::DialedNumber> dialed_numbers(const NameRange& range);
    [[nodiscard]] std::optional<routing::Tenant> tenant(std::string_view name);
    /// Whose name is after `after`.
    [[nodiscard]] std::vector<routing::Tenant> tenants(std::string_view after, int limit);
    /// As of one moment.
    [[nodiscard]] RoutingResources routing_resources();

private:
    template <class Value>
    using Parsed = std::map<std::string, std::pair<std::string, Value>>;

    class CampaignReader;
    struct Row;
    template <class Value>
    std::optional<Value> value_of(Row row);
    template <class Value>
    void append_to(std::vector<Value>& values, Row row);
    template <class Value>
    std::optional<Value> one(std::string_view kind, std::string_view tenant, std::string_view name);
    template <class Value>
    std::vector<Value> page(std::string_view kind, const NameRange& range);

    Connection& connection_;
    std::tuple<
        Parsed<campaign::Campaign>,
        Parsed<balancer::Assistant>,
        Parsed<balancer::Balancer>,
        Parsed<routing::DialedNumber>,
        Parsed<routing::Tenant>>
        parsed_;
};

}  // namespace cxdial::storage
