#include "dialer/rate_control.h"

#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using base::MonoTime;

constexpr MonoTime start{std::chrono::seconds{100}};
constexpr Millis window{3'000};

/// Lives through so many windows against a domain that bears `truth`; how many were refused.
int live(RateControl& rate, int truth, int windows, MonoTime& now) {
    int refusals = 0;
    for (int i = 0; i < windows; ++i) {
        now += window;
        static_cast<void>(rate.raise_when_due(now));
        if (rate.allowed() > truth) {
            ++refusals;
            rate.refused(now, rate.allowed(), now + Millis{10});
        }
    }
    return refusals;
}

TEST_CASE("rate control: the limit is the configured one while nobody objects", "[dialer][rate]") {
    RateControl rate(10, window);
    CHECK(rate.allowed() == 10);
    CHECK_FALSE(rate.raise_when_due(start + window * 100));
    CHECK(rate.raise_at() == MonoTime::max());
}

TEST_CASE("rate control: a halved limit is met within one window", "[dialer][rate]") {
    RateControl rate(10, window);
    rate.refused(start, 10, start + Millis{20});
    CHECK(rate.allowed() == 5);
}

TEST_CASE("rate control: refusals that left together are one lesson", "[dialer][rate]") {
    RateControl rate(16, window);
    for (int i = 0; i < 5; ++i) {
        rate.refused(start, 16, start + Millis{20 + i});
    }
    CHECK(rate.allowed() == 8);
}

TEST_CASE("rate control: it settles at the truth and asks ever more seldom", "[dialer][rate]") {
    RateControl rate(10, window);
    MonoTime now = start;
    rate.refused(now, 10, now);
    static_cast<void>(live(rate, 7, 30, now));
    CHECK(rate.allowed() == 7);
    CHECK(live(rate, 7, 500, now) <= 10);
    CHECK(rate.allowed() >= 7);
}

TEST_CASE("rate control: looking for the truth costs one request in a hundred", "[dialer][rate]") {
    for (const int truth : {1, 3, 5, 7, 40}) {
        RateControl rate(truth * 2, window);
        MonoTime now = start;
        rate.refused(now, truth * 2, now);
        constexpr int windows = 1'000;
        CHECK(live(rate, truth, windows, now) <= windows * truth / 100);
    }
}

TEST_CASE("rate control: it comes back to what was configured", "[dialer][rate]") {
    RateControl rate(10, window);
    MonoTime now = start;
    rate.refused(now, 10, now);
    static_cast<void>(live(rate, 5, 30, now));
    REQUIRE(rate.allowed() <= 6);
    static_cast<void>(live(rate, 10, 160, now));
    CHECK(rate.allowed() == 10);
    CHECK(rate.raise_at() == MonoTime::max());
}

TEST_CASE("rate control: without a configured limit the first refusal sets one", "[dialer][rate]") {
    RateControl rate(0, window);
    rate.refused(start, 40, start);
    CHECK(rate.allowed() == 20);
}

}  // namespace
}  // namespace cxdial::dialer
