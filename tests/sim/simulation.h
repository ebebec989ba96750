#pragma once

#include "callers.h"
#include "daemon.h"
#include "fake_cloudonix.h"
#include "faults.h"
#include "judge.h"
#include "ledger.h"
#include "operator.h"
#include "setup.h"
#include "world.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cxdial::sim {

/// One run: a daemon, its database in a folder of its own, Cloudonix, an operator, and the judge of
/// them all.
class Simulation : private Witness {
public:
    /// `tells`: prints every event.
    Simulation(std::uint64_t seed, bool tells);
    Simulation(std::uint64_t seed, const Setup& setup, bool tells = false);
    ~Simulation() override;
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
    Simulation(Simulation&&) = delete;
    Simulation& operator=(Simulation&&) = delete;

    /// Trouble, then quiet until all is done, then the end's checks. Throws `Violation`.
    void run();
    /// So many people call while there is trouble, more than would anyway. Before `run`.
    void invite(int calls) { callers_->call_at_random(calls, setup_.trouble); }
    /// Goes on for so long, whatever happens. Throws `Violation`.
    void run_for(base::Millis time);
    /// Ends the faults and lets everything settle. Throws `Violation`.
    void settle();

    [[nodiscard]] std::uint64_t fingerprint() const { return world_.fingerprint(); }
    [[nodiscard]] World& world() { return world_; }
    [[nodiscard]] Faults& faults() { return setup_.faults; }
    [[nodiscard]] Daemon& daemon() { return *daemon_; }
    [[nodiscard]] FakeCloudonix& cloudonix() { return cloudonix_; }
    [[nodiscard]] Ledger& ledger() { return *ledger_; }
    [[nodiscard]] Judge& judge() { return *judge_; }
    [[nodiscard]] Operator& people() { return *operator_; }
    [[nodiscard]] Callers& callers() { return *callers_; }
    [[nodiscard]] const std::vector<campaign::CampaignId>& campaigns() const {
        return operator_->campaigns();
    }

private:
    void prepare();
    void on_accepted(const Call& call) override { judge_->on_accepted(call); }
    void on_ringing(const Call& call) override { judge_->on_ringing(call); }
    void on_ended(const Call& call) override;
    void on_connected(const Call& call, bool dead) override { judge_->on_connected(call, dead); }
    void on_disconnected(const Call& call) override { judge_->on_disconnected(call); }
    void on_overrun(const std::string& domain) override { judge_->on_overrun(domain); }
    void on_webhook(const dialer::WebhookReceived& webhook, std::function<void(bool)> answered)
        override;
    void on_question(const dialer::CallAnswered& asked) override { daemon_->question(asked); }

    void each_minute();
    void meddle();
    [[nodiscard]] bool is_settled();
    void check_campaigns();
    void start_once_more();

    World world_;
    Setup setup_;
    std::string directory_;
    FakeCloudonix cloudonix_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Judge> judge_;
    std::unique_ptr<FakeOpbx> opbx_;  ///< null: there is none
    std::unique_ptr<Daemon> daemon_;
    std::unique_ptr<Operator> operator_;
    std::unique_ptr<Callers> callers_;
    bool quiet_ = false;
};

}  // namespace cxdial::sim
