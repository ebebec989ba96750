#pragma once

#include "storage/internal/connection.h"
#include "storage/internal/stored_resources.h"
#include "storage/repository.h"

namespace cxdial::storage {

/// `conflict` for what a user wants of a campaign that OPBX owns.
[[nodiscard]] base::Result<void> must_be_ours(Connection& connection, campaign::CampaignId id);

/// `invalid_argument` names the field whose assistant or balancer does not exist.
[[nodiscard]] base::Result<void> check_references(
    Connection& connection, const campaign::Campaign& campaign
);

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

struct Repository::Impl {
    explicit Impl(Connection& given) : connection(given), resources(given) {}

    /// Runs `body`, which returns a `Result`; what SQLite throws becomes one: `cannot WHAT`.
    template <class Body>
    auto guarded(const char* what, Body body) -> decltype(body()) {
        try {
            return body();
        } catch (const SQLite::Exception& why) {
            return base::Error{base::Errc::unavailable, connection.describe(what, why)};
        }
    }

    Connection& connection;
    StoredResources resources;
};

}  // namespace cxdial::storage
