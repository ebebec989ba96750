#include "base/log.h"
#include "dialer/engine.h"
#include "dialer/flaw.h"
#include "dialer/internal/engine_tick.h"
#include "dialer/internal/report_change.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::dialer {

namespace {

std::string digits_of(const std::string& number) {
    std::string digits;
    std::copy_if(number.begin(), number.end(), std::back_inserter(digits), [](char c) {
        return c >= '0' && c <= '9';
    });
    return digits;
}

}  // namespace

Live* Engine::match(Tick& tick, const SessionReport& report, const std::string& domain) {
    Live* live = report.attempt ? live_.find(*report.attempt) : nullptr;
    if (live == nullptr && report.token) {
        live = live_.find(*report.token);
    }
    if (live == nullptr && report.external_id) {
        live = live_.find(*report.external_id);
    }
    if (live == nullptr) {
        live = match_number(tick, report, domain);
    }
    if (live == nullptr || (!domain.empty() && domain != live->row.domain)) {
        return nullptr;
    }
    if (report.token && live->row.token && *live->row.token != *report.token) {
        return nullptr;  // another session that carries our profile: not the call we placed
    }
    if (report.token && !live->row.token && tick.store.find_attempt({.token = report.token})) {
        return nullptr;  // the session is another attempt's
    }
    return live;
}

Live* Engine::match_number(Tick& tick, const SessionReport& report, const std::string& domain) {
    if (!report.number || !report.started_at || report.attempt) {
        return nullptr;  // what names an attempt was not placed by OPBX
    }
    std::vector<Live*> candidates = live_.unnamed(*report.number);
    std::erase_if(candidates, [&](const Live* live) {
        const bool is_elsewhere = !domain.empty() && domain != live->row.domain;
        const bool is_older = *report.started_at + clock_skew < live->row.intent_at;
        return is_elsewhere || is_older || (report.external_id && live->row.external_id);
    });
    if (candidates.size() > 1 && !report.caller_id.empty()) {
        std::erase_if(candidates, [&](const Live* live) {
            return digits_of(live->row.caller_id) != digits_of(report.caller_id);
        });
    }
    if (flawed(Flaw::match_newest_of_number) && !candidates.empty()) {
        return candidates.back();
    }
    const bool is_sure =
        candidates.size() == 1 && !tick.store.may_be_over(*report.number, *report.started_at);
    return is_sure ? candidates.front() : nullptr;
}

void Engine::match_again(Tick& tick) {
    for (const base::PhoneNumber number : std::exchange(to_match_again_, {})) {
        if (const std::vector<Live*> left = live_.unnamed(number); left.size() == 1) {
            adopt_orphan(tick, left.front()->row.id);
        }
    }
}

void Engine::on_webhook(Tick& tick, const WebhookReceived& webhook) {
    if (InboundSession* session = match_inbound(webhook); session != nullptr) {
        on_inbound_webhook(tick, *session, webhook);
        return;
    }
    Live* live = match(tick, webhook.report, webhook.domain);
    std::optional<campaign::AttemptId> known;
    std::optional<LiveAttempt> late;
    if (live != nullptr) {
        known = live->row.id;
    } else {
        const SessionReport& report = webhook.report;
        late = tick.store.find_attempt(
            {.id = report.attempt, .token = report.token, .external_id = report.external_id}
        );
        const bool ours = late && is_terminal(late->status) &&
                          (webhook.domain.empty() || webhook.domain == late->domain);
        if (!ours) {
            late.reset();
        }
        known = late ? std::optional{late->id} : std::nullopt;
    }
    if (!known) {
        if (std::optional<InboundSession> past = past_inbound(tick, webhook)) {
            on_inbound_webhook(tick, *past, webhook);
            return;
        }
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
    if (change.token && tick.store.find_attempt({.token = change.token})) {
        change.token.reset();
    }
    tick.store.annotate_attempt(attempt.id, change);
}

void Engine::adopt_orphan(Tick& tick, campaign::AttemptId id) {
    // A CDR that could not be matched for want of a name may be waiting.
    Live* live = live_.find(id);
    if (live == nullptr) {
        return;
    }
    const LiveAttempt& row = live->row;
    OrphanKeys keys{.token = row.token, .external_id = row.external_id};
    if (row.by_opbx && !row.token && live_.unnamed(row.phone_number).size() == 1) {
        keys.number = row.phone_number;
        keys.started_from = row.intent_at - clock_skew;
    }
    const std::optional<SessionReport> orphan = tick.store.adopt_orphan(keys, id);
    if (orphan) {
        apply(tick, *live, *orphan);
    }
}

}  // namespace cxdial::dialer
