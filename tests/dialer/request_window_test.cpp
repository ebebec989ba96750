#include "dialer/request_window.h"

#include <catch2/catch.hpp>

#include <vector>

namespace cxdial::dialer {
namespace {

using base::Millis;
using base::MonoTime;

constexpr MonoTime start{std::chrono::seconds{100}};
constexpr Millis per{10'000};

TEST_CASE("request window: no window of its length holds more than its requests", "[dialer]") {
    RequestWindow window(3, per);
    std::vector<MonoTime> sent;
    MonoTime now = start;
    for (int i = 0; i < 20; ++i) {
        now = window.ready_at(now + Millis{700});
        REQUIRE(window.ready(now));
        window.spend(now);
        sent.push_back(now);
    }
    for (std::size_t i = 3; i < sent.size(); ++i) {
        CHECK(sent[i] - sent[i - 3] >= per);
    }
}

TEST_CASE("request window: is ready again exactly when the oldest leaves it", "[dialer]") {
    RequestWindow window(2, per);
    window.spend(start);
    window.spend(start + Millis{1});
    CHECK_FALSE(window.ready(start + per - Millis{1}));
    CHECK(window.ready_at(start + Millis{2}) == start + per);
    CHECK(window.ready(start + per));
}

TEST_CASE("request window: what an earlier life sent counts, also beyond the limit", "[dialer]") {
    RequestWindow window(2, per);
    for (int i = 0; i < 4; ++i) {
        window.remember(start + Millis{i});
    }
    CHECK(window.ready_at(start + Millis{4}) == start + Millis{2} + per);
}

TEST_CASE("request window: 0 requests is no limit", "[dialer]") {
    RequestWindow window(0, per);
    for (int i = 0; i < 100; ++i) {
        window.spend(start);
    }
    CHECK(window.ready(start));
}

}  // namespace
}  // namespace cxdial::dialer
