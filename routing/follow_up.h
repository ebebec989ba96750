#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::routing {

enum class FollowUpType : std::uint8_t {
    call,  ///< a call-back: once due, the dialer dials it
    sms,
    email,
    none,  ///< nothing is to be done by itself; always due
};
[[nodiscard]] std::string_view to_string(FollowUpType type);
[[nodiscard]] std::optional<FollowUpType> parse_follow_up_type(std::string_view name);

/// The numbers are stored and never change their meaning. All but `active` are final.
enum class FollowUpStatus : std::uint8_t {
    active = 0,
    contacted_inbound = 1,  ///< the contact called us, or a sibling's contact did
    completed = 2,
    cancelled = 3,
};
[[nodiscard]] std::string_view to_string(FollowUpStatus status);
[[nodiscard]] std::optional<FollowUpStatus> parse_follow_up_status(std::string_view name);

/// An agent's task to come back to a contact. Among the active ones unique by contact, agent, type
/// and campaign.
struct FollowUp {
    campaign::FollowUpId id{};  ///< 0: not stored yet
    std::string tenant = "default";
    base::PhoneNumber phone_number;
    std::string agent;
    FollowUpType type = FollowUpType::call;
    std::string campaign;  ///< its name; empty: none
    FollowUpStatus status = FollowUpStatus::active;
    std::string reason;  ///< why it was closed; empty while it is active
    std::string note;
    base::WallTime due_at{};
    base::WallTime activated_at{};
    std::optional<base::WallTime> closed_at;
    /// What the dialer made of it, where it has fallen due.
    std::optional<campaign::DestinationId> destination;
    std::optional<campaign::DecisionId> decision;  ///< that closed it

    friend bool operator==(const FollowUp&, const FollowUp&) = default;
};

}  // namespace cxdial::routing
