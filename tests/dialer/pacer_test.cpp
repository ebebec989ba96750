#include "dialer/pacer.h"

#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using base::MonoTime;

constexpr MonoTime start{std::chrono::seconds{100}};

int calls_at(Pacer& pacer, MonoTime now) {
    int calls = 0;
    while (calls < 1'000 && pacer.ready(now)) {
        pacer.spend();
        ++calls;
    }
    return calls;
}

TEST_CASE("pacer: time lost in a stall is not owed as a burst", "[dialer][pacer]") {
    Pacer pacer({.per_second = 2.0, .burst = 3.0}, start);
    CHECK(calls_at(pacer, start + std::chrono::hours{1}) == 3);
    CHECK(calls_at(pacer, start + std::chrono::hours{1}) == 0);
}

TEST_CASE("pacer: starts empty, so that a restart adds no burst", "[dialer][pacer]") {
    Pacer pacer({.per_second = 2.0, .burst = 2.0}, start);
    CHECK_FALSE(pacer.ready(start));
    CHECK(pacer.ready_at(start) == start + Millis{500});
    CHECK(calls_at(pacer, start + Millis{500}) == 1);
}

TEST_CASE("pacer: keeps its rate over a long time", "[dialer][pacer]") {
    const double rate = GENERATE(0.3, 1.0, 7.0);
    Pacer pacer({.per_second = rate, .burst = 1.0}, start);
    MonoTime now = start;
    int calls = 0;
    while (now < start + std::chrono::seconds{100}) {
        now = pacer.ready_at(now);
        REQUIRE(pacer.ready(now));
        pacer.spend();
        ++calls;
    }
    CHECK(calls <= static_cast<int>(rate * 100) + 1);
    CHECK(calls >= static_cast<int>(rate * 100) - 1);
}

TEST_CASE("pacer: a rate of 0 is no limit", "[dialer][pacer]") {
    Pacer pacer({.per_second = 0.0, .burst = 1.0}, start);
    CHECK(calls_at(pacer, start) == 1'000);
    CHECK(pacer.ready_at(start) == start);
}

TEST_CASE("pacer: a change of pace keeps no more than the new burst", "[dialer][pacer]") {
    Pacer pacer({.per_second = 10.0, .burst = 10.0}, start);
    REQUIRE(pacer.ready(start + std::chrono::seconds{5}));
    pacer.change({.per_second = 1.0, .burst = 2.0}, start + std::chrono::seconds{5});
    CHECK(calls_at(pacer, start + std::chrono::seconds{5}) == 2);
}

}  // namespace
}  // namespace cxdial::dialer
