#include "base/rng.h"

#include <catch2/catch.hpp>

#include <array>

using cxdial::base::Rng;

TEST_CASE("rng: a seed gives the published numbers of splitmix64", "[base][rng]") {
    Rng rng{1234567};
    REQUIRE(rng.next() == 6457827717110365317ULL);
    REQUIRE(rng.next() == 3203168211198807973ULL);
    REQUIRE(rng.next() == 9817491932198370423ULL);
}

TEST_CASE("rng: below stays below its bound and reaches all", "[base][rng]") {
    Rng rng{1};
    std::array<int, 5> hits{};
    for (int i = 0; i < 5'000; ++i) {
        hits.at(rng.below(hits.size()))++;
    }
    for (const int count : hits) {
        REQUIRE(count > 850);
        REQUIRE(count < 1'150);
    }
    REQUIRE(rng.below(0) == 0);
    REQUIRE(rng.below(1) == 0);
}

TEST_CASE("rng: uniform and chance keep to their probabilities", "[base][rng]") {
    Rng rng{2};
    int hits = 0;
    for (int i = 0; i < 10'000; ++i) {
        const double number = rng.uniform();
        REQUIRE(number >= 0.0);
        REQUIRE(number < 1.0);
        hits += rng.chance(0.25) ? 1 : 0;
    }
    REQUIRE(hits > 2'300);
    REQUIRE(hits < 2'700);
    REQUIRE_FALSE(rng.chance(0.0));
    REQUIRE(rng.chance(1.0));
}
