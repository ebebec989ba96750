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
};

/// What one layer had to say.
struct TraceEntry {
    Layer layer = Layer::did_fallback;
    bool evaluated = false;  ///< false: off, not reached, or out of time
    bool matched = false;
    std::string why;  ///< in words, for people
    std::chrono::microseconds took{0};
    bool late = false;  ///< cut off at its budget
};

/// Which agent takes the call, and why. Without an agent the call is declined.
struct Decision {
    std::string tenant;
    Mode mode = Mode::smart;
    Layer layer = Layer::did_fallback;  ///< that decided: the `routing_reason`
    std::string agent;                  ///< empty: nobody can take the call
    std::int64_t agent_version = 0;
    std::optional<base::PhoneNumber> caller;  ///< nothing: the caller's number is none
    /// The matched record, by layer.
    std::optional<campaign::CampaignId> campaign;
    std::string campaign_name;
    std::optional<campaign::DestinationId> destination;
    std::optional<campaign::FollowUpId> follow_up;
    std::optional<campaign::AttemptId> attempt;
    std::vector<TraceEntry> trace;  ///< one entry a layer, in order
    std::chrono::microseconds took{0};
};

}  // namespace cxdial::routing
