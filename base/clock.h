#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace cxdial::base {

using Millis = std::chrono::milliseconds;

/// A point on the wall clock, in milliseconds since 1970 UTC. Stored timestamps and calling hours.
using WallTime = std::chrono::sys_time<Millis>;

/// A point on a clock that never goes back and means nothing outside this process. Deadlines,
/// pacing.
struct MonoTag {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    static constexpr bool is_steady = true;
};
using MonoTime = std::chrono::time_point<MonoTag, std::chrono::nanoseconds>;

/// Both readings of one instant. Everything below the edges gets it as an argument.
struct Now {
    MonoTime mono;
    WallTime wall;
};

/// Where time comes from. Thread rule: `now` may be called from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Now now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Now now() const override;
};

/// Milliseconds since 1970, the form in which a wall time is stored.
[[nodiscard]] constexpr std::int64_t to_millis(WallTime time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] constexpr WallTime from_millis(std::int64_t millis) {
    return WallTime{Millis{millis}};
}

}  // namespace cxdial::base
