#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstddef>
#include <deque>

namespace cxdial::simulator {

/// Counts the events that fall into one window of a fixed length (its start excluded, its end
/// included), and the most that ever did.
class WindowPeak {
public:
    explicit WindowPeak(std::chrono::milliseconds length) : length_(length) {}
    /// How many are in the window that ends now, this one included.
    std::size_t add(base::MonoTime now);
    /// How many are in the window that ends now.
    [[nodiscard]] std::size_t inside(base::MonoTime now);
    /// The window begins anew, with this length. The peak is kept.
    void restart(std::chrono::milliseconds length);
    [[nodiscard]] std::size_t max() const { return max_; }

private:
    std::chrono::milliseconds length_;
    std::deque<base::MonoTime> inside_;
    std::size_t max_ = 0;
};

}  // namespace cxdial::simulator
