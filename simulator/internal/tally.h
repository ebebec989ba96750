#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "simulator/internal/window_peak.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cxdial::simulator {

/// What somebody declared that a group of calls must keep to.
struct Bounds {
    std::optional<std::uint64_t> cap;   ///< live calls
    std::optional<std::uint64_t> rate;  ///< calls made in any `per`
    std::chrono::milliseconds per{1'000};
    /// From (included) to (excluded): no call may be made or started then.
    std::vector<std::pair<base::WallTime, base::WallTime>> forbidden;
};

/// Reads `{"cap":50,"rate":10,"per":"1s","forbidden":[{"from":ISO,"to":ISO}]}`; each member may be
/// missing. An error says which is wrong.
[[nodiscard]] base::Result<Bounds> read_bounds(const nlohmann::json& body);

/// Counts the calls of a group (a caller ID, a domain, …) and, at the instant it happens, each
/// breach of the group's bounds.
class Tally {
public:
    /// Holds from now on; what is live already is not judged.
    void declare(Bounds bounds);
    void made(base::Now now);
    /// The call has left for its destination.
    void started(base::Now now);
    void ended(base::Now now);
    /// The number of the group that was called has another live call from the same group.
    void double_dial() { ++double_dials_; }

    [[nodiscard]] std::uint64_t violations() const {
        return over_cap_ + over_rate_ + made_forbidden_ + started_forbidden_;
    }
    /// `{"accepted","started","live","live_max","double_dials","max_in_1s","first_ms","last_ms",
    /// "live_mean","violations":{"cap","rate","made_forbidden","started_forbidden"}}`; times since
    /// `begun`. `live_mean`: time average of the live calls from the first call made to the last.
    [[nodiscard]] nlohmann::json summary(base::MonoTime begun) const;

private:
    [[nodiscard]] bool is_forbidden(base::WallTime now) const;
    /// Adds up the calls that were live until now.
    void pass_time(base::MonoTime now);

    Bounds bounds_;
    std::uint64_t accepted_ = 0;
    std::uint64_t started_ = 0;
    std::uint64_t live_ = 0;
    std::uint64_t live_max_ = 0;
    std::uint64_t double_dials_ = 0;
    std::uint64_t over_cap_ = 0;
    std::uint64_t over_rate_ = 0;
    std::uint64_t made_forbidden_ = 0;
    std::uint64_t started_forbidden_ = 0;
    std::optional<base::MonoTime> first_;
    base::MonoTime last_;
    base::MonoTime passed_until_;
    double live_seconds_ = 0;
    double live_seconds_at_last_ = 0;
    WindowPeak per_second_{std::chrono::seconds{1}};
    WindowPeak per_rate_{std::chrono::seconds{1}};
};

}  // namespace cxdial::simulator
