#include "daemon/opbx_plan.h"

#include "base/log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <utility>

namespace cxdial::daemon {

using api_client::OpbxCampaign;
using api_client::OpbxDestination;
using api_client::OpbxKind;
using campaign::CampaignStatus;
using campaign::StoredCampaign;
using campaign::Transition;

namespace {

constexpr std::string_view cannot_be_dialed = "OPBX lists it, but it cannot be dialed: ";
constexpr int fewest_wanted = 50;
constexpr int most_wanted = 1'000;

/// Whether this room decided to pause it, not the engine.
bool is_ours(const std::string& reason) {
    return reason.starts_with(not_listed) || reason.starts_with(cannot_be_dialed);
}

int wanted_by(const campaign::Campaign& campaign, base::Millis poll_interval) {
    const std::chrono::duration<double> interval = poll_interval;
    const double by_pace = 2 * campaign.calls_per_second * interval.count();
    const int wanted = campaign.concurrent_active_calls + static_cast<int>(std::ceil(by_pace));
    return std::clamp(wanted, fewest_wanted, most_wanted);
}

/// OPBX's own delay after so many attempts.
base::Millis delay_after(int attempts) {
    using std::chrono::minutes;
    constexpr std::array<minutes, 5> delays{
        minutes{5}, minutes{10}, minutes{20}, minutes{40}, minutes{60}};
    const auto step = static_cast<std::size_t>(std::clamp(attempts, 1, 5)) - 1;
    return delays.at(step);
}

/// As it is stored when it cannot be dialed.
OpbxCampaign seen_only(OpbxCampaign listed) {
    listed.kind = OpbxKind::unclear;
    return listed;
}

/// What became of a campaign that is listed.
struct Listed {
    std::string unfit;  ///< why it cannot be dialed; empty: it can
    std::optional<storage::PutOutcome> outcome;
};

/// Stores the campaign as it is listed now, also one that cannot be dialed, so that it is seen.
Listed store(
    storage::Repository& repository,
    const OpbxCampaign& listed,
    const OpbxRules& rules,
    base::WallTime now
) {
    Listed entry;
    const auto put = [&](const base::Result<campaign::Campaign>& resource) {
        if (!resource) {
            entry.unfit = resource.error().detail;
            return;
        }
        const auto outcome = repository.put_external(*resource, listed.id, not_listed, now);
        if (outcome) {
            entry.outcome = *outcome;
        } else {
            entry.unfit = outcome.error().detail;
        }
    };
    put(resource_of(listed, rules.is_direct));
    if (!entry.unfit.empty() && listed.resource) {
        const std::string unfit = std::exchange(entry.unfit, "");
        put(resource_of(seen_only(listed), false));
        entry.unfit = unfit;
    }
    return entry;
}

}  // namespace

std::string why_unfit(std::string_view why) {
    return std::string(cannot_be_dialed) + std::string(why);
}

OpbxDecision decide(
    const StoredCampaign& known, bool is_listed, const std::string& unfit, bool changed
) {
    const bool is_active = known.status == CampaignStatus::active;
    if (!is_active && known.status != CampaignStatus::paused) {
        return {};
    }
    if (is_listed && unfit.empty()) {
        if (is_active) {
            return {};
        }
        if (changed || is_ours(known.status_reason)) {
            return {.transition = Transition::resume, .reason = {}};
        }
        return {.transition = {}, .reason = {}, .tells_opbx = true};
    }
    std::string reason = is_listed ? why_unfit(unfit) : std::string(not_listed);
    if (is_active) {
        return {.transition = Transition::pause, .reason = std::move(reason)};
    }
    if (!is_listed && !is_ours(known.status_reason) && !known.status_reason.empty()) {
        reason += " (cxdial had paused it: " + known.status_reason + ")";
    }
    const bool is_said =
        !is_listed ? known.status_reason.starts_with(not_listed) : known.status_reason == reason;
    return is_said ? OpbxDecision{} : OpbxDecision{.transition = {}, .reason = std::move(reason)};
}

std::string mismatch_of(OpbxKind kind, bool is_direct) {
    if (is_direct && kind == OpbxKind::places_calls) {
        return "this OPBX places the call itself (calls/initiate), and it would be placed twice: "
               "set opbx.placement = \"opbx\"";
    }
    if (!is_direct && kind == OpbxKind::creates_sessions) {
        return "this OPBX only writes the call down (calls/initiate) and leaves placing it to its "
               "worker: set opbx.placement = \"direct\"";
    }
    return {};
}

base::Result<campaign::Campaign> resource_of(const OpbxCampaign& listed, bool is_direct) {
    if (!listed.resource) {
        return listed.resource;
    }
    if (const std::string mismatch = mismatch_of(listed.kind, is_direct); !mismatch.empty()) {
        return base::Error{base::Errc::conflict, mismatch};
    }
    campaign::Campaign resource = *listed.resource;
    if (!is_direct) {
        resource.amd = {};
        return resource;
    }
    using enum campaign::RoutingDestinationType;
    resource.routing_destination = opbx_resource_name(listed.routing_id);
    if (listed.routing_type == "ai_assistant") {
        resource.routing_destination_type = ai_assistant;
    } else if (listed.routing_type == "ai_load_balancer") {
        resource.routing_destination_type = ai_load_balancer;
    } else if (listed.routing_type == "hangup") {
        resource.routing_destination_type = hangup;
        resource.routing_destination.clear();
    } else {
        return base::Error{
            base::Errc::invalid_argument,
            "calls to a destination of type \"" + listed.routing_type +
                "\" cannot be placed directly"};
    }
    return resource;
}

namespace {

/// Brings what is listed as active into the database.
std::map<campaign::OpbxCampaignId, Listed> store_listed(
    storage::Repository& repository,
    const std::vector<OpbxCampaign>& listed,
    const OpbxRules& rules,
    base::WallTime now
) {
    std::map<campaign::OpbxCampaignId, Listed> by_id;
    for (const OpbxCampaign& campaign : listed) {
        if (!campaign.is_active) {
            continue;
        }
        Listed& entry = by_id[campaign.id];
        entry = store(repository, campaign, rules, now);
        if (!entry.unfit.empty()) {
            base::log_warn(
                "opbx_campaign_refused", {{"campaign", campaign.id.raw()}, {"why", entry.unfit}}
            );
        }
    }
    return by_id;
}

}  // namespace

base::Result<OpbxRound> reconcile(
    storage::Repository& repository,
    const std::vector<OpbxCampaign>& listed,
    const OpbxRules& rules,
    base::WallTime now
) {
    const auto by_id = store_listed(repository, listed, rules, now);
    const auto stored = repository.external_campaigns();
    if (!stored) {
        return stored.error();
    }
    OpbxRound round;
    for (const StoredCampaign& known : *stored) {
        const auto position = by_id.find(*known.external_id);
        const bool is_listed = position != by_id.end();
        const Listed entry = is_listed ? position->second : Listed{};
        const bool changed = entry.outcome == storage::PutOutcome::changed;
        OpbxDecision decision = decide(known, is_listed, entry.unfit, changed);
        if (changed || entry.outcome == storage::PutOutcome::created) {
            round.edited.push_back(known.id);
        }
        if (decision.tells_opbx) {
            round.to_tell.push_back({*known.external_id, known.status_reason});
        }
        if (decision.transition) {
            round.changes.push_back({known.id, *decision.transition, std::move(decision.reason)});
        } else if (!decision.reason.empty()) {
            if (const auto set = repository.set_pause_reason(known.id, decision.reason); !set) {
                return set.error();
            }
            round.edited.push_back(known.id);
        }
        if (is_listed && entry.unfit.empty() && known.status != CampaignStatus::archived) {
            const int wanted = wanted_by(known.campaign, rules.poll_interval);
            round.to_fill.push_back({known.id, *known.external_id, wanted});
        }
    }
    return round;
}

bool store_routing(
    storage::Repository& repository, const OpbxRouting& routing, base::WallTime now
) {
    bool changed = false;
    const auto keep = [&](const auto& resource) {
        const auto outcome = repository.put(resource, now);
        if (!outcome) {
            base::log_warn(
                "opbx_resource_not_kept", {{"name", resource.name}, {"why", outcome.error().detail}}
            );
        }
        changed = changed || (outcome && *outcome != storage::PutOutcome::unchanged);
    };
    for (const balancer::Assistant& assistant : routing.assistants) {
        keep(assistant);
    }
    for (const balancer::Balancer& balancer : routing.balancers) {
        keep(balancer);
    }
    return changed;
}

std::vector<storage::OfferedDestination> offers_of(
    const std::vector<OpbxDestination>& rows, const OpbxSeen& seen
) {
    constexpr std::array<std::string_view, 4> not_now{
        "dialing", "connected", "completed", "invalid"};
    std::vector<storage::OfferedDestination> offers;
    for (const OpbxDestination& row : rows) {
        const bool is_out = std::find(not_now.begin(), not_now.end(), row.status) != not_now.end();
        if (is_out || !row.number) {
            continue;
        }
        storage::OfferedDestination offer{
            .id = row.id,
            .row = {.phone_number = *row.number, .name = row.name, .metadata = row.metadata},
            .attempts = row.attempts};
        offer.row.priority = 1 - row.priority;  // 1 is the highest there, the largest is here
        if (row.attempts > 0 && row.last_dialed_at) {
            offer.row.not_before = *row.last_dialed_at + delay_after(row.attempts);
        }
        offer.is_reset = seen.was_whole && row.attempts == 0 && !seen.offered.contains(row.id);
        offers.push_back(std::move(offer));
    }
    return offers;
}

}  // namespace cxdial::daemon
