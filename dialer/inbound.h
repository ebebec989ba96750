#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/disposition.h"
#include "campaign/ids.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace cxdial::dialer {

/// A call that came in, and which agent shall take it, as the routing rules decided it.
struct InboundCall {
    std::string tenant;
    std::string domain;    ///< the Cloudonix domain that it came in on; empty: not told
    std::string call_sid;  ///< one call, one decision, however often it is asked about
    std::optional<campaign::SessionToken> token{};
    std::optional<base::PhoneNumber> caller{};  ///< nothing: the caller's number is none
    std::string caller_text;                    ///< as received
    std::string did_text;                       ///< the dialed number, as received
    std::string mode;                           ///< of the tenant: `smart`, `legacy_did`
    std::string reason;                         ///< the layer that decided
    std::string agent;                          ///< empty: nobody; the call is declined
    std::int64_t agent_version = 0;
    int agent_cap = 0;  ///< calls that the agent takes at once; 0: any number
    // The record that matched.
    std::optional<campaign::CampaignId> campaign{};
    std::optional<campaign::DestinationId> destination{};
    std::optional<campaign::FollowUpId> follow_up{};
    std::optional<campaign::AttemptId> attempt{};
    std::string trace = "[]";  ///< JSON
    std::chrono::microseconds took{0};
    /// It was answered already, when the time was up, with this agent: nobody waits for the answer.
    bool is_late_fallback = false;
};

/// A decision that was recorded, and who takes the call.
struct Routed {
    campaign::DecisionId decision;
    campaign::VoiceSessionId voice_session;
    std::string agent;      ///< empty: nobody
    bool repeated = false;  ///< the call was asked about before, and nothing was recorded now
};
/// The agent has as many calls as it takes. Nothing was recorded: it is for another to take.
struct AgentFull {};

/// A call that came in and is not over: it holds a place at its agent.
struct InboundSession {
    campaign::VoiceSessionId id;
    campaign::DecisionId decision;
    std::string tenant;
    std::string domain;  ///< empty: any
    std::string call_sid;
    std::optional<campaign::SessionToken> token{};
    std::optional<base::PhoneNumber> caller{};
    std::string agent;  ///< empty: nobody
    /// Of the campaign, or of the follow-up's campaign, that the caller was matched with.
    std::string campaign;
    base::WallTime started_at{};
    base::WallTime expires_at{};
    std::optional<base::WallTime> answered_at{};
};

/// What is written to a call that came in. Empty members leave the column as it is.
struct InboundChange {
    bool is_over = false;
    std::string agent{};  ///< who took it after all
    std::optional<campaign::Disposition> disposition{};
    std::optional<base::WallTime> answered_at{};
    std::optional<base::WallTime> ended_at{};
    std::optional<std::chrono::seconds> duration{};
    std::optional<std::chrono::seconds> billsec{};
};

/// How a follow-up is closed. The numbers are stored.
enum class FollowUpEnd : std::uint8_t { contacted_inbound = 1, completed = 2, cancelled = 3 };

/// A follow-up that was closed just now.
struct ClosedFollowUp {
    campaign::FollowUpId id;
    std::optional<campaign::DestinationId> destination{};  ///< what the dialer had made of it
};

/// By what something happened to a contact.
struct ContactCause {
    std::string tenant;
    base::PhoneNumber caller;
    std::string call_sid{};  ///< empty: it was no call that came in
    std::optional<campaign::VoiceSessionId> voice_session{};
    std::optional<campaign::DecisionId> decision{};
};

/// What happened, for the contact's history.
struct ContactEvent {
    std::string kind;
    std::optional<campaign::DestinationId> destination{};
    std::optional<campaign::FollowUpId> follow_up{};
    std::string detail{};
};

/// A conversation with a contact.
struct Engagement {
    std::string agent;
    std::string campaign;  ///< its name; empty: none
};

/// A follow-up that fell due and was made a destination of its campaign.
struct EnrolledFollowUp {
    campaign::FollowUpId follow_up;
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
};

}  // namespace cxdial::dialer
