#pragma once

#include "campaign/disposition.h"
#include "routing/follow_up.h"
#include "routing/tenant.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::routing {

/// An outbound call that a human answered counts as a conversation from this length on.
inline constexpr std::chrono::seconds engaged_after{10};

/// Whether an outbound call engaged the contact: a human was reached and talked to for 10 seconds
/// or more. (An inbound one did once it was answered.)
[[nodiscard]] bool is_engaged_outbound(
    campaign::Disposition disposition, bool answered_by_machine, std::chrono::seconds billsec
);

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
