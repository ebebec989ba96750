#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "campaign/attempt.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "campaign/ids.h"
#include "dialer/hold.h"
#include "dialer/inbound.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cxdial::dialer {

/// Everything that Cloudonix is told when a call is created (REST API, "outbound call from
/// application"). Exactly one of `cxml` and `url` is set, or, where OPBX places the call, none.
struct CallRequest {
    base::PhoneNumber destination;
    std::string caller_id;
    std::string cxml;      ///< the document that an answered call gets
    std::string url;       ///< or where Cloudonix fetches it
    std::string callback;  ///< where session status goes; empty: nowhere
    std::chrono::seconds timeout{60};
    std::chrono::seconds time_limit{3600};
    /// The last instant at which the call may still start to ring.
    base::WallTime deadline;
    bool record = false;
    campaign::Amd amd;
};

/// A call of a campaign that OPBX owns, in OPBX's names.
struct ExternalCall {
    campaign::OpbxCampaignId campaign;
    campaign::OpbxDestinationId destination;
    std::int64_t caller_did = 0;      ///< 0: the caller ID is from no pool
    int concurrent_active_calls = 1;  ///< CAC of the campaign
    bool by_opbx = false;             ///< OPBX is asked to place it; else OPBX only hears of it
};

/// Place this call, once. Its intent is committed.
struct PlaceCall {
    campaign::AttemptId attempt;
    std::string domain;
    CallRequest request;
    std::optional<ExternalCall> external;
    /// When the slot that this call takes was freed, where the campaign was at its cap then.
    std::optional<base::MonoTime> slot_freed_at;
};
/// Ask Cloudonix what became of a session; answered by `LookUpReply`.
struct LookUpSession {
    campaign::AttemptId attempt;
    std::string domain;
    campaign::SessionToken token;
};
/// Ask for all sessions of a domain, to find attempts in doubt; answered by `SessionListReply`.
struct ListSessions {
    std::string domain;
    /// Comes back with the reply: what a list proves depends on when it was asked for.
    base::MonoTime asked_at{};
};

/// The answer to `CallAnswered`. `not_found`: no such attempt; `unavailable`: nobody can take the
/// call at this moment; other errors: no document can be made.
struct Connect {
    std::uint64_t question = 0;
    base::Result<std::string> document{std::string{}};
};

/// The answer to `CallCameIn`, which is on disk.
struct RouteCall {
    std::uint64_t question = 0;
    std::variant<Routed, AgentFull> result;
};
/// Hang up: whom this call is for has called us.
struct EndSession {
    campaign::AttemptId attempt;
    std::string domain;
    campaign::SessionToken token;
};

using Effect = std::variant<PlaceCall, LookUpSession, ListSessions, Connect, RouteCall, EndSession>;

/// What a committed tick changed, for those who watch: logs, metrics, progress, reports, audits.
struct AttemptMoved {
    campaign::AttemptId attempt;
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
    base::PhoneNumber phone_number;
    std::optional<campaign::AttemptStatus> from;  ///< empty: the attempt is new
    campaign::AttemptStatus to = campaign::AttemptStatus::intent;
    std::optional<campaign::Disposition> disposition;
    std::string why;
};
struct DestinationMoved {
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
    campaign::DestinationStatus to = campaign::DestinationStatus::pending;
};
struct CampaignMoved {
    campaign::CampaignId campaign;
    campaign::CampaignStatus to = campaign::CampaignStatus::draft;
    std::string reason;
};
/// Why a campaign places no calls, or that it does again. Only changes are told.
struct CampaignHeld {
    campaign::CampaignId campaign;
    Hold hold;
};
/// A CDR that belongs to no known call was kept.
struct OrphanKept {};
/// Cloudonix said 429.
struct RateLimited {
    std::string domain;
    base::Millis pause{0};
};

using Note = std::
    variant<AttemptMoved, DestinationMoved, CampaignMoved, CampaignHeld, OrphanKept, RateLimited>;

/// What a step of the engine asks for. Effects and notes leave only after the commit.
struct Output {
    std::vector<Effect> effects;
    std::vector<Note> notes;
};

}  // namespace cxdial::dialer
