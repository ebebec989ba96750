#include "balancer/health.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace cxdial::balancer {
namespace {

constexpr int healthy_allowance = 8;
constexpr base::Millis forgets_one_time_in = std::chrono::minutes{10};

}  // namespace

Health::Health(Settings settings) : settings_(settings) {}

bool Health::is_ejected(const Member& member, base::MonoTime now) {
    return member.recovering && now < member.back_at;
}

bool Health::counts(const Member& member, base::MonoTime connected_at) {
    return member.times_ejected == 0 || connected_at >= member.back_at;
}

void Health::set_pool(const std::vector<std::string>& names) {
    std::map<std::string, Member> kept;
    for (const std::string& name : names) {
        kept[name] = members_[name];
    }
    members_ = std::move(kept);

    std::vector<Member*> recovering;
    for (auto& [name, member] : members_) {
        if (member.recovering) {
            recovering.push_back(&member);
        }
    }
    std::sort(recovering.begin(), recovering.end(), [](const Member* left, const Member* right) {
        return left->back_at > right->back_at;
    });
    // Those that are back already stand behind all that are ejected, and stay back.
    for (std::size_t i = members_.size() / 2; i < recovering.size(); ++i) {
        recovering[i]->back_at = recovering[i]->ejected_at;
    }
}

void Health::succeeded(
    const std::string& assistant, base::MonoTime connected_at, base::MonoTime now
) {
    const auto found = members_.find(assistant);
    if (found == members_.end() || is_ejected(found->second, now) ||
        !counts(found->second, connected_at)) {
        return;
    }
    Member& member = found->second;
    if (connected_at >= member.failing_since) {
        member.failures = 0;
    }
    if (!member.recovering || ++member.successes < member.allowance) {
        return;
    }
    member.allowance *= 2;
    member.successes = 0;
    if (member.allowance >= healthy_allowance) {
        member.recovering = false;
        member.healthy_since = now;
    }
}

void Health::failed(const std::string& assistant, base::MonoTime connected_at, base::MonoTime now) {
    const auto found = members_.find(assistant);
    if (found == members_.end() || is_ejected(found->second, now) ||
        !counts(found->second, connected_at)) {
        return;
    }
    Member& member = found->second;
    if (member.failures == 0 || connected_at < member.failing_since) {
        member.failing_since = connected_at;
    }
    member.failures = std::min(member.failures + 1, settings_.failures_to_eject);
    member.successes = 0;
    if (member.recovering) {
        member.allowance = 1;
    }
    if ((member.recovering || member.failures >= settings_.failures_to_eject) && may_eject(now)) {
        eject(member, now);
    }
}

bool Health::may_eject(base::MonoTime now) const {
    const auto ejected = std::count_if(members_.begin(), members_.end(), [&](const auto& named) {
        return is_ejected(named.second, now);
    });
    return static_cast<std::size_t>(ejected) < members_.size() / 2;
}

base::Millis Health::ejection_after(int times_ejected) const {
    base::Millis ejection = settings_.first_ejection;
    for (int i = 0; i < times_ejected && ejection < settings_.longest_ejection; ++i) {
        ejection *= 2;
    }
    return std::min(ejection, settings_.longest_ejection);
}

void Health::eject(Member& member, base::MonoTime now) const {
    if (!member.recovering && member.times_ejected > 0) {
        const auto forgotten = (now - member.healthy_since) / forgets_one_time_in;
        member.times_ejected -=
            static_cast<int>(std::min<std::int64_t>(forgotten, member.times_ejected));
    }
    member.ejected_at = now;
    member.back_at = now + ejection_after(member.times_ejected);
    ++member.times_ejected;
    member.recovering = true;
    member.allowance = 1;
    member.failures = 0;
}

Health::View Health::view(const std::string& assistant, base::MonoTime now) const {
    const auto found = members_.find(assistant);
    if (found == members_.end() || !found->second.recovering) {
        return {};
    }
    const Member& member = found->second;
    if (!is_ejected(member, now)) {
        return {.usable = true, .why_not = {}, .until = {}, .allowance = member.allowance};
    }
    return {
        .usable = false,
        .why_not = "ejected: its calls failed",
        .until = member.back_at,
        .allowance = 0};
}

}  // namespace cxdial::balancer
