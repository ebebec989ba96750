// What is judged when a call is placed, accepted, or rings.

#include "hours.h"
#include "judge.h"
#include "places.h"

#include <algorithm>
#include <cmath>

namespace cxdial::sim {

using base::Millis;
using campaign::AttemptStatus;

namespace {

std::string name_of(campaign::AttemptId id) {
    return "attempt " + std::to_string(id.raw());
}

}  // namespace

const campaign::Campaign& Judge::campaign_of(const AttemptRow& row) const {
    return campaigns_.at(row.campaign).revisions.at(row.revision);
}

std::string Judge::zone_of_destination(const AttemptRow& row) const {
    const std::string given = ledger_.zone_of(row.destination);
    const auto number = base::PhoneNumber::from_digits(static_cast<std::uint64_t>(row.phone));
    return given.empty() ? std::string(zone_of(number.value())) : given;
}

void Judge::check_hours(const AttemptRow& row, base::PhoneNumber number, base::MonoTime at) const {
    if (wall_jumped_ != base::MonoTime::min()) {
        return;
    }
    const campaign::Campaign& campaign = campaign_of(row);
    must(schedule_allows(campaign, world_.wall_of(at)), [&] {
        return "S6 a call to " + number.masked() + " rings outside the campaign's schedule";
    });
    if (campaign.respect_recipient_time) {
        const std::string zone = zone_of_destination(row);
        must(!zone.empty(), [&] {
            return "S6 " + number.masked() + " is called and nobody knows what time it is there";
        });
        must(recipient_allows(campaign, zone, world_.wall_of(at)), [&] {
            return "S6 a call to " + number.masked() + " rings outside the hours of " + zone;
        });
    }
}

void Judge::on_accepted(const Call& call) {
    const std::optional<AttemptRow> row = ledger_.attempt(call.attempt);
    must(row.has_value(), [&] {
        return "S5 " + name_of(call.attempt) + " was accepted without an intent on disk";
    });
    must(row->phone == static_cast<std::int64_t>(call.number.digits()), [&] {
        return "S5 " + name_of(call.attempt) + " calls another number than its intent says";
    });
    must(row->status < AttemptStatus::ended, [&] {
        return "S8 " + name_of(call.attempt) + " was accepted after its slot was given away";
    });
    must(accepted_.emplace(call.attempt, *row).second, [&] {
        return "S1 " + name_of(call.attempt) + " was accepted twice";
    });
    check_hours(*row, call.number, world_.now());
    check_caps(*row, call);
    must(++accepted_of_[row->destination] <= campaign_of(*row).max_dial_attempts, [&] {
        return "S3 destination " + std::to_string(row->destination.raw()) + " was called too often";
    });
    live_.emplace(call.attempt, &call);
}

void Judge::check_caps(const AttemptRow& row, const Call& call) const {
    int of_campaign = 1;
    int of_domain = 1;
    for (const auto& entry : live_) {
        const Call& other = *entry.second;
        const AttemptRow& other_row = accepted_.at(entry.first);
        const bool same_campaign = other_row.campaign == row.campaign;
        of_campaign += same_campaign ? 1 : 0;
        of_domain += other.domain == call.domain ? 1 : 0;
        must(other_row.destination != row.destination, [&] {
            return "S2 two live calls to destination " + std::to_string(row.destination.raw());
        });
        must(!same_campaign || other.number != call.number, [&] {
            return "S2 two live calls to one number in a campaign";
        });
    }
    const int cap = campaigns_.at(row.campaign).newest().concurrent_active_calls;
    must(of_campaign <= cap, [&] {
        return "S4 " + std::to_string(of_campaign) + " live calls where the campaign allows " +
               std::to_string(cap);
    });
    const int domain_cap = domains_.at(call.domain).now.max_concurrent_calls;
    must(domain_cap == 0 || of_domain <= domain_cap, [&] {
        return "S4 " + std::to_string(of_domain) + " live calls where the domain allows " +
               std::to_string(domain_cap);
    });
    const std::size_t of_process = live_.size() + 1;
    must(process_cap_ == 0 || of_process <= static_cast<std::size_t>(process_cap_), [&] {
        return "S4 " + std::to_string(of_process) + " live calls where the process allows " +
               std::to_string(process_cap_);
    });
}

void Judge::on_ringing(const Call& call) {
    constexpr Millis look{10'000};
    const AttemptRow& row = accepted_.at(call.attempt);
    for (base::MonoTime at = world_.now(); at < call.rings_until; at += look) {
        check_hours(row, call.number, at);
    }
    check_hours(row, call.number, call.rings_until - Millis{1});
}

void Judge::on_ended(const Call& call) {
    live_.erase(call.attempt);
}

void Judge::on_connected(const Call& call, bool dead) {
    const AttemptRow row = ledger_.attempt(call.attempt).value();
    int most = 0;
    for (const auto& entry : campaigns_) {
        const campaign::Campaign& campaign = entry.second.newest();
        const bool same_pool = campaign.routing_destination == row.balancer;
        most += same_pool ? campaign.concurrent_active_calls : 0;
    }
    pools_.on_connected(call, row, dead, most);
}

void Judge::on_placement(const dialer::PlaceCall& wanted, base::MonoTime decided) {
    const std::optional<AttemptRow> row = ledger_.attempt(wanted.attempt);
    if (!row) {
        return;  // judged when it is accepted
    }
    campaigns_.at(row->campaign).placed = decided;
    check_permission(*row, wanted.request.destination, decided);
    check_pace(*row, decided);
}

void Judge::check_permission(
    const AttemptRow& row, base::PhoneNumber number, base::MonoTime decided
) {
    must(ledger_.campaigns().at(row.campaign) == campaign::CampaignStatus::active, [&] {
        return "S6 a call to " + number.masked() + " is placed by a campaign that is not active";
    });
    must(row.revision >= campaigns_.at(row.campaign).taken, [&] {
        return "S6 a call to " + number.masked() + " is placed by what the campaign was before";
    });
    must(ledger_.status_of(row.destination) != campaign::DestinationStatus::contacted_inbound, [&] {
        return "S6 " + number.masked() + " has called us and is called";
    });
    const auto suppressed = suppressed_.find(number);
    must(suppressed == suppressed_.end() || decided <= suppressed->second, [&] {
        return "S6 " + number.masked() + " is called against its owner's wish";
    });
    if (calls_per_number_ > 0 && wall_jumped_ == base::MonoTime::min()) {
        const int dialed = ledger_.dialed(row.phone, row.intent_at, per_number_window_);
        must(dialed <= calls_per_number_, [&] {
            return "S6 " + number.masked() + " is called " + std::to_string(dialed) +
                   " times in a window that allows " + std::to_string(calls_per_number_);
        });
    }
}

void Judge::check_pace(const AttemptRow& row, base::MonoTime decided) {
    const double rate = campaign_of(row).calls_per_second;
    const double burst = std::max(1.0, std::floor(rate));
    Pace& pace = paces_[row.campaign];
    const bool first = !pace.begun || pace.rate != rate;
    const std::chrono::duration<double> elapsed = decided - pace.last;
    pace.tokens = first ? burst : std::min(burst, pace.tokens + elapsed.count() * rate);
    pace.begun = true;
    pace.rate = rate;
    pace.last = decided;
    pace.tokens -= 1.0;
    must(rate == 0 || pace.tokens > -1e-6, [&] {
        return "S4 calls start faster than " + std::to_string(rate) + " per second";
    });
}

void Judge::on_request(const std::string& domain, base::MonoTime decided) {
    Limits& limits = domains_.at(domain);
    if (limits.now.requests == 0) {
        return;
    }
    std::deque<base::MonoTime>& sent = limits.sent;
    // A new engine counts what the former one sent by the wall clock. When that was set just then
    // it cannot know, and is forgiven.
    constexpr Millis recovery{2'000};
    const bool misled = wall_jumped_ != base::MonoTime::min() &&
                        wall_jumped_ + limits.now.per > engine_since_ &&
                        wall_jumped_ < engine_since_ + recovery;
    while (misled && !sent.empty() && sent.front() < engine_since_) {
        sent.pop_front();
    }
    while (!sent.empty() && sent.front() + limits.now.per <= decided) {
        sent.pop_front();
    }
    sent.push_back(decided);
    const bool is_lenient = decided < limits.lenient_until;
    const int allowed =
        is_lenient ? std::max(limits.now.requests, limits.requests_before) : limits.now.requests;
    must(sent.size() <= static_cast<std::size_t>(allowed), [&] {
        return "S4 " + std::to_string(sent.size()) + " requests in a window that allows " +
               std::to_string(allowed);
    });
}

void Judge::on_domains_taken(const std::vector<dialer::DomainLimits>& domains) {
    for (const dialer::DomainLimits& edited : domains) {
        Limits& limits = domains_[edited.name];
        if (edited.requests != limits.now.requests) {
            const bool is_lenient = world_.now() < limits.lenient_until;
            limits.requests_before =
                std::max(limits.now.requests, is_lenient ? limits.requests_before : 0);
            // What was sent just before still counts, and was allowed.
            limits.lenient_until = world_.now() + limits.now.per;
        }
        limits.now = edited;
    }
}

void Judge::on_limit_lowered(const std::string& domain) {
    ++domains_.at(domain).lowered;
}

void Judge::on_overrun(const std::string& domain) {
    // A first window at the old rate and its halvings, then now and then one request too many, ever
    // more seldom: much less than what a dialer loses that learns nothing.
    Limits& limits = domains_.at(domain);
    const int allowed = (2 * limits.now.requests + 20) * limits.lowered;
    must(++limits.overruns <= allowed, [&] {
        return "S12 " + std::to_string(limits.overruns) + " requests were refused with 429 since " +
               domain + " bears less than was agreed";
    });
}

}  // namespace cxdial::sim
