#pragma once

#include "base/clock.h"
#include "base/rng.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::sim {

/// An invariant does not hold. The text begins with its number: `S2 …`.
class Violation : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// `text` is only made when the condition fails.
template <class Text>
void must(bool condition, const Text& text) {
    if (!condition) {
        throw Violation(text());
    }
}

/// A moment in 2026, so that stored times look like what they are.
inline constexpr base::WallTime ordinary_start{base::Millis{1'790'000'000'000}};

/// Virtual time, chance and memory of one run: everything that happens is an event here, and all
/// that is drawn comes from one seed.
class World {
public:
    explicit World(std::uint64_t seed, bool tells = false);

    [[nodiscard]] base::Rng& dice() { return dice_; }
    [[nodiscard]] base::MonoTime now() const { return now_; }
    /// The wall clock of the dialer's machine, which may jump.
    [[nodiscard]] base::WallTime wall() const { return wall_of(now_); }
    /// What that clock showed, or will show, at an instant, if it is not set in between.
    [[nodiscard]] base::WallTime wall_of(base::MonoTime at) const;
    /// Where the wall clock starts; before the run.
    void begin_at(base::WallTime start) { wall_start_ = start; }
    void jump_wall_to(base::Millis skew) { skew_ = skew; }

    void at(base::MonoTime when, std::function<void()> action);
    void after(std::chrono::nanoseconds delay, std::function<void()> action);
    /// A time from 0 to `most`, evenly.
    [[nodiscard]] base::Millis up_to(base::Millis most);
    [[nodiscard]] base::Millis between(base::Millis least, base::Millis most);

    /// Runs the next event. False: there is none before `until`, and it is `until` now.
    bool run_one(base::MonoTime until);

    /// Takes part in the run's fingerprint; with `--log` it is also told.
    void note(std::string_view event, std::int64_t a = 0, std::int64_t b = 0);
    [[nodiscard]] std::uint64_t fingerprint() const { return hash_; }
    [[nodiscard]] std::size_t events() const { return events_; }

private:
    struct Event {
        base::MonoTime when;
        std::uint64_t order;
        std::function<void()> action;
        [[nodiscard]] bool operator<(const Event& other) const {
            return when != other.when ? when > other.when : order > other.order;
        }
    };

    void mix(std::uint64_t value);

    base::Rng dice_;
    base::MonoTime now_{};
    base::WallTime wall_start_ = ordinary_start;
    base::Millis skew_{0};
    std::priority_queue<Event> queue_;
    std::uint64_t order_ = 0;
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
    std::size_t events_ = 0;
    bool tells_;
};

}  // namespace cxdial::sim
