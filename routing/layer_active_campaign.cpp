#include "routing/internal/layers.h"

namespace cxdial::routing {

using campaign::DestinationStatus;

void ask_active_campaign(
    Inquiry& inquiry, base::PhoneNumber caller, TraceEntry& entry, Decision& decision
) {
    const DestinationRule rule{
        .belongs =
            [](const CampaignMatch& match) {
                return match.status == DestinationStatus::pending ||
                       match.status == DestinationStatus::queued ||
                       match.status == DestinationStatus::placing_call ||
                       match.status == DestinationStatus::calling;
            },
        .if_none = "is not in line in an active campaign"};
    ask_destinations(inquiry, caller, rule, entry, decision);
}

}  // namespace cxdial::routing
