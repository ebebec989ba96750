#include "base/check.h"
#include "base/log.h"
#include "dialer/answer.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/engine_tick.h"
#include "dialer/internal/report_change.h"

#include <algorithm>
#include <utility>

namespace cxdial::dialer {

using campaign::AttemptStatus;
using campaign::DestinationStatus;
using campaign::Disposition;

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

AttemptStatus status_of(Progress progress) {
    switch (progress) {
        case Progress::created:
            return AttemptStatus::placed;
        case Progress::ringing:
            return AttemptStatus::ringing;
        case Progress::answered:
            return AttemptStatus::answered;
        case Progress::ended:
            return AttemptStatus::ended;
    }
    return AttemptStatus::placed;
}

/// Refusals that say nothing of the destination: no call on this domain can succeed until somebody
/// mends the account or the configuration.
bool is_about_the_domain(int status) {
    return status == 401 || status == 402 || status == 403 || status == 404;
}

}  // namespace

void Engine::on_placement(Tick& tick, const PlacementReply& reply) {
    Live* live = live_.find(reply.attempt);
    if (live == nullptr) {
        // A CDR was faster than the reply. Only the token may be news.
        if (const auto* accepted = std::get_if<Accepted>(&reply.delivery)) {
            AttemptChange change{.to = AttemptStatus::ended};
            change.token = accepted->token;
            change.external_id = accepted->external_id;
            tick.store.annotate_attempt(reply.attempt, change);
            if (change.external_id) {
                report_end(tick, reply.attempt);
            }
        }
        return;
    }
    if (reply.external_id && !live->row.external_id) {
        AttemptChange named{.to = live->row.status};
        named.external_id = reply.external_id;
        if (!write(tick, *live, named)) {
            return;
        }
    }
    const bool undecided = live->row.status == AttemptStatus::intent || live->in_doubt();
    if (!undecided && !std::holds_alternative<Accepted>(reply.delivery)) {
        // A webhook has shown the call already: what became of the reply is of no account.
        return;
    }
    std::visit(
        Overloaded{
            [&](const Accepted& accepted) { on_accepted(tick, *live, accepted); },
            [&](const Refused& refused) { on_refused(tick, *live, refused); },
            [&](const NotSent& not_sent) { on_not_sent(tick, *live, not_sent); },
            [&](const Unknown& unknown) {
                if (live->row.by_opbx) {
                    // Whatever Cloudonix said to it, 429 among it, OPBX says 500.
                    static_cast<void>(
                        domain_of(live->row.domain).slow_down(tick.now.mono, std::nullopt)
                    );
                }
                on_unknown(tick, *live, unknown.why);
            },
        },
        reply.delivery
    );
}

void Engine::on_accepted(Tick& tick, Live& live, const Accepted& accepted) {
    domain_of(live.row.domain).succeeded();
    SessionReport report;
    report.token = accepted.token;
    report.external_id = accepted.external_id;
    report.attempt = live.row.id;
    apply(tick, live, report);
}

void Engine::on_refused(Tick& tick, Live& live, const Refused& refused) {
    AttemptChange change{.to = AttemptStatus::refused};
    change.detail = std::to_string(refused.status) + " " + refused.reason;
    change.ended_at = tick.now.wall;
    if (refused.status == 429) {
        on_too_many(tick, live.row.domain, live.born, refused.retry_after);
        give_back(tick, live, change);
        return;
    }
    if (refused.is_about_campaign) {
        const campaign::CampaignId campaign = live.row.campaign;
        give_back(tick, live, change);
        pause(tick, campaign, refused.reason);
        return;
    }
    if (!live.row.by_opbx && is_about_the_domain(refused.status)) {
        const std::string domain = live.row.domain;
        give_back(tick, live, change);
        pause_domain(
            tick, domain, "Cloudonix domain " + domain + " refuses calls: " + change.detail
        );
        return;
    }
    if (live.deadline && tick.now.mono >= *live.deadline) {
        give_back(tick, live, change);  // it left too late, which says nothing of the destination
        return;
    }
    change.disposition = Disposition::failed;
    settle(tick, live, change);
}

