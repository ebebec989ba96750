#pragma once

#include "routing/follow_up.h"
#include "routing/tenant.h"

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::routing {

/// The conversation that engaged a contact. Two conversations without a campaign are of one and the
/// same, which has no name.
struct Engagement {
    std::string agent;
    std::string campaign;  ///< its name; empty: none
};

/// How a follow-up is closed.
struct Closing {
    FollowUpStatus status = FollowUpStatus::completed;
    std::string_view reason;

    friend bool operator==(const Closing&, const Closing&) = default;
};
inline constexpr std::string_view engaged_reason = "engaged";

/// Whether the engagement closes a follow-up of the same contact, and how; nothing: it stays as it
/// is, or is closed already. The follow-up that the conversation was about is not asked for here:
/// its match or its call closes it.
[[nodiscard]] std::optional<Closing> unenroll(
    UnenrollScope scope, const Engagement& engagement, const FollowUp& follow_up
);

}  // namespace cxdial::routing
