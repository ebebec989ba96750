#include "base/log.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/engine_tick.h"
#include "dialer/internal/report_change.h"

#include <utility>

namespace cxdial::dialer {

Live* Engine::match(Tick& tick, const SessionReport& report, const std::string& domain) {
    Live* live = report.attempt ? live_.find(*report.attempt) : nullptr;
    if (live == nullptr && report.token) {
        live = live_.find(*report.token);
    }
    if (live == nullptr || (!domain.empty() && domain != live->row.domain)) {
        return nullptr;
    }
    if (report.token && live->row.token && *live->row.token != *report.token) {
        return nullptr;  // another session that carries our profile: not the call we placed
    }
    if (report.token && !live->row.token && tick.store.find_attempt(std::nullopt, report.token)) {
        return nullptr;  // the session is another attempt's
    }
    return live;
}

void Engine::on_webhook(Tick& tick, const WebhookReceived& webhook) {
    Live* live = match(tick, webhook.report, webhook.domain);
    std::optional<campaign::AttemptId> known;
    std::optional<LiveAttempt> late;
    if (live != nullptr) {
        known = live->row.id;
    } else {
        late = tick.store.find_attempt(webhook.report.attempt, webhook.report.token);
        const bool ours = late && is_terminal(late->status) &&
                          (webhook.domain.empty() || webhook.domain == late->domain);
        if (!ours) {
            late.reset();
        }
        known = late ? std::optional{late->id} : std::nullopt;
    }
    const bool first = tick.store.record_webhook(webhook, known, tick.now.wall);
    if (!first) {
        if (flawed(Flaw::free_slot_on_every_cdr) && late) {
            if (CampaignState* state = campaign_of(tick, late->campaign); state != nullptr) {
                --state->live;
            }
        }
        return;
    }
    if (live != nullptr) {
        apply(tick, *live, webhook.report);
    } else if (late) {
        on_late_report(tick, *late, webhook.report);
    } else if (webhook.kind == WebhookReceived::Kind::cdr) {
        base::log_warn("orphan_cdr", {{"key", webhook.key}});
        tick.out.notes.emplace_back(OrphanKept{});
    }
}

void Engine::on_late_report(Tick& tick, const LiveAttempt& attempt, const SessionReport& report) {
    if (attempt.token && report.token && *attempt.token != *report.token) {
        return;
    }
    AttemptChange change = change_of(report, attempt.status);
    if (change.token && tick.store.find_attempt(std::nullopt, change.token)) {
        change.token.reset();
    }
    tick.store.annotate_attempt(attempt.id, change);
}

void Engine::adopt_orphan(Tick& tick, campaign::AttemptId id) {
    // A CDR that could not be matched for want of the token may be waiting.
    Live* live = live_.find(id);
    if (live == nullptr || !live->row.token) {
        return;
    }
    const std::optional<SessionReport> orphan = tick.store.adopt_orphan(*live->row.token, id);
    if (orphan) {
        apply(tick, *live, *orphan);
    }
}

}  // namespace cxdial::dialer
