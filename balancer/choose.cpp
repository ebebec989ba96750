#include "balancer/choose.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace cxdial::balancer {
namespace {

/// Why the assistant can take no call; empty: it can.
std::string obstacle(const AssistantView& view) {
    if (!view.usable) {
        return view.why_not.empty() ? "is not usable" : view.why_not;
    }
    if (view.max_concurrent_calls > 0 && view.active_calls >= view.max_concurrent_calls) {
        return "is full: " + std::to_string(view.active_calls) + " of " +
               std::to_string(view.max_concurrent_calls) + " calls";
    }
    return {};
}

std::optional<std::size_t> position_of(const Balancer& balancer, std::string_view assistant) {
    const auto found =
        std::find_if(balancer.members.begin(), balancer.members.end(), [&](const Member& member) {
            return member.assistant == assistant;
        });
    if (found == balancer.members.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - balancer.members.begin());
}

}  // namespace

Chooser::Chooser(Balancer balancer)
    : balancer_(std::move(balancer)), credits_(balancer_.members.size(), 0) {}

void Chooser::update(Balancer balancer) {
    std::vector<std::int64_t> credits(balancer.members.size(), 0);
    for (std::size_t i = 0; i < balancer.members.size(); ++i) {
        if (const auto before = position_of(balancer_, balancer.members[i].assistant)) {
            credits[i] = credits_[*before];
        }
    }
    std::optional<std::size_t> last;
    if (last_) {
        last = position_of(balancer, balancer_.members[*last_].assistant);
    }
    balancer_ = std::move(balancer);
    credits_ = std::move(credits);
    last_ = last;
}

Choice Chooser::choose(const ViewOf& view, base::Rng& rng) {
    Choice choice;
    const std::vector<Candidate> able = candidates(view, choice);
    if (able.empty()) {
        use_fallback(view, choice);
        return choice;
    }
    const std::size_t chosen = pick(able, rng);
    CHECK_INVARIANT(chosen < balancer_.members.size());
    last_ = chosen;
    choice.kind = ChoiceKind::member;
    choice.assistant = balancer_.members[chosen].assistant;
    return choice;
}

std::vector<Chooser::Candidate> Chooser::candidates(const ViewOf& view, Choice& choice) const {
    std::vector<Candidate> able;
    for (std::size_t i = 0; i < balancer_.members.size(); ++i) {
        const Member& member = balancer_.members[i];
        if (member.status != ResourceStatus::active) {
            choice.passed_over.push_back(
                {member.assistant,
                 "is " + std::string(to_string(member.status)) + " in the balancer"}
            );
            continue;
        }
        AssistantView seen = view(member.assistant);
        if (std::string reason = obstacle(seen); !reason.empty()) {
            choice.passed_over.push_back({member.assistant, std::move(reason)});
            continue;
        }
        able.push_back({i, std::move(seen)});
    }
    return able;
}

std::size_t Chooser::pick(const std::vector<Candidate>& able, base::Rng& rng) {
    switch (balancer_.strategy) {
        case Strategy::round_robin:
            return next_in_turn(able);
        case Strategy::least_connections:
            return least_connected(able);
        case Strategy::random:
            return able[rng.below(able.size())].member;
        case Strategy::weighted:
            return by_weight(able);
        case Strategy::priority:
            return by_priority(able);
    }
    return next_in_turn(able);
}

std::size_t Chooser::next_in_turn(const std::vector<Candidate>& able) const {
    const auto after_last = std::find_if(able.begin(), able.end(), [&](const Candidate& candidate) {
        return !last_ || candidate.member > *last_;
    });
    return after_last == able.end() ? able.front().member : after_last->member;
}

std::size_t Chooser::least_connected(const std::vector<Candidate>& able) const {
    int largest_cap = 1;
    for (const Candidate& candidate : able) {
        largest_cap = std::max(largest_cap, candidate.view.max_concurrent_calls);
    }
    const auto capacity = [&](const Candidate& candidate) -> std::int64_t {
        const int cap = candidate.view.max_concurrent_calls;
        return cap > 0 ? cap : largest_cap;
    };
    // Two shares a/b and c/d compare as a*d and c*b, without rounding.
    const auto less_used = [&](const Candidate& left, const Candidate& right) {
        return left.view.active_calls * capacity(right) < right.view.active_calls * capacity(left);
    };
    const Candidate& least = *std::min_element(able.begin(), able.end(), less_used);
    std::vector<Candidate> equal;
    std::copy_if(
        able.begin(),
        able.end(),
        std::back_inserter(equal),
        [&](const Candidate& candidate) { return !less_used(least, candidate); }
    );
    return next_in_turn(equal);
}

std::size_t Chooser::by_weight(const std::vector<Candidate>& able) {
    std::int64_t total = 0;
    for (const Candidate& candidate : able) {
        total += balancer_.members[candidate.member].weight;
    }
    if (total == 0) {
        return next_in_turn(able);
    }
    // Everyone earns their weight with each call, and who has most pays for it with all that was
    // earned.
    std::optional<std::size_t> richest;
    for (const Candidate& candidate : able) {
        const int weight = balancer_.members[candidate.member].weight;
        credits_[candidate.member] += weight;
        if (weight > 0 && (!richest || credits_[candidate.member] > credits_[*richest])) {
            richest = candidate.member;
        }
    }
    credits_[*richest] -= total;
    return *richest;
}

std::size_t Chooser::by_priority(const std::vector<Candidate>& able) const {
    int first = balancer_.members[able.front().member].priority;
    for (const Candidate& candidate : able) {
        first = std::min(first, balancer_.members[candidate.member].priority);
    }
    std::vector<Candidate> equal;
    std::copy_if(
        able.begin(),
        able.end(),
        std::back_inserter(equal),
        [&](const Candidate& candidate) {
            return balancer_.members[candidate.member].priority == first;
        }
    );
    return next_in_turn(equal);
}

void Chooser::use_fallback(const ViewOf& view, Choice& choice) const {
    if (balancer_.fallback.empty()) {
        return;
    }
    if (balancer_.fallback == hangup_fallback) {
        choice.kind = ChoiceKind::hangup;
        return;
    }
    if (std::string reason = obstacle(view(balancer_.fallback)); !reason.empty()) {
        choice.passed_over.push_back({balancer_.fallback, "as the fallback " + reason});
        return;
    }
    choice.kind = ChoiceKind::fallback;
    choice.assistant = balancer_.fallback;
}

}  // namespace cxdial::balancer
