#include "routing/engagement.h"

namespace cxdial::routing {

std::optional<Closing> unenroll(
    UnenrollScope scope, const Engagement& engagement, const FollowUp& follow_up
) {
    if (scope == UnenrollScope::off || follow_up.status != FollowUpStatus::active) {
        return std::nullopt;
    }
    const bool is_agents = follow_up.agent == engagement.agent;
    if (is_agents && follow_up.campaign == engagement.campaign) {
        return Closing{FollowUpStatus::completed, engaged_reason};
    }
    if (scope == UnenrollScope::contact || (scope == UnenrollScope::agent && is_agents)) {
        return Closing{FollowUpStatus::cancelled, engaged_reason};
    }
    return std::nullopt;
}

}  // namespace cxdial::routing
