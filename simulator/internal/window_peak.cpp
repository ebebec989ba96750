#include "simulator/internal/window_peak.h"

#include <algorithm>

namespace cxdial::simulator {

std::size_t WindowPeak::inside(base::MonoTime now) {
    while (!inside_.empty() && inside_.front() <= now - length_) {
        inside_.pop_front();
    }
    return inside_.size();
}

std::size_t WindowPeak::add(base::MonoTime now) {
    inside_.push_back(now);
    max_ = std::max(max_, inside(now));
    return inside_.size();
}

void WindowPeak::restart(std::chrono::milliseconds length) {
    length_ = length;
    inside_.clear();
}

}  // namespace cxdial::simulator
