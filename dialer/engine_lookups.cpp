#include "base/check.h"
#include "base/log.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/engine_tick.h"

#include <algorithm>
#include <utility>

namespace cxdial::dialer {

using campaign::AttemptStatus;
using campaign::Disposition;

namespace {

constexpr base::Millis shortest_list_pause{500};
constexpr base::Millis longest_list_pause{60'000};
constexpr base::Millis longest_first_wait{5'000};
constexpr int first_wait_part = 8;

}  // namespace

void Engine::start_doubt(Tick& tick, Live& live) {
    const base::Millis limit = latest_start(live.row.domain, live.row.by_opbx);
    live.proof_from = std::max(live.proof_from, tick.now.mono);
    live.patience = std::clamp(limit / first_wait_part, shortest_list_pause, longest_first_wait);
    live.look_up = std::min(tick.now.mono + live.patience, live.proof_from);
    live_.set_alarm(live, std::min(live.look_up, live.give_up));
}

void Engine::run_alarms(Tick& tick) {
    for (const campaign::AttemptId id : live_.due(tick.now.mono)) {
        if (Live* live = live_.find(id); live != nullptr) {
            on_alarm(tick, *live);
        }
    }
}

void Engine::on_alarm(Tick& tick, Live& live) {
    if (flawed(Flaw::never_reconcile)) {
        live_.set_alarm(live, base::MonoTime::max());
        return;
    }
    if (live.row.status == AttemptStatus::intent) {
        on_unknown(tick, live, "the request was never answered for");
        return;
    }
    if (tick.now.mono >= live.give_up) {
        abandon(tick, live, "nothing was heard of the call until it could no longer be live");
        return;
    }
    // What is asked, and when it leaves, is `send_look_ups`' business: here it only becomes due.
    DomainState& domain = domain_of(live.row.domain);
    if (live.row.token) {
        live_.set_alarm(live, live.give_up);
        live.asked_at.reset();
        live.look_up = tick.now.mono;
        domain.due_look_ups.push_back(live.row.id);
    } else {
        domain.list_wanted = true;
        live.patience = std::min(live.patience * 2, longest_list_pause);
        const base::MonoTime next = tick.now.mono + live.patience;
        live.look_up = tick.now.mono < live.proof_from ? std::min(next, live.proof_from) : next;
        live_.set_alarm(live, std::min(live.look_up, live.give_up));
    }
}

void Engine::send_look_ups(Tick& tick) {
    for (auto& [name, domain] : domains_) {
        const bool list_due = domain.list_wanted && !domain.list_asked_at;
        if (list_due) {
            const base::MonoTime at =
                std::max(domain.look_up_at(tick.now.mono), domain.list_not_before);
            if (at <= tick.now.mono) {
                domain.spend_look_up(tick.now.mono);
                domain.list_wanted = false;
                domain.list_asked_at = tick.now.mono;
                tick.out.effects.emplace_back(ListSessions{name, tick.now.mono});
            } else {
                wake_at(at);
            }
        }
        while (!domain.due_look_ups.empty()) {
            const base::MonoTime at = domain.look_up_at(tick.now.mono);
            if (at > tick.now.mono) {
                wake_at(at);
                break;
            }
            Live* live = live_.find(domain.due_look_ups.front());
            domain.due_look_ups.pop_front();
            if (live == nullptr || live->asked_at || live->look_up > tick.now.mono) {
                continue;  // it was heard of meanwhile
            }
            domain.spend_look_up(tick.now.mono);
            live->asked_at = tick.now.mono;
            tick.out.effects.emplace_back(LookUpSession{live->row.id, name, *live->row.token});
        }
    }
}

void Engine::on_look_up(Tick& tick, const LookUpReply& reply) {
    Live* live = live_.find(reply.attempt);
    if (live == nullptr) {
        return;
    }
    DomainState& domain = domain_of(live->row.domain);
    if (const auto* failed = std::get_if<LookUpFailed>(&reply.answer)) {
        if (failed->rate_limited) {
            const base::MonoTime sent_at = live->asked_at.value_or(tick.now.mono);
            on_too_many(tick, live->row.domain, sent_at, failed->retry_after);
        }
    } else if (const auto* report = std::get_if<SessionReport>(&reply.answer)) {
        domain.succeeded();
        if (report->progress == Progress::ended) {
            apply(tick, *live, *report);
            return;
        }
        const base::Millis patience = live->patience;
        apply(tick, *live, *report);
        live = live_.find(reply.attempt);
        if (live == nullptr) {
            return;
        }
        live->patience = patience;
        hang_up(*live);  // what was asked for before did not come to pass
    }
    // Not found is weak evidence: a live call was seen to be missing. Time decides, by `give_up`.
    live->asked_at.reset();
    live->patience = std::min(live->patience * 2, settings_.look_up_max);
    live->look_up = tick.now.mono + live->patience;
    live_.set_alarm(*live, std::min(live->look_up, live->give_up));
}

void Engine::on_session_list(Tick& tick, const SessionListReply& reply) {
    DomainState& domain = domain_of(reply.domain);
    if (domain.list_asked_at != reply.asked_at) {
        return;  // asked by an engine that was thrown away since: it may be too old to prove
                 // anything
    }
    domain.list_asked_at.reset();
    if (const auto* failed = std::get_if<LookUpFailed>(&reply.answer)) {
        base::log_warn("session_list_failed", {{"domain", reply.domain}, {"why", failed->why}});
        if (failed->rate_limited) {
            on_too_many(tick, reply.domain, reply.asked_at, failed->retry_after);
        }
        domain.list_back_off =
            std::clamp(domain.list_back_off * 2, shortest_list_pause, longest_list_pause);
        domain.list_not_before = tick.now.mono + domain.list_back_off;
        return;
    }
    domain.list_back_off = base::Millis{0};
    domain.list_not_before = tick.now.mono + shortest_list_pause;
    std::set<base::PhoneNumber> unmatched;
    for (const SessionReport& report : std::get<std::vector<SessionReport>>(reply.answer)) {
        Live* live = match(tick, report, reply.domain);
        if (live == nullptr && report.number && report.progress != Progress::ended) {
            unmatched.insert(*report.number);
        }
        // Those with a token are asked about one by one.
        if (live != nullptr && (live->in_doubt() || !live->row.token)) {
            apply(tick, *live, report);
        }
    }
    judge_unlisted(tick, domain, reply.asked_at, unmatched);
}

void Engine::on_too_many(
    Tick& tick,
    const std::string& domain,
    base::MonoTime sent_at,
    std::optional<base::Millis> retry_after
) {
    const base::Millis pause = domain_of(domain).on_too_many(sent_at, tick.now.mono, retry_after);
    tick.out.notes.emplace_back(RateLimited{domain, pause});
}

void Engine::judge_unlisted(
    Tick& tick,
    DomainState& domain,
    base::MonoTime asked_at,
    const std::set<base::PhoneNumber>& unmatched
) {
    std::vector<campaign::AttemptId> gone;
    live_.for_each([&](Live& live) {
        const bool proven = asked_at >= live.proof_from || flawed(Flaw::redial_when_unlisted);
        const bool is_unnamed = live.row.by_opbx && !live.row.token;
        const bool may_be_listed = is_unnamed && unmatched.contains(live.row.phone_number);
        // While its request is under way OPBX may be about to place it, however long that takes.
        const bool is_asked = live.row.status == AttemptStatus::intent;
        if ((live.in_doubt() || (is_unnamed && !is_asked)) &&
            live.row.domain == domain.limits.name && proven && !may_be_listed) {
            gone.push_back(live.row.id);
        }
    });
    for (const campaign::AttemptId id : gone) {
        Live* live = live_.find(id);
        CHECK_INVARIANT(live != nullptr);
        if (flawed(Flaw::redial_when_unlisted)) {
            give_back(tick, *live, {.to = AttemptStatus::abandoned});
            continue;
        }
        abandon(tick, *live, "Cloudonix has no session of it, and can start none any more");
    }
}

void Engine::abandon(Tick& tick, Live& live, const std::string& why) {
    const bool in_doubt = live.in_doubt();
    base::log_warn("attempt_given_up", {{"attempt", live.row.id.raw()}, {"why", why}});
    AttemptChange change{.to = in_doubt ? AttemptStatus::abandoned : AttemptStatus::ended};
    change.disposition = Disposition::unknown;
    change.detail = why;
    change.ended_at = tick.now.wall;
    settle(tick, live, change);
}

}  // namespace cxdial::dialer