void Engine::on_not_sent(Tick& tick, Live& live, const NotSent& not_sent) {
    if (!not_sent.held_back) {
        DomainState& domain = domain_of(live.row.domain);
        const base::Millis pause = domain.slow_down(tick.now.mono, std::nullopt);
        base::log_warn(
            "call_not_sent",
            {{"domain", live.row.domain}, {"why", not_sent.why}, {"pause_ms", pause.count()}}
        );
    }
    AttemptChange change{.to = AttemptStatus::not_sent};
    change.detail = not_sent.why;
    change.ended_at = tick.now.wall;
    give_back(tick, live, change, not_sent.retry_after);
}

void Engine::on_unknown(Tick& tick, Live& live, const std::string& why) {
    if (flawed(Flaw::redial_on_unknown)) {
        give_back(tick, live, {.to = AttemptStatus::not_sent});
        return;
    }
    if (live.row.status != AttemptStatus::intent) {
        return;  // a webhook told more than the lost reply could
    }
    AttemptChange change{.to = AttemptStatus::in_doubt};
    change.detail = why;
    if (write(tick, live, change)) {
        start_doubt(tick, live);
    }
}

void Engine::end(Tick& tick, Live& live, const SessionReport& report, AttemptChange change) {
    change.disposition = report.disposition.value_or(Disposition::failed);
    if (change.disposition == Disposition::answered && is_machine(live.row.answered_by)) {
        change.disposition = Disposition::voicemail;
    }
    if (!change.ended_at) {
        change.ended_at = tick.now.wall;
    }
    settle(tick, live, change);
}

void Engine::apply(Tick& tick, Live& live, const SessionReport& report) {
    const AttemptStatus to = status_of(report.progress);
    AttemptChange change = change_of(report, to);
    if (to == AttemptStatus::ended) {
        end(tick, live, report, std::move(change));
        return;
    }
    const AttemptStatus from = live.row.status;
    const bool news = from != to && may_become(from, to);
    const bool new_name =
        (report.token && !live.row.token) || (report.external_id && !live.row.external_id);
    live.asked_at.reset();
    live.patience = settings_.look_up_after;
    live.look_up = tick.now.mono + live.patience;
    live_.set_alarm(live, std::min(live.look_up, live.give_up));
    if (!news && !new_name) {
        return;
    }
    change.to = news ? to : from;
    if (news && (from == AttemptStatus::intent || from == AttemptStatus::in_doubt)) {
        change.placed_at = tick.now.wall;
    }
    if (!write(tick, live, change)) {
        return;
    }
    if (to == AttemptStatus::answered && !live.row.assistant.empty() && !live.connected_at) {
        live.connected_at = tick.now.mono;
    }
    if (change.placed_at) {
        move_destination(
            tick, live, {.to = DestinationStatus::calling, .attempts = live.destination_attempts}
        );
    }
    if (new_name) {
        hang_up(live);
        adopt_orphan(tick, live.row.id);
    }
}

bool Engine::write(Tick& tick, Live& live, const AttemptChange& change) {
    const AttemptStatus from = live.row.status;
    CHECK_INVARIANT(from == change.to || may_become(from, change.to));
    if (!tick.store.move_attempt(live.row.id, from, change)) {
        // Another owner of the store decided; what it decided is in the store and not our business.
        release_slot(tick, live);
        return false;
    }
    if (change.token && !live.row.token) {
        live_.set_token(live, *change.token);
        to_match_again_.insert(live.row.phone_number);
        if (is_terminal(change.to)) {
            // Its CDR may have come when nobody could tell whose it was; it tells nothing new.
            static_cast<void>(tick.store.adopt_orphan({.token = change.token}, live.row.id));
        }
    }
    if (change.external_id && !live.row.external_id && live_.find(*change.external_id) == nullptr) {
        live_.set_external_id(live, *change.external_id);
    }
    live.row.status = change.to;
    if (is_terminal(change.to) && live.row.external_id) {
        report_end(tick, live.row.id);
    }
    if (change.answered_at) {
        live.row.answered_at = change.answered_at;
    }
    if (from != change.to) {
        tick.out.notes.emplace_back(AttemptMoved{
            live.row.id,
            live.row.campaign,
            live.row.destination,
            live.row.phone_number,
            from,
            change.to,
            change.disposition,
            change.detail});
    }
    return true;
}

