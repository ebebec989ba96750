#pragma once

#include "dialer/store.h"

#include "faults.h"
#include "world.h"

#include <cstdint>

namespace cxdial::sim {

/// The process ends here. Thrown through everything.
struct Crash {};

/// The real store, until it fails or the process dies under it.
class FaultyStore final : public dialer::Store {
public:
    FaultyStore(dialer::Store& real, World& world, const Faults& faults)
        : real_(real), world_(world), faults_(faults) {}

    /// Every commit fails until then: the disk is full.
    void fail_until(base::MonoTime until) { full_until_ = until; }
    /// Whether the transaction that was last worked on is on disk.
    [[nodiscard]] bool committed() const { return committed_; }

    void begin() override;
    void commit() override;
    void rollback() noexcept override { real_.rollback(); }

    [[nodiscard]] std::vector<campaign::StoredCampaign> active_campaigns() override {
        return touch().active_campaigns();
    }
    [[nodiscard]] std::optional<campaign::StoredCampaign> campaign(campaign::CampaignId id
    ) override {
        return touch().campaign(id);
    }
    void set_campaign_status(
        campaign::CampaignId id,
        campaign::CampaignStatus status,
        const std::string& reason,
        base::WallTime now
    ) override {
        touch().set_campaign_status(id, status, reason, now);
    }
    [[nodiscard]] std::optional<balancer::Assistant> assistant(
        const std::string& tenant, const std::string& name
    ) override {
        return touch().assistant(tenant, name);
    }
    [[nodiscard]] std::optional<balancer::Balancer> balancer(
        const std::string& tenant, const std::string& name
    ) override {
        return touch().balancer(tenant, name);
    }
    [[nodiscard]] std::vector<dialer::QueuedDestination> claim(
        campaign::CampaignId id, base::WallTime now, int limit
    ) override {
        return touch().claim(id, now, limit);
    }
    void release_queued(std::optional<campaign::CampaignId> id) override {
        touch().release_queued(id);
    }
    [[nodiscard]] std::optional<base::WallTime> next_due(campaign::CampaignId id) override {
        return touch().next_due(id);
    }
    [[nodiscard]] bool has_open_destinations(campaign::CampaignId id) override {
        return touch().has_open_destinations(id);
    }
    void move_destination(campaign::DestinationId id, const dialer::DestinationChange& change)
        override {
        touch().move_destination(id, change);
    }
    void set_hold(campaign::CampaignId id, const dialer::Hold& hold) override {
        touch().set_hold(id, hold);
    }
    [[nodiscard]] std::vector<campaign::DestinationId> forget_destinations(
        const std::vector<campaign::DestinationId>& ids
    ) override {
        return touch().forget_destinations(ids);
    }
    [[nodiscard]] bool is_suppressed(base::PhoneNumber number) override {
        return touch().is_suppressed(number);
    }
    [[nodiscard]] std::optional<base::WallTime> nth_newest_attempt(
        base::PhoneNumber number, int nth, base::WallTime since
    ) override {
        return touch().nth_newest_attempt(number, nth, since);
    }
    [[nodiscard]] campaign::AttemptId record_intent(const dialer::NewAttempt& attempt) override {
        return touch().record_intent(attempt);
    }
    [[nodiscard]] bool move_attempt(
        campaign::AttemptId id, campaign::AttemptStatus from, const dialer::AttemptChange& change
    ) override {
        return touch().move_attempt(id, from, change);
    }
    void annotate_attempt(campaign::AttemptId id, const dialer::AttemptChange& change) override {
        touch().annotate_attempt(id, change);
    }
    void report_end(
        campaign::AttemptId id, const std::string& queue, base::WallTime now, base::WallTime due
    ) override {
        touch().report_end(id, queue, now, due);
    }
    [[nodiscard]] std::vector<dialer::LiveAttempt> live_attempts() override {
        return touch().live_attempts();
    }
    [[nodiscard]] std::optional<dialer::LiveAttempt> find_attempt(const dialer::AttemptKeys& keys
    ) override {
        return touch().find_attempt(keys);
    }
    [[nodiscard]] bool may_be_over(base::PhoneNumber number, base::WallTime started_at) override {
        return touch().may_be_over(number, started_at);
    }
    [[nodiscard]] std::vector<base::WallTime> placements_since(
        const std::string& domain, base::WallTime since
    ) override {
        return touch().placements_since(domain, since);
    }
    [[nodiscard]] std::optional<dialer::DestinationState> destination(campaign::DestinationId id
    ) override {
        return touch().destination(id);
    }
    [[nodiscard]] std::optional<dialer::Routed> find_decision(const std::string& call_sid
    ) override {
        return touch().find_decision(call_sid);
    }
    [[nodiscard]] dialer::InboundSession record_decision(
        const dialer::InboundCall& call, base::WallTime now, base::WallTime expires_at
    ) override {
        return touch().record_decision(call, now, expires_at);
    }
    [[nodiscard]] std::vector<dialer::InboundSession> live_inbound() override {
        return touch().live_inbound();
    }
    [[nodiscard]] std::optional<dialer::InboundSession> find_inbound(
        const campaign::SessionToken& name
    ) override {
        return touch().find_inbound(name);
    }
    [[nodiscard]] bool move_inbound(
        campaign::VoiceSessionId id, const dialer::InboundChange& change
    ) override {
        return touch().move_inbound(id, change);
    }
    [[nodiscard]] std::optional<dialer::SessionReport> adopt_inbound_cdr(
        const dialer::InboundSession& session
    ) override {
        return touch().adopt_inbound_cdr(session);
    }
    void record_event(
        const dialer::ContactCause& cause, const dialer::ContactEvent& event, base::WallTime now
    ) override {
        touch().record_event(cause, event, now);
    }
    [[nodiscard]] std::optional<dialer::ClosedFollowUp> close_follow_up(
        campaign::FollowUpId id,
        dialer::FollowUpEnd end,
        const std::string& reason,
        std::optional<campaign::DecisionId> decision,
        base::WallTime now
    ) override {
        return touch().close_follow_up(id, end, reason, decision, now);
    }
    [[nodiscard]] std::vector<dialer::ClosedFollowUp> close_siblings(
        campaign::FollowUpId of, const dialer::ContactCause& cause, base::WallTime now
    ) override {
        return touch().close_siblings(of, cause, now);
    }
    [[nodiscard]] std::vector<dialer::ClosedFollowUp> engage(
        const dialer::ContactCause& cause, const dialer::Engagement& engagement, base::WallTime now
    ) override {
        return touch().engage(cause, engagement, now);
    }
    [[nodiscard]] std::vector<dialer::EnrolledFollowUp> enrol_follow_ups(
        base::WallTime now, int limit
    ) override {
        return touch().enrol_follow_ups(now, limit);
    }
    [[nodiscard]] std::optional<base::WallTime> next_follow_up(base::WallTime now) override {
        return touch().next_follow_up(now);
    }
    [[nodiscard]] bool record_webhook(
        const dialer::WebhookReceived& webhook,
        std::optional<campaign::AttemptId> attempt,
        base::WallTime now
    ) override {
        return touch().record_webhook(webhook, attempt, now);
    }
    [[nodiscard]] std::optional<dialer::SessionReport> adopt_orphan(
        const dialer::OrphanKeys& keys, campaign::AttemptId attempt
    ) override {
        return touch().adopt_orphan(keys, attempt);
    }

private:
    /// What becomes of a transaction, drawn when it begins.
    enum class Fate : std::uint8_t {
        good,
        begin_fails,
        write_fails,
        commit_fails,
        commit_unsure,
        crash_in_the_middle,
        crash_before_commit,
        crash_after_commit
    };

    [[nodiscard]] Fate draw_fate();
    dialer::Store& touch();

    dialer::Store& real_;
    World& world_;
    const Faults& faults_;
    base::MonoTime full_until_{};
    Fate fate_ = Fate::good;
    std::uint64_t calls_left_ = 0;  ///< until the middle of the transaction
    bool committed_ = false;
};

}  // namespace cxdial::sim
