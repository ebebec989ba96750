#include "simulator/internal/schedule.h"

#include <algorithm>
#include <utility>

namespace cxdial::simulator {

void Schedule::after(std::chrono::milliseconds delay, Task task) {
    heap_.push_back({clock_.now().mono + delay, numbers_++, std::move(task)});
    std::push_heap(heap_.begin(), heap_.end(), Later{});
    arm();
}

void Schedule::clear() {
    // What the tasks own may reach back here when it goes.
    const auto cleared = std::exchange(heap_, {});
}

void Schedule::arm() {
    if (heap_.empty() || (is_armed_ && armed_for_ <= heap_.front().at)) {
        return;
    }
    is_armed_ = true;
    armed_for_ = heap_.front().at;
    timer_.start(armed_for_ - clock_.now().mono, [this] { run_due(); });
}

void Schedule::run_due() {
    is_armed_ = false;
    // What a task adds is left for the next round, or a task that adds one for now would hold the
    // loop for good.
    const auto now = clock_.now().mono;
    const auto newest = numbers_;
    std::vector<Task> due;
    while (!heap_.empty() && heap_.front().at <= now && heap_.front().number < newest) {
        std::pop_heap(heap_.begin(), heap_.end(), Later{});
        due.push_back(std::move(heap_.back().task));
        heap_.pop_back();
    }
    for (const auto& task : due) {
        task();
    }
    arm();
}

}  // namespace cxdial::simulator
