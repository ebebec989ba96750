#pragma once

#include "balancer/assistant.h"
#include "balancer/choose.h"
#include "balancer/health.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "campaign/campaign.h"
#include "dialer/store.h"

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::dialer {

/// Where the answered calls of a campaign go: an assistant, or a balancer over several.
struct PoolKey {
    std::string tenant;
    std::string balancer;   ///< empty: there is none, all calls go to `assistant`
    std::string assistant;  ///< both empty: calls are hung up

    [[nodiscard]] static PoolKey of(const campaign::Campaign& campaign);
    [[nodiscard]] bool is_hangup() const { return balancer.empty() && assistant.empty(); }

    // NOLINTNEXTLINE(modernize-use-nullptr): misread in the defaulted comparison.
    friend auto operator<=>(const PoolKey&, const PoolKey&) = default;
};

/// Whether one more call can be taken.
enum class Room : std::uint8_t {
    yes,
    full,    ///< everybody who could has as many calls as they take
    nobody,  ///< nobody is active, published and well
};

/// All assistants and balancers that calls go to: who is well, who has how many calls, whose turn
/// it is. A call is bound to its assistant when it is placed, or, where the balancer chooses once
/// somebody has answered, reserved in the pool until then: no call is placed for which nobody would
/// be left. Thread rule: the engine's.
class Switchboard {
public:
    /// Reads the pool's balancer and assistants, again where they are known. The error says what is
    /// missing or cannot work.
    [[nodiscard]] base::Result<void> load(Store& store, const PoolKey& key);

    [[nodiscard]] Room room(const PoolKey& key, base::MonoTime now) const;
    /// When the first assistant comes back that is ejected now; nothing when none is.
    [[nodiscard]] std::optional<base::MonoTime> next_return(const PoolKey& key, base::MonoTime now)
        const;
    /// Whose turn it is, leaving out those in `tried`; null: nobody can take the call.
    [[nodiscard]] const balancer::Assistant* choose(
        const PoolKey& key, std::span<const std::string> tried, base::MonoTime now, base::Rng& rng
    );
    [[nodiscard]] const balancer::Assistant* find(
        const std::string& tenant, const std::string& name
    ) const;
    /// Every assistant of the pool that may get calls, well or not.
    [[nodiscard]] std::vector<const balancer::Assistant*> usable(const PoolKey& key) const;

    void reserve(const PoolKey& key) { ++pools_[key].reserved; }
    void unreserve(const PoolKey& key);
    void bind(const std::string& tenant, const std::string& assistant);
    void unbind(const std::string& tenant, const std::string& assistant);
    /// Calls that the assistant has.
    [[nodiscard]] int bound(const std::string& tenant, const std::string& assistant) const;
    /// Whether an assistant that takes `cap` calls (0: any number) can take one that came in, and
    /// somebody is still left for every call that nobody has been chosen for yet.
    [[nodiscard]] bool can_take(
        const std::string& tenant, const std::string& assistant, int cap, base::MonoTime now
    ) const;

    /// How a call went that was connected to the assistant at `connected_at`.
    void report(
        const PoolKey& key,
        const std::string& assistant,
        bool well,
        base::MonoTime connected_at,
        base::MonoTime now
    );

private:
    using AssistantKey = std::pair<std::string, std::string>;  // tenant, name
    struct Seat {
        std::optional<balancer::Assistant> assistant;  ///< empty: there is none of this name
        int bound = 0;                                 ///< calls that it has
    };
    struct Pool {
        std::unique_ptr<balancer::Chooser> chooser;
        std::vector<std::string> takers;  ///< members that are active in it, and its fallback
        balancer::Health health{balancer::Health::Settings{}};
        int reserved = 0;  ///< calls that nobody has been chosen for yet
    };

    [[nodiscard]] balancer::AssistantView view(
        const PoolKey& key, const Pool& pool, std::string_view assistant, base::MonoTime now
    ) const;
    /// How many more calls the pool's assistants could take; a very large number: any number.
    [[nodiscard]] std::int64_t free_seats(const PoolKey& key, const Pool& pool, base::MonoTime now)
        const;
    [[nodiscard]] std::int64_t unreserved_seats(
        const PoolKey& key, const Pool& pool, base::MonoTime now
    ) const;
    [[nodiscard]] static bool share_an_assistant(const Pool& one, const Pool& other);
    [[nodiscard]] base::Result<void> seat(
        Store& store, const PoolKey& key, const std::string& assistant
    );

    std::map<AssistantKey, Seat> seats_;
    std::map<PoolKey, Pool> pools_;
};

}  // namespace cxdial::dialer
