#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/campaign.h"
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

/// What one Cloudonix domain bears.
struct DomainLimits {
    std::string name;
    int requests = 10;  ///< 0: no limit
    base::Millis per{10'000};
    int max_concurrent_calls = 0;  ///< over all campaigns; 0: no cap
    base::Millis in_doubt_limit{120'000};
};

/// What became of the request that creates a call: one of four things, and every `visit` of it
/// handles all four.
struct Accepted {
    std::optional<campaign::SessionToken> token;  ///< OPBX does not tell it
    std::optional<campaign::OpbxSessionId> external_id{};
};
struct Refused {
    int status = 0;
    std::string reason;
    std::optional<base::Millis> retry_after;
    /// No call of its campaign can succeed until somebody mends the campaign.
    bool is_about_campaign = false;
};
/// No byte of the request left this machine, or none that could create a call.
struct NotSent {
    std::string why;
    /// We decided so ourselves: it says nothing of the domain.
    bool held_back = false;
    /// Its destination waits for so long; empty: it may be dialed at once.
    std::optional<base::Millis> retry_after{};
};
/// The request may have created a call: time-out after sending, cut reply, 5xx, 200 without a
/// token.
struct Unknown {
    std::string why;
};
using Delivery = std::variant<Accepted, Refused, NotSent, Unknown>;

struct PlacementReply {
    campaign::AttemptId attempt;
    Delivery delivery;
    /// OPBX's session of it, whatever became of the call.
    std::optional<campaign::OpbxSessionId> external_id{};
};

/// How far a session has come. Later ones imply the earlier.
enum class Progress : std::uint8_t { created, ringing, answered, ended };

/// What Cloudonix says of one session, whatever it said it by.
struct SessionReport {
    std::optional<campaign::SessionToken> token;
    /// `profile["cxdial-attempt"]`, where it came along.
    std::optional<campaign::AttemptId> attempt;
    std::optional<campaign::OpbxSessionId> external_id;
    std::optional<base::PhoneNumber> number;  ///< the called one
    std::string caller_id;                    ///< as it was presented; empty: not told
    Progress progress = Progress::created;
    /// Set when `progress` is `ended`.
    std::optional<campaign::Disposition> disposition;
    std::optional<base::WallTime> started_at;
    std::optional<base::WallTime> answered_at;
    std::optional<base::WallTime> ended_at;
    std::optional<std::chrono::seconds> duration;
    std::optional<std::chrono::seconds> billsec;
};

/// To whom a webhook goes on as it came, by way of the outbox.
struct PassOn {
    std::string queue;
    base::Secret authorization;  ///< the header that it came with; empty: none
};

/// A webhook of Cloudonix, already authenticated and read.
struct WebhookReceived {
    enum class Kind : std::uint8_t { cdr = 0, session_update = 1, callback = 2 };
    Kind kind = Kind::cdr;
    /// What makes two deliveries the same event; a second one changes nothing.
    std::string key;
    /// The Cloudonix domain whose key authenticated it; empty: any.
    std::string domain;
    SessionReport report;
    std::string body;  ///< as received
    /// Posted in the transaction that keeps the webhook, so that neither is there without the
    /// other.
    std::optional<PassOn> pass_on;
};

/// A look-up that gave no answer. `retry_after` as told by a 429.
struct LookUpFailed {
    std::string why;
    bool rate_limited = false;
    std::optional<base::Millis> retry_after;
};
/// Cloudonix knows no such session. Weak evidence: a live call was seen to be missing.
struct SessionNotFound {};

struct LookUpReply {
    campaign::AttemptId attempt;
    std::variant<SessionReport, SessionNotFound, LookUpFailed> answer;
};
/// All sessions of a domain, those that ended included.
struct SessionListReply {
    std::string domain;
    std::variant<std::vector<SessionReport>, LookUpFailed> answer;
    base::MonoTime asked_at{};  ///< as the effect had it
};

/// Cloudonix asks what an answered call shall do: at its answer, or, with `dial_status`, when the
/// dial to an assistant has ended. The same question gets the same answer, however often it comes.
/// Answered by the effect `Connect`.
struct CallAnswered {
    std::uint64_t question = 0;  ///< comes back with the answer
    campaign::AttemptId attempt;
    std::optional<campaign::SessionToken> token;
    std::string domain;       ///< whose key authenticated the request; empty: any
    std::string answered_by;  ///< verdict of the answering-machine detection; empty: none
    std::string dial_status;  ///< `DialCallStatus`; empty: nothing was dialed yet
    /// The assistants that were dialed before, the last one being the one `dial_status` is about.
    std::vector<std::string> dialed;
};

/// A call came in and was decided on. Answered by the effect `RouteCall`; the error, `unavailable`,
/// says that it came too late and nothing was recorded.
struct CallCameIn {
    std::uint64_t question = 0;  ///< comes back with the answer
    base::MonoTime answer_by{};  ///< from here on nobody waits for the answer
    InboundCall call;
};

/// An operator's wish. Its outcome: done, or `conflict` / `not_found` with the reason.
struct ChangeCampaign {
    campaign::CampaignId campaign;
    campaign::Transition transition = campaign::Transition::start;
    std::string reason{};  ///< why it is paused, where it was not an operator
};
/// The campaign's resource was edited, or destinations were added.
struct CampaignEdited {
    campaign::CampaignId campaign;
};
/// The limits of Cloudonix domains were edited. A domain that is not in it keeps its own.
struct DomainsEdited {
    std::vector<DomainLimits> domains;
};
/// Whether the campaigns that OPBX owns may place calls: not before this is told with `none`, in
/// each life of the engine, and not while another reason holds.
struct ExternalHold {
    HoldReason reason = HoldReason::none;
    std::optional<base::MonoTime> until{};  ///< it ends by itself then
};
/// So many slots of the campaign are in use by other workers of OPBX.
struct OthersHold {
    campaign::CampaignId campaign;
    int slots = 0;
};
/// OPBX does not offer these destinations any more. Those that were never tried are forgotten.
struct DestinationsWithdrawn {
    campaign::CampaignId campaign;
    std::vector<campaign::DestinationId> destinations;
};
/// No further call is placed by this process; what is under way is still settled.
struct Drain {};

using Input = std::variant<
    PlacementReply,
    WebhookReceived,
    LookUpReply,
    SessionListReply,
    CallAnswered,
    CallCameIn,
    ChangeCampaign,
    CampaignEdited,
    DomainsEdited,
    ExternalHold,
    OthersHold,
    DestinationsWithdrawn,
    Drain>;

/// An input and when it reached this machine.
struct Arrived {
    Input input;
    base::MonoTime at;
};

}  // namespace cxdial::dialer
