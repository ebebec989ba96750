#include "routing/internal/layers.h"

#include <algorithm>
#include <string>
#include <tuple>

namespace cxdial::routing {
namespace {

/// Whether one match comes before the other.
bool precedes(const CampaignMatch& left, const CampaignMatch& right) {
    return std::tuple(right.activated_at, left.campaign.raw(), left.destination.raw()) <
           std::tuple(left.activated_at, right.campaign.raw(), right.destination.raw());
}

}  // namespace

bool take(const AgentChoice& choice, std::string_view what, TraceEntry& entry, Decision& decision) {
    entry.matched = choice.agent != nullptr;
    entry.why = std::string(what) + (entry.matched ? ": " : ", but ") + choice.why;
    if (entry.matched) {
        decision.layer = entry.layer;
        decision.agent = choice.agent->name;
        decision.agent_version = choice.agent->version;
    }
    return entry.matched;
}

void ask_destinations(
    Inquiry& inquiry,
    base::PhoneNumber caller,
    const DestinationRule& rule,
    TraceEntry& entry,
    Decision& decision
) {
    const std::vector<CampaignMatch>* const matches = inquiry.open_destinations(caller, entry);
    if (matches == nullptr) {
        return;
    }
    const CampaignMatch* first = nullptr;
    for (const CampaignMatch& match : *matches) {
        if (rule.belongs(match) && (first == nullptr || precedes(match, *first))) {
            first = &match;
        }
    }
    if (first == nullptr) {
        entry.why = rule.if_none;
        return;
    }
    const std::string what =
        "is " + std::string(to_string(first->status)) + " in campaign " + first->campaign_name;
    if (take(inquiry.choose(first->agent, first->balancer), what, entry, decision)) {
        decision.campaign = first->campaign;
        decision.campaign_name = first->campaign_name;
        decision.destination = first->destination;
    }
}

}  // namespace cxdial::routing
