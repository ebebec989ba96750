#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/ids.h"
#include "routing/layer.h"
#include "routing/tenant.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::routing {

/// A call that came in.
struct Question {
    std::string call_sid;
    std::string session_token;
    std::string domain;  ///< the Cloudonix domain that asked; empty: not told
    std::string from;    ///< as received
    std::string to;      ///< as received

    friend bool operator==(const Question&, const Question&) = default;
};

/// What one layer had to say.
struct TraceEntry {
    Layer layer = Layer::did_fallback;
    bool evaluated = false;  ///< false: off, not reached, or out of time
    bool matched = false;
    std::string why;  ///< in words, for people; without ids and times
    std::chrono::microseconds took{0};
    /// Timed out: cut off at its budget, or not asked for the total budget was used up.
    bool late = false;

    friend bool operator==(const TraceEntry&, const TraceEntry&) = default;
};

/// Which agent takes the call, and why. Without an agent the call is declined.
struct Decision {
    std::string tenant;  ///< empty: nobody owns the number that was dialed
    Mode mode = Mode::smart;
    Layer layer = Layer::did_fallback;  ///< that decided: the `routing_reason`
    std::string agent;                  ///< empty: nobody can take the call
    std::int64_t agent_version = 0;
    std::optional<base::PhoneNumber> caller;  ///< nothing: the caller's number is none
    /// The matched record: destination and campaign; follow-up, with its campaign's name and the
    /// destination that the dialer made of it, where there are such; attempt and campaign.
    std::optional<campaign::CampaignId> campaign;
    std::string campaign_name;
    std::optional<campaign::DestinationId> destination;
    std::optional<campaign::FollowUpId> follow_up;
    std::optional<campaign::AttemptId> attempt;
    std::vector<TraceEntry> trace;  ///< one entry a layer, in order
    std::chrono::microseconds took{0};

    friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace cxdial::routing
