#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>
#include <deque>

namespace cxdial::dialer {

/// A Cloudonix domain's request limit: at most `requests` in any window of length `per`, wherever
/// the window starts. (A token bucket of the same figures would let twice as many through in its
/// first window, and the platform would answer 429.) A pure function of what it is told.
class RequestWindow {
public:
    /// `requests` 0: no limit.
    RequestWindow(int requests, std::chrono::nanoseconds per) : requests_(requests), per_(per) {}

    /// What has left already still counts.
    void set_limit(int requests, std::chrono::nanoseconds per) {
        requests_ = requests;
        per_ = per;
    }
    [[nodiscard]] bool ready(base::MonoTime now);
    void spend(base::MonoTime now);
    /// When `ready` will be true if nothing is spent; `now` when it is.
    [[nodiscard]] base::MonoTime ready_at(base::MonoTime now);
    /// A request that left before this process knew of the window, oldest first.
    void remember(base::MonoTime at) { sent_.push_back(at); }
    /// How many left in the window that ends now.
    [[nodiscard]] int sent(base::MonoTime now);

private:
    void forget(base::MonoTime now);

    int requests_;
    std::chrono::nanoseconds per_;
    std::deque<base::MonoTime> sent_;
};

}  // namespace cxdial::dialer
