#include "routing/internal/layers.h"

#include <tuple>

namespace cxdial::routing {
namespace {

bool is_due(const FollowUp& follow_up, base::WallTime now) {
    return follow_up.status == FollowUpStatus::active &&
           (follow_up.type == FollowUpType::none || follow_up.due_at <= now);
}

/// Whether one follow-up comes before the other.
bool precedes(const FollowUp& left, const FollowUp& right) {
    return std::tuple(right.activated_at, left.id.raw()) <
           std::tuple(left.activated_at, right.id.raw());
}

std::string described(const FollowUp& follow_up) {
    std::string text = "has a follow-up of type " + std::string(to_string(follow_up.type));
    return follow_up.campaign.empty() ? text : text + " of campaign " + follow_up.campaign;
}

}  // namespace

void ask_active_follow_up(
    Inquiry& inquiry, base::PhoneNumber caller, TraceEntry& entry, Decision& decision
) {
    const auto follow_ups = inquiry.active_follow_ups(caller, entry);
    if (!follow_ups) {
        return;
    }
    const FollowUp* first = nullptr;
    for (const FollowUp& follow_up : *follow_ups) {
        if (is_due(follow_up, inquiry.now()) && (first == nullptr || precedes(follow_up, *first))) {
            first = &follow_up;
        }
    }
    if (first == nullptr) {
        entry.why = follow_ups->empty() ? "has no active follow-up" : "no follow-up is due yet";
        return;
    }
    if (take(inquiry.choose(first->agent, ""), described(*first), entry, decision)) {
        decision.campaign_name = first->campaign;
        decision.follow_up = first->id;
        decision.destination = first->destination;
    }
}

}  // namespace cxdial::routing
