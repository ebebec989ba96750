#include "base/log.h"
#include "campaign/recipient_hours.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/agent_pause.h"
#include "dialer/internal/engine_tick.h"

#include <algorithm>
#include <chrono>

namespace cxdial::dialer {

using campaign::DestinationStatus;
using campaign::WaitReason;

namespace {

/// While a schedule is closed the wall clock may be set, which nobody tells us.
constexpr base::Millis longest_sleep{60'000};

/// What others use, so that a campaign that waits for it keeps its turn.
bool is_shared(HoldReason reason) {
    switch (reason) {
        case HoldReason::domain_cap:
        case HoldReason::domain_rate:
        case HoldReason::domain_backing_off:
        case HoldReason::process_cap:
        case HoldReason::assistants_full:
            return true;
        case HoldReason::none:
        case HoldReason::outside_schedule:
        case HoldReason::cac_reached:
        case HoldReason::calls_per_second:
        case HoldReason::no_assistant:
        case HoldReason::nothing_due:
        case HoldReason::stopping:
        case HoldReason::opbx_unreachable:
        case HoldReason::opbx_rate:
        case HoldReason::opbx_mismatch:
        case HoldReason::redis_unreachable:
        case HoldReason::cac_shared:
            return false;
    }
    return false;
}

}  // namespace

bool Engine::admits(Tick& tick, CampaignState& state) {
    state.hold = obstacle(tick, state);
    if (state.hold.reason != HoldReason::none && state.hold.reason != HoldReason::cac_reached) {
        state.slots_freed_at.clear();  // it is not for want of speed that the slots are empty
    }
    state.contends = is_shared(state.hold.reason);
    return state.hold.reason == HoldReason::none;
}

Hold Engine::obstacle(Tick& tick, CampaignState& state) {
    // Whatever frees a slot or a seat will be an input; what only time can change is woken for.
    const campaign::Opening& schedule = state.schedule(tick.now.wall);
    if (!schedule.open) {
        return {HoldReason::outside_schedule, schedule.until};
    }
    if (Hold external = external_obstacle(tick, state); external.reason != HoldReason::none) {
        return external;
    }
    if (state.live >= state.cap()) {
        const bool is_full = state.live >= state.stored.campaign.concurrent_active_calls;
        return {is_full ? HoldReason::cac_reached : HoldReason::cac_shared, {}};
    }
    const int process_cap = settings_.max_concurrent_calls;
    if (process_cap > 0 && live_.size() >= static_cast<std::size_t>(process_cap)) {
        return {HoldReason::process_cap, {}};
    }
    DomainState& domain = domain_of(state.stored.campaign.cloudonix_domain);
    if (!domain.has_room()) {
        return {HoldReason::domain_cap, {}};
    }
    const Hold seats = seat_obstacle(tick, state);
    return seats.reason == HoldReason::none ? rate_obstacle(tick, state, domain) : seats;
}

Hold Engine::external_obstacle(Tick& tick, const CampaignState& state) {
    if (!state.stored.external_id) {
        return {};
    }
    if (!external_hold_.until) {
        return {external_hold_.reason, {}};
    }
    if (*external_hold_.until <= tick.now.mono) {
        return {};
    }
    wake_at(*external_hold_.until);
    return {external_hold_.reason, tick.wall_of(*external_hold_.until)};
}

Hold Engine::seat_obstacle(Tick& tick, const CampaignState& state) {
    const Room room = switchboard_.room(state.pool, tick.now.mono);
    if (room == Room::yes) {
        return {};
    }
    std::optional<base::WallTime> until;
    if (const auto back = switchboard_.next_return(state.pool, tick.now.mono)) {
        wake_at(*back);
        until = tick.wall_of(*back);
    }
    return room == Room::full ? Hold{HoldReason::assistants_full, {}}
                              : Hold{HoldReason::no_assistant, until};
}

Hold Engine::rate_obstacle(Tick& tick, CampaignState& state, DomainState& domain) {
    const base::MonoTime now = tick.now.mono;
    if (const base::MonoTime at = state.pacer.ready_at(now); at > now) {
        wake_at(at);
        return {HoldReason::calls_per_second, {}};
    }
    if (flawed(Flaw::forget_request_window)) {
        return {};
    }
    const base::MonoTime at = domain.request_at(now);
    if (at <= now) {
        return {};
    }
    wake_at(at);
    if (domain.blocked_until == at) {
        return {HoldReason::domain_backing_off, tick.wall_of(at)};
    }
    return {HoldReason::domain_rate, {}};
}

Engine::Verdict Engine::judge(
    Tick& tick, CampaignState& state, const QueuedDestination& destination
) {
    Verdict verdict;
    verdict.otherwise = {
        .to = waiting_status(destination.attempts), .attempts = destination.attempts};
    DestinationChange& otherwise = verdict.otherwise;
    if (tick.store.is_suppressed(destination.phone_number) && !flawed(Flaw::ignore_suppression)) {
        otherwise.to = DestinationStatus::suppressed;
        return verdict;
    }
    verdict.last_start = state.schedule(tick.now.wall).until;
    if (state.stored.campaign.respect_recipient_time && !flawed(Flaw::ignore_recipient_hours)) {
        const std::vector<std::string> zones =
            destination.timezone.empty() ? campaign::plausible_zones(destination.phone_number)
                                         : std::vector{destination.timezone};
        if (zones.empty()) {
            otherwise.to = DestinationStatus::invalid;
            otherwise.wait = WaitReason::zone_unknown;
            return verdict;
        }
        const campaign::Opening hours = state.recipient(zones, tick.now.wall);
        if (!hours.open) {
            otherwise.wait = WaitReason::recipient_hours;
            otherwise.next_at = hours.until;
            if (!hours.until) {
                otherwise.to = DestinationStatus::failed;  // no such hour before the campaign ends
            }
            return verdict;
        }
        verdict.last_start = hours.until;
    }
    if (settings_.calls_per_number > 0 && !flawed(Flaw::ignore_frequency_cap)) {
        const base::Millis window = settings_.per_number_window;
        const std::optional<base::WallTime> oldest = tick.store.nth_newest_attempt(
            destination.phone_number, settings_.calls_per_number, tick.now.wall - window
        );
        if (oldest) {
            otherwise.wait = WaitReason::frequency_cap;
            otherwise.next_at = *oldest + window;
            return verdict;
        }
    }
    if (!destination.agent.empty() && !agent_has_room(tick, state, destination)) {
        otherwise.wait = WaitReason::agent_busy;
        otherwise.next_at = tick.now.wall + agent_pause;
        return verdict;
    }
    verdict.dial = true;
    return verdict;
}

bool Engine::agent_has_room(
    Tick& tick, const CampaignState& state, const QueuedDestination& destination
) {
    const PoolKey pool{
        .tenant = state.stored.campaign.tenant, .balancer = {}, .assistant = destination.agent};
    return switchboard_.load(tick.store, pool).has_value() &&
           switchboard_.room(pool, tick.now.mono) == Room::yes;
}

void Engine::keep_schedule(Tick& tick, CampaignState& state) {
    const campaign::Opening& schedule = state.schedule(tick.now.wall);
    if (schedule.open) {
        return;
    }
    if (!schedule.until && !state.stored.external_id) {
        pause(tick, state.stored.id, "its end date has passed");
        return;
    }
    state.hold = {HoldReason::outside_schedule, schedule.until};
    if (!state.buffer.empty()) {
        state.buffer.clear();
        tick.store.release_queued(state.stored.id);
        state.store_has_more = true;
    }
    state.claim_at = tick.now.mono;
    if (schedule.until) {
        wake_at(std::min(tick.mono_of(*schedule.until), tick.now.mono + longest_sleep));
    }
}

void Engine::tell_holds(Tick& tick) {
    for (auto& [id, state] : campaigns_) {
        if (!state.active()) {
            state.told.reset();
            continue;
        }
        if (draining_) {
            state.hold = {HoldReason::stopping, {}};
        }
        if (state.told != state.hold) {
            state.told = state.hold;
            tick.store.set_hold(id, state.hold);
            tick.out.notes.emplace_back(CampaignHeld{id, state.hold});
        }
    }
}

}  // namespace cxdial::dialer
