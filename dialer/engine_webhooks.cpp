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
    if (Live* live = match(tick, webhook.report, webhook.domain); live != nullptr) {
        if (tick.store.record_webhook(webhook, live->row.id, tick.now.wall)) {
            apply(tick, *live, webhook.report);
        }
        return;
    }
    if (const std::optional<LiveAttempt> late = past_attempt(tick, webhook)) {
        on_late_webhook(tick, *late, webhook);
        return;
    }
    if (std::optional<InboundSession> past = past_inbound(tick, webhook)) {
        on_inbound_webhook(tick, *past, webhook);
        return;
    }
    const bool is_news = tick.store.record_webhook(webhook, std::nullopt, tick.now.wall);
    if (is_news && webhook.kind == WebhookReceived::Kind::cdr) {
        base::log_warn("orphan_cdr", {{"key", webhook.key}});
        tick.out.notes.emplace_back(OrphanKept{});
    }
}

std::optional<LiveAttempt> Engine::past_attempt(Tick& tick, const WebhookReceived& webhook) {
    const SessionReport& report = webhook.report;
    std::optional<LiveAttempt> found = tick.store.find_attempt(
        {.id = report.attempt, .token = report.token, .external_id = report.external_id}
    );
    const bool is_past = found && is_terminal(found->status) &&
                         (webhook.domain.empty() || webhook.domain == found->domain);
    return is_past ? found : std::nullopt;
}

void Engine::on_late_webhook(
    Tick& tick, const LiveAttempt& attempt, const WebhookReceived& webhook
) {
    if (tick.store.record_webhook(webhook, attempt.id, tick.now.wall)) {
        on_late_report(tick, attempt, webhook.report);
    } else if (flawed(Flaw::free_slot_on_every_cdr)) {
        if (CampaignState* state = campaign_of(tick, attempt.campaign); state != nullptr) {
            --state->live;
        }
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
