#include "world.h"

#include <cstdio>
#include <utility>

namespace cxdial::sim {

World::World(std::uint64_t seed, bool tells) : dice_(seed), tells_(tells) {}

base::WallTime World::wall_of(base::MonoTime at) const {
    return wall_start_ + std::chrono::floor<base::Millis>(at.time_since_epoch()) + skew_;
}

void World::at(base::MonoTime when, std::function<void()> action) {
    queue_.push({std::max(when, now_), order_++, std::move(action)});
}

void World::after(std::chrono::nanoseconds delay, std::function<void()> action) {
    at(now_ + delay, std::move(action));
}

base::Millis World::up_to(base::Millis most) {
    return base::Millis{
        static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

base::Millis World::between(base::Millis least, base::Millis most) {
    return least + up_to(most - least);
}

bool World::run_one(base::MonoTime until) {
    if (queue_.empty() || queue_.top().when > until) {
        now_ = until;
        return false;
    }
    const Event next = queue_.top();
    queue_.pop();
    now_ = next.when;
    ++events_;
    next.action();
    return true;
}

void World::mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3ULL;
}

void World::note(std::string_view event, std::int64_t a, std::int64_t b) {
    for (const char letter : event) {
        mix(static_cast<unsigned char>(letter));
    }
    mix(static_cast<std::uint64_t>(a));
    mix(static_cast<std::uint64_t>(b));
    mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    if (tells_) {
        const std::chrono::duration<double> seconds = now_.time_since_epoch();
        std::printf(
            "%12.6f  %-28.*s %lld %lld\n",
            seconds.count(),
            static_cast<int>(event.size()),
            event.data(),
            static_cast<long long>(a),
            static_cast<long long>(b)
        );
    }
}

}  // namespace cxdial::sim