void Engine::report_end(Tick& tick, campaign::AttemptId id) {
    if (!settings_.report_queue.empty()) {
        const base::WallTime due = tick.now.wall + settings_.report_after;
        tick.store.report_end(id, settings_.report_queue, tick.now.wall, due);
    }
}

void Engine::settle(Tick& tick, Live& live, const AttemptChange& change) {
    CHECK_INVARIANT(is_terminal(change.to) && change.disposition);
    if (!write(tick, live, change)) {
        return;
    }
    report_health(tick, live, change);
    const Live ended = live;
    const DestinationChange next = after_attempt(tick, live, *change.disposition);
    release_slot(tick, live);
    move_destination(tick, ended, next);
    engage(tick, ended, change);
    if (change.disposition == Disposition::no_credit) {
        const std::string& domain = ended.row.domain;
        pause_domain(tick, domain, "Cloudonix domain " + domain + " has no credit");
    }
}

DestinationChange Engine::after_attempt(Tick& tick, const Live& live, Disposition disposition) {
    DestinationChange next{.to = DestinationStatus::failed, .attempts = live.destination_attempts};
    next.last_disposition = disposition;
    CampaignState* state = campaign_of(tick, live.row.campaign);
    if (disposition == Disposition::answered) {
        next.to = DestinationStatus::completed;
    } else if (state != nullptr) {
        const campaign::Campaign& campaign = state->stored.campaign;
        const campaign::NextStep step =
            campaign::next_step(campaign, disposition, live.destination_attempts, rng_.next());
        const bool left_a_message =
            disposition == Disposition::voicemail && campaign.amd.on_machine == "continue";
        if (step.retry) {
            next.to = DestinationStatus::retry_pending;
            next.next_at = tick.now.wall + step.delay;
            next.wait = campaign::WaitReason::retry;
            state->claim_no_later_than(tick.now.mono + step.delay);
        } else if (left_a_message) {
            next.to = DestinationStatus::completed;
        }
    }
    return next;
}

void Engine::give_back(
    Tick& tick, Live& live, const AttemptChange& change, std::optional<base::Millis> after
) {
    if (!write(tick, live, change)) {
        return;
    }
    const Live ended = live;
    const int attempts = live.destination_attempts - 1;
    release_slot(tick, live);
    DestinationChange back{.to = waiting_status(attempts), .attempts = attempts};
    if (after) {
        back.next_at = tick.now.wall + *after;
        back.wait = attempts == 0 ? campaign::WaitReason::not_before : campaign::WaitReason::retry;
    }
    move_destination(tick, ended, back);
    if (CampaignState* state = campaign_of(tick, ended.row.campaign); state != nullptr) {
        state->claim_no_later_than(tick.now.mono + after.value_or(base::Millis{0}));
    }
}

void Engine::release_slot(Tick& tick, Live& live) {
    if (CampaignState* state = campaign_of(tick, live.row.campaign); state != nullptr) {
        if (state->active() && state->live >= state->cap()) {
            state->slots_freed_at.push_back(tick.arrived);
        }
        --state->live;
        state->may_be_complete = true;
        CHECK_INVARIANT(state->live >= 0 || flawed(Flaw::free_slot_on_every_cdr));
    }
    DomainState& domain = domain_of(live.row.domain);
    --domain.live;
    CHECK_INVARIANT(domain.live >= 0);
    leave_seat(tick, live);
    if (live.row.by_opbx) {
        to_match_again_.insert(live.row.phone_number);
    }
    live_.remove(live.row.id);
}

void Engine::move_destination(Tick& tick, const Live& live, DestinationChange change) {
    const LiveAttempt& row = live.row;
    if (!live.settled_as) {
        move_destination(tick, {row.campaign, row.destination, live.follow_up}, change);
        return;
    }
    // It stays where it is. What its attempts came to is told all the same.
    change.to = *live.settled_as;
    change.next_at.reset();
    change.wait = campaign::WaitReason::none;
    tick.store.move_destination(row.destination, change);
}

void Engine::move_destination(Tick& tick, const Target& target, const DestinationChange& change) {
    tick.store.move_destination(target.id, change);
    tick.out.notes.emplace_back(DestinationMoved{target.campaign, target.id, change.to});
    if (target.follow_up && is_terminal(change.to)) {
        close_follow_up(tick, *target.follow_up, change);
    }
}

}  // namespace cxdial::dialer
