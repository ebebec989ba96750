#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "config/config.h"
#include "dialer/advice.h"
#include "dialer/hold.h"
#include "storage/records.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// Why a destination, or a campaign, is or is not being dialed.
struct Why {
    std::string reason;  ///< for programs, as in `recipient_hours`
    std::string detail;  ///< for people
    /// When it may go on by itself, where that is known.
    std::optional<base::WallTime> until;
};

/// What it takes to say why. The store is only read.
struct WhySources {
    storage::Repository& repository;
    storage::SqliteStore& store;
    const config::Dialing& dialing;
    bool is_dialing = false;      ///< whether a daemon holds the database
    bool has_public_url = false;  ///< whether Cloudonix can reach it
    base::WallTime now;
};

/// Why the campaign as a whole places no calls; `dialing` when it does.
[[nodiscard]] base::Result<Why> why_campaign(
    const WhySources& sources, const campaign::StoredCampaign& stored
);

/// Why this destination is or is not being dialed, by the first of the rules that stands in its
/// way. `not_found` when the campaign has no such number.
[[nodiscard]] base::Result<Why> why_destination(
    const WhySources& sources, const campaign::StoredCampaign& stored, base::PhoneNumber number
);

/// The code of the one piece of advice on a campaign that cannot be dialed as it is.
inline constexpr const char* cannot_dial = "cannot_dial";

/// What will be regretted about a campaign that can be dialed, and what keeps another one from it
/// (`cannot_dial`); empty: nothing.
[[nodiscard]] base::Result<std::vector<dialer::Advice>> advice_on(
    const WhySources& sources, const campaign::StoredCampaign& stored
);

/// Every destination of a campaign under exactly one name: `in_call`, `queued`, `ready`, what it
/// waits for, or its terminal status. The counts add up to the destinations.
[[nodiscard]] std::map<std::string, std::int64_t> reasons_of(
    const storage::CampaignStatistics& statistics
);

}  // namespace cxdial::daemon
