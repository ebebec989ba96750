#include "pool_judge.h"

#include <algorithm>

namespace cxdial::sim {

using base::Millis;

namespace {

// The rule: three failures in a row, then nothing for 30 s, 60 s, 120 s … up to ten minutes, and
// one call after each of them.
constexpr int failures_in_a_row = 3;
constexpr Millis first_ejection{30'000};
constexpr Millis longest_ejection{600'000};

int comebacks_in(base::MonoTime::duration time) {
    int comebacks = 0;
    Millis ejection = first_ejection;
    while (time >= ejection) {
        time -= ejection;
        ++comebacks;
        ejection = std::min(ejection * 2, longest_ejection);
    }
    return comebacks;
}

}  // namespace

void PoolJudge::on_dead(const std::string& assistant, bool dead) {
    for (auto& [key, calls] : wasted_) {
        if (key.second == assistant) {
            calls.clear();
        }
    }
    if (dead) {
        deaths_[assistant] = {world_.now(), static_cast<int>(connected_[assistant].size())};
    } else {
        deaths_.erase(assistant);
    }
}

void PoolJudge::on_new_engine() {
    wasted_.clear();
    engine_since_ = world_.now();
}

int PoolJudge::cap_of(const std::string& assistant) const {
    const auto found = assistants_.find(assistant);
    return found == assistants_.end() ? 0 : found->second.max_concurrent_calls;
}

void PoolJudge::check_seats(const std::map<std::string, int>& bound) const {
    for (const auto& entry : bound) {
        const std::string& name = entry.first;
        const int calls = entry.second;
        const int cap = cap_of(name);
        must(cap == 0 || calls <= cap, [&] {
            return "S4 " + std::to_string(calls) + " calls are bound to " + name +
                   ", which takes " + std::to_string(cap);
        });
    }
}

void PoolJudge::on_connected(const Call& call, const AttemptRow& row, bool dead, int most) {
    const std::string& name = call.assistant;
    must(row.assistant == name, [&] {
        return "S8 attempt " + std::to_string(call.attempt.raw()) + " is connected to " + name +
               " and holds a place at \"" + row.assistant + "\"";
    });
    std::set<campaign::AttemptId>& connected = connected_[name];
    connected.insert(call.attempt);
    const int cap = cap_of(name);
    must(cap == 0 || connected.size() <= static_cast<std::size_t>(cap), [&] {
        return "S4 " + std::to_string(connected.size()) + " calls are connected to " + name +
               ", which takes " + std::to_string(cap);
    });
    wasted_in_all_ += dead ? 1 : 0;
    if (dead && !row.balancer.empty() && !jumped_) {
        wasted_[{row.balancer, name}].push_back(call.attempt);
        check_ejection(row.balancer, name, cap == 0 ? most : std::min(cap, most));
    }
}

void PoolJudge::check_ejection(
    const std::string& balancer, const std::string& assistant, int most
) {
    const std::vector<balancer::Member>& members = balancers_.at(balancer).members;
    const auto dead =
        std::count_if(members.begin(), members.end(), [&](const balancer::Member& member) {
            return deaths_.contains(member.assistant);
        });
    if (static_cast<std::size_t>(dead) > members.size() / 2) {
        return;  // no more than half of them are ejected at once
    }
    const Death& death = deaths_.at(assistant);
    // Whatever was connected before and went well may begin the row of failures anew.
    const int rows = 1 + death.live_then;
    const base::MonoTime since = std::max(death.at, engine_since_);
    const int allowed = failures_in_a_row * rows + most + comebacks_in(world_.now() - since);
    const std::vector<campaign::AttemptId>& calls = wasted_.at({balancer, assistant});
    if (calls.size() <= static_cast<std::size_t>(allowed)) {
        return;
    }
    const auto told = std::count_if(calls.begin(), calls.end(), [&](campaign::AttemptId id) {
        const std::optional<AttemptRow> row = ledger_->attempt(id);
        return row && row->status != campaign::AttemptStatus::abandoned;
    });
    must(told <= allowed, [&] {
        return "S11 " + std::to_string(told) + " calls were connected to " + assistant +
               ", which is dead, where " + std::to_string(allowed) + " may be";
    });
}

}  // namespace cxdial::sim
