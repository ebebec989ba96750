#pragma once

#include <cstdint>

namespace cxdial::base {

/// The one source of randomness: splitmix64, the same numbers on every machine for the same seed.
/// Seeded once, where the program starts, and passed down. Thread rule: one thread at a time.
class Rng {
public:
    explicit Rng(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next();
    /// Evenly from 0 to `bound` - 1; 0 when `bound` is 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// Evenly from 0 (included) to 1 (excluded).
    [[nodiscard]] double uniform();
    /// True with the given probability, 0 to 1.
    [[nodiscard]] bool chance(double probability);

private:
    std::uint64_t state_;
};

/// A seed that nobody can guess, from the operating system.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace cxdial::base
