#pragma once

#include "storage/internal/connection.h"
#include "storage/internal/guarded.h"
#include "storage/internal/stored_resources.h"
#include "storage/repository.h"

#include <optional>
#include <string_view>
#include <utility>

namespace cxdial::storage {

/// `conflict` for what a user wants of a campaign that OPBX owns.
[[nodiscard]] base::Result<void> must_be_ours(Connection& connection, campaign::CampaignId id);

/// Writes the resource, whoever owns it.
[[nodiscard]] PutOutcome put_campaign(
    Connection& connection, const campaign::Campaign& campaign, base::WallTime now
);

/// So many rows were inserted: the triggers count only those that move.
void count_added(
    Connection& connection,
    campaign::CampaignId id,
    campaign::DestinationStatus status,
    campaign::WaitReason wait,
    std::int64_t number
);

struct Repository::Impl : Guarded {
    explicit Impl(Connection& given) : Guarded{given}, resources(given) {}

    /// An assistant, or a person: as `kind` says.
    std::optional<balancer::Assistant> agent_of_kind(
        std::string_view kind, std::string_view tenant, std::string_view name
    ) {
        std::optional<balancer::Assistant> found = resources.assistant(tenant, name);
        const bool is_wanted =
            found && balancer::is_person(found->protocol) == (kind == agent_kind);
        return is_wanted ? std::move(found) : std::nullopt;
    }

    StoredResources resources;
};

}  // namespace cxdial::storage
