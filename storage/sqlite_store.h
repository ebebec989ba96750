#pragma once

#include "dialer/store.h"
#include "storage/database.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::storage {

/// The engine's store on SQLite. Every failure becomes `TransactionFailed`, whose text names the
/// file and SQLite's reason; when the disk works again, the next `begin` does too.
/// Thread rule: that of its database, which must outlive it.
class SqliteStore final : public dialer::Store {
public:
    /// The database must be open for writing.
    explicit SqliteStore(Database& database);
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    SqliteStore(SqliteStore&&) = delete;
    SqliteStore& operator=(SqliteStore&&) = delete;

    void begin() override;
    /// A commit that failed leaves no transaction open.
    void commit() override;
    void rollback() noexcept override;

    [[nodiscard]] std::vector<campaign::StoredCampaign> active_campaigns() override;
    [[nodiscard]] std::optional<campaign::StoredCampaign> campaign(campaign::CampaignId id
    ) override;
    void set_campaign_status(
        campaign::CampaignId id,
        campaign::CampaignStatus status,
        const std::string& reason,
        base::WallTime now
    ) override;
    void set_hold(campaign::CampaignId id, const dialer::Hold& hold) override;
    [[nodiscard]] std::optional<balancer::Assistant> assistant(
        const std::string& tenant, const std::string& name
    ) override;
    [[nodiscard]] std::optional<balancer::Balancer> balancer(
        const std::string& tenant, const std::string& name
    ) override;

    /// A destination that waits for a time becomes ready once that time has come, at most 1,000 (or
    /// `limit`) of them in one call, the longest due first: with more than that falling due at
    /// once, priority decides among those that became ready.
    [[nodiscard]] std::vector<dialer::QueuedDestination> claim(
        campaign::CampaignId id, base::WallTime now, int limit
    ) override;
    void release_queued(std::optional<campaign::CampaignId> id) override;
    /// 1970 for a destination without a time.
    [[nodiscard]] std::optional<base::WallTime> next_due(campaign::CampaignId id) override;
    [[nodiscard]] bool has_open_destinations(campaign::CampaignId id) override;
    /// A terminal destination stays as it is; the attempt to move it is logged as an error.
    void move_destination(campaign::DestinationId id, const dialer::DestinationChange& change)
        override;
    [[nodiscard]] std::optional<dialer::DestinationState> destination(campaign::DestinationId id
    ) override;
    [[nodiscard]] std::vector<campaign::DestinationId> forget_destinations(
        const std::vector<campaign::DestinationId>& ids
    ) override;
    [[nodiscard]] bool is_suppressed(base::PhoneNumber number) override;
    [[nodiscard]] std::optional<base::WallTime> nth_newest_attempt(
        base::PhoneNumber number, int nth, base::WallTime since
    ) override;

    [[nodiscard]] campaign::AttemptId record_intent(const dialer::NewAttempt& attempt) override;
    /// A token or an id of OPBX that another attempt has already is not written, and logged as an
    /// error: it must not cost the rest of the tick.
    [[nodiscard]] bool move_attempt(
        campaign::AttemptId id, campaign::AttemptStatus from, const dialer::AttemptChange& change
    ) override;
    void annotate_attempt(campaign::AttemptId id, const dialer::AttemptChange& change) override;
    /// Its key is `end_report_key` and the id.
    void report_end(
        campaign::AttemptId id, const std::string& queue, base::WallTime now, base::WallTime due
    ) override;
    [[nodiscard]] std::vector<dialer::LiveAttempt> live_attempts() override;
    [[nodiscard]] std::optional<dialer::LiveAttempt> find_attempt(const dialer::AttemptKeys& keys
    ) override;
    [[nodiscard]] bool may_be_over(base::PhoneNumber number, base::WallTime started_at) override;
    /// Attempts whose request never left are no placements.
    [[nodiscard]] std::vector<base::WallTime> placements_since(
        const std::string& domain, base::WallTime since
    ) override;

    [[nodiscard]] bool record_webhook(
        const dialer::WebhookReceived& webhook,
        std::optional<campaign::AttemptId> attempt,
        base::WallTime now
    ) override;
    /// Only a CDR that the attempt's own domain, or any, authenticated.
    [[nodiscard]] std::optional<dialer::SessionReport> adopt_orphan(
        const dialer::OrphanKeys& keys, campaign::AttemptId attempt
    ) override;

    [[nodiscard]] std::optional<dialer::Routed> find_decision(const std::string& call_sid) override;
    [[nodiscard]] dialer::InboundSession record_decision(
        const dialer::InboundCall& call, base::WallTime now, base::WallTime expires_at
    ) override;
    [[nodiscard]] std::vector<dialer::InboundSession> live_inbound() override;
    [[nodiscard]] std::optional<dialer::InboundSession> find_inbound(
        const campaign::SessionToken& name
    ) override;
    [[nodiscard]] bool move_inbound(
        campaign::VoiceSessionId id, const dialer::InboundChange& change
    ) override;
    [[nodiscard]] std::optional<dialer::SessionReport> adopt_inbound_cdr(
        const dialer::InboundSession& session
    ) override;
    void record_event(
        const dialer::ContactCause& cause, const dialer::ContactEvent& event, base::WallTime now
    ) override;
    [[nodiscard]] std::optional<dialer::ClosedFollowUp> close_follow_up(
        campaign::FollowUpId id,
        dialer::FollowUpEnd end,
        const std::string& reason,
        std::optional<campaign::DecisionId> decision,
        base::WallTime now
    ) override;
    [[nodiscard]] std::vector<dialer::ClosedFollowUp> close_siblings(
        campaign::FollowUpId of, const dialer::ContactCause& cause, base::WallTime now
    ) override;
    [[nodiscard]] std::vector<dialer::ClosedFollowUp> engage(
        const dialer::ContactCause& cause, const dialer::Engagement& engagement, base::WallTime now
    ) override;
    [[nodiscard]] std::vector<dialer::EnrolledFollowUp> enrol_follow_ups(
        base::WallTime now, int limit
    ) override;
    [[nodiscard]] std::optional<base::WallTime> next_follow_up(base::WallTime now) override;

private:
    struct Impl;
    /// Runs `body`; what SQLite throws leaves as `TransactionFailed`: `cannot WHAT`.
    template <class Body>
    auto guarded(const char* what, Body body);

    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::storage
