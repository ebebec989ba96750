#pragma once

#include "balancer/assistant.h"
#include "campaign/campaign.h"
#include "campaign/ids.h"

#include "fake_cloudonix.h"
#include "ledger.h"
#include "world.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::sim {

/// Judges what calls are connected to: caps of assistants, and how long a dead one goes on getting
/// calls. Throws `Violation`.
class PoolJudge {
public:
    explicit PoolJudge(World& world) : world_(world) {}

    /// As they are on disk now.
    void on_assistant(const balancer::Assistant& assistant) {
        assistants_[assistant.name] = assistant;
    }
    void on_balancer(const balancer::Balancer& balancer) { balancers_[balancer.name] = balancer; }
    void on_dead(const std::string& assistant, bool dead);
    void on_new_engine();
    /// Calls that dead assistants got, over the whole run.
    [[nodiscard]] int wasted() const { return wasted_in_all_; }
    void on_wall_jump() { jumped_ = true; }

    /// `most`: as many calls as its campaigns may have at once.
    void on_connected(const Call& call, const AttemptRow& row, bool dead, int most);
    void on_disconnected(const Call& call) { connected_[call.assistant].erase(call.attempt); }
    [[nodiscard]] int cap_of(const std::string& assistant) const;
    [[nodiscard]] const std::map<std::string, balancer::Assistant>& assistants() const {
        return assistants_;
    }
    /// Calls that hold a place, by assistant.
    void check_seats(const std::map<std::string, int>& bound) const;
    /// Attempts of which nobody could say how they ended tell nothing of an assistant either.
    void set_ledger(Ledger& ledger) { ledger_ = &ledger; }

private:
    struct Death {
        base::MonoTime at{};
        int live_then = 0;
    };

    void check_ejection(const std::string& balancer, const std::string& assistant, int most);

    World& world_;
    Ledger* ledger_ = nullptr;
    std::map<std::string, balancer::Assistant> assistants_;
    std::map<std::string, balancer::Balancer> balancers_;
    std::map<std::string, std::set<campaign::AttemptId>> connected_;
    std::map<std::string, Death> deaths_;
    /// Calls that a dead assistant got, in this life of the engine.
    std::map<std::pair<std::string, std::string>, std::vector<campaign::AttemptId>> wasted_;
    base::MonoTime engine_since_{};
    bool jumped_ = false;
    int wasted_in_all_ = 0;
};

}  // namespace cxdial::sim
