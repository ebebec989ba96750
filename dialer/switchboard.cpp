#include "dialer/switchboard.h"

#include "base/check.h"
#include "dialer/flaw.h"

#include <algorithm>
#include <limits>

namespace cxdial::dialer {
namespace {

using balancer::Assistant;
using balancer::Balancer;
using balancer::Member;
using balancer::ResourceStatus;

constexpr std::int64_t any_number = std::numeric_limits<std::int64_t>::max() / 2;

base::Error missing(const std::string& what, const std::string& name) {
    return {base::Errc::conflict, "there is no " + what + " \"" + name + "\""};
}

/// A single assistant is a balancer with one member.
Balancer alone(const PoolKey& key) {
    Balancer one;
    one.tenant = key.tenant;
    Member member;
    member.assistant = key.assistant;
    one.members = {member};
    return one;
}

std::vector<std::string> names_of(const Balancer& balancer) {
    std::vector<std::string> names;
    for (const Member& member : balancer.members) {
        names.push_back(member.assistant);
    }
    return names;
}

bool has_fallback(const Balancer& balancer) {
    return !balancer.fallback.empty() && balancer.fallback != balancer::hangup_fallback;
}

std::vector<std::string> takers_of(const Balancer& balancer) {
    std::vector<std::string> names;
    for (const Member& member : balancer.members) {
        if (member.status == ResourceStatus::active) {
            names.push_back(member.assistant);
        }
    }
    const bool listed = std::find(names.begin(), names.end(), balancer.fallback) != names.end();
    if (has_fallback(balancer) && !listed) {
        names.push_back(balancer.fallback);
    }
    return names;
}

}  // namespace

PoolKey PoolKey::of(const campaign::Campaign& campaign) {
    using enum campaign::RoutingDestinationType;
    PoolKey key{.tenant = campaign.tenant, .balancer = {}, .assistant = {}};
    if (campaign.routing_destination_type == ai_load_balancer) {
        key.balancer = campaign.routing_destination;
    } else if (campaign.routing_destination_type == ai_assistant) {
        key.assistant = campaign.routing_destination;
    }
    return key;
}

base::Result<void> Switchboard::seat(
    Store& store, const PoolKey& key, const std::string& assistant
) {
    std::optional<Assistant> found = store.assistant(key.tenant, assistant);
    const bool exists = found.has_value();
    seats_[{key.tenant, assistant}].assistant = std::move(found);
    return exists ? base::Result<void>{} : missing("assistant", assistant);
}

base::Result<void> Switchboard::load(Store& store, const PoolKey& key) {
    if (key.is_hangup()) {
        return {};
    }
    Balancer balancer = alone(key);
    if (!key.balancer.empty()) {
        std::optional<Balancer> found = store.balancer(key.tenant, key.balancer);
        if (!found) {
            return missing("balancer", key.balancer);
        }
        balancer = std::move(*found);
    }
    std::vector<std::string> names = names_of(balancer);
    if (has_fallback(balancer)) {
        names.push_back(balancer.fallback);
    }
    for (const std::string& name : names) {
        if (base::Result<void> seated = seat(store, key, name); !seated) {
            return seated;
        }
    }
    Pool& pool = pools_[key];
    pool.health.set_pool(names_of(balancer));
    pool.takers = takers_of(balancer);
    if (pool.chooser == nullptr) {
        pool.chooser = std::make_unique<balancer::Chooser>(std::move(balancer));
    } else {
        pool.chooser->update(std::move(balancer));
    }
    return {};
}

balancer::AssistantView Switchboard::view(
    const PoolKey& key, const Pool& pool, std::string_view assistant, base::MonoTime now
) const {
    balancer::AssistantView seen;
    const auto position = seats_.find({key.tenant, std::string(assistant)});
    if (position == seats_.end() || !position->second.assistant) {
        seen.usable = false;
        seen.why_not = "does not exist";
        return seen;
    }
    const Assistant& resource = *position->second.assistant;
    const balancer::Health::View health = pool.health.view(std::string(assistant), now);
    seen.active_calls = position->second.bound;
    seen.max_concurrent_calls = resource.max_concurrent_calls;
    if (flawed(Flaw::ignore_assistant_caps)) {
        seen.max_concurrent_calls = 0;
    }
    if (resource.status != ResourceStatus::active || !resource.published) {
        seen.usable = false;
        seen.why_not = "is not active and published";
    } else if (flawed(Flaw::never_eject)) {
        return seen;
    } else if (!health.usable) {
        seen.usable = false;
        seen.why_not = health.why_not;
    } else if (health.allowance > 0) {
        const int cap = seen.max_concurrent_calls;
        seen.max_concurrent_calls = cap == 0 ? health.allowance : std::min(cap, health.allowance);
    }
    return seen;
}

std::int64_t Switchboard::free_seats(const PoolKey& key, const Pool& pool, base::MonoTime now)
    const {
    std::int64_t free = 0;
    for (const std::string& name : pool.takers) {
        const balancer::AssistantView seen = view(key, pool, name, now);
        if (!seen.usable) {
            continue;
        }
        if (seen.max_concurrent_calls == 0) {
            return any_number;
        }
        free += std::max(0, seen.max_concurrent_calls - seen.active_calls);
    }
    return free;
}

bool Switchboard::share_an_assistant(const Pool& one, const Pool& other) {
    return std::find_first_of(
               one.takers.begin(), one.takers.end(), other.takers.begin(), other.takers.end()
           ) != one.takers.end();
}

std::int64_t Switchboard::unreserved_seats(const PoolKey& key, const Pool& pool, base::MonoTime now)
    const {
    const std::int64_t free = free_seats(key, pool, now);
    if (free == any_number) {
        return free;
    }
    // Whoever shares an assistant with this pool may come to need it for what they reserved.
    std::int64_t reserved = 0;
    for (const auto& [other_key, other] : pools_) {
        if (other_key.tenant == key.tenant && other.chooser != nullptr && other.reserved > 0 &&
            share_an_assistant(pool, other)) {
            reserved += other.reserved;
        }
    }
    return free - reserved;
}

Room Switchboard::room(const PoolKey& key, base::MonoTime now) const {
    if (key.is_hangup()) {
        return Room::yes;
    }
    const auto position = pools_.find(key);
    if (position == pools_.end() || position->second.chooser == nullptr) {
        return Room::nobody;
    }
    const Pool& pool = position->second;
    const bool anybody =
        std::any_of(pool.takers.begin(), pool.takers.end(), [&](const std::string& name) {
            return view(key, pool, name, now).usable;
        });
    if (!anybody) {
        return Room::nobody;
    }
    if (unreserved_seats(key, pool, now) <= 0) {
        return Room::full;
    }
    // A call that is bound here may take the seat that another pool counts on.
    for (const auto& [other_key, other] : pools_) {
        if (other_key.tenant == key.tenant && &other != &pool && other.reserved > 0 &&
            other.chooser != nullptr && share_an_assistant(pool, other) &&
            unreserved_seats(other_key, other, now) <= 0) {
            return Room::full;
        }
    }
    return Room::yes;
}

std::optional<base::MonoTime> Switchboard::next_return(const PoolKey& key, base::MonoTime now)
    const {
    const auto position = pools_.find(key);
    if (position == pools_.end() || position->second.chooser == nullptr) {
        return std::nullopt;
    }
    std::optional<base::MonoTime> first;
    for (const Member& member : position->second.chooser->balancer().members) {
        const std::optional<base::MonoTime> until =
            position->second.health.view(member.assistant, now).until;
        if (until && (!first || *until < *first)) {
            first = until;
        }
    }
    return first;
}

const Assistant* Switchboard::choose(
    const PoolKey& key, std::span<const std::string> tried, base::MonoTime now, base::Rng& rng
) {
    const auto position = pools_.find(key);
    if (position == pools_.end() || position->second.chooser == nullptr) {
        return nullptr;
    }
    const Pool& pool = position->second;
    const auto view_of = [&](std::string_view assistant) {
        balancer::AssistantView seen = view(key, pool, assistant, now);
        if (std::find(tried.begin(), tried.end(), assistant) != tried.end()) {
            seen.usable = false;
            seen.why_not = "could not take this call";
        }
        return seen;
    };
    const balancer::Choice choice = pool.chooser->choose(view_of, rng);
    using enum balancer::ChoiceKind;
    const bool somebody = choice.kind == member || choice.kind == fallback;
    return somebody ? find(key.tenant, choice.assistant) : nullptr;
}

const Assistant* Switchboard::find(const std::string& tenant, const std::string& name) const {
    const auto position = seats_.find({tenant, name});
    const bool known = position != seats_.end() && position->second.assistant.has_value();
    return known ? &*position->second.assistant : nullptr;
}

std::vector<const Assistant*> Switchboard::usable(const PoolKey& key) const {
    std::vector<const Assistant*> found;
    const auto position = pools_.find(key);
    if (position == pools_.end()) {
        return found;
    }
    for (const std::string& name : position->second.takers) {
        const Assistant* assistant = find(key.tenant, name);
        if (assistant != nullptr && assistant->status == ResourceStatus::active &&
            assistant->published) {
            found.push_back(assistant);
        }
    }
    return found;
}

void Switchboard::unreserve(const PoolKey& key) {
    int& reserved = pools_[key].reserved;
    --reserved;
    CHECK_INVARIANT(reserved >= 0);
}

void Switchboard::bind(const std::string& tenant, const std::string& assistant) {
    ++seats_[{tenant, assistant}].bound;
}

void Switchboard::unbind(const std::string& tenant, const std::string& assistant) {
    int& bound = seats_[{tenant, assistant}].bound;
    --bound;
    CHECK_INVARIANT(bound >= 0);
}

int Switchboard::bound(const std::string& tenant, const std::string& assistant) const {
    const auto position = seats_.find({tenant, assistant});
    return position == seats_.end() ? 0 : position->second.bound;
}

bool Switchboard::can_take(
    const std::string& tenant, const std::string& assistant, int cap, base::MonoTime now
) const {
    if (cap > 0 && bound(tenant, assistant) >= cap) {
        return false;
    }
    return std::none_of(pools_.begin(), pools_.end(), [&](const auto& entry) {
        const auto& [key, pool] = entry;
        const auto& takers = pool.takers;
        const bool counts_on_it =
            key.tenant == tenant && pool.reserved > 0 && pool.chooser != nullptr &&
            std::find(takers.begin(), takers.end(), assistant) != takers.end() &&
            view(key, pool, assistant, now).usable;
        return counts_on_it && unreserved_seats(key, pool, now) <= 0;
    });
}

void Switchboard::report(
    const PoolKey& key,
    const std::string& assistant,
    bool well,
    base::MonoTime connected_at,
    base::MonoTime now
) {
    const auto position = pools_.find(key);
    if (position == pools_.end()) {
        return;
    }
    if (well) {
        position->second.health.succeeded(assistant, connected_at, now);
    } else {
        position->second.health.failed(assistant, connected_at, now);
    }
}

}  // namespace cxdial::dialer
