#include "judge.h"

#include "campaign/disposition.h"

#include "hours.h"

#include <algorithm>
#include <utility>

namespace cxdial::sim {

using campaign::AttemptStatus;
using campaign::DestinationStatus;

namespace {

bool is_final(AttemptStatus status) {
    return status >= AttemptStatus::ended;
}

bool is_final(DestinationStatus status) {
    return status >= DestinationStatus::completed;
}

/// The drawn arrows, over any number of steps.
bool may_lead(AttemptStatus from, AttemptStatus to) {
    if (is_final(from)) {
        return false;
    }
    if (from == AttemptStatus::intent || from == AttemptStatus::in_doubt) {
        return to != AttemptStatus::intent;
    }
    return to > from && to <= AttemptStatus::ended;
}

bool is_machine(const Call& call) {
    return call.answered_by.starts_with("machine") || call.answered_by == "fax";
}

/// Whether the record says of the call what it was. A machine is a machine for a dialer that was
/// told so, and may have passed for a person where the question was lost.
bool is_true(const std::string& disposition, const Call& call) {
    using campaign::Disposition;
    if (disposition == to_string(Disposition::voicemail)) {
        return call.disposition == Disposition::answered && is_machine(call);
    }
    return disposition == to_string(call.disposition) && !(is_machine(call) && call.verdict_heard);
}

std::string name_of(campaign::AttemptId id) {
    return "attempt " + std::to_string(id.raw());
}

std::string name_of(campaign::DestinationId id) {
    return "destination " + std::to_string(id.raw());
}

}  // namespace

Judge::Judge(World& world, Ledger& ledger, const dialer::EngineSettings& settings)
    : world_(world),
      ledger_(ledger),
      process_cap_(settings.max_concurrent_calls),
      calls_per_number_(settings.calls_per_number),
      per_number_window_(settings.per_number_window),
      pools_(world) {
    pools_.set_ledger(ledger);
    for (const dialer::DomainLimits& limits : settings.domains) {
        domains_[limits.name].now = limits;
    }
}

void Judge::on_campaign(const campaign::StoredCampaign& stored) {
    campaigns_[stored.id].revisions.emplace(stored.revision, stored.campaign);
}

void Judge::on_edit_taken(campaign::CampaignId id, std::int64_t revision) {
    std::int64_t& taken = campaigns_.at(id).taken;
    taken = std::max(taken, revision);
}

void Judge::on_wall_jump() {
    wall_jumped_ = world_.now();
    pools_.on_wall_jump();
}

void Judge::on_start() {
    check_acknowledged();
    on_new_engine();
}

void Judge::on_new_engine() {
    engine_since_ = world_.now();
    pools_.on_new_engine();
    for (auto& [name, limits] : domains_) {
        limits.overruns = 0;
    }
}

void Judge::on_acknowledged(const dialer::WebhookReceived& webhook) {
    acknowledged_.emplace(static_cast<int>(webhook.kind), webhook.key);
}

bool Judge::is_acknowledged(const dialer::WebhookReceived& webhook) const {
    return acknowledged_.contains({static_cast<int>(webhook.kind), webhook.key});
}

void Judge::check_acknowledged() {
    const std::set<std::pair<int, std::string>> kept = ledger_.webhooks();
    for (const auto& webhook : acknowledged_) {
        must(kept.contains(webhook), [&] {
            return "S9 webhook " + webhook.second + " was answered with 200 and is not on disk";
        });
    }
}

void Judge::after_tick(bool only_repeats, const dialer::Engine* engine) {
    if (!ledger_.changed()) {
        return;
    }
    check_slots(engine);
    // All rows of a long list are read now and then only, as often as it costs about the same.
    constexpr std::size_t cheap = 15;
    const bool due = ++commits_ * cheap >= attempts_.size();
    if (due) {
        scan(only_repeats && scanned_before_);
    }
    scanned_before_ = due;
}

void Judge::scan(bool only_repeats) {
    commits_ = 0;
    std::map<campaign::AttemptId, AttemptRow> rows = ledger_.attempts();
    check_attempts(rows, only_repeats);
    attempts_ = std::move(rows);
    check_destinations();
}

void Judge::check_attempts(
    const std::map<campaign::AttemptId, AttemptRow>& rows, bool only_repeats
) {
    for (const auto& entry : attempts_) {
        const auto& id = entry.first;
        const auto& before = entry.second;
        const auto found = rows.find(id);
        must(found != rows.end(), [&] { return "S7 " + name_of(id) + " is gone"; });
        const AttemptRow& after = found->second;
        if (before.status != after.status) {
            must(may_lead(before.status, after.status), [&] {
                return "S7 " + name_of(id) + " went from " +
                       std::string(campaign::to_string(before.status)) + " to " +
                       std::string(campaign::to_string(after.status));
            });
            continue;
        }
        if (is_final(before.status)) {
            must(before.disposition == after.disposition, [&] {
                return "S7 " + name_of(id) + " changed its disposition after its end";
            });
            must(!only_repeats || before == after, [&] {
                return "S7 a webhook that came twice changed " + name_of(id) + " from " +
                       before.rest + " to " + after.rest;
            });
        }
    }
}

void Judge::check_slots(const dialer::Engine* engine) const {
    const std::map<campaign::AttemptId, AttemptRow> rows = ledger_.live_attempts();
    for (const auto& entry : live_) {
        must(rows.contains(entry.first), [&] {
            return "S8 " + name_of(entry.first) + " holds no slot while its call is live";
        });
    }
    must(process_cap_ == 0 || rows.size() <= static_cast<std::size_t>(process_cap_), [] {
        return std::string("S4 more slots are held than the process has");
    });
    std::map<campaign::CampaignId, int> held;
    std::map<std::string, int> bound;
    for (const auto& entry : rows) {
        const AttemptRow& row = entry.second;
        const int cap = campaigns_.at(row.campaign).newest().concurrent_active_calls;
        must(++held[row.campaign] <= cap, [] {
            return std::string("S4 more slots are held than the campaign has");
        });
        ++bound[row.assistant];
    }
    check_places(std::move(bound), engine);
}

void Judge::check_places(std::map<std::string, int> bound, const dialer::Engine* engine) const {
    const std::map<std::string, std::string> sessions = ledger_.live_inbound();
    for (const auto& [sid, agent] : called_) {
        const auto found = sessions.find(sid);
        must(found != sessions.end() && found->second == agent, [&, name = &sid] {
            return "S8 call " + *name + " came in and holds no place at its agent";
        });
    }
    std::map<std::string, int> beyond;  // whoever was connected without asking
    for (const auto& [sid, agent] : sessions) {
        ++bound[agent];
        beyond[agent] += by_fallback_.contains(sid) ? 1 : 0;
    }
    bound.erase("");
    for (const auto& [name, assistant] : pools_.assistants()) {
        const int held = engine == nullptr ? bound[name] : engine->calls_of("default", name);
        must(held == bound[name], [&, agent = &name] {
            return "S8 " + std::to_string(held) + " places are held at " + *agent + " for " +
                   std::to_string(bound[*agent]) + " calls";
        });
        bound[name] -= beyond[name];
    }
    pools_.check_seats(bound);
}

void Judge::on_called(const std::string& sid, const std::string& agent, bool by_fallback) {
    if (by_fallback) {
        by_fallback_.insert(sid);
    } else {
        called_.emplace(sid, agent);
    }
}

void Judge::check_destinations() {
    std::map<campaign::DestinationId, DestinationRow> rows = ledger_.destinations();
    for (const auto& entry : destinations_) {
        const auto& id = entry.first;
        const auto& before = entry.second;
        const DestinationRow& after = rows.at(id);
        must(!is_final(before.status) || before.status == after.status, [&] {
            return "S7 " + name_of(id) + " was final and moved";
        });
    }
    destinations_ = std::move(rows);
}

void Judge::check_record(
    const std::map<campaign::AttemptId, AttemptRow>& rows, const std::list<Call>& calls
) const {
    std::map<campaign::AttemptId, const Call*> truth;
    for (const Call& call : calls) {
        truth.emplace(call.attempt, &call);
    }
    for (const auto& entry : rows) {
        const auto& id = entry.first;
        const auto& row = entry.second;
        must(is_final(row.status), [&] { return "L1 " + name_of(id) + " was never settled"; });
        const auto found = truth.find(id);
        const bool was_call = found != truth.end();
        if (row.status == AttemptStatus::refused || row.status == AttemptStatus::not_sent) {
            must(!was_call, [&] {
                return "L1 " + name_of(id) + " was a call and is recorded as none";
            });
        } else if (row.disposition != to_string(campaign::Disposition::unknown)) {
            must(was_call && is_true(row.disposition, *found->second), [&] {
                return "L1 " + name_of(id) + " is recorded as \"" + row.disposition +
                       "\", which it was not";
            });
        }
    }
}

bool Judge::may_wait(const DestinationRow& row) const {
    if (row.status != DestinationStatus::pending &&
        row.status != DestinationStatus::retry_pending) {
        return false;
    }
    const base::WallTime now = world_.wall();
    const campaign::Campaign& campaign = campaigns_.at(row.campaign).newest();
    if (is_past_its_end(campaign, now)) {
        // One that nobody had started by then is not started any more.
        const campaign::CampaignStatus status = ledger_.campaigns().at(row.campaign);
        return status == campaign::CampaignStatus::paused ||
               status == campaign::CampaignStatus::draft;
    }
    // Shortly before it closes nothing is begun that might ring then.
    return row.next_at > base::to_millis(now) || !schedule_allows(campaign, now) ||
           !schedule_allows(campaign, now + campaign.dial_timeout);
}

bool Judge::is_at_rest() {
    if (!live_.empty() || !ledger_.live_attempts().empty() || !ledger_.live_inbound().empty()) {
        return false;
    }
    const auto rows = ledger_.destinations();
    return std::all_of(rows.begin(), rows.end(), [&](const auto& entry) {
        return is_final(entry.second.status) || may_wait(entry.second);
    });
}

void Judge::check_open(campaign::DestinationId id, const DestinationRow& row) const {
    must(may_wait(row), [&] {
        return "L1 " + name_of(id) + " was left " + std::string(campaign::to_string(row.status));
    });
    const Plan& plan = campaigns_.at(row.campaign);
    const campaign::Campaign& campaign = plan.newest();
    if (is_past_its_end(campaign, world_.wall()) || !campaign.schedule || campaign.start_date ||
        campaign.respect_recipient_time) {
        return;
    }
    // Who was due all the time has seen the schedule open for minutes: somebody was called then.
    constexpr base::Millis a_day{25LL * 3'600'000};
    const auto& days = *campaign.schedule;
    const bool every_day = std::all_of(
        days.begin(), days.end(), [](const campaign::DaySchedule& day) { return day.enabled; }
    );
    const bool was_due = row.next_at < base::to_millis(world_.wall_of(world_.now() - a_day));
    const bool long_enough = world_.now() - a_day > quiet_since_;
    must(!every_day || !was_due || !long_enough || plan.placed > world_.now() - a_day, [&] {
        return "L1 " + name_of(id) + " was due for a day and its campaign called nobody";
    });
}

void Judge::check_statistics() {
    std::map<campaign::CampaignId, storage::CampaignStatistics> counted;
    for (const auto& entry : ledger_.destinations()) {
        const DestinationRow& row = entry.second;
        storage::CampaignStatistics& campaign = counted[row.campaign];
        ++campaign.destinations[row.status];
        const bool waits = row.status == DestinationStatus::pending ||
                           row.status == DestinationStatus::retry_pending;
        if (waits && row.wait != 0) {
            ++campaign.waiting[static_cast<campaign::WaitReason>(row.wait)];
        }
    }
    for (const auto& entry : counted) {
        const storage::CampaignStatistics told = ledger_.statistics(entry.first);
        must(told.destinations == entry.second.destinations, [&] {
            return "L1 the statistics of campaign " + std::to_string(entry.first.raw()) +
                   " do not add up to its destinations";
        });
        must(told.waiting == entry.second.waiting, [&] {
            return "L1 the reasons to wait in campaign " + std::to_string(entry.first.raw()) +
                   " do not add up to those who wait";
        });
    }
}

void Judge::at_the_end(const std::list<Call>& calls) {
    check_acknowledged();
    must(live_.empty(), [] { return std::string("L1 a call is still live"); });
    must(called_.empty() && ledger_.live_inbound().empty(), [] {
        return std::string("L1 a place is held for a call that came in and is over");
    });
    const std::string twice = ledger_.done_twice();
    must(twice.empty(), [&] { return "S7 done twice: " + twice; });
    scan(false);
    check_statistics();
    const std::map<campaign::AttemptId, AttemptRow>& rows = attempts_;
    check_record(rows, calls);
    std::map<campaign::DestinationId, int> told;
    for (const auto& entry : rows) {
        const auto& row = entry.second;
        told[row.destination] += row.disposition.empty() ? 0 : 1;
    }
    for (const auto& entry : ledger_.destinations()) {
        const auto& id = entry.first;
        const auto& row = entry.second;
        if (!is_final(row.status)) {
            check_open(id, row);
        }
        must(row.attempts == told[id], [&] {
            return "L1 the dispositions of " + name_of(id) + " do not add up to its attempts";
        });
        const bool reached = row.last_disposition == to_string(campaign::Disposition::answered);
        const bool heard = row.last_disposition == to_string(campaign::Disposition::voicemail) &&
                           campaigns_.at(row.campaign).newest().amd.on_machine == "continue";
        const bool completed = row.status == DestinationStatus::completed;
        const bool has_called = row.status == DestinationStatus::contacted_inbound;
        must(has_called || (completed ? reached || heard : !reached), [&] {
            return "L1 " + name_of(id) + " is " + std::string(campaign::to_string(row.status)) +
                   " after \"" + row.last_disposition + "\"";
        });
    }
}

}  // namespace cxdial::sim
