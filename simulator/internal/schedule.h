#pragma once

#include "base/clock.h"
#include "net/loop.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace cxdial::simulator {

/// Many deadlines on one timer, in a heap. Tasks of one instant run in the order in which they were
/// given. A task cannot be taken back: it checks itself whether it still matters.
class Schedule {
public:
    using Task = std::function<void()>;

    Schedule(net::Loop& loop, const base::Clock& clock) : clock_(clock), timer_(loop) {}
    void after(std::chrono::milliseconds delay, Task task);
    void clear();

private:
    struct Entry {
        base::MonoTime at;
        std::uint64_t number = 0;
        Task task;
    };
    struct Later {
        bool operator()(const Entry& a, const Entry& b) const {
            return a.at != b.at ? a.at > b.at : a.number > b.number;
        }
    };
    void arm();
    void run_due();

    const base::Clock& clock_;
    net::Timer timer_;
    std::vector<Entry> heap_;
    std::uint64_t numbers_ = 0;
    bool is_armed_ = false;
    base::MonoTime armed_for_;
};

}  // namespace cxdial::simulator
