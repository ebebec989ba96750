#pragma once

#include "balancer/assistant.h"
#include "campaign/campaign.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::storage {

class Connection;

inline constexpr const char* assistant_kind = "assistant";
inline constexpr const char* balancer_kind = "ai_load_balancer";

/// Which resource: names are unique within a tenant and kind.
struct NameRange {
    std::string_view tenant;
    std::string_view after;  ///< the name before the first one wanted; empty: from the start
    int limit = 0;
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
    [[nodiscard]] std::optional<balancer::Assistant> assistant(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] std::vector<balancer::Assistant> assistants(const NameRange& range);
    [[nodiscard]] std::optional<balancer::Balancer> balancer(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] std::vector<balancer::Balancer> balancers(const NameRange& range);

private:
    template <class Value>
    using Parsed = std::map<std::string, std::pair<std::string, Value>>;

    class RowReader;

    Connection& connection_;
    Parsed<campaign::Campaign> campaigns_;
    Parsed<balancer::Assistant> assistants_;
    Parsed<balancer::Balancer> balancers_;
};

}  // namespace cxdial::storage
