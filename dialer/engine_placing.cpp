#include "base/check.h"
#include "base/log.h"
#include "dialer/advice.h"
#include "dialer/answer.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/agent_pause.h"
#include "dialer/internal/engine_tick.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

namespace cxdial::dialer {

using campaign::DestinationStatus;

namespace {

/// Between the latest end that Cloudonix enforces and the instant at which we stop waiting for it.
constexpr base::Millis margin{60'000};

/// Each level of priority below another gets this part of what that one gets.
constexpr double priority_part = 0.1;
constexpr int deepest_level = 3;

/// By how much its turn moves on when the campaign places a call: the less, the larger its share.
double stride_of(const campaign::Campaign& campaign, int level) {
    return 1.0 / (campaign.weight * std::pow(priority_part, std::min(level, deepest_level)));
}

/// 0 for those of the highest priority among the campaigns, 1 for the next one, and so on.
int level_of(const std::set<int>& priorities, int priority) {
    const auto above = std::distance(priorities.upper_bound(priority), priorities.end());
    return static_cast<int>(above);
}

}  // namespace

void Engine::fill_buffers(Tick& tick) {
    for (auto& [id, state] : campaigns_) {
        if (state.active()) {
            keep_schedule(tick, state);
        }
        if (state.active() && state.schedule(tick.now.wall).open) {
            fill_buffer(tick, state);
        }
    }
}

void Engine::fill_buffer(Tick& tick, CampaignState& state) {
    const campaign::CampaignId id = state.stored.id;
    const int target = state.buffer_target();
    const int held = static_cast<int>(state.buffer.size());
    if (held > target / 2) {
        return;
    }
    if (!state.store_has_more && state.claim_at > tick.now.mono) {
        wake_at(state.claim_at);
        return;
    }
    const int wanted = target - held;
    std::vector<QueuedDestination> claimed = tick.store.claim(id, tick.now.wall, wanted);
    state.store_has_more = static_cast<int>(claimed.size()) == wanted;
    state.claim_at = tick.now.mono + settings_.poll_interval;
    for (QueuedDestination& destination : claimed) {
        tick.out.notes.emplace_back(DestinationMoved{id, destination.id, DestinationStatus::queued}
        );
        state.buffer.push_back(std::move(destination));
    }
    if (!state.store_has_more) {
        state.next_due = tick.store.next_due(id);
        if (state.next_due) {
            state.claim_no_later_than(std::max(tick.mono_of(*state.next_due), tick.now.mono));
        }
        wake_at(state.claim_at);
    }
}

std::vector<CampaignState*> Engine::in_turn() {
    std::vector<CampaignState*> serving;
    for (auto& [id, state] : campaigns_) {
        if (state.active() || (flawed(Flaw::dial_after_pause) && state.paused())) {
            serving.push_back(&state);
            // Who did not wait for the others is owed nothing for the time.
            if (!state.contends) {
                state.pass = std::max(state.pass, turn_);
            }
        }
    }
    return serving;
}

void Engine::place_calls(Tick& tick) {
    std::vector<CampaignState*> serving = in_turn();
    std::set<int> priorities;
    for (const CampaignState* state : serving) {
        priorities.insert(state->stored.campaign.priority);
    }
    int placed = 0;
    while (!serving.empty() && placed < settings_.placements_per_tick) {
        const auto next = std::min_element(
            serving.begin(),
            serving.end(),
            [](const CampaignState* left, const CampaignState* right) {
                return left->pass < right->pass;
            }
        );
        CampaignState& state = **next;
        if (!place_next(tick, state)) {
            serving.erase(next);
            continue;
        }
        ++placed;
        const campaign::Campaign& campaign = state.stored.campaign;
        turn_ = std::max(turn_, state.pass);
        state.pass += stride_of(campaign, level_of(priorities, campaign.priority));
    }
    if (placed >= settings_.placements_per_tick) {
        wake_at(tick.now.mono);
    }
}

bool Engine::place_next(Tick& tick, CampaignState& state) {
    const bool may_place = state.active() || flawed(Flaw::dial_after_pause);
    while (!state.buffer.empty() && may_place) {
        if (!admits(tick, state)) {
            return false;
        }
        const QueuedDestination destination = std::move(state.buffer.front());
        state.buffer.pop_front();
        const Verdict verdict = judge(tick, state, destination);
        if (verdict.dial) {
            return place(tick, state, destination, verdict.last_start);
        }
        move_destination(
            tick, {state.stored.id, destination.id, destination.follow_up}, verdict.otherwise
        );
        if (verdict.otherwise.next_at) {
            state.claim_no_later_than(tick.mono_of(*verdict.otherwise.next_at));
        }
        state.may_be_complete = true;
    }
    if (state.buffer.empty() && state.active() && state.schedule(tick.now.wall).open) {
        state.slots_freed_at.clear();
        state.contends = false;
        if (state.store_has_more) {
            wake_at(tick.now.mono);
        } else {
            state.hold = {HoldReason::nothing_due, state.next_due};
            wake_at(state.claim_at);
        }
    }
    return false;
}

bool Engine::place(
    Tick& tick,
    CampaignState& state,
    const QueuedDestination& destination,
    const std::optional<base::WallTime>& last_start
) {
    const campaign::Campaign& campaign = state.stored.campaign;
    const bool has_url = !settings_.public_url.empty();
    const bool chosen_later = asks_at_answer(campaign, has_url) && !state.pool.balancer.empty();
    Dialed dialed{
        .destination = destination,
        .caller_id = state.caller_ids.choose(
            destination.phone_number, destination.previous_caller_id, rng_.next()
        ),
        .assistant = nullptr,
        .last_start = last_start,
    };
    if (!destination.agent.empty()) {
        dialed.assistant = switchboard_.find(campaign.tenant, destination.agent);
        CHECK_INVARIANT(dialed.assistant != nullptr);
    } else if (!state.pool.is_hangup() && !chosen_later) {
        dialed.assistant = switchboard_.choose(state.pool, {}, tick.now.mono, rng_);
        CHECK_INVARIANT(dialed.assistant != nullptr);
    }
    base::Result<CallRequest> request = make_request(tick, state, dialed);
    if (!request) {
        give_up_placing(tick, state, destination, request.error());
        return false;
    }
    const NewAttempt intent = make_intent(tick, state, dialed);
    const campaign::AttemptId id = tick.store.record_intent(intent);
    if (!request->url.empty()) {
        request->url += std::to_string(id.raw());
    }
    const int attempts = destination.attempts + 1;
    move_destination(
        tick,
        {state.stored.id, destination.id, destination.follow_up},
        {.to = DestinationStatus::placing_call, .attempts = attempts}
    );
    take_slot(tick, state, id, intent, attempts);
    live_.find(id)->follow_up = destination.follow_up;
    if (!intent.by_opbx) {
        live_.find(id)->deadline = tick.mono_of(request->deadline);
    }
    tick.out.notes.emplace_back(AttemptMoved{
        id,
        intent.campaign,
        intent.destination,
        intent.phone_number,
        std::nullopt,
        campaign::AttemptStatus::intent,
        std::nullopt,
        {}});
    PlaceCall effect{
        id, intent.domain, std::move(*request), external_call(state, dialed), std::nullopt};
    if (!state.slots_freed_at.empty()) {
        effect.slot_freed_at = state.slots_freed_at.front();
        state.slots_freed_at.pop_front();
    }
    tick.out.effects.emplace_back(std::move(effect));
    return true;
}

void Engine::give_up_placing(
    Tick& tick, CampaignState& state, const QueuedDestination& destination, const base::Error& why
) {
    if (destination.agent.empty()) {
        state.configuration = why;
        pause(tick, state.stored.id, why.detail);
        return;
    }
    base::log_warn("agent_has_no_document", {{"agent", destination.agent}, {"why", why.detail}});
    move_destination(
        tick,
        {state.stored.id, destination.id, destination.follow_up},
        {.to = waiting_status(destination.attempts),
         .attempts = destination.attempts,
         .next_at = tick.now.wall + agent_pause,
         .wait = campaign::WaitReason::agent_busy,
         .last_disposition = {}}
    );
    wake_at(tick.now.mono);
}

std::optional<ExternalCall> Engine::external_call(const CampaignState& state, const Dialed& dialed)
    const {
    if (!state.stored.external_id || !dialed.destination.external_id) {
        return std::nullopt;
    }
    return ExternalCall{
        .campaign = *state.stored.external_id,
        .destination = *dialed.destination.external_id,
        .caller_did = dialed.caller_id.did_id,
        .concurrent_active_calls = state.stored.campaign.concurrent_active_calls,
        .by_opbx = opbx_places(state),
    };
}

base::Result<CallRequest> Engine::make_request(
    Tick& tick, const CampaignState& state, const Dialed& dialed
) {
    const campaign::Campaign& campaign = state.stored.campaign;
    const DomainState& domain = domain_of(campaign.cloudonix_domain);
    const bool has_url = !settings_.public_url.empty();
    CallRequest request{
        .destination = dialed.destination.phone_number,
        .caller_id = dialed.caller_id.phone_number,
        .cxml = {},
        .url = {},
        .callback = has_url ? settings_.public_url + "/cloudonix/callback" : "",
        .timeout = campaign.dial_timeout,
        .time_limit = campaign.time_limit,
        .deadline = tick.now.wall + domain.limits.in_doubt_limit - domain.list_grace(),
        .record = campaign.record_calls,
        .amd = campaign.amd,
    };
    if (dialed.last_start) {
        request.deadline = std::min(request.deadline, *dialed.last_start);
    }
    if (opbx_places(state)) {
        return request;  // OPBX renders its own document
    }
    const bool may_ask = campaign.cxml_delivery != campaign::CxmlDelivery::inline_document;
    const bool has_own_agent = !dialed.destination.agent.empty();
    if (asks_at_answer(campaign, has_url) || (has_own_agent && has_url && may_ask)) {
        request.url = settings_.public_url + "/cloudonix/voice?attempt=";
        return request;
    }
    base::Result<std::string> document = answer_document(
        dialed.assistant,
        {.session = {},
         .from = dialed.caller_id.phone_number,
         .to = dialed.destination.phone_number.reveal()}
    );
    if (!document) {
        return document.error();
    }
    request.cxml = std::move(*document);
    return request;
}

NewAttempt Engine::make_intent(Tick& tick, const CampaignState& state, const Dialed& dialed) {
    const campaign::Campaign& campaign = state.stored.campaign;
    const bool by_opbx = opbx_places(state);
    return {
        .campaign = state.stored.id,
        .destination = dialed.destination.id,
        .phone_number = dialed.destination.phone_number,
        .domain = campaign.cloudonix_domain,
        .caller_id = dialed.caller_id.phone_number,
        .balancer = dialed.destination.agent.empty() ? state.pool.balancer : "",
        .assistant = dialed.assistant == nullptr ? "" : dialed.assistant->name,
        .campaign_revision = state.stored.revision,
        .intent_at = tick.now.wall,
        .give_up_at = tick.now.wall + latest_start(campaign.cloudonix_domain, by_opbx) +
                      campaign.dial_timeout + campaign.time_limit + margin,
        .by_opbx = by_opbx,
    };
}

base::Millis Engine::latest_start(const std::string& domain, bool by_opbx) {
    // The domain's limit is what we ask of Cloudonix by a call's `deadline`. OPBX asks for another
    // one, or for none, whatever is configured here.
    const bool is_longer = by_opbx && !flawed(Flaw::doubt_opbx_too_briefly);
    return is_longer ? settings_.opbx_in_doubt_limit : domain_of(domain).limits.in_doubt_limit;
}

void Engine::take_slot(
    Tick& tick,
    CampaignState& state,
    campaign::AttemptId id,
    const NewAttempt& intent,
    int destination_attempts
) {
    Live live{
        .row = {
            .id = id,
            .campaign = intent.campaign,
            .destination = intent.destination,
            .phone_number = intent.phone_number,
            .domain = intent.domain,
            .caller_id = intent.caller_id,
            .balancer = intent.balancer,
            .assistant = intent.assistant,
            .answered_by = {},
            .token = {},
            .answered_at = {},
            .intent_at = intent.intent_at,
            .give_up_at = intent.give_up_at,
            .by_opbx = intent.by_opbx,
        }};
    live.destination_attempts = destination_attempts;
    live.born = tick.now.mono;
    live.give_up = tick.mono_of(intent.give_up_at);
    live.proof_from = live.born + latest_start(intent.domain, intent.by_opbx);
    live.patience = settings_.look_up_after;
    take_seat(tick, live);
    Live& added = live_.add(std::move(live));
    live_.set_alarm(added, added.give_up);
    DomainState& domain = domain_of(intent.domain);
    ++state.live;
    ++domain.live;
    CHECK_INVARIANT(state.live <= state.cap());
    state.pacer.spend();
    domain.requests.spend(tick.now.mono);
}

void Engine::complete_campaigns(Tick& tick) {
    for (auto& [id, state] : campaigns_) {
        const bool idle = state.buffer.empty() && state.live == 0;
        // A paused campaign whose last call has ended is over too: nothing could be resumed.
        // Outside its schedule nothing is claimed, and so nobody knows whether the store has more.
        // When one of OPBX's is over, OPBX does not list it any more.
        if (state.stored.external_id || state.stored.campaign.keep_open) {
            continue;
        }
        const bool may_end =
            state.paused() ||
            (state.active() && (!state.store_has_more || !state.schedule(tick.now.wall).open));
        if (!may_end || !idle || !std::exchange(state.may_be_complete, false)) {
            continue;
        }
        if (!tick.store.has_open_destinations(id)) {
            set_status(tick, state, campaign::CampaignStatus::completed, "");
        }
    }
}

}  // namespace cxdial::dialer
