#include "daemon/why.h"

#include "campaign/phone.h"
#include "campaign/recipient_hours.h"
#include "dialer/store.h"

#include <string_view>
#include <vector>

namespace cxdial::daemon {
namespace {

using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::WaitReason;

std::string_view sentence_of(WaitReason wait) {
    switch (wait) {
        case WaitReason::none:
            return "";
        case WaitReason::not_before:
            return "it may not be dialed before its not_before";
        case WaitReason::retry:
            return "it waits for its next attempt, by the campaign's retry policy";
        case WaitReason::recipient_hours:
            return "it is outside the hours in which its owner may be called";
        case WaitReason::frequency_cap:
            return "the number was dialed as often as it may be, over all campaigns";
        case WaitReason::zone_unknown:
            return "nobody knows what time it is for its owner, so it is never dialed";
        case WaitReason::agent_busy:
            return "the agent that is to talk has as many calls as it takes, or takes none";
    }
    return "";
}

Why of_wait(WaitReason wait, std::optional<base::WallTime> until) {
    return {std::string(to_string(wait)), std::string(sentence_of(wait)), until};
}

std::optional<Why> why_over(const storage::DestinationRecord& destination) {
    if (!is_terminal(destination.status) || destination.status == DestinationStatus::suppressed) {
        return std::nullopt;
    }
    const std::string status(to_string(destination.status));
    if (destination.wait != WaitReason::none) {
        Why why = of_wait(destination.wait, std::nullopt);
        why.reason = status;
        return why;
    }
    std::string detail = "it is over, after " + std::to_string(destination.attempts) + " attempts";
    if (destination.last_disposition) {
        detail += ", the last one " + std::string(to_string(*destination.last_disposition));
    }
    return Why{status, detail, std::nullopt};
}

std::optional<Why> why_in_call(
    storage::Repository& repository, const storage::DestinationRecord& destination
) {
    if (destination.status != DestinationStatus::placing_call &&
        destination.status != DestinationStatus::calling) {
        return std::nullopt;
    }
    const auto attempts = repository.attempts(destination.id);
    const std::string status = attempts && !attempts->empty()
                                   ? std::string(to_string(attempts->back().status))
                                   : std::string(to_string(destination.status));
    return Why{"in_call", "its call is under way: " + status, std::nullopt};
}

/// Which prefix it is, where the number is not on the list itself.
std::string suppressor_of(storage::Repository& repository, base::PhoneNumber number) {
    const auto own_entry = repository.suppression(number);
    const auto prefixes = repository.suppressed_prefixes();
    if (own_entry && !*own_entry && prefixes) {
        for (const storage::SuppressedPrefix& known : *prefixes) {
            const campaign::PhonePrefix prefix{known.prefix};
            if (prefix.covers(number)) {
                return "its prefix " + prefix.text() + " is on the do-not-call list";
            }
        }
    }
    return "it is on the do-not-call list";
}

/// Throws when the store cannot be read.
std::optional<Why> why_suppressed(
    const WhySources& sources, const storage::DestinationRecord& destination
) {
    if (sources.store.is_suppressed(destination.phone_number)) {
        const std::string detail = suppressor_of(sources.repository, destination.phone_number);
        return Why{"suppressed", detail, std::nullopt};
    }
    if (destination.status == DestinationStatus::suppressed) {
        return Why{
            "suppressed",
            "it is over: it was on the do-not-call list, and is no longer",
            std::nullopt};
    }
    return std::nullopt;
}

std::optional<Why> why_inactive(const campaign::StoredCampaign& stored) {
    const std::string name = stored.campaign.name;
    switch (stored.status) {
        case CampaignStatus::draft:
            return Why{"campaign_draft", "not started: cxdial start " + name, std::nullopt};
        case CampaignStatus::paused:
            if (stored.external_id) {
                return Why{"campaign_paused", "paused: " + stored.status_reason, std::nullopt};
            }
            return Why{
                "campaign_paused",
                stored.status_reason.empty() ? "paused by an operator: cxdial resume " + name
                                             : "paused: " + stored.status_reason,
                std::nullopt};
        case CampaignStatus::completed:
            return Why{
                "campaign_completed",
                "nothing was left to dial: cxdial start " + name,
                std::nullopt};
        case CampaignStatus::archived:
            return Why{"campaign_archived", "archived campaigns are not dialed", std::nullopt};
        case CampaignStatus::active:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Why> why_waiting(
    const WhySources& sources, const storage::DestinationRecord& destination
) {
    if (destination.next_at && *destination.next_at > sources.now) {
        return of_wait(destination.wait, destination.next_at);
    }
    return std::nullopt;
}

std::optional<Why> why_hours(
    const WhySources& sources,
    const campaign::Campaign& campaign,
    const storage::DestinationRecord& destination
) {
    if (!campaign.respect_recipient_time) {
        return std::nullopt;
    }
    const std::vector<std::string> zones = destination.timezone.empty()
                                               ? campaign::plausible_zones(destination.phone_number)
                                               : std::vector{destination.timezone};
    if (zones.empty()) {
        return of_wait(WaitReason::zone_unknown, std::nullopt);
    }
    const campaign::Opening hours =
        campaign::recipient_opening(*campaign.respect_recipient_time, zones, sources.now);
    if (hours.open) {
        return std::nullopt;
    }
    return of_wait(WaitReason::recipient_hours, hours.until);
}

std::optional<Why> why_too_often(const WhySources& sources, base::PhoneNumber number) {
    if (sources.dialing.calls_per_number == 0) {
        return std::nullopt;
    }
    const base::Millis window = sources.dialing.calls_per_number_window;
    const std::optional<base::WallTime> oldest = sources.store.nth_newest_attempt(
        number, sources.dialing.calls_per_number, sources.now - window
    );
    if (!oldest) {
        return std::nullopt;
    }
    return of_wait(WaitReason::frequency_cap, *oldest + window);
}

/// What stands in the way of this destination alone, or of its whole campaign by its life cycle.
/// Throws when the store cannot be read.
std::optional<Why> first_obstacle(
    const WhySources& sources,
    const campaign::StoredCampaign& stored,
    const storage::DestinationRecord& destination
) {
    if (std::optional<Why> over = why_over(destination)) {
        return over;
    }
    if (std::optional<Why> in_call = why_in_call(sources.repository, destination)) {
        return in_call;
    }
    if (std::optional<Why> suppressed = why_suppressed(sources, destination)) {
        return suppressed;
    }
    if (std::optional<Why> inactive = why_inactive(stored)) {
        return inactive;
    }
    if (std::optional<Why> waiting = why_waiting(sources, destination)) {
        return waiting;
    }
    if (std::optional<Why> hours = why_hours(sources, stored.campaign, destination)) {
        return hours;
    }
    return why_too_often(sources, destination.phone_number);
}

}  // namespace

base::Result<Why> why_campaign(const WhySources& sources, const campaign::StoredCampaign& stored) {
    if (std::optional<Why> inactive = why_inactive(stored)) {
        return *std::move(inactive);
    }
    if (!sources.is_dialing) {
        return Why{"no_daemon", "nothing dials: start cxdial run", std::nullopt};
    }
    const base::Result<dialer::Hold> hold = sources.repository.hold(stored.id);
    if (!hold) {
        return hold.error();
    }
    if (hold->reason == dialer::HoldReason::none) {
        return Why{"dialing", std::string(explain(hold->reason)), std::nullopt};
    }
    return Why{
        std::string(to_string(hold->reason)), std::string(explain(hold->reason)), hold->until};
}

base::Result<Why> why_destination(
    const WhySources& sources, const campaign::StoredCampaign& stored, base::PhoneNumber number
) {
    const auto destination = sources.repository.destination(stored.id, number);
    if (!destination) {
        return destination.error();
    }
    try {
        if (std::optional<Why> obstacle = first_obstacle(sources, stored, *destination)) {
            return *std::move(obstacle);
        }
    } catch (const dialer::TransactionFailed& failure) {
        return base::Error{base::Errc::unavailable, failure.what()};
    }
    base::Result<Why> campaign = why_campaign(sources, stored);
    if (campaign && campaign->reason == "dialing") {
        return Why{"in_turn", "it is dialed when its turn comes", std::nullopt};
    }
    return campaign;
}

base::Result<std::vector<dialer::Advice>> advice_on(
    const WhySources& sources, const campaign::StoredCampaign& stored
) {
    const auto statistics = sources.repository.statistics(stored.id);
    if (!statistics) {
        return statistics.error();
    }
    const dialer::Situation situation{
        .now = sources.now,
        .open_destinations = statistics->open_destinations(),
        .has_public_url = sources.has_public_url,
    };
    try {
        dialer::Switchboard switchboard;
        const auto fit = dialer::fit_to_dial(
            sources.store, switchboard, stored.campaign, sources.has_public_url
        );
        if (!fit) {
            return std::vector<dialer::Advice>{{cannot_dial, fit.error().detail}};
        }
        return advise(stored.campaign, switchboard, situation);
    } catch (const dialer::TransactionFailed& failure) {
        return base::Error{base::Errc::unavailable, failure.what()};
    }
}

std::map<std::string, std::int64_t> reasons_of(const storage::CampaignStatistics& statistics) {
    std::map<std::string, std::int64_t> reasons;
    std::int64_t ready = 0;
    for (const auto& [status, number] : statistics.destinations) {
        const bool waits =
            status == DestinationStatus::pending || status == DestinationStatus::retry_pending;
        const bool in_call =
            status == DestinationStatus::placing_call || status == DestinationStatus::calling;
        if (waits) {
            ready += number;
        } else {
            reasons[in_call ? "in_call" : std::string(to_string(status))] += number;
        }
    }
    for (const auto& [wait, number] : statistics.waiting) {
        reasons[std::string(to_string(wait))] += number;
        ready -= number;
    }
    if (ready > 0) {
        reasons["ready"] = ready;
    }
    return reasons;
}

}  // namespace cxdial::daemon
