#include "dialer/domain_state.h"

#include <catch2/catch.hpp>

namespace cxdial::dialer {
namespace {

using base::Millis;
using base::MonoTime;

constexpr MonoTime start{std::chrono::seconds{100}};

DomainState domain_of(int requests) {
    DomainLimits limits;
    limits.name = "d.example";
    limits.requests = requests;
    return DomainState(limits);
}

TEST_CASE("domain: refusals in a row double the pause up to a minute", "[dialer][domain]") {
    DomainState domain = domain_of(0);
    MonoTime now = start;
    for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
        CHECK(domain.slow_down(now, std::nullopt) == std::chrono::seconds{seconds});
        CHECK(domain.request_at(now) == now + std::chrono::seconds{seconds});
        now += std::chrono::seconds{seconds};
    }
    domain.succeeded();
    CHECK(domain.slow_down(now, std::nullopt) == std::chrono::seconds{1});
}

TEST_CASE("domain: several refusals of one moment are one reason to pause", "[dialer][domain]") {
    DomainState domain = domain_of(0);
    static_cast<void>(domain.slow_down(start, std::nullopt));
    CHECK(domain.slow_down(start + Millis{100}, std::nullopt) == Millis{900});
    CHECK(domain.request_at(start) == start + std::chrono::seconds{1});
}

TEST_CASE("domain: pauses as long as it is told to", "[dialer][domain]") {
    DomainState domain = domain_of(0);
    CHECK(domain.slow_down(start, Millis{20'000}) == Millis{20'000});
    static_cast<void>(domain.slow_down(start + Millis{1}, Millis{500}));
    CHECK(domain.request_at(start + Millis{1}) == start + Millis{20'000});
}

TEST_CASE("domain: look-ups take no more than a part of the requests", "[dialer][domain]") {
    DomainState domain = domain_of(8);
    int look_ups = 0;
    while (domain.look_up_at(start) <= start) {
        domain.spend_look_up(start);
        ++look_ups;
    }
    CHECK(look_ups == 2);
    CHECK(domain.request_at(start) == start);
}

TEST_CASE("domain: a new life reckons with look-ups that the last one sent", "[dialer][domain]") {
    DomainState domain = domain_of(8);
    domain.remember({start - Millis{500}, start}, start);
    int requests = 0;
    while (domain.request_at(start) <= start) {
        domain.requests.spend(start);
        ++requests;
    }
    CHECK(requests == 4);
    CHECK(domain.look_up_at(start) > start);
}

TEST_CASE("domain: its cap counts slots over all campaigns", "[dialer][domain]") {
    DomainState domain = domain_of(0);
    domain.live = 1'000;
    CHECK(domain.has_room());
    domain.limits.max_concurrent_calls = 1'000;
    CHECK_FALSE(domain.has_room());
}

}  // namespace
}  // namespace cxdial::dialer
