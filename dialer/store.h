#pragma once

#include "balancer/assistant.h"
#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/attempt.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "campaign/ids.h"
#include "dialer/events.h"
#include "dialer/hold.h"
#include "dialer/inbound.h"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// The store could not do what was asked: disk full, read-only, I/O error. Thrown by every member
/// of `Store`; the transaction is lost whole. Caught in one place, `Ticker::tick`.
class TransactionFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A destination that was taken into the dial buffer.
struct QueuedDestination {
    campaign::DestinationId id;
    base::PhoneNumber phone_number;
    int attempts = 0;                ///< counted so far
    std::string previous_caller_id;  ///< shown by its last attempt; empty: none
    std::string timezone;            ///< IANA name; empty: the zones of its number
    std::optional<campaign::OpbxDestinationId> external_id{};
    std::string agent{};  ///< who is to talk, whatever the campaign says; empty: nobody certain
    std::optional<campaign::FollowUpId> follow_up{};  ///< that it was made of
};

/// Where a destination stands.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): a number has no default; none is made.
struct DestinationState {
    campaign::CampaignId campaign;
    base::PhoneNumber phone_number;
    campaign::DestinationStatus status = campaign::DestinationStatus::pending;
    int attempts = 0;  ///< counted so far
    std::optional<campaign::Disposition> last_disposition{};
    std::optional<campaign::FollowUpId> follow_up{};
};

struct NewAttempt {
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
    base::PhoneNumber phone_number;
    std::string domain;
    std::string caller_id;
    std::string balancer;   ///< empty: none takes part
    std::string assistant;  ///< empty: hangup, or the balancer has not chosen yet
    std::int64_t campaign_revision = 0;
    base::WallTime intent_at;
    /// From here on no call of this attempt can be live, whatever happened.
    base::WallTime give_up_at;
    bool by_opbx = false;  ///< OPBX is asked to place the call
};

/// An attempt that holds a slot.
struct LiveAttempt {
    campaign::AttemptId id;
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
    base::PhoneNumber phone_number;
    std::string domain;
    std::string caller_id;
    std::string balancer;     ///< empty: none takes part
    std::string assistant;    ///< empty: hangup, or the balancer has not chosen yet
    std::string answered_by;  ///< verdict of the answering-machine detection; empty: none
    campaign::AttemptStatus status = campaign::AttemptStatus::intent;
    std::optional<campaign::SessionToken> token;
    std::optional<base::WallTime> answered_at;
    base::WallTime intent_at;
    base::WallTime give_up_at;
    bool by_opbx = false;  ///< OPBX was asked to place the call: its session does not name us
    std::optional<campaign::OpbxSessionId> external_id{};
};

/// Names under which an attempt may be known, the surest first.
struct AttemptKeys {
    std::optional<campaign::AttemptId> id{};
    std::optional<campaign::SessionToken> token{};
    std::optional<campaign::OpbxSessionId> external_id{};
};

