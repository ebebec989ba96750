#pragma once

#include "api_client/opbx_reply.h"
#include "base/clock.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/ids.h"
#include "daemon/opbx_resources.h"
#include "storage/records.h"
#include "storage/repository.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::daemon {

/// Why a campaign of OPBX is paused here while OPBX does not list it as active.
inline constexpr std::string_view not_listed = "OPBX does not list it as active";

/// Why a campaign that OPBX lists is paused here.
[[nodiscard]] std::string why_unfit(std::string_view why);

/// What is to be done about one campaign that OPBX owns, by what OPBX lists and what we have.
struct OpbxDecision {
    std::optional<campaign::Transition> transition;
    /// Why it is paused from now on; empty: nothing is said of it.
    std::string reason;
    bool tells_opbx = false;  ///< OPBX has to pause it too, for the reason that it has here
};

/// `unfit`: why it cannot be dialed though OPBX lists it; empty: it can. `changed`: its owner has
/// edited it. Only what this decided to pause does it resume; what the engine paused (no credit,
/// 401 …) OPBX is told, and is resumed when OPBX has shown it paused and lists it again, or when it
/// was edited.
[[nodiscard]] OpbxDecision decide(
    const campaign::StoredCampaign& known, bool is_listed, const std::string& unfit, bool changed
);

/// Why this OPBX and this `opbx.placement` must not dial together; empty: they may.
[[nodiscard]] std::string mismatch_of(api_client::OpbxKind kind, bool is_direct);

/// The campaign as it is stored: placed directly, it goes to the local assistant or balancer that
/// has OPBX's id as `opbx-ID`. The error says why it cannot be dialed.
[[nodiscard]] base::Result<campaign::Campaign> resource_of(
    const api_client::OpbxCampaign& listed, bool is_direct
);

/// A campaign whose list is to be looked at.
struct OpbxToFill {
    campaign::CampaignId id;
    campaign::OpbxCampaignId external_id;
    int wanted = 0;  ///< destinations that it may use up before the next look
};

/// What a round of reconciliation wants of the rest of the program.
struct OpbxRound {
    struct Change {
        campaign::CampaignId id;
        campaign::Transition transition = campaign::Transition::pause;
        std::string reason;
    };
    struct Pause {
        campaign::OpbxCampaignId id;
        std::string reason;
    };
    std::vector<campaign::CampaignId> edited;  ///< the engine must read them again
    std::vector<Change> changes;               ///< after that
    std::vector<Pause> to_tell;
    std::vector<OpbxToFill> to_fill;
};

struct OpbxRules {
    bool is_direct = false;
    base::Millis poll_interval{10'000};
};

/// Brings the stored campaigns to what OPBX lists. On the worker's thread.
[[nodiscard]] base::Result<OpbxRound> reconcile(
    storage::Repository& repository,
    const std::vector<api_client::OpbxCampaign>& listed,
    const OpbxRules& rules,
    base::WallTime now
);

/// Keeps where OPBX's campaigns send their calls. What cannot be kept is logged. Whether anything
/// changed. On the worker's thread.
[[nodiscard]] bool store_routing(
    storage::Repository& repository, const OpbxRouting& routing, base::WallTime now
);

/// What was seen of a campaign's list before.
struct OpbxSeen {
    bool was_whole = false;  ///< the last answer held all rows that there were
    std::set<campaign::OpbxDestinationId> offered;
};

/// The rows of an answer that may be dialed by us: not those in a call or done with, and not those
/// without a number. One that went round gets OPBX's own delay since it was dialed. A row that was
/// gone and comes back untried was reset by its owner.
[[nodiscard]] std::vector<storage::OfferedDestination> offers_of(
    const std::vector<api_client::OpbxDestination>& rows, const OpbxSeen& seen
);

}  // namespace cxdial::daemon
