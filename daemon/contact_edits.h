#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "campaign/ids.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "storage/repository.h"
#include "webhook/api.h"

#include <string>
#include <vector>

namespace cxdial::daemon {

// What the API changes of contacts and follow-ups. Errors are those of `storage::ContactBook`.
// `edited` gets the campaigns that the engine must look at again. Thread rule: that of the
// database.

using Campaigns = std::vector<campaign::CampaignId>;

/// Puts into `edited` the campaign that dials a follow-up: its own, else its tenant's call-back
/// campaign. Nothing for one that is not to be called, or that nobody dials.
[[nodiscard]] base::Result<void> note_who_dials(
    storage::Repository& repository, const routing::FollowUp& follow_up, Campaigns& edited
);

/// Whether it is new.
[[nodiscard]] base::Result<bool> put_contact(
    storage::Repository& repository, const routing::Contact& contact, base::WallTime now
);
/// With all that is remembered of it; its active follow-ups are cancelled.
[[nodiscard]] base::Result<void> remove_contact(
    storage::Repository& repository,
    const webhook::ApiContact& contact,
    base::WallTime now,
    Campaigns& edited
);
/// All of it, or nothing.
[[nodiscard]] base::Result<void> edit_memory(
    storage::Repository& repository,
    const webhook::ApiContact& contact,
    const std::string& agent,
    const webhook::ApiMemoryEdit& edit,
    base::WallTime now
);
/// Whether the agent remembered anything.
[[nodiscard]] base::Result<bool> forget(
    storage::Repository& repository,
    const webhook::ApiContact& contact,
    const std::string& agent,
    base::WallTime now
);
[[nodiscard]] base::Result<webhook::ApiAddedFollowUp> add_follow_up(
    storage::Repository& repository,
    const routing::FollowUp& follow_up,
    base::WallTime now,
    Campaigns& edited
);

/// A wish to cancel a follow-up.
struct Cancellation {
    std::string tenant;  ///< whose it must be
    campaign::FollowUpId id;
    std::string reason;
};
[[nodiscard]] base::Result<void> cancel_follow_up(
    storage::Repository& repository, const Cancellation& wish, base::WallTime now, Campaigns& edited
);

}  // namespace cxdial::daemon
