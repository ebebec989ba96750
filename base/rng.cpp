#include "base/rng.h"

#include <random>

namespace cxdial::base {

std::uint64_t Rng::next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
}

std::uint64_t Rng::below(std::uint64_t bound) {
    return bound == 0 ? 0 : next() % bound;
}

double Rng::uniform() {
    return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

bool Rng::chance(double probability) {
    return uniform() < probability;
}

std::uint64_t random_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace cxdial::base
