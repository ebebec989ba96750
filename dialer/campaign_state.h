#pragma once

#include "base/clock.h"
#include "campaign/calendar.h"
#include "campaign/caller_ids.h"
#include "campaign/campaign.h"
#include "dialer/hold.h"
#include "dialer/pacer.h"
#include "dialer/store.h"
#include "dialer/switchboard.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// One campaign as the engine sees it: its buffer of destinations, its pace, its slots, its hours.
struct CampaignState {
    CampaignState(campaign::StoredCampaign stored_given, base::MonoTime now);
    /// A campaign that can be dialed as it is configured, or why not; `schedule` and `recipient`
    /// answer only then.
    [[nodiscard]] base::Result<void> read_calendar();

    campaign::StoredCampaign stored;
    PoolKey pool;
    Pacer pacer;
    campaign::CallerIds caller_ids;
    /// Why nothing can be dialed as it is configured.
    base::Result<void> configuration{};
    std::deque<QueuedDestination> buffer;
    int live = 0;    ///< slots held
    int others = 0;  ///< slots that other workers of OPBX hold
    /// When the store is asked for destinations again; the past: now.
    base::MonoTime claim_at{};
    bool store_has_more = true;
    std::optional<base::WallTime> next_due;  ///< of what waits in the store, as last seen
    /// When slots were freed that no call has taken yet, while the campaign was at its cap.
    std::deque<base::MonoTime> slots_freed_at;
    bool may_be_complete = true;

    /// How far it has come in its share of what campaigns contend for; the least goes next.
    double pass = 0.0;
    bool contends = false;  ///< it was waiting for what others used, so that its turn is kept

    Hold hold;
    std::optional<Hold> told;  ///< the hold that was told last

    [[nodiscard]] bool active() const { return stored.status == campaign::CampaignStatus::active; }
    [[nodiscard]] bool paused() const { return stored.status == campaign::CampaignStatus::paused; }
    [[nodiscard]] int cap() const;
    /// How many destinations the buffer should hold: enough for a full turn of the slots and for
    /// two seconds at full pace.
    [[nodiscard]] int buffer_target() const;
    void take_edit(campaign::StoredCampaign edited, base::MonoTime now);
    /// A destination became due in the store, or will at `at`.
    void claim_no_later_than(base::MonoTime at);

    /// Whether a call may be placed now by the campaign's schedule, so that it has stopped ringing
    /// when the schedule closes; `until`: the last start, or the next opening. Computed anew only
    /// when that time has come.
    [[nodiscard]] const campaign::Opening& schedule(base::WallTime now);
    /// The same for the schedule and a recipient's hours together.
    [[nodiscard]] campaign::Opening recipient(
        const std::vector<std::string>& zones, base::WallTime now
    ) const;

private:
    [[nodiscard]] campaign::Opening opening(
        const std::vector<std::string>* zones, base::WallTime now
    ) const;

    std::optional<campaign::Calendar> calendar_;
    campaign::Opening schedule_;
    base::WallTime schedule_from_{};
};

}  // namespace cxdial::dialer
