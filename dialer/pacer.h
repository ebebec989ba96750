#pragma once

#include "base/clock.h"

namespace cxdial::dialer {

/// A campaign's calls per second: a token bucket. A pure function of what it is told.
class Pacer {
public:
    struct Limits {
        double per_second = 1.0;  ///< 0: no limit
        double burst = 1.0;       ///< 1 or more: calls that may start at one instant
    };

    /// Starts empty, so that a restart never adds a burst to what an earlier life just placed; the
    /// first call may start as soon as one token is earned.
    Pacer(Limits limits, base::MonoTime now);

    /// Whether a call may start now. Time lost in a stall is not owed as a burst.
    [[nodiscard]] bool ready(base::MonoTime now);
    void spend();
    /// When `ready` will be true if nothing is spent; `now` when it is.
    [[nodiscard]] base::MonoTime ready_at(base::MonoTime now);
    /// Keeps what was earned, but no more than the new burst.
    void change(Limits limits, base::MonoTime now);

private:
    void earn(base::MonoTime now);

    Limits limits_;
    base::MonoTime last_;
    double tokens_ = 0.0;
};

}  // namespace cxdial::dialer
