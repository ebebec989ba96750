#include "campaign/caller_ids.h"

#include "base/check.h"
#include "base/rng.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace cxdial::campaign {
namespace {

/// FNV-1a: the same on every machine and in every version, as `std::hash` is not.
std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : text) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    }
    return hash;
}

}  // namespace

CallerIds::CallerIds(const Campaign& campaign) {
    update(campaign);
}

void CallerIds::update(const Campaign& campaign) {
    std::unordered_map<std::string, std::uint64_t> shown_last;
    for (const Member& member : pool_) {
        shown_last[member.caller_id.phone_number] = member.shown_last;
    }
    std::vector<Member> pool;
    for (const CallerId& caller_id : campaign.caller_ids) {
        pool.push_back(
            {.caller_id = caller_id,
             .hash = stable_hash(caller_id.phone_number),
             .shown_last = shown_last[caller_id.phone_number]}
        );
    }
    pool_ = std::move(pool);
    strategy_ = campaign.caller_id_strategy;
    sticky_ = campaign.caller_id_sticky;
    turn_ = turn_ < pool_.size() ? turn_ : 0;
}

const CallerId& CallerIds::choose(
    base::PhoneNumber destination, std::string_view previous, std::uint64_t dice
) {
    CHECK_INVARIANT(!pool_.empty());
    std::size_t chosen = 0;
    if (pool_.size() > 1) {
        chosen = sticky_ ? for_contact(destination) : by_strategy(position_of(previous), dice);
    }
    pool_[chosen].shown_last = ++choices_;
    turn_ = (chosen + 1) % pool_.size();
    return pool_[chosen].caller_id;
}

std::size_t CallerIds::position_of(std::string_view number) const {
    const auto found = std::find_if(pool_.begin(), pool_.end(), [&](const Member& member) {
        return member.caller_id.phone_number == number;
    });
    return static_cast<std::size_t>(found - pool_.begin());
}

std::size_t CallerIds::by_strategy(std::size_t seen_last, std::uint64_t dice) const {
    switch (strategy_) {
        case CallerIdStrategy::random:
        case CallerIdStrategy::weighted:
            return at_random(seen_last, dice);
        case CallerIdStrategy::least_recently_used:
            return longest_unused(seen_last);
        case CallerIdStrategy::round_robin:
            break;
    }
    return turn_ == seen_last ? (turn_ + 1) % pool_.size() : turn_;
}

std::vector<std::uint64_t> CallerIds::weights() const {
    std::vector<std::uint64_t> weights(pool_.size(), 1);
    if (strategy_ == CallerIdStrategy::weighted) {
        std::transform(pool_.begin(), pool_.end(), weights.begin(), [](const Member& member) {
            return static_cast<std::uint64_t>(std::max(0, member.caller_id.weight));
        });
    }
    return weights;
}

std::size_t CallerIds::at_random(std::size_t seen_last, std::uint64_t dice) const {
    std::vector<std::uint64_t> widths = weights();
    if (seen_last < widths.size()) {
        widths[seen_last] = 0;
    }
    std::uint64_t total = std::accumulate(widths.begin(), widths.end(), std::uint64_t{0});
    if (total == 0) {
        // Only caller IDs of no weight are left.
        widths.assign(widths.size(), 1);
        if (seen_last < widths.size()) {
            widths[seen_last] = 0;
        }
        total = std::accumulate(widths.begin(), widths.end(), std::uint64_t{0});
    }
    std::uint64_t point = dice % total;
    std::size_t position = 0;
    while (point >= widths[position]) {
        point -= widths[position];
        ++position;
    }
    return position;
}

std::size_t CallerIds::longest_unused(std::size_t seen_last) const {
    std::size_t best = seen_last == 0 ? 1 : 0;
    for (std::size_t i = best + 1; i < pool_.size(); ++i) {
        if (i != seen_last && pool_[i].shown_last < pool_[best].shown_last) {
            best = i;
        }
    }
    return best;
}

std::size_t CallerIds::for_contact(base::PhoneNumber destination) const {
    // Each caller ID bids for the contact and the highest bid wins (rendezvous hashing), so that a
    // caller ID that comes or goes changes nothing between the others.
    const std::uint64_t contact = base::Rng{destination.digits()}.next();
    const std::vector<std::uint64_t> widths = weights();
    const bool weightless =
        std::all_of(widths.begin(), widths.end(), [](std::uint64_t width) { return width == 0; });
    std::size_t best = 0;
    double highest = -1.0;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        const double bid = 1.0 - base::Rng{contact ^ pool_[i].hash}.uniform();
        const double width = weightless ? 1.0 : static_cast<double>(widths[i]);
        const double weighted = width <= 0 ? 0.0 : std::pow(bid, 1.0 / width);
        if (weighted > highest) {
            highest = weighted;
            best = i;
        }
    }
    return best;
}

}  // namespace cxdial::campaign
