#pragma once

#include "base/phone_number.h"
#include "campaign/campaign.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cxdial::campaign {

/// Which caller ID each attempt of one campaign shows, by its strategy: `round_robin` in turn,
/// `random` evenly, `weighted` at random by weight (a weight of 0: only when there is no other),
/// `least_recently_used` the one that the campaign has not shown for the longest time.
///
/// A sticky pool shows a contact the same caller ID on every attempt, and every campaign with the
/// same pool does, whatever its order; the strategy then only says whether weights count. When the
/// pool is edited, only the contacts of the caller IDs that come and go see another one.
///
/// What was shown is kept in memory only: a restart begins anew. Thread rule: one thread at a time.
class CallerIds {
public:
    explicit CallerIds(const Campaign& campaign);

    /// Takes an edit of the campaign; caller IDs that remain keep their history.
    void update(const Campaign& campaign);

    /// The caller ID for a call to `destination`, and notes that it was shown; the campaign has at
    /// least one. `previous` is what the destination saw last (empty: nothing); another one is
    /// chosen when the pool has one, unless it is sticky. `dice` is any random number. The
    /// reference holds until the next `update`.
    const CallerId& choose(
        base::PhoneNumber destination, std::string_view previous, std::uint64_t dice
    );

private:
    struct Member {
        CallerId caller_id;
        std::uint64_t hash = 0;
        std::uint64_t shown_last = 0;  ///< number of the choice; 0: never
    };

    [[nodiscard]] std::size_t position_of(std::string_view number) const;
    [[nodiscard]] std::vector<std::uint64_t> weights() const;
    [[nodiscard]] std::size_t for_contact(base::PhoneNumber destination) const;
    [[nodiscard]] std::size_t by_strategy(std::size_t seen_last, std::uint64_t dice) const;
    [[nodiscard]] std::size_t at_random(std::size_t seen_last, std::uint64_t dice) const;
    [[nodiscard]] std::size_t longest_unused(std::size_t seen_last) const;

    std::vector<Member> pool_;
    CallerIdStrategy strategy_ = CallerIdStrategy::round_robin;
    bool sticky_ = false;
    std::size_t turn_ = 0;
    std::uint64_t choices_ = 0;
};

}  // namespace cxdial::campaign
