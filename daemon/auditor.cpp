#include "daemon/auditor.h"

#include "campaign/attempt.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace cxdial::daemon {

void Auditor::on_attempt(const dialer::AttemptMoved& moved, base::MonoTime at) {
    const bool ends = campaign::is_terminal(moved.to);
    const auto position = live_.find(moved.attempt);
    if (!ends && position == live_.end()) {
        on_started(moved, at);
    } else if (ends && position != live_.end()) {
        --live_by_number_[position->second];
        if (live_by_number_[position->second] == 0) {
            live_by_number_.erase(position->second);
        }
        live_.erase(position);
    }
}

void Auditor::on_started(const dialer::AttemptMoved& moved, base::MonoTime at) {
    live_.emplace(moved.attempt, moved.phone_number);
    if (static_cast<int>(live_.size()) > limits_.cac) {
        ++violations_.cac;
    }
    if (++live_by_number_[moved.phone_number] > 1) {
        ++violations_.double_dial;
    }
    if (!moved.from) {
        check_rate(at);
    }
}

void Auditor::check_rate(base::MonoTime at) {
    using namespace std::chrono_literals;
    started_.push_back(at);
    const std::chrono::nanoseconds longest = std::max<std::chrono::nanoseconds>(limits_.per, 1s);
    while (started_.front() + longest <= at) {
        started_.pop_front();
    }
    const auto within = [&](std::chrono::nanoseconds window) {
        return std::count_if(started_.begin(), started_.end(), [&](base::MonoTime started) {
            return started + window > at;
        });
    };
    const double burst = std::max(1.0, std::floor(limits_.calls_per_second));
    const bool too_many_calls = limits_.calls_per_second > 0 &&
                                static_cast<double>(within(1s)) > limits_.calls_per_second + burst;
    const bool too_many_requests = limits_.requests > 0 && within(limits_.per) > limits_.requests;
    if (too_many_calls || too_many_requests) {
        ++violations_.rate;
    }
}

}  // namespace cxdial::daemon