/// Cloudonix's clock and ours need not agree to the second.
inline constexpr base::Millis clock_skew{5'000};

/// By what a CDR that matched nothing may be known to belong to an attempt after all.
struct OrphanKeys {
    std::optional<campaign::SessionToken> token{};
    std::optional<campaign::OpbxSessionId> external_id{};
    /// The called number, where only one live attempt can be meant, and since when.
    std::optional<base::PhoneNumber> number{};
    base::WallTime started_from{};
};

/// What a step along the attempt's life writes. Empty members leave the column as it is.
struct AttemptChange {
    campaign::AttemptStatus to = campaign::AttemptStatus::intent;
    std::optional<campaign::SessionToken> token;
    std::optional<campaign::OpbxSessionId> external_id{};
    std::optional<campaign::Disposition> disposition;
    std::string assistant;    ///< empty: stays
    std::string answered_by;  ///< empty: stays
    std::string detail;       ///< why it was refused, is in doubt …; empty: nothing to say
    std::optional<base::WallTime> placed_at;
    std::optional<base::WallTime> answered_at;
    std::optional<base::WallTime> ended_at;
    std::optional<std::chrono::seconds> duration;
    std::optional<std::chrono::seconds> billsec;
};

/// Where a destination goes.
struct DestinationChange {
    campaign::DestinationStatus to = campaign::DestinationStatus::pending;
    int attempts = 0;  ///< counted so far
    /// When it may be dialed next (pending, retry_pending); empty: at any time.
    std::optional<base::WallTime> next_at;
    campaign::WaitReason wait = campaign::WaitReason::none;
    std::optional<campaign::Disposition> last_disposition;
};

/// The database as the engine sees it: one transaction for each tick.
/// Every member but `begin` is called between `begin` and `commit` or `rollback`, on one thread,
/// and throws `TransactionFailed`. Nothing here reads a clock.
class Store {
public:
    virtual ~Store() = default;

    virtual void begin() = 0;
    /// On disk when it returns.
    virtual void commit() = 0;
    /// Also after a failure; never throws.
    virtual void rollback() noexcept = 0;

    // Campaigns
    [[nodiscard]] virtual std::vector<campaign::StoredCampaign> active_campaigns() = 0;
    [[nodiscard]] virtual std::optional<campaign::StoredCampaign> campaign(campaign::CampaignId id
    ) = 0;
    virtual void set_campaign_status(
        campaign::CampaignId id,
        campaign::CampaignStatus status,
        const std::string& reason,
        base::WallTime now
    ) = 0;
    /// Keeps why the campaign places no calls, for those who ask.
    virtual void set_hold(campaign::CampaignId id, const Hold& hold) = 0;
    [[nodiscard]] virtual std::optional<balancer::Assistant> assistant(
        const std::string& tenant, const std::string& name
    ) = 0;
    [[nodiscard]] virtual std::optional<balancer::Balancer> balancer(
        const std::string& tenant, const std::string& name
    ) = 0;

    // Destinations
    /// Takes up to `limit` destinations that may be dialed now from pending and retry_pending to
    /// queued: priority first, then those that waited for this moment, then age.
    [[nodiscard]] virtual std::vector<QueuedDestination> claim(
        campaign::CampaignId id, base::WallTime now, int limit
    ) = 0;
    /// Puts queued destinations back to pending (no attempt yet) or retry_pending, due at once: of
    /// one campaign, or of all.
    virtual void release_queued(std::optional<campaign::CampaignId> id) = 0;
    /// When the first waiting destination falls due; nothing when none waits.
    [[nodiscard]] virtual std::optional<base::WallTime> next_due(campaign::CampaignId id) = 0;
    /// Whether any destination is not terminal.
    [[nodiscard]] virtual bool has_open_destinations(campaign::CampaignId id) = 0;
    virtual void move_destination(campaign::DestinationId id, const DestinationChange& change) = 0;
    [[nodiscard]] virtual std::optional<DestinationState> destination(campaign::DestinationId id
    ) = 0;
    /// Forgets those of the destinations for which no attempt was ever made. Which they were.
    [[nodiscard]] virtual std::vector<campaign::DestinationId> forget_destinations(
        const std::vector<campaign::DestinationId>& ids
    ) = 0;
    /// Whether the number, or a prefix of it, is on the do-not-call list.
    [[nodiscard]] virtual bool is_suppressed(base::PhoneNumber number) = 0;
    /// The `nth` newest attempt to reach the number since then, over all campaigns, those in doubt
    /// included and those that reached no network left out; nothing when there are fewer.
    /// Those of `campaign::simulated_domain` do not count.
    [[nodiscard]] virtual std::optional<base::WallTime> nth_newest_attempt(
        base::PhoneNumber number, int nth, base::WallTime since
    ) = 0;

    // Attempts
    /// Records the intent to place a call. The database refuses a second live attempt of a
    /// destination or of a number in a campaign.
    [[nodiscard]] virtual campaign::AttemptId record_intent(const NewAttempt& attempt) = 0;
    /// Moves the attempt, if it still is in `from`. False: somebody else moved it; nothing was
    /// written.
    [[nodiscard]] virtual bool move_attempt(
        campaign::AttemptId id, campaign::AttemptStatus from, const AttemptChange& change
    ) = 0;
    /// Adds to a terminal attempt what came late: token, times, duration, billsec, where they are
    /// missing. Its status and disposition stay.
    virtual void annotate_attempt(campaign::AttemptId id, const AttemptChange& change) = 0;
    /// Posts to the queue of the outbox that OPBX is to be told, then, how a call ended that it has
    /// a name for. Nothing where a CDR has told it.
    virtual void report_end(
        campaign::AttemptId id, const std::string& queue, base::WallTime now, base::WallTime due
    ) = 0;
    [[nodiscard]] virtual std::vector<LiveAttempt> live_attempts() = 0;
    /// Any attempt, terminal or not, by the first of the keys that one has.
    [[nodiscard]] virtual std::optional<LiveAttempt> find_attempt(const AttemptKeys& keys) = 0;
    /// Whether a session to the number that started then may be that of an attempt that OPBX was
    /// asked for, that is over, and whose token nobody has told.
    [[nodiscard]] virtual bool may_be_over(base::PhoneNumber number, base::WallTime started_at) = 0;
    /// When calls were placed on a domain since then, oldest first.
    [[nodiscard]] virtual std::vector<base::WallTime> placements_since(
        const std::string& domain, base::WallTime since
    ) = 0;

    // Webhooks
    /// Keeps the webhook. False: the same CDR is there already. `attempt` empty: an orphan.
    [[nodiscard]] virtual bool record_webhook(
        const WebhookReceived& webhook,
        std::optional<campaign::AttemptId> attempt,
        base::WallTime now
    ) = 0;
    /// The report of a CDR that matched nothing when it came and now is known to belong to
    /// `attempt`; nothing when there is none, or when there are several for the number. By its
    /// number none is taken that is, or may be, another attempt's. The CDR is an orphan no more.
    [[nodiscard]] virtual std::optional<SessionReport> adopt_orphan(
        const OrphanKeys& keys, campaign::AttemptId attempt
    ) = 0;

    // Calls that come in, and those who call
    /// What was decided on the call; nothing: it is new.
    [[nodiscard]] virtual std::optional<Routed> find_decision(const std::string& call_sid) = 0;
    /// Records the decision and the voice session, live until `expires_at`. The database refuses a
    /// second decision on a call. A token that another session has already is not written.
    [[nodiscard]] virtual InboundSession record_decision(
        const InboundCall& call, base::WallTime now, base::WallTime expires_at
    ) = 0;
    [[nodiscard]] virtual std::vector<InboundSession> live_inbound() = 0;
    /// Any session, live or over, by the token or the call sid that the name is.
    [[nodiscard]] virtual std::optional<InboundSession> find_inbound(
        const campaign::SessionToken& name
    ) = 0;
    /// False: it is over, and stays so; times, duration and billsec are added where they are
    /// missing.
    [[nodiscard]] virtual bool move_inbound(
        campaign::VoiceSessionId id, const InboundChange& change
    ) = 0;
    /// The report of the session's CDR that was kept and belongs to nobody, and does from now on.
    [[nodiscard]] virtual std::optional<SessionReport> adopt_inbound_cdr(
        const InboundSession& session
    ) = 0;
    virtual void record_event(
        const ContactCause& cause, const ContactEvent& event, base::WallTime now
    ) = 0;
    /// Closes the follow-up if it is active. Without an event.
    [[nodiscard]] virtual std::optional<ClosedFollowUp> close_follow_up(
        campaign::FollowUpId id,
        FollowUpEnd end,
        const std::string& reason,
        std::optional<campaign::DecisionId> decision,
        base::WallTime now
    ) = 0;
    /// Closes the active follow-ups of the same contact and agent as `of`, it left out, as
    /// contacted; with the events.
    [[nodiscard]] virtual std::vector<ClosedFollowUp> close_siblings(
        campaign::FollowUpId of, const ContactCause& cause, base::WallTime now
    ) = 0;
    /// The contact is engaged: that is kept, and what the tenant's `engagement_unenroll_scope` says
    /// is closed, with the events.
    [[nodiscard]] virtual std::vector<ClosedFollowUp> engage(
        const ContactCause& cause, const Engagement& engagement, base::WallTime now
    ) = 0;

    // Follow-ups that fall due
    /// Makes destinations of up to `limit` follow-ups of type call that are due, the longest due
    /// first, in their own campaign or their tenant's `callback_campaign`, where that is active.
    /// Left alone: those whose number is open in that campaign.
    [[nodiscard]] virtual std::vector<EnrolledFollowUp> enrol_follow_ups(
        base::WallTime now, int limit
    ) = 0;
    /// When the next follow-up of type call falls due after `now`; nothing when none does.
    [[nodiscard]] virtual std::optional<base::WallTime> next_follow_up(base::WallTime now) = 0;
};

}  // namespace cxdial::dialer
