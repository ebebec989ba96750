#pragma once

#include "base/id.h"

#include <cstdint>
#include <string>

namespace cxdial::campaign {

using CampaignId = base::Id<struct CampaignIdTag, std::int64_t>;
using DestinationId = base::Id<struct DestinationIdTag, std::int64_t>;
/// Unique over all databases with high probability, below 2^53: a CDR that another cxdial's call
/// caused on the same Cloudonix domain must not look like one of ours. The decimal digits travel in
/// the call's `profile` under `cxdial-attempt`.
using AttemptId = base::Id<struct AttemptIdTag, std::int64_t>;
/// Cloudonix's name of a session: 32 lower-case hex digits (Cloudonix REST API, "session token").
using SessionToken = base::Id<struct SessionTokenTag, std::string>;

/// OPBX's ids of what it lends us: a campaign, a row of its list, and a call (the row of its table
/// of call sessions).
using OpbxCampaignId = base::Id<struct OpbxCampaignIdTag, std::int64_t>;
using OpbxDestinationId = base::Id<struct OpbxDestinationIdTag, std::int64_t>;
using OpbxSessionId = base::Id<struct OpbxSessionIdTag, std::int64_t>;

/// A task to come back to a contact, a call that came in, and where it was routed and why.
using FollowUpId = base::Id<struct FollowUpIdTag, std::int64_t>;
using VoiceSessionId = base::Id<struct VoiceSessionIdTag, std::int64_t>;
using DecisionId = base::Id<struct DecisionIdTag, std::int64_t>;

}  // namespace cxdial::campaign
