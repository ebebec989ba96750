#include "dialer/engine.h"

#include "base/check.h"
#include "base/log.h"
#include "dialer/advice.h"
#include "dialer/flaw.h"
#include "dialer/internal/engine_tick.h"

#include <algorithm>
#include <utility>

namespace cxdial::dialer {
namespace {

constexpr std::size_t placements_remembered_max = 10'000;

base::Result<void> conflict(const std::string& why) {
    return base::Error{base::Errc::conflict, why};
}

}  // namespace

Engine::Engine(EngineSettings settings, base::Rng rng) : settings_(std::move(settings)), rng_(rng) {
    for (const DomainLimits& limits : settings_.domains) {
        domains_.emplace(limits.name, limits);
    }
}

void Engine::learn_from(const std::map<std::string, DomainState>& domains) {
    for (const auto& [name, earlier] : domains) {
        DomainState& state = domain_of(name);
        const DomainLimits limits = state.limits;
        state.take_edit(earlier.limits);
        state.learn_from(earlier);
        state.take_edit(limits);  // they may have been edited since
    }
}

DomainState& Engine::domain_of(const std::string& name) {
    const auto position = domains_.find(name);
    if (position != domains_.end()) {
        return position->second;
    }
    // An attempt of an earlier life, whose domain is no longer configured: it keeps its slot until
    // its deadline, under the default limits.
    DomainLimits limits;
    limits.name = name;
    return domains_.emplace(name, limits).first->second;
}

void Engine::recover(Store& store, base::Now now, Output& out) {
    Tick tick{store, now, out, now.mono};
    store.release_queued(std::nullopt);
    for (const campaign::StoredCampaign& stored : store.active_campaigns()) {
        load_campaign(tick, stored.id);
    }
    remember_requests(tick);
    for (LiveAttempt& row : store.live_attempts()) {
        recover_attempt(tick, std::move(row));
    }
    for (const InboundSession& session : store.live_inbound()) {
        add_inbound(tick, session);
    }
}

void Engine::remember_requests(Tick& tick) {
    for (auto& [name, domain] : domains_) {
        const base::WallTime since = tick.now.wall - domain.limits.per;
        std::vector<base::WallTime> placed = tick.store.placements_since(name, since);
        const std::size_t skipped =
            placed.size() - std::min(placed.size(), placements_remembered_max);
        std::vector<base::MonoTime> remembered;
        for (std::size_t i = skipped; i < placed.size(); ++i) {
            // Stored times are whole milliseconds; what was cut off must not open the window early.
            const base::MonoTime at = tick.mono_of(placed[i] + base::Millis{1});
            remembered.push_back(std::min(at, tick.now.mono));
        }
        domain.remember(remembered, tick.now.mono);
    }
}

void Engine::recover_attempt(Tick& tick, LiveAttempt row) {
    Live live{.row = std::move(row)};
    if (const auto destination = tick.store.destination(live.row.destination)) {
        live.destination_attempts = destination->attempts;
        live.follow_up = destination->follow_up;
        if (is_terminal(destination->status)) {
            live.settled_as = destination->status;
        }
    }
    live.born = tick.now.mono;
    live.proof_from = live.born + latest_start(live.row.domain, live.row.by_opbx);
    live.give_up = live.born + (live.row.give_up_at - live.row.intent_at);
    if (live.row.answered_at && !live.row.assistant.empty()) {
        live.connected_at = tick.mono_of(*live.row.answered_at);
    }
    if (CampaignState* state = campaign_of(tick, live.row.campaign); state != nullptr) {
        ++state->live;
    }
    ++domain_of(live.row.domain).live;
    if (const PoolKey pool = pool_of(tick, live);
        !pool.assistant.empty() && switchboard_.find(pool.tenant, pool.assistant) == nullptr) {
        static_cast<void>(switchboard_.load(tick.store, pool));  // no campaign's: its own agent
    }
    take_seat(tick, live);
    Live& added = live_.add(std::move(live));
    hang_up(added);
    if (added.row.status == campaign::AttemptStatus::intent) {
        if (flawed(Flaw::recover_intent_to_pending)) {
            give_back(tick, added, {.to = campaign::AttemptStatus::not_sent});
            return;
        }
        on_unknown(tick, added, "the process ended before the reply was stored");
    } else if (added.in_doubt()) {
        start_doubt(tick, added);
    } else {
        added.patience = settings_.look_up_after;
        added.look_up = tick.now.mono;
        live_.set_alarm(added, tick.now.mono);
    }
}

base::Result<void> Engine::step(Store& store, base::Now now, const Arrived& arrived, Output& out) {
    Tick tick{store, now, out, arrived.at};
    if (const auto* reply = std::get_if<PlacementReply>(&arrived.input)) {
        on_placement(tick, *reply);
    } else if (const auto* webhook = std::get_if<WebhookReceived>(&arrived.input)) {
        on_webhook(tick, *webhook);
    } else if (const auto* look_up = std::get_if<LookUpReply>(&arrived.input)) {
        on_look_up(tick, *look_up);
    } else if (const auto* list = std::get_if<SessionListReply>(&arrived.input)) {
        on_session_list(tick, *list);
    } else if (const auto* asked = std::get_if<CallAnswered>(&arrived.input)) {
        on_answered(tick, *asked);
    } else if (const auto* call = std::get_if<CallCameIn>(&arrived.input)) {
        return on_call(tick, *call);
    } else if (const auto* command = std::get_if<ChangeCampaign>(&arrived.input)) {
        return change_campaign(tick, *command);
    } else if (const auto* edited = std::get_if<CampaignEdited>(&arrived.input)) {
        load_campaign(tick, edited->campaign);
        follow_ups_at_ = now.mono;
    } else if (const auto* hold = std::get_if<ExternalHold>(&arrived.input)) {
        external_hold_ = *hold;
    } else if (const auto* held = std::get_if<OthersHold>(&arrived.input)) {
        if (CampaignState* state = campaign_of(tick, held->campaign); state != nullptr) {
            state->others = held->slots;
        }
    } else if (const auto* withdrawn = std::get_if<DestinationsWithdrawn>(&arrived.input)) {
        withdraw(tick, *withdrawn);
    } else if (const auto* limits = std::get_if<DomainsEdited>(&arrived.input)) {
        for (const DomainLimits& limit : limits->domains) {
            domain_of(limit.name).take_edit(limit);
        }
    } else {
        drain(tick);
    }
    return {};
}

void Engine::drain(Tick& tick) {
    draining_ = true;
    for (auto& [id, state] : campaigns_) {
        state.buffer.clear();
    }
    tick.store.release_queued(std::nullopt);
}

void Engine::withdraw(Tick& tick, const DestinationsWithdrawn& withdrawn) {
    const std::vector<campaign::DestinationId> forgotten =
        tick.store.forget_destinations(withdrawn.destinations);
    if (CampaignState* state = campaign_of(tick, withdrawn.campaign); state != nullptr) {
        const std::set<campaign::DestinationId> gone(forgotten.begin(), forgotten.end());
        std::erase_if(state->buffer, [&](const QueuedDestination& queued) {
            return gone.contains(queued.id);
        });
    }
}

void Engine::plan(Store& store, base::Now now, Output& out) {
    Tick tick{store, now, out, now.mono};
    next_wake_ = base::MonoTime::max();
    for (auto& [name, domain] : domains_) {
        domain.recover_rate(now.mono);
    }
    match_again(tick);
    run_alarms(tick);
    expire_inbound(tick);
    send_hang_ups(tick);
    send_look_ups(tick);
    if (!draining_) {
        enrol_follow_ups(tick);
        fill_buffers(tick);
        place_calls(tick);
        complete_campaigns(tick);
    }
    tell_holds(tick);
    if (const std::optional<base::MonoTime> alarm = live_.next_alarm()) {
        wake_at(*alarm);
    }
}

base::Result<void> Engine::change_campaign(Tick& tick, const ChangeCampaign& command) {
    const std::optional<campaign::StoredCampaign> stored = tick.store.campaign(command.campaign);
    if (!stored) {
        return base::Error{base::Errc::not_found, "there is no such campaign"};
    }
    const base::Result<campaign::CampaignStatus> next =
        campaign::after(stored->status, command.transition);
    if (!next) {
        return next.error();
    }
    load_campaign(tick, command.campaign);
    CampaignState* state = campaign_of(tick, command.campaign);
    CHECK_INVARIANT(state != nullptr);
    if (*next == campaign::CampaignStatus::active) {
        if (base::Result<void> fit = can_dial(tick, *state); !fit) {
            return fit;
        }
    }
    set_status(tick, *state, *next, command.reason);
    return {};
}

base::Result<void> Engine::can_dial(Tick& tick, CampaignState& state) {
    const campaign::Campaign& campaign = state.stored.campaign;
    if (!state.configuration) {
        return conflict(state.configuration.error().detail);
    }
    if (!opbx_places(state) && !domains_.contains(campaign.cloudonix_domain)) {
        return conflict(
            "the configuration has no [[cloudonix]] domain \"" + campaign.cloudonix_domain + "\""
        );
    }
    if (!state.pool.is_hangup() && switchboard_.usable(state.pool).empty()) {
        return conflict(
            "no assistant of \"" + campaign.routing_destination + "\" is active and published"
        );
    }
    const campaign::Opening& schedule = state.schedule(tick.now.wall);
    if (state.stored.external_id) {
        return {};  // OPBX says when it is over, and what there is to dial
    }
    if (!schedule.open && !schedule.until) {
        return conflict("its schedule allows no call any more: edit schedule or end_date");
    }
    if (!campaign.keep_open && !tick.store.has_open_destinations(state.stored.id)) {
        return conflict("there is nothing to dial: import destinations first");
    }
    return {};
}

base::Result<void> Engine::configure(Tick& tick, CampaignState& state) {
    if (base::Result<void> calendar = state.read_calendar(); !calendar) {
        return calendar;
    }
    const bool has_url = !settings_.public_url.empty();
    return fit_to_dial(tick.store, switchboard_, state.stored.campaign, has_url);
}

void Engine::load_campaign(Tick& tick, campaign::CampaignId id) {
    std::optional<campaign::StoredCampaign> stored = tick.store.campaign(id);
    if (!stored) {
        return;
    }
    const auto [position, added] = campaigns_.try_emplace(id, *stored, tick.now.mono);
    CampaignState& state = position->second;
    if (!added) {
        state.take_edit(std::move(*stored), tick.now.mono);
    }
    state.configuration = configure(tick, state);
    state.may_be_complete = true;
    if (!state.configuration) {
        pause(tick, id, state.configuration.error().detail);
    }
}

void Engine::set_status(
    Tick& tick, CampaignState& state, campaign::CampaignStatus status, const std::string& reason
) {
    tick.store.set_campaign_status(state.stored.id, status, reason, tick.now.wall);
    state.stored.status = status;
    follow_ups_at_ = tick.now.mono;
    state.stored.status_reason = reason;
    state.may_be_complete = true;
    tick.out.notes.emplace_back(CampaignMoved{state.stored.id, status, reason});
    if (!state.active()) {
        if (!flawed(Flaw::dial_after_pause)) {
            state.buffer.clear();
        }
        state.slots_freed_at.clear();
        state.contends = false;
        tick.store.release_queued(state.stored.id);
        state.store_has_more = true;
        state.claim_at = tick.now.mono;
    }
}

void Engine::pause(Tick& tick, campaign::CampaignId id, const std::string& reason) {
    CampaignState* state = campaign_of(tick, id);
    if (state == nullptr || !state->active()) {
        return;
    }
    base::log_warn("campaign_paused", {{"campaign", state->stored.campaign.name}, {"why", reason}});
    set_status(tick, *state, campaign::CampaignStatus::paused, reason);
}

void Engine::pause_domain(Tick& tick, const std::string& domain, const std::string& reason) {
    for (auto& [id, state] : campaigns_) {
        if (state.stored.campaign.cloudonix_domain == domain) {
            pause(tick, id, reason);
        }
    }
}

CampaignState* Engine::campaign_of(Tick& tick, campaign::CampaignId id) {
    auto position = campaigns_.find(id);
    if (position == campaigns_.end()) {
        load_campaign(tick, id);
        position = campaigns_.find(id);
    }
    return position == campaigns_.end() ? nullptr : &position->second;
}

}  // namespace cxdial::dialer
