// The people who call us: whom they are connected to, and what that does to what is dialed.

#include "base/log.h"
#include "dialer/answer.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/engine_tick.h"
#include "dialer/internal/talk_time.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cxdial::dialer {

using campaign::AttemptStatus;
using campaign::DestinationStatus;

namespace {

constexpr base::Millis shortest_engagement{10'000};
constexpr int enrolled_at_once = 256;

std::optional<ContactCause> cause_of(const InboundSession& session) {
    if (!session.caller) {
        return std::nullopt;
    }
    return ContactCause{
        .tenant = session.tenant,
        .caller = *session.caller,
        .call_sid = session.call_sid,
        .voice_session = session.id,
        .decision = session.decision,
    };
}

/// Whoever was called is talking by now, or to be taken for it.
bool is_connected(const Live& live) {
    return live.row.status == AttemptStatus::answered && !is_machine(live.row.answered_by);
}

bool is_of_domain(const InboundSession& session, const WebhookReceived& webhook) {
    return session.domain.empty() || webhook.domain.empty() || session.domain == webhook.domain;
}

}  // namespace

base::Result<void> Engine::on_call(Tick& tick, const CallCameIn& asked) {
    const InboundCall& call = asked.call;
    if (!call.is_late_fallback && tick.now.mono > asked.answer_by) {
        return base::Error{base::Errc::unavailable, "the time to answer is over"};
    }
    if (std::optional<Routed> known = tick.store.find_decision(call.call_sid)) {
        on_known_call(tick, asked, *known);
        return {};
    }
    const bool has_room =
        switchboard_.can_take(call.tenant, call.agent, call.agent_cap, tick.now.mono);
    if (!call.agent.empty() && !has_room && !call.is_late_fallback) {
        tick.out.effects.emplace_back(RouteCall{asked.question, AgentFull{}});
        return {};
    }
    const base::WallTime now = tick.now.wall;
    const InboundSession session =
        tick.store.record_decision(call, now, now + settings_.inbound_expiry);
    add_inbound(tick, session);
    if (call.caller) {
        take_off_the_list(tick, call, session);
    }
    if (!call.is_late_fallback) {
        tick.out.effects.emplace_back(RouteCall{
            asked.question, Routed{session.decision, session.id, session.agent, false}});
    }
    if (const std::optional<SessionReport> cdr = tick.store.adopt_inbound_cdr(session)) {
        apply_inbound(tick, *inbound_.find(session.id), *cdr);
    }
    return {};
}

void Engine::on_known_call(Tick& tick, const CallCameIn& asked, const Routed& known) {
    const InboundCall& call = asked.call;
    if (flawed(Flaw::leak_claim_on_repeat) && !known.agent.empty()) {
        switchboard_.bind(call.tenant, known.agent);
    }
    if (!call.is_late_fallback) {
        tick.out.effects.emplace_back(RouteCall{asked.question, known});
        return;
    }
    // The answer came too late, and whoever answered instead has the call.
    InboundSession* session = inbound_.find(known.voice_session);
    if (session != nullptr && session->agent != call.agent) {
        leave_seat(*session);
        session->agent = call.agent;
        take_seat(*session);
        static_cast<void>(tick.store.move_inbound(session->id, {.agent = call.agent}));
    }
    if (call.caller) {
        const ContactCause cause{
            .tenant = call.tenant,
            .caller = *call.caller,
            .call_sid = call.call_sid,
            .voice_session = known.voice_session,
            .decision = known.decision,
        };
        const ContactEvent event{.kind = "answered_by_fallback", .detail = call.agent};
        tick.store.record_event(cause, event, tick.now.wall);
    }
}

void Engine::add_inbound(Tick& tick, const InboundSession& session) {
    // Of an earlier life too from now on: the wall clock may have been set in between.
    const base::MonoTime expires = tick.now.mono + (session.expires_at - session.started_at);
    take_seat(inbound_.add(session, expires));
}

void Engine::take_seat(const InboundSession& session) {
    if (!session.agent.empty()) {
        switchboard_.bind(session.tenant, session.agent);
    }
}

void Engine::leave_seat(const InboundSession& session) {
    if (!session.agent.empty()) {
        switchboard_.unbind(session.tenant, session.agent);
    }
}

void Engine::take_off_the_list(Tick& tick, const InboundCall& call, const InboundSession& session) {
    const ContactCause cause = cause_of(session).value();
    std::optional<campaign::FollowUpId> follow_up = call.follow_up;
    if (call.destination) {
        const std::optional<campaign::FollowUpId> its = take_off(tick, *call.destination, cause);
        follow_up = follow_up ? follow_up : its;
    }
    if (!follow_up) {
        return;
    }
    std::vector<ClosedFollowUp> closed;
    if (const auto matched = tick.store.close_follow_up(
            *follow_up,
            FollowUpEnd::contacted_inbound,
            "contacted_inbound",
            session.decision,
            tick.now.wall
        )) {
        tick.store.record_event(
            cause,
            {.kind = "contacted_inbound",
             .destination = matched->destination,
             .follow_up = matched->id},
            tick.now.wall
        );
        closed.push_back(*matched);
    }
    const auto siblings = tick.store.close_siblings(*follow_up, cause, tick.now.wall);
    closed.insert(closed.end(), siblings.begin(), siblings.end());
    take_off(tick, closed, cause);
}

void Engine::take_off(
    Tick& tick, const std::vector<ClosedFollowUp>& closed, const ContactCause& cause
) {
    for (const ClosedFollowUp& one : closed) {
        if (one.destination) {
            static_cast<void>(take_off(tick, *one.destination, cause));
        }
    }
}

std::optional<campaign::FollowUpId> Engine::take_off(
    Tick& tick, campaign::DestinationId id, const ContactCause& cause
) {
    const std::optional<DestinationState> found = tick.store.destination(id);
    if (!found || found->phone_number != cause.caller || is_terminal(found->status)) {
        return std::nullopt;  // it was decided on what was true a moment ago
    }
    Live* live = live_.find_destination(id);
    if (live != nullptr && is_connected(*live)) {
        return std::nullopt;  // that call goes on, and settles it
    }
    const bool by_call = !cause.call_sid.empty();
    const DestinationChange change{
        .to = by_call ? DestinationStatus::contacted_inbound : DestinationStatus::cancelled,
        .attempts = found->attempts,
        .next_at = {},
        .last_disposition = {},
    };
    tick.store.record_event(
        cause,
        {.kind = std::string(to_string(change.to)),
         .destination = id,
         .follow_up = found->follow_up},
        tick.now.wall
    );
    if (CampaignState* state = campaign_of(tick, found->campaign); state != nullptr) {
        if (!flawed(Flaw::keep_contacted_in_buffer)) {
            std::erase_if(state->buffer, [&](const QueuedDestination& queued) {
                return queued.id == id;
            });
        }
        state->may_be_complete = true;
    }
    // Its follow-up is closed by whoever called for this, who knows why.
    move_destination(tick, {found->campaign, id, std::nullopt}, change);
    if (live != nullptr) {
        live->settled_as = change.to;
        hang_up(*live);
    }
    return found->follow_up;
}

void Engine::hang_up(const Live& live) {
    if (live.settled_as && live.row.token && !is_connected(live)) {
        domain_of(live.row.domain).due_hang_ups.push_back(live.row.id);
    }
}

void Engine::send_hang_ups(Tick& tick) {
    for (auto& [name, domain] : domains_) {
        while (!domain.due_hang_ups.empty()) {
            // Nobody records them: of the share that a later life takes for used up.
            const base::MonoTime at = domain.look_up_at(tick.now.mono);
            if (at > tick.now.mono) {
                wake_at(at);
                break;
            }
            const Live* live = live_.find(domain.due_hang_ups.front());
            domain.due_hang_ups.pop_front();
            if (live != nullptr && !is_connected(*live)) {
                domain.spend_look_up(tick.now.mono);
                tick.out.effects.emplace_back(EndSession{live->row.id, name, *live->row.token});
            }
        }
    }
}

InboundSession* Engine::match_inbound(const WebhookReceived& webhook) {
    if (webhook.report.attempt || !webhook.report.token) {
        return nullptr;
    }
    InboundSession* session = inbound_.find(*webhook.report.token);
    return session != nullptr && is_of_domain(*session, webhook) ? session : nullptr;
}

std::optional<InboundSession> Engine::past_inbound(Tick& tick, const WebhookReceived& webhook) {
    if (webhook.report.attempt || !webhook.report.token) {
        return std::nullopt;
    }
    std::optional<InboundSession> past = tick.store.find_inbound(*webhook.report.token);
    return past && is_of_domain(*past, webhook) ? past : std::nullopt;
}

void Engine::on_inbound_webhook(
    Tick& tick, InboundSession& session, const WebhookReceived& webhook
) {
    if (!tick.store.record_webhook(webhook, std::nullopt, tick.now.wall)) {
        return;
    }
    if (webhook.kind == WebhookReceived::Kind::cdr) {
        static_cast<void>(tick.store.adopt_inbound_cdr(session));
    }
    if (inbound_.find(session.id) != nullptr) {
        apply_inbound(tick, session, webhook.report);
    } else {
        // Its CDR after its last update, or after it was given up.
        note_inbound(tick, session, webhook.report, true);
    }
}

void Engine::apply_inbound(Tick& tick, InboundSession& session, const SessionReport& report) {
    const bool is_over = report.progress == Progress::ended;
    note_inbound(tick, session, report, is_over);
    if (is_over) {
        leave_seat(session);
        inbound_.remove(session.id);
    }
}

void Engine::note_inbound(
    Tick& tick, InboundSession& session, const SessionReport& report, bool is_over
) {
    const bool was_answered = report.progress == Progress::answered ||
                              report.disposition == campaign::Disposition::answered;
    InboundChange change{.is_over = is_over, .disposition = report.disposition};
    change.duration = report.duration;
    change.billsec = report.billsec;
    if (is_over) {
        change.ended_at = report.ended_at.value_or(tick.now.wall);
    }
    const bool is_news = was_answered && !session.answered_at;
    if (is_news) {
        change.answered_at = report.answered_at.value_or(tick.now.wall);
        session.answered_at = change.answered_at;
    }
    if (is_over || is_news) {
        static_cast<void>(tick.store.move_inbound(session.id, change));
    }
    const std::optional<ContactCause> cause = cause_of(session);
    if (is_news && cause && !session.agent.empty()) {
        const auto closed =
            tick.store.engage(*cause, {session.agent, session.campaign}, tick.now.wall);
        take_off(tick, closed, *cause);
    }
}

void Engine::expire_inbound(Tick& tick) {
    for (const campaign::VoiceSessionId id : inbound_.due(tick.now.mono)) {
        const InboundSession& session = *inbound_.find(id);
        base::log_warn("inbound_call_given_up", {{"voice_session", id.raw()}});
        static_cast<void>(tick.store.move_inbound(id, {.is_over = true, .ended_at = tick.now.wall})
        );
        leave_seat(session);
        inbound_.remove(id);
    }
    if (const std::optional<base::MonoTime> next = inbound_.next_expiry()) {
        wake_at(*next);
    }
}

void Engine::engage(Tick& tick, const Live& live, const AttemptChange& change) {
    const CampaignState* state = campaign_of(tick, live.row.campaign);
    // Cloudonix's own count, where it tells one.
    const std::optional<base::Millis> talked =
        change.billsec ? change.billsec : talk_time(live, change, tick.now.mono);
    if (state == nullptr || change.disposition != campaign::Disposition::answered ||
        live.row.assistant.empty() || !talked || *talked < shortest_engagement) {
        return;
    }
    const ContactCause cause{
        .tenant = state->stored.campaign.tenant, .caller = live.row.phone_number};
    const auto closed =
        tick.store.engage(cause, {live.row.assistant, state->stored.campaign.name}, tick.now.wall);
    take_off(tick, closed, cause);
}

void Engine::close_follow_up(Tick& tick, campaign::FollowUpId id, const DestinationChange& change) {
    FollowUpEnd end = FollowUpEnd::cancelled;
    if (change.to == DestinationStatus::completed) {
        end = FollowUpEnd::completed;
    } else if (change.to == DestinationStatus::contacted_inbound) {
        end = FollowUpEnd::contacted_inbound;
    }
    const bool has_called = change.last_disposition.has_value();
    const std::string reason(
        has_called ? to_string(*change.last_disposition) : to_string(change.to)
    );
    static_cast<void>(tick.store.close_follow_up(id, end, reason, std::nullopt, tick.now.wall));
}

void Engine::enrol_follow_ups(Tick& tick) {
    const bool dials = std::any_of(campaigns_.begin(), campaigns_.end(), [](const auto& entry) {
        return entry.second.active();
    });
    if (!dials) {
        return;
    }
    if (follow_ups_at_ <= tick.now.mono) {
        const std::vector<EnrolledFollowUp> enrolled =
            tick.store.enrol_follow_ups(tick.now.wall, enrolled_at_once);
        for (const EnrolledFollowUp& one : enrolled) {
            if (CampaignState* state = campaign_of(tick, one.campaign); state != nullptr) {
                state->claim_no_later_than(tick.now.mono);
            }
        }
        follow_ups_at_ = tick.now.mono;
        next_follow_up_.reset();
        if (enrolled.size() < static_cast<std::size_t>(enrolled_at_once)) {
            follow_ups_at_ += settings_.poll_interval;
            if (const auto next = tick.store.next_follow_up(tick.now.wall)) {
                next_follow_up_ = std::max(tick.mono_of(*next), tick.now.mono);
                follow_ups_at_ = std::min(follow_ups_at_, *next_follow_up_);
            }
        } else {
            next_follow_up_ = tick.now.mono;
        }
    }
    // What comes in between by other ways is found when the lists are polled.
    if (next_follow_up_) {
        wake_at(*next_follow_up_);
    }
}

}  // namespace cxdial::dialer
