#include "campaign/campaign.h"

#include "base/check.h"
#include "campaign/internal/names.h"

#include <algorithm>
#include <array>

namespace cxdial::campaign {
namespace {

constexpr std::array all_campaign_statuses{
    CampaignStatus::draft,
    CampaignStatus::active,
    CampaignStatus::paused,
    CampaignStatus::completed,
    CampaignStatus::archived,
};

std::string_view to_string(Transition transition) {
    switch (transition) {
        case Transition::start:
            return "started";
        case Transition::pause:
            return "paused";
        case Transition::resume:
            return "resumed";
        case Transition::archive:
            return "archived";
        case Transition::complete:
            return "completed";
    }
    return "changed";
}

/// What to do instead, where the mistake is a likely one.
std::string_view advice(CampaignStatus from, Transition transition) {
    if (transition == Transition::start && from == CampaignStatus::paused) {
        return ": resume it instead";
    }
    if (transition == Transition::resume &&
        (from == CampaignStatus::draft || from == CampaignStatus::completed)) {
        return ": start it instead";
    }
    if (transition == Transition::archive && from == CampaignStatus::active) {
        return ": pause it first";
    }
    return {};
}

base::Error illegal(CampaignStatus from, Transition transition) {
    std::string detail = "a campaign that is ";
    detail += to_string(from);
    detail += " cannot be ";
    detail += to_string(transition);
    detail += advice(from, transition);
    return {base::Errc::conflict, detail};
}

}  // namespace

std::string_view to_string(CampaignStatus status) {
    switch (status) {
        case CampaignStatus::draft:
            return "draft";
        case CampaignStatus::active:
            return "active";
        case CampaignStatus::paused:
            return "paused";
        case CampaignStatus::completed:
            return "completed";
        case CampaignStatus::archived:
            return "archived";
    }
    return "archived";
}

std::optional<CampaignStatus> parse_campaign_status(std::string_view name) {
    return find_by_name(all_campaign_statuses, name);
}

base::Result<CampaignStatus> after(CampaignStatus from, Transition transition) {
    using enum CampaignStatus;
    const auto to_if = [&](bool legal, CampaignStatus to) -> base::Result<CampaignStatus> {
        if (!legal) {
            return illegal(from, transition);
        }
        return to;
    };
    switch (transition) {
        case Transition::start:
            return to_if(from == draft || from == completed, active);
        case Transition::pause:
            return to_if(from == active, paused);
        case Transition::resume:
            return to_if(from == paused, active);
        case Transition::archive:
            return to_if(from == draft || from == paused || from == completed, archived);
        case Transition::complete:
            return to_if(from == active, completed);
    }
    return illegal(from, transition);
}

NextStep next_step(
    const Campaign& campaign, Disposition disposition, int attempts_used, std::uint64_t dice
) {
    CHECK_INVARIANT(attempts_used >= 1);
    const auto policy = campaign.retry.find(disposition);
    if (disposition == Disposition::answered || attempts_used >= campaign.max_dial_attempts ||
        policy == campaign.retry.end() || policy->second.empty()) {
        return {};
    }
    const auto used = static_cast<std::size_t>(attempts_used);
    const std::chrono::milliseconds delay =
        policy->second[std::min(used, policy->second.size()) - 1];
    const auto widest = static_cast<std::uint64_t>(delay.count() / 10);
    const std::chrono::milliseconds jitter{static_cast<std::int64_t>(dice % (widest + 1))};
    return {.retry = true, .delay = delay + jitter};
}

}  // namespace cxdial::campaign
