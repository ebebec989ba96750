#pragma once

#include "balancer/assistant.h"
#include "campaign/campaign.h"
#include "dialer/effects.h"
#include "dialer/engine.h"
#include "dialer/events.h"

#include "fake_cloudonix.h"
#include "ledger.h"
#include "pool_judge.h"
#include "world.h"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::sim {

/// Compares what is on disk with what truly happened, after every event. Knows the rules from the
/// specification and nothing of the engine. Throws `Violation`.
class Judge {
public:
    Judge(World& world, Ledger& ledger, const dialer::EngineSettings& settings);
    /// The campaign as it is on disk now, new or edited.
    void on_campaign(const campaign::StoredCampaign& stored);
    [[nodiscard]] PoolJudge& pools() { return pools_; }

    // The truth
    void on_accepted(const Call& call);
    void on_ringing(const Call& call);
    void on_ended(const Call& call);
    void on_connected(const Call& call, bool dead);
    void on_disconnected(const Call& call) { pools_.on_disconnected(call); }
    /// A call that came in is connected to the agent: as the dialer decided, or without its word.
    void on_called(const std::string& sid, const std::string& agent, bool by_fallback);
    void on_call_over(const std::string& sid) { called_.erase(sid); }
    void on_overrun(const std::string& domain);
    void on_limit_lowered(const std::string& domain);

    // What the dialer does
    void on_start();
    /// Nothing is left in memory of what it learnt.
    void on_new_engine();
    /// A call is placed, a request leaves, that was decided at `decided`.
    void on_placement(const dialer::PlaceCall& wanted, base::MonoTime decided);
    void on_request(const std::string& domain, base::MonoTime decided);
    /// The wall clock jumped: a daemon that starts soon after cannot know what it sent just before,
    /// and nobody can say any more at which hour something happened.
    void on_wall_jump();
    void on_acknowledged(const dialer::WebhookReceived& webhook);
    [[nodiscard]] bool is_acknowledged(const dialer::WebhookReceived& webhook) const;
    /// The dialer said that it took over a revision, or limits.
    void on_edit_taken(campaign::CampaignId id, std::int64_t revision);
    void on_domains_taken(const std::vector<dialer::DomainLimits>& domains);
    /// The number is on the do-not-call list from now on.
    void on_suppressed(base::PhoneNumber number) { suppressed_.emplace(number, world_.now()); }
    /// `only_repeats`: the tick took nothing but webhooks that had been answered with 200 before.
    /// `engine`: null after a tick that was lost.
    void after_tick(bool only_repeats, const dialer::Engine* engine);
    /// The faults stop.
    void on_quiet() { quiet_since_ = world_.now(); }

    void check_statistics();
    /// After the faults stopped and everything had time to settle.
    void at_the_end(const std::list<Call>& calls);

    [[nodiscard]] std::size_t live_calls() const { return live_.size(); }
    /// Whether nothing is left to do at this hour: who is not settled waits for a time in the
    /// future, for the schedule, or for an operator who would have to move the end date.
    [[nodiscard]] bool is_at_rest();

private:
    struct Pace {
        double tokens = 0;
        double rate = 0;
        base::MonoTime last{};
        bool begun = false;
    };
    struct Limits {
        dialer::DomainLimits now;
        int requests_before = 0;  ///< a larger limit that was in force until shortly
        base::MonoTime lenient_until{};
        int lowered = 0;  ///< how often the domain itself bore less than was agreed
        int overruns = 0;
        std::deque<base::MonoTime> sent;
    };
    struct Plan {
        std::map<std::int64_t, campaign::Campaign> revisions;
        std::int64_t taken = 0;  ///< the revision that the dialer said it knows
        base::MonoTime placed{};
        [[nodiscard]] const campaign::Campaign& newest() const {
            return revisions.rbegin()->second;
        }
    };

    // judge_calls.cpp
    void check_hours(const AttemptRow& row, base::PhoneNumber number, base::MonoTime at) const;
    void check_caps(const AttemptRow& row, const Call& call) const;
    void check_permission(const AttemptRow& row, base::PhoneNumber number, base::MonoTime decided);
    void check_pace(const AttemptRow& row, base::MonoTime decided);
    [[nodiscard]] const campaign::Campaign& campaign_of(const AttemptRow& row) const;
    [[nodiscard]] std::string zone_of_destination(const AttemptRow& row) const;

    // judge.cpp
    void scan(bool only_repeats);
    void check_attempts(const std::map<campaign::AttemptId, AttemptRow>& rows, bool only_repeats);
    void check_destinations();
    void check_slots(const dialer::Engine* engine) const;
    void check_places(std::map<std::string, int> bound, const dialer::Engine* engine) const;
    void check_acknowledged();
    void check_record(
        const std::map<campaign::AttemptId, AttemptRow>& rows, const std::list<Call>& calls
    ) const;
    void check_open(campaign::DestinationId id, const DestinationRow& row) const;
    [[nodiscard]] bool may_wait(const DestinationRow& row) const;

    World& world_;
    Ledger& ledger_;
    int process_cap_;
    int calls_per_number_;
    base::Millis per_number_window_;
    std::map<std::string, Limits> domains_;
    std::map<campaign::CampaignId, Plan> campaigns_;
    std::map<base::PhoneNumber, base::MonoTime> suppressed_;
    PoolJudge pools_;

    std::map<campaign::AttemptId, AttemptRow> accepted_;  ///< as their rows were then
    std::map<campaign::DestinationId, int> accepted_of_;
    std::map<campaign::AttemptId, const Call*> live_;

    std::map<std::string, std::string> called_;  ///< agents of those that came in, by call sid
    std::set<std::string> by_fallback_;          ///< call sids

    std::map<campaign::CampaignId, Pace> paces_;
    base::MonoTime wall_jumped_ = base::MonoTime::min();
    base::MonoTime engine_since_{};
    base::MonoTime quiet_since_ = base::MonoTime::max();
    std::set<std::pair<int, std::string>> acknowledged_;
    std::map<campaign::AttemptId, AttemptRow> attempts_;
    std::map<campaign::DestinationId, DestinationRow> destinations_;
    std::size_t commits_ = 0;      ///< since all rows were read last
    bool scanned_before_ = false;  ///< all rows were read after the commit before this one
};

}  // namespace cxdial::sim
