#pragma once

#include "base/clock.h"
#include "campaign/ids.h"
#include "net/loop.h"
#include "net/redis.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::api_client {

/// Whether a call may leave, as the state that OPBX's workers share says.
enum class Admission : std::uint8_t {
    admitted,
    locked,       ///< another worker is asking for a call to this destination right now
    full,         ///< the campaign's calls of all workers together are at its cap
    unavailable,  ///< Redis did not say
};
/// A sentence for people.
[[nodiscard]] std::string_view explain(Admission admission);

/// A call of a campaign that OPBX owns.
struct SharedCall {
    campaign::AttemptId attempt;
    campaign::OpbxCampaignId campaign;
    campaign::OpbxDestinationId destination;
    int concurrent_active_calls = 1;  ///< CAC of the campaign
};

/// The counters of live calls and the locks of destinations that OPBX and its workers keep in
/// Redis: `dialer:cac:{campaign}:active`, `dialer:lock:dest:{destination}` and the marker
/// `dialer:cac:decremented:{token}` by which whoever lowers the counter for a call does it alone.
///
/// Each call that this worker counted is listed in `cxdial:{worker}:calls:{campaign}`, which
/// changes in one script with the counter: so it is counted once and given back once, through every
/// crash, and the counter less that list is what the others hold. A counter that stays below the
/// list for `low_for` was reset by somebody, and is raised to it.
///
/// Thread rule: the loop's thread.
class OpbxSlots {
public:
    struct Settings {
        std::string worker_id = "cxdial-1";
        base::Millis lock_for{120'000};  ///< above the time-outs of the requests that it guards
        /// A destination that may have been called stays locked for so long: others read it from
        /// lists that are older than the call.
        base::Millis lock_lingers{30'000};
        base::Millis look_every{1'000};
        base::Millis low_for{2'000};
        net::RedisTimes redis{};
        std::vector<SharedCall> live{};  ///< the calls that hold a slot already
    };
    struct Ports {
        /// The token of an attempt that is over, where it is known.
        std::function<std::optional<campaign::SessionToken>(campaign::AttemptId)> token_of;
        /// How many slots of a campaign others hold; only changes are told.
        std::function<void(campaign::OpbxCampaignId, int slots)> on_others;
        /// Whether Redis answers; told at each change. While it does not, nothing is admitted.
        std::function<void(bool)> on_reachable;
    };

    /// `loop` and `clock` must outlive this.
    OpbxSlots(
        net::Loop& loop,
        const base::Clock& clock,
        net::RedisServer server,
        Settings settings,
        Ports ports
    );
    ~OpbxSlots();
    OpbxSlots(const OpbxSlots&) = delete;
    OpbxSlots& operator=(const OpbxSlots&) = delete;
    OpbxSlots(OpbxSlots&&) = delete;
    OpbxSlots& operator=(OpbxSlots&&) = delete;

    /// Locks the destination and counts the call. `done` is called once, later. Whatever it says,
    /// `ended` must follow when the attempt is over.
    void admit(const SharedCall& call, std::function<void(Admission)> done);
    /// The request that the lock guarded has been answered. `called`: there may be a call.
    void unlock(const SharedCall& call, bool called);
    /// The attempt is over, however it ended: the call is given back, unless OPBX did so already.
    /// Attempts that are no shared calls are passed over.
    void ended(campaign::AttemptId attempt);

    [[nodiscard]] bool reachable() const;
    /// Calls that are over and not yet given back.
    [[nodiscard]] std::size_t owed() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::api_client
