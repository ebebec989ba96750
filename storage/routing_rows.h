#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/disposition.h"
#include "campaign/ids.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "routing/layer.h"
#include "routing/tenant.h"
#include "storage/records.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cxdial::storage {

/// A page of what happened, the newest first.
struct NewestPage {
    std::int64_t before = 0;  ///< the last id of the page before; 0: from the newest
    int limit = 100;
};

/// Who took a call that came in, and why.
struct DecisionRecord {
    campaign::DecisionId id;
    std::string tenant;  ///< empty: nobody's number was dialed
    std::string call_sid;
    std::optional<campaign::SessionToken> token;
    std::string caller;                             ///< as received
    std::string did;                                ///< the number that was dialed, as received
    std::optional<base::PhoneNumber> phone_number;  ///< the caller's, where it is one
    routing::Mode mode = routing::Mode::smart;
    routing::Layer reason = routing::Layer::did_fallback;
    std::string agent;  ///< empty: nobody
    std::int64_t agent_version = 0;
    std::optional<campaign::CampaignId> campaign;
    std::optional<campaign::DestinationId> destination;
    std::optional<campaign::FollowUpId> follow_up;
    std::optional<campaign::AttemptId> attempt;
    std::optional<campaign::VoiceSessionId> voice_session;
    std::chrono::microseconds took{0};
    std::string trace;  ///< JSON, as it was written: one entry a layer
    base::WallTime decided_at{};
};

/// A call that came in.
struct VoiceSessionRecord {
    campaign::VoiceSessionId id;
    std::string tenant;
    std::string domain;
    std::string call_sid;
    std::optional<campaign::SessionToken> token;
    std::optional<base::PhoneNumber> phone_number;  ///< the caller's, where it is one
    std::string did;
    std::string agent;
    std::optional<campaign::CampaignId> campaign;
    bool is_live = false;  ///< it holds a place at its agent
    std::optional<campaign::Disposition> disposition;
    base::WallTime started_at{};
    base::WallTime expires_at{};  ///< when it is over if nobody said so before
    std::optional<base::WallTime> answered_at;
    std::optional<base::WallTime> ended_at;
    std::optional<std::chrono::seconds> duration;
    std::optional<std::chrono::seconds> billsec;
};

/// What a call, or an engagement, did to a contact: `contacted_inbound`, `follow_up_closed`,
/// `engaged` …
struct ContactEventRecord {
    std::int64_t id = 0;
    std::string tenant;
    base::PhoneNumber phone_number;
    std::string kind;
    base::WallTime at{};
    std::string call_sid;  ///< empty: no call that came in
    std::optional<campaign::VoiceSessionId> voice_session;
    std::optional<campaign::DecisionId> decision;
    std::optional<campaign::DestinationId> destination;
    std::optional<campaign::FollowUpId> follow_up;
    std::string detail;
};

/// One thing that happened with a contact.
struct TimelineEntry {
    base::WallTime at{};
    std::variant<
        AttemptRecord,
        VoiceSessionRecord,
        DecisionRecord,
        ContactEventRecord,
        routing::FollowUp>
        what;
};

/// Whose memory of whom.
struct MemoryOwner {
    std::string_view tenant;
    base::PhoneNumber phone_number;
    std::string_view agent;
};

/// Which follow-ups of a tenant; empty members do not choose.
struct FollowUpFilter {
    std::string_view tenant;
    std::optional<base::PhoneNumber> phone_number{};
    std::optional<routing::FollowUpStatus> status{};
};

/// Which decisions of a tenant: all, those that matched a campaign, or those on a caller, the
/// caller first.
struct DecisionFilter {
    std::string_view tenant;
    std::optional<campaign::CampaignId> campaign{};
    std::optional<base::PhoneNumber> phone_number{};
};

/// What became of a follow-up that was added.
struct AddedFollowUp {
    campaign::FollowUpId id{};
    /// `changed`: the same one was active, and got the new time and note.
    PutOutcome outcome = PutOutcome::created;
};

}  // namespace cxdial::storage
