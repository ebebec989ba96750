#include "routing/internal/layers.h"

namespace cxdial::routing {

void ask_last_outbound(
    Inquiry& inquiry, base::PhoneNumber caller, TraceEntry& entry, Decision& decision
) {
    const auto read = inquiry.last_outbound(caller, entry);
    if (!read) {
        return;
    }
    const std::optional<OutboundMatch>& match = *read;
    if (!match) {
        entry.why = "got no call within the tenant's window";
        return;
    }
    const std::string what = "was called by campaign " + match->campaign_name;
    if (take(inquiry.choose(match->agent, match->balancer), what, entry, decision)) {
        decision.campaign = match->campaign;
        decision.campaign_name = match->campaign_name;
        decision.attempt = match->attempt;
    }
}

}  // namespace cxdial::routing
