#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/ids.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::campaign {

/// Where a destination stands. The numbers are stored and never change their meaning.
enum class DestinationStatus : std::uint8_t {
    pending = 0,            ///< waits for its first attempt
    queued = 1,             ///< in the dial buffer of a running daemon
    placing_call = 2,       ///< an attempt's intent is recorded; Cloudonix has not confirmed it
    calling = 3,            ///< Cloudonix has a session for it
    retry_pending = 4,      ///< waits for a further attempt
    completed = 5,          ///< reached
    failed = 6,             ///< not reached, and no attempt is left
    contacted_inbound = 7,  ///< called us back
    suppressed = 8,         ///< on the do-not-call list
    cancelled = 9,          ///< taken out by an operator
    invalid = 10,           ///< cannot be dialed
};

inline constexpr std::array all_destination_statuses{
    DestinationStatus::pending,
    DestinationStatus::queued,
    DestinationStatus::placing_call,
    DestinationStatus::calling,
    DestinationStatus::retry_pending,
    DestinationStatus::completed,
    DestinationStatus::failed,
    DestinationStatus::contacted_inbound,
    DestinationStatus::suppressed,
    DestinationStatus::cancelled,
    DestinationStatus::invalid,
};

[[nodiscard]] std::string_view to_string(DestinationStatus status);
[[nodiscard]] std::optional<DestinationStatus> parse_destination_status(std::string_view name);
/// Nothing will dial it any more.
[[nodiscard]] bool is_terminal(DestinationStatus status);
/// Whether a destination may go from one status to the other. A terminal status is final.
[[nodiscard]] bool may_become(DestinationStatus from, DestinationStatus to);

/// Why a destination waits, or why it was given up without a call. The numbers are stored.
enum class WaitReason : std::uint8_t {
    none = 0,
    not_before = 1,       ///< whoever brought it in said when it may be dialed first
    retry = 2,            ///< the delay before a further attempt
    recipient_hours = 3,  ///< it is outside the hours in which its owner may be called
    frequency_cap = 4,    ///< the number was dialed as often as it may be, over all campaigns
    zone_unknown = 5,     ///< invalid: nobody knows what time it is for its owner
    agent_busy = 6,       ///< the one agent that it is for can take no call now
};

inline constexpr std::array all_wait_reasons{
    WaitReason::none,
    WaitReason::not_before,
    WaitReason::retry,
    WaitReason::recipient_hours,
    WaitReason::frequency_cap,
    WaitReason::zone_unknown,
    WaitReason::agent_busy,
};

/// The name users see, as in `recipient_hours`.
[[nodiscard]] std::string_view to_string(WaitReason reason);

/// A destination as it is brought in: by a CSV row, the API, or another system.
struct NewDestination {
    base::PhoneNumber phone_number;
    std::string name{};
    int priority = 0;        ///< higher is dialed first
    std::string timezone{};  ///< IANA name; empty: the number's or the campaign's
    std::optional<base::WallTime> not_before{};
    std::string metadata{};  ///< a JSON object of the further columns; empty: none
};

}  // namespace cxdial::campaign
