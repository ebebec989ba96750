#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "dialer/campaign_state.h"
#include "dialer/domain_state.h"
#include "dialer/effects.h"
#include "dialer/events.h"
#include "dialer/inbound_sessions.h"
#include "dialer/live_attempts.h"
#include "dialer/store.h"
#include "dialer/switchboard.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// What the engine is told once, when it is made.
struct EngineSettings {
    std::vector<DomainLimits> domains;
    /// Base URL at which Cloudonix reaches this daemon; empty: inline CXML, no callbacks.
    std::string public_url;
    base::Millis poll_interval{10'000};
    int max_concurrent_calls = 0;  ///< of the whole process; 0: no cap
    /// A number is dialed at most so often in any `per_number_window`, over all campaigns; 0: no
    /// such cap.
    int calls_per_number = 0;
    base::Millis per_number_window{24LL * 3'600'000};
    /// An attempt of which nothing was heard for so long is looked up; again after twice the time,
    /// up to `look_up_max`.
    base::Millis look_up_after{30'000};
    base::Millis look_up_max{300'000};
    int placements_per_tick = 256;
    /// A call that OPBX was asked for may start so much later: it may hand it on late, and lets
    /// Cloudonix start it up to five minutes after.
    base::Millis opbx_in_doubt_limit{360'000};
    /// A call that came in, and of whose end nobody told, is given up after so long.
    base::Millis inbound_expiry{4LL * 3'600'000};
    /// The calls of OPBX's campaigns are placed by OPBX; else by us, and OPBX hears of them.
    bool opbx_places = true;
    /// The queue of the outbox by which OPBX is told how a call ended whose CDR it may not get, and
    /// how long the CDR may take; empty: OPBX is not told.
    std::string report_queue;
    base::Millis report_after{10'000};
};

/// Decides what is dialed: slots, pacing, the life of every attempt, reconciliation.
///
/// It does no I/O and reads no clock. Everything happens inside a transaction of the `Store` that
/// is handed in: `recover` once, then `step` for each input and `plan` once after them. When the
/// transaction is lost the engine has drifted from the store and must be thrown away; a new one
/// recovers from the store. Thread rule: one thread.
class Engine {
public:
    Engine(EngineSettings settings, base::Rng rng);

    /// Takes over what an engine that was thrown away knew of the domains and the store does not.
    /// Before `recover`.
    void learn_from(const std::map<std::string, DomainState>& domains);
    [[nodiscard]] const std::map<std::string, DomainState>& domains() const { return domains_; }

    /// Takes over what the store holds: attempts of an earlier life whose request may or may not
    /// have left are in doubt from here on; none is placed again.
    void recover(Store& store, base::Now now, Output& out);

    /// Takes one input. The error is for whoever sent it (an illegal transition); nothing was
    /// changed then.
    [[nodiscard]] base::Result<void> step(
        Store& store, base::Now now, const Arrived& arrived, Output& out
    );

    /// Does what is due: deadlines, look-ups, filling buffers, placing calls, completing campaigns.
    void plan(Store& store, base::Now now, Output& out);

    /// When `plan` has something to do if no input comes before. Valid after `plan`.
    [[nodiscard]] base::MonoTime next_wake() const { return next_wake_; }

    /// Attempts that hold a slot, over all campaigns.
    [[nodiscard]] std::size_t live_attempts() const { return live_.size(); }
    /// Calls that came in and are not over.
    [[nodiscard]] std::size_t live_inbound() const { return inbound_.size(); }
    /// Calls that hold a place at the agent.
    [[nodiscard]] int calls_of(const std::string& tenant, const std::string& agent) const {
        return switchboard_.bound(tenant, agent);
    }

private:
    struct Tick;
    /// A call that is about to be placed.
    struct Dialed {
        const QueuedDestination& destination;
        campaign::CallerId caller_id;
        const balancer::Assistant* assistant = nullptr;  ///< null: hangup, or chosen at the answer
        std::optional<base::WallTime> last_start;  ///< by the schedule and the recipient's hours
    };
    /// The verdict on one destination at the instant of dialing.
    struct Verdict {
        bool dial = false;
        std::optional<base::WallTime> last_start;
        DestinationChange otherwise;
    };

    /// A destination that is moved.
    struct Target {
        campaign::CampaignId campaign;
        campaign::DestinationId id;
        std::optional<campaign::FollowUpId> follow_up;  ///< that it was made of
    };

    // engine.cpp
    void recover_attempt(Tick& tick, LiveAttempt row);
    void remember_requests(Tick& tick);
    void drain(Tick& tick);
    void withdraw(Tick& tick, const DestinationsWithdrawn& withdrawn);
    [[nodiscard]] base::Result<void> change_campaign(Tick& tick, const ChangeCampaign& command);
    [[nodiscard]] base::Result<void> can_dial(Tick& tick, CampaignState& state);
    [[nodiscard]] base::Result<void> configure(Tick& tick, CampaignState& state);
    void load_campaign(Tick& tick, campaign::CampaignId id);
    void set_status(
        Tick& tick, CampaignState& state, campaign::CampaignStatus status, const std::string& reason
    );
    void pause(Tick& tick, campaign::CampaignId id, const std::string& reason);
    void pause_domain(Tick& tick, const std::string& domain, const std::string& reason);
    [[nodiscard]] CampaignState* campaign_of(Tick& tick, campaign::CampaignId id);
    [[nodiscard]] DomainState& domain_of(const std::string& name);
    void wake_at(base::MonoTime at) { next_wake_ = std::min(next_wake_, at); }

    // engine_settling.cpp: what replies and reports do to an attempt
    void on_placement(Tick& tick, const PlacementReply& reply);
    void on_accepted(Tick& tick, Live& live, const Accepted& accepted);
    void on_refused(Tick& tick, Live& live, const Refused& refused);
    void on_not_sent(Tick& tick, Live& live, const NotSent& not_sent);
    void on_unknown(Tick& tick, Live& live, const std::string& why);
    void apply(Tick& tick, Live& live, const SessionReport& report);
    void end(Tick& tick, Live& live, const SessionReport& report, AttemptChange change);
    void settle(Tick& tick, Live& live, const AttemptChange& change);
    void give_back(
        Tick& tick, Live& live, const AttemptChange& change, std::optional<base::Millis> after = {}
    );
    [[nodiscard]] DestinationChange after_attempt(
        Tick& tick, const Live& live, campaign::Disposition disposition
    );
    [[nodiscard]] bool write(Tick& tick, Live& live, const AttemptChange& change);
    /// OPBX has a name for the call, which is over, and may not hear of its end.
    void report_end(Tick& tick, campaign::AttemptId id);
    void release_slot(Tick& tick, Live& live);
    void move_destination(Tick& tick, const Target& target, const DestinationChange& change);
    /// The same by what became of its attempt, which may be gone by then.
    void move_destination(Tick& tick, const Live& live, DestinationChange change);

    // engine_webhooks.cpp: what Cloudonix reports by itself
    void on_webhook(Tick& tick, const WebhookReceived& webhook);
    /// The attempt that a webhook is about and that is over.
    [[nodiscard]] std::optional<LiveAttempt> past_attempt(
        Tick& tick, const WebhookReceived& webhook
    );
    void on_late_webhook(Tick& tick, const LiveAttempt& attempt, const WebhookReceived& webhook);
    void on_late_report(Tick& tick, const LiveAttempt& attempt, const SessionReport& report);
    void adopt_orphan(Tick& tick, campaign::AttemptId id);
    [[nodiscard]] Live* match(Tick& tick, const SessionReport& report, const std::string& domain);
    [[nodiscard]] Live* match_number(
        Tick& tick, const SessionReport& report, const std::string& domain
    );
    /// Looks once more at the CDRs for a number that may now be told apart.
    void match_again(Tick& tick);

    // engine_lookups.cpp: what is asked of Cloudonix when nothing is heard
    void start_doubt(Tick& tick, Live& live);
    void run_alarms(Tick& tick);
    void on_alarm(Tick& tick, Live& live);
    void send_look_ups(Tick& tick);
    void on_look_up(Tick& tick, const LookUpReply& reply);
    void on_session_list(Tick& tick, const SessionListReply& reply);
    void on_too_many(
        Tick& tick,
        const std::string& domain,
        base::MonoTime sent_at,
        std::optional<base::Millis> retry_after
    );
    /// `unmatched`: numbers of listed calls that may be anybody's.
    void judge_unlisted(
        Tick& tick,
        DomainState& domain,
        base::MonoTime asked_at,
        const std::set<base::PhoneNumber>& unmatched
    );
    void abandon(Tick& tick, Live& live, const std::string& why);

    // engine_answering.cpp: what an answered call is connected to
    void on_answered(Tick& tick, const CallAnswered& asked);
    [[nodiscard]] base::Result<std::string> document_of(Tick& tick, const CallAnswered& asked);
    [[nodiscard]] base::Result<std::string> connect(
        Tick& tick, Live& live, const CallAnswered& asked
    );
    /// The one that the call has, or the first for it.
    [[nodiscard]] base::Result<const balancer::Assistant*> assistant_of(Tick& tick, Live& live);
    [[nodiscard]] base::Result<const balancer::Assistant*> next_assistant(
        Tick& tick, Live& live, const std::vector<std::string>& dialed
    );
    /// Where Cloudonix asks when the dial to the call's assistant has ended.
    [[nodiscard]] std::string address_after(
        const Live& live, const std::vector<std::string>& dialed
    ) const;
    void report_failed_dial(Tick& tick, const Live& live, const std::string& dial_status);
    /// False: the row is another owner's by now, and `live` is gone.
    [[nodiscard]] bool bind(Tick& tick, Live& live, const balancer::Assistant& assistant);
    void report_health(Tick& tick, const Live& live, const AttemptChange& change);
    [[nodiscard]] PoolKey pool_of(Tick& tick, const Live& live);
    void take_seat(Tick& tick, const Live& live);
    void leave_seat(Tick& tick, const Live& live);

    // engine_inbound.cpp: the people who call us
    [[nodiscard]] base::Result<void> on_call(Tick& tick, const CallCameIn& asked);
    void on_known_call(Tick& tick, const CallCameIn& asked, const Routed& known);
    void add_inbound(Tick& tick, const InboundSession& session);
    void take_seat(const InboundSession& session);
    void leave_seat(const InboundSession& session);
    /// What the call was matched with is not dialed any more.
    void take_off_the_list(Tick& tick, const InboundCall& call, const InboundSession& session);
    void take_off(Tick& tick, const std::vector<ClosedFollowUp>& closed, const ContactCause& cause);
    /// The follow-up that it was made of, if it was still to be dialed.
    std::optional<campaign::FollowUpId> take_off(
        Tick& tick, campaign::DestinationId id, const ContactCause& cause
    );
    /// The call is hung up as soon as its domain takes a request, if that may and can be.
    void hang_up(const Live& live);
    void send_hang_ups(Tick& tick);
    [[nodiscard]] InboundSession* match_inbound(const WebhookReceived& webhook);
    /// The call that came in and is over, of which the webhook tells.
    [[nodiscard]] std::optional<InboundSession> past_inbound(
        Tick& tick, const WebhookReceived& webhook
    );
    void on_inbound_webhook(Tick& tick, InboundSession& session, const WebhookReceived& webhook);
    void apply_inbound(Tick& tick, InboundSession& session, const SessionReport& report);
    void note_inbound(
        Tick& tick, InboundSession& session, const SessionReport& report, bool is_over
    );
    void expire_inbound(Tick& tick);
    void engage(Tick& tick, const Live& live, const AttemptChange& change);
    void close_follow_up(Tick& tick, campaign::FollowUpId id, const DestinationChange& change);
    void enrol_follow_ups(Tick& tick);

    // engine_admission.cpp: whether a call may be placed now
    [[nodiscard]] bool admits(Tick& tick, CampaignState& state);
    [[nodiscard]] Hold obstacle(Tick& tick, CampaignState& state);
    [[nodiscard]] Hold external_obstacle(Tick& tick, const CampaignState& state);
    [[nodiscard]] Hold rate_obstacle(Tick& tick, CampaignState& state, DomainState& domain);
    [[nodiscard]] Hold seat_obstacle(Tick& tick, const CampaignState& state);
    [[nodiscard]] Verdict judge(
        Tick& tick, CampaignState& state, const QueuedDestination& destination
    );
    /// Whether the destination's own agent could take its call.
    [[nodiscard]] bool agent_has_room(
        Tick& tick, const CampaignState& state, const QueuedDestination& destination
    );
    void keep_schedule(Tick& tick, CampaignState& state);
    void tell_holds(Tick& tick);

    // engine_placing.cpp: what is dialed next
    void fill_buffers(Tick& tick);
    void fill_buffer(Tick& tick, CampaignState& state);
    [[nodiscard]] std::vector<CampaignState*> in_turn();
    void place_calls(Tick& tick);
    [[nodiscard]] bool place_next(Tick& tick, CampaignState& state);
    [[nodiscard]] bool place(
        Tick& tick,
        CampaignState& state,
        const QueuedDestination& destination,
        const std::optional<base::WallTime>& last_start
    );
    /// No request can be made: the campaign pauses, or a destination with an agent of its own
    /// waits.
    void give_up_placing(
        Tick& tick,
        CampaignState& state,
        const QueuedDestination& destination,
        const base::Error& why
    );
    [[nodiscard]] bool opbx_places(const CampaignState& state) const {
        return state.stored.external_id.has_value() && settings_.opbx_places;
    }
    [[nodiscard]] base::Result<CallRequest> make_request(
        Tick& tick, const CampaignState& state, const Dialed& dialed
    );
    [[nodiscard]] std::optional<ExternalCall> external_call(
        const CampaignState& state, const Dialed& dialed
    ) const;
    [[nodiscard]] NewAttempt make_intent(
        Tick& tick, const CampaignState& state, const Dialed& dialed
    );
    /// How long after its intent a call may start.
    [[nodiscard]] base::Millis latest_start(const std::string& domain, bool by_opbx);
    void take_slot(
        Tick& tick,
        CampaignState& state,
        campaign::AttemptId id,
        const NewAttempt& intent,
        int destination_attempts
    );
    void complete_campaigns(Tick& tick);

    EngineSettings settings_;
    base::Rng rng_;
    std::map<std::string, DomainState> domains_;
    std::map<campaign::CampaignId, CampaignState> campaigns_;
    Switchboard switchboard_;
    LiveAttempts live_;
    InboundSessions inbound_;
    base::MonoTime follow_ups_at_{};  ///< when the store is asked for due follow-ups again
    std::optional<base::MonoTime> next_follow_up_;
    ExternalHold external_hold_{.reason = HoldReason::opbx_unreachable};
    std::set<base::PhoneNumber> to_match_again_;
    double turn_ = 0.0;  ///< how far the campaigns' shares have come
    bool draining_ = false;
    base::MonoTime next_wake_{};
};

}  // namespace cxdial::dialer
