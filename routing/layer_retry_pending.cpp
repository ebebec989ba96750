#include "routing/internal/layers.h"

namespace cxdial::routing {

void ask_retry_pending(
    Inquiry& inquiry, base::PhoneNumber caller, TraceEntry& entry, Decision& decision
) {
    const base::WallTime last = inquiry.now() + inquiry.tenant().retry_window;
    const DestinationRule rule{
        .belongs =
            [last](const CampaignMatch& match) {
                return match.status == campaign::DestinationStatus::retry_pending &&
                       match.next_at <= last;
            },
        .if_none = "no retry falls due within the tenant's window"};
    ask_destinations(inquiry, caller, rule, entry, decision);
}

}  // namespace cxdial::routing
