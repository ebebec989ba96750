#pragma once

#include "balancer/assistant.h"
#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/attempt.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "campaign/ids.h"
#include "storage/records.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::sim {

/// A row of the database as it is on disk, to be compared with the truth.
struct AttemptRow {
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
    std::int64_t phone = 0;
    std::string balancer;
    std::string assistant;
    std::int64_t revision = 0;  ///< of the campaign
    std::int64_t intent_at = 0;
    campaign::AttemptStatus status = campaign::AttemptStatus::intent;
    std::string disposition;
    std::string rest;  ///< every other column, as text

    friend bool operator==(const AttemptRow&, const AttemptRow&) = default;
};
struct DestinationRow {
    campaign::CampaignId campaign;
    campaign::DestinationStatus status = campaign::DestinationStatus::pending;
    int attempts = 0;
    std::int64_t next_at = 0;
    std::string last_disposition;
    int wait = 0;  ///< a `campaign::WaitReason`
};

/// What is committed, read and, for the operator's part, written past the engine: on a connection
/// of its own, as another process would. Throws when SQLite does.
class Ledger {
public:
    /// Makes the file when there is none.
    Ledger(const std::string& path, std::uint64_t instance_seed);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    Ledger(Ledger&&) = delete;
    Ledger& operator=(Ledger&&) = delete;

    /// Whether another connection committed something since this was asked last.
    [[nodiscard]] bool changed();
    [[nodiscard]] std::map<campaign::AttemptId, AttemptRow> attempts();
    /// Those that hold a slot.
    [[nodiscard]] std::map<campaign::AttemptId, AttemptRow> live_attempts();
    [[nodiscard]] std::optional<AttemptRow> attempt(campaign::AttemptId id);
    /// Attempts to reach the number in the window that ends with the one at `at`, it included.
    [[nodiscard]] int dialed(std::int64_t phone, std::int64_t at, base::Millis window);
    [[nodiscard]] std::map<campaign::DestinationId, DestinationRow> destinations();
    /// The zone that the destination came with; empty: none.
    [[nodiscard]] std::string zone_of(campaign::DestinationId id);
    /// The newest open one to the number in an active campaign.
    [[nodiscard]] std::optional<std::pair<campaign::DestinationId, campaign::CampaignId>>
    open_destination(base::PhoneNumber number);
    [[nodiscard]] campaign::DestinationStatus status_of(campaign::DestinationId id);
    /// Call sid and agent of those that came in and are live.
    [[nodiscard]] std::map<std::string, std::string> live_inbound();
    /// What was done twice because of one call; empty: nothing.
    [[nodiscard]] std::string done_twice();
    [[nodiscard]] std::map<campaign::CampaignId, campaign::CampaignStatus> campaigns();
    [[nodiscard]] storage::CampaignStatistics statistics(campaign::CampaignId id);
    /// Calls that are over, that OPBX has a name for, and whose end neither a CDR nor a message
    /// that waits tells it.
    [[nodiscard]] int untold_ends();
    /// Kind and key of every webhook that was kept.
    [[nodiscard]] std::set<std::pair<int, std::string>> webhooks();

    /// Adds it or edits it; as it is stored then.
    campaign::StoredCampaign put(const campaign::Campaign& campaign, base::WallTime now);
    /// Adds a campaign that OPBX owns.
    campaign::StoredCampaign lend(const campaign::Campaign& campaign, base::WallTime now);
    void put(const balancer::Assistant& assistant, base::WallTime now);
    void put(const balancer::Balancer& balancer, base::WallTime now);
    /// False: the campaign has this number already. `zone` empty: none is known.
    bool add_destination(
        campaign::CampaignId campaign, base::PhoneNumber number, const std::string& zone = {}
    );
    void suppress(base::PhoneNumber number, base::WallTime now);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::sim
