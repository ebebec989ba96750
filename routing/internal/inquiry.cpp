#include "routing/internal/inquiry.h"

#include <algorithm>
#include <utility>

namespace cxdial::routing {
namespace {

using balancer::Assistant;
using balancer::Balancer;
using balancer::Member;
using balancer::ResourceStatus;
using std::chrono::microseconds;

constexpr std::size_t reasons_shown = 3;

/// Whether the records have answered; where not, the entry says why.
template <class Value>
bool is_done(const Read<Value>& read, TraceEntry& entry) {
    using Outcome = typename Read<Value>::Outcome;
    if (read.outcome == Outcome::late) {
        entry.late = true;
        entry.why = "the database did not answer in time";
    } else if (read.outcome == Outcome::failed) {
        entry.why = "the database could not be read: " + read.why;
    }
    return read.outcome == Outcome::done;
}

std::vector<Member> in_order(const Balancer& balancer) {
    std::vector<Member> members = balancer.members;
    std::stable_sort(members.begin(), members.end(), [](const Member& left, const Member& right) {
        return left.priority < right.priority;
    });
    return members;
}

std::string first_of(const std::vector<std::string>& reasons) {
    std::string text;
    for (std::size_t i = 0; i < std::min(reasons.size(), reasons_shown); ++i) {
        text.append(i == 0 ? "" : ", ").append(reasons[i]);
    }
    return reasons.size() > reasons_shown ? text + " and so on" : text;
}

}  // namespace

Inquiry::Inquiry(
    const DialedNumber& dialed,
    const DecideOptions& options,
    const Directory& directory,
    Records* records
)
    : dialed_(dialed),
      options_(options),
      directory_(directory),
      tenant_(directory.tenant(dialed.tenant)),
      records_(records) {}

bool Inquiry::has_time() const {
    return records_ != nullptr && spent_ < tenant_.total_budget;
}

Records::Budget Inquiry::budget() const {
    const microseconds left = tenant_.total_budget - spent_;
    return std::max(std::min(microseconds{tenant_.layer_budget}, left), microseconds{0});
}

void Inquiry::charge(microseconds took, TraceEntry& entry) {
    spent_ += took;
    entry.took += took;
}

std::string Inquiry::obstacle(const Assistant& agent) const {
    if (agent.status != ResourceStatus::active) {
        return "is " + std::string(to_string(agent.status));
    }
    if (!agent.published) {
        return "has no published version";
    }
    const bool is_full =
        std::find(options_.full.begin(), options_.full.end(), agent.name) != options_.full.end();
    return is_full ? "takes no further call" : "";
}

AgentChoice Inquiry::choose(const std::string& agent) const {
    const Assistant* const found = directory_.agent(dialed_.tenant, agent);
    if (found == nullptr) {
        return {nullptr, "there is no agent " + agent};
    }
    std::string problem = obstacle(*found);
    if (!problem.empty()) {
        return {nullptr, "agent " + agent + " " + std::move(problem)};
    }
    return {found, "agent " + agent};
}

AgentChoice Inquiry::choose(const std::string& agent, const std::string& balancer) const {
    if (!agent.empty()) {
        return choose(agent);
    }
    if (!balancer.empty()) {
        return choose_member(balancer);
    }
    return {nullptr, "no agent belongs to it"};
}

AgentChoice Inquiry::choose_member(const std::string& name) const {
    const Balancer* const balancer = directory_.balancer(dialed_.tenant, name);
    if (balancer == nullptr) {
        return {nullptr, "there is no balancer " + name};
    }
    std::vector<std::string> reasons;
    const auto try_agent = [&](const std::string& agent) {
        AgentChoice choice = choose(agent);
        if (choice.agent == nullptr) {
            reasons.push_back(choice.why);
        }
        choice.why += " of balancer " + name;
        return choice;
    };
    for (const Member& member : in_order(*balancer)) {
        if (member.status != ResourceStatus::active) {
            reasons.push_back(
                "agent " + member.assistant + " is " + std::string(to_string(member.status)) +
                " there"
            );
        } else if (AgentChoice choice = try_agent(member.assistant); choice.agent != nullptr) {
            return choice;
        }
    }
    if (!balancer->fallback.empty() && balancer->fallback != balancer::hangup_fallback) {
        if (AgentChoice choice = try_agent(balancer->fallback); choice.agent != nullptr) {
            return choice;
        }
    }
    return {nullptr, "nobody of balancer " + name + " can take the call: " + first_of(reasons)};
}

const std::vector<CampaignMatch>* Inquiry::open_destinations(
    base::PhoneNumber caller, TraceEntry& entry
) {
    if (!open_) {
        open_ = records_->open_destinations(dialed_.tenant, caller, budget());
        charge(open_->took, entry);
    }
    return is_done(*open_, entry) ? &open_->value : nullptr;
}

std::optional<std::vector<FollowUp>> Inquiry::active_follow_ups(
    base::PhoneNumber caller, TraceEntry& entry
) {
    Read<std::vector<FollowUp>> read =
        records_->active_follow_ups(dialed_.tenant, caller, budget());
    charge(read.took, entry);
    return is_done(read, entry) ? std::optional{std::move(read.value)} : std::nullopt;
}

std::optional<std::optional<OutboundMatch>> Inquiry::last_outbound(
    base::PhoneNumber caller, TraceEntry& entry
) {
    const base::WallTime since = now() - tenant_.last_outbound_window;
    Read<std::optional<OutboundMatch>> read =
        records_->last_outbound(dialed_.tenant, caller, since, budget());
    charge(read.took, entry);
    if (!is_done(read, entry)) {
        return std::nullopt;
    }
    return std::optional<std::optional<OutboundMatch>>{std::in_place, std::move(read.value)};
}

}  // namespace cxdial::routing
