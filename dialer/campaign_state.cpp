#include "dialer/campaign_state.h"

#include "base/check.h"
#include "campaign/recipient_hours.h"
#include "dialer/flaw.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cxdial::dialer {
namespace {

constexpr int smallest_buffer = 16;
constexpr int largest_buffer = 2'000;
constexpr double seconds_ahead = 2.0;

Pacer::Limits pace_of(const campaign::Campaign& campaign) {
    // A burst of one second's calls keeps the average at its limit in spite of late timers.
    return {
        .per_second = campaign.calls_per_second,
        .burst = std::max(1.0, std::floor(campaign.calls_per_second)),
    };
}

}  // namespace

CampaignState::CampaignState(campaign::StoredCampaign stored_given, base::MonoTime now)
    : stored(std::move(stored_given)),
      pool(PoolKey::of(stored.campaign)),
      pacer(pace_of(stored.campaign), now),
      caller_ids(stored.campaign),
      claim_at(now) {}

base::Result<void> CampaignState::read_calendar() {
    base::Result<campaign::Calendar> calendar = campaign::Calendar::of(stored.campaign);
    if (!calendar) {
        calendar_.reset();
        return calendar.error();
    }
    calendar_ = std::move(*calendar);
    schedule_ = {.open = true, .until = base::WallTime{}};  // to be computed when it is asked for
    schedule_from_ = {};
    return {};
}

int CampaignState::cap() const {
    const int ours = std::max(0, stored.campaign.concurrent_active_calls - others);
    return ours + (flawed(Flaw::cap_off_by_one) ? 1 : 0);
}

int CampaignState::buffer_target() const {
    const double ahead = stored.campaign.calls_per_second * seconds_ahead;
    const int wanted = std::max(stored.campaign.concurrent_active_calls, static_cast<int>(ahead));
    return std::clamp(wanted, smallest_buffer, largest_buffer);
}

void CampaignState::take_edit(campaign::StoredCampaign edited, base::MonoTime now) {
    stored = std::move(edited);
    pool = PoolKey::of(stored.campaign);
    pacer.change(pace_of(stored.campaign), now);
    caller_ids.update(stored.campaign);
    store_has_more = true;
    claim_at = now;
}

void CampaignState::claim_no_later_than(base::MonoTime at) {
    claim_at = std::min(claim_at, at);
}

const campaign::Opening& CampaignState::schedule(base::WallTime now) {
    const bool holds = now >= schedule_from_ && (!schedule_.until || now < *schedule_.until);
    if (!holds) {
        schedule_ = opening(nullptr, now);
        schedule_from_ = now;
    }
    return schedule_;
}

campaign::Opening CampaignState::recipient(
    const std::vector<std::string>& zones, base::WallTime now
) const {
    return opening(&zones, now);
}

campaign::Opening CampaignState::opening(const std::vector<std::string>* zones, base::WallTime now)
    const {
    CHECK_INVARIANT(calendar_);
    const auto at = [&](base::WallTime when) {
        return zones == nullptr
                   ? calendar_->at(when)
                   : campaign::both_open(
                         *calendar_, &*stored.campaign.respect_recipient_time, *zones, when
                     );
    };
    const campaign::Opening here = at(now);
    if (flawed(Flaw::ignore_schedule)) {
        return {};
    }
    if (!here.open || !here.until) {
        return here;
    }
    const base::WallTime last_start = *here.until - stored.campaign.dial_timeout;
    if (now < last_start) {
        return {.open = true, .until = last_start};
    }
    const campaign::Opening next = at(*here.until);
    return {.open = false, .until = next.open ? here.until : next.until};
}

}  // namespace cxdial::dialer
