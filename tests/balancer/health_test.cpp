#include "balancer/health.h"

#include "base/rng.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cxdial::balancer::Health;
using cxdial::base::MonoTime;

namespace {

/// A pool and the clock that its calls go by. A call is connected and over in the same instant.
class Bench {
public:
    explicit Bench(const std::vector<std::string>& names) : names_(names) {
        health.set_pool(names);
    }

    void fail(const std::string& name, int times = 1) {
        for (int i = 0; i < times; ++i) {
            health.failed(name, now, now);
        }
    }
    void succeed(const std::string& name, int times = 1) {
        for (int i = 0; i < times; ++i) {
            health.succeeded(name, now, now);
        }
    }
    [[nodiscard]] bool usable(const std::string& name) const {
        return health.view(name, now).usable;
    }
    [[nodiscard]] int allowance(const std::string& name) const {
        return health.view(name, now).allowance;
    }
    /// How long its ejection still takes; 0 when it is not ejected.
    [[nodiscard]] std::chrono::nanoseconds left(const std::string& name) const {
        const auto until = health.view(name, now).until;
        return until ? *until - now : 0ns;
    }
    [[nodiscard]] std::size_t ejected() const {
        std::size_t count = 0;
        for (const std::string& name : names_) {
            count += usable(name) ? 0 : 1;
        }
        return count;
    }
    /// Ejects it, lets its time pass, and lets it recover.
    void eject_and_heal(const std::string& name) {
        fail(name, 3);
        now += left(name);
        succeed(name, 7);
    }

    Health health{Health::Settings{}};
    MonoTime now{1h};

private:
    std::vector<std::string> names_;
};

}  // namespace

TEST_CASE("health: failures in a row eject, until the time is over", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 2);
    REQUIRE(bench.usable("anna"));
    bench.fail("anna");
    REQUIRE_FALSE(bench.usable("anna"));
    REQUIRE_FALSE(bench.health.view("anna", bench.now).why_not.empty());
    REQUIRE(bench.left("anna") == 30s);
    REQUIRE(bench.usable("bert"));
    bench.now += 30s - 1ns;
    REQUIRE_FALSE(bench.usable("anna"));
    bench.now += 1ns;
    REQUIRE(bench.usable("anna"));
}

TEST_CASE("health: failures with successes between do not eject", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    for (int i = 0; i < 20; ++i) {
        bench.fail("anna", 2);
        bench.succeed("anna");
        bench.now += 1s;
        REQUIRE(bench.usable("anna"));
        REQUIRE(bench.allowance("anna") == 0);
    }
}

TEST_CASE("health: one that comes back gets 1 call, 2, 4, then any", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.now += 30s;
    REQUIRE(bench.allowance("anna") == 1);
    bench.succeed("anna");
    REQUIRE(bench.allowance("anna") == 2);
    bench.succeed("anna");
    REQUIRE(bench.allowance("anna") == 2);
    bench.succeed("anna");
    REQUIRE(bench.allowance("anna") == 4);
    bench.succeed("anna", 3);
    REQUIRE(bench.allowance("anna") == 4);
    bench.succeed("anna");
    REQUIRE(bench.allowance("anna") == 0);
    REQUIRE(bench.usable("anna"));
}

TEST_CASE("health: without a call one that comes back stays at 1", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.now += 24h;
    REQUIRE(bench.allowance("anna") == 1);
}

TEST_CASE(
    "health: a failure on the way back ejects at once, for twice as long", "[balancer][health]"
) {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.now += 30s;
    bench.succeed("anna", 3);
    bench.fail("anna");
    REQUIRE_FALSE(bench.usable("anna"));
    REQUIRE(bench.left("anna") == 60s);
    bench.now += 60s;
    REQUIRE(bench.allowance("anna") == 1);
}

TEST_CASE("health: ejections double up to the longest", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    for (const auto expected : {30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
        REQUIRE(bench.left("anna") == expected);
        bench.now += bench.left("anna");
        bench.fail("anna");
    }
}

TEST_CASE("health: ten minutes of health forget one ejection", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.eject_and_heal("anna");
    bench.eject_and_heal("anna");  // ejected twice: the next one takes 120 s
    SECTION("just before ten minutes nothing is forgotten") {
        bench.now += 10min - 1ns;
        bench.fail("anna", 3);
        REQUIRE(bench.left("anna") == 120s);
    }
    SECTION("after ten minutes one is") {
        bench.now += 10min;
        bench.fail("anna", 3);
        REQUIRE(bench.left("anna") == 60s);
    }
    SECTION("after a day all are, and no more") {
        bench.now += 24h;
        bench.fail("anna", 3);
        REQUIRE(bench.left("anna") == 30s);
    }
}

TEST_CASE("health: time spent recovering is no health", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.now += 5h;
    bench.fail("anna");
    REQUIRE(bench.left("anna") == 60s);
}

TEST_CASE("health: at most half of a pool is ejected", "[balancer][health]") {
    Bench bench({"anna", "bert", "carl", "dora", "emil"});
    for (const char* const name : {"anna", "bert", "carl", "dora", "emil"}) {
        bench.fail(name, 10);
    }
    REQUIRE(bench.ejected() == 2);
    REQUIRE(bench.usable("carl"));
    REQUIRE(bench.allowance("carl") == 0);
    // When there is room again, its next failure ejects it.
    bench.now += 30s;
    REQUIRE(bench.ejected() == 0);
    bench.fail("carl");
    REQUIRE_FALSE(bench.usable("carl"));
}

TEST_CASE("health: a pool of one is never ejected", "[balancer][health]") {
    Bench bench({"anna"});
    bench.fail("anna", 100);
    REQUIRE(bench.usable("anna"));
    Bench doubled({"anna", "anna"});
    doubled.fail("anna", 100);
    REQUIRE(doubled.usable("anna"));
}

TEST_CASE(
    "health: on its way back in a full pool a failure takes it back to 1", "[balancer][health]"
) {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.now += 30s;
    bench.succeed("anna", 3);
    REQUIRE(bench.allowance("anna") == 4);
    bench.fail("bert", 3);
    REQUIRE_FALSE(bench.usable("bert"));
    bench.fail("anna");
    REQUIRE(bench.usable("anna"));
    REQUIRE(bench.allowance("anna") == 1);
    bench.succeed("anna");
    REQUIRE(bench.allowance("anna") == 2);
}

TEST_CASE("health: calls from before an ejection do not lengthen it", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    const MonoTime before = bench.now;
    bench.now += 1s;
    bench.fail("anna", 3);
    bench.now += 10s;
    for (int i = 0; i < 10; ++i) {
        bench.health.failed("anna", before, bench.now);
    }
    REQUIRE(bench.left("anna") == 20s);
    bench.now += 20s;
    for (int i = 0; i < 10; ++i) {
        bench.health.failed("anna", before, bench.now);
    }
    REQUIRE(bench.usable("anna"));
    REQUIRE(bench.allowance("anna") == 1);
}

TEST_CASE("health: calls from before an ejection do not end it", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    const MonoTime before = bench.now;
    bench.now += 1s;
    bench.fail("anna", 3);
    bench.health.succeeded("anna", before, bench.now);
    REQUIRE_FALSE(bench.usable("anna"));
    bench.now += 30s;
    for (int i = 0; i < 10; ++i) {
        bench.health.succeeded("anna", before, bench.now);
        bench.health.succeeded("anna", before + 15s, bench.now);
    }
    REQUIRE(bench.allowance("anna") == 1);
}

TEST_CASE("health: a long call that ends well is no word on later failures", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    const MonoTime long_ago = bench.now - 30min;
    bench.fail("anna", 2);
    bench.health.succeeded("anna", long_ago, bench.now);
    bench.fail("anna");
    REQUIRE_FALSE(bench.usable("anna"));
}

TEST_CASE("health: who leaves the pool is forgotten", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.health.set_pool({"bert", "carl"});
    REQUIRE(bench.usable("anna"));
    bench.fail("anna", 10);
    REQUIRE(bench.usable("anna"));
    bench.health.set_pool({"anna", "bert"});
    REQUIRE(bench.usable("anna"));
    REQUIRE(bench.allowance("anna") == 0);
    bench.fail("anna", 3);
    REQUIRE(bench.left("anna") == 30s);
}

TEST_CASE("health: who stays in the pool keeps its standing", "[balancer][health]") {
    Bench bench({"anna", "bert"});
    bench.fail("anna", 3);
    bench.health.set_pool({"carl", "anna"});
    REQUIRE(bench.left("anna") == 30s);
}

TEST_CASE("health: a pool made smaller keeps half of it usable", "[balancer][health]") {
    Bench bench({"anna", "bert", "carl", "dora"});
    bench.fail("anna", 3);
    bench.now += 1s;
    bench.fail("bert", 3);
    bench.health.set_pool({"anna", "bert"});
    REQUIRE(bench.usable("anna"));
    REQUIRE(bench.allowance("anna") == 1);
    REQUIRE_FALSE(bench.usable("bert"));
    bench.health.set_pool({"bert"});
    REQUIRE(bench.usable("bert"));
}

TEST_CASE("health: a dead assistant costs few calls, and its pool stays up", "[balancer][health]") {
    Bench bench({"anna", "bert", "carl"});
    int lost = 0;
    for (int second = 0; second < 3600; ++second) {
        bench.now += 1s;
        bench.succeed("bert");
        bench.succeed("carl");
        if (bench.usable("anna")) {
            bench.fail("anna");
            ++lost;
        }
        REQUIRE(bench.usable("bert"));
    }
    // 3 to learn it, then one at the end of each ejection: 30 s, 1, 2, 4, 8 and then 10 minutes.
    REQUIRE(lost <= 3 + 5 + 5);
    // It is mended, and is used fully again within its last ejection's time.
    bench.now += 600s;
    bench.succeed("anna", 7);
    REQUIRE(bench.usable("anna"));
    REQUIRE(bench.allowance("anna") == 0);
}

TEST_CASE("health: half of the pool stays whatever happens", "[balancer][health]") {
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
    CAPTURE(seed);
    cxdial::base::Rng rng{seed};
    std::vector<std::string> names;
    const std::uint64_t size = 1 + rng.below(7);
    for (std::uint64_t i = 0; i < size; ++i) {
        names.push_back("assistant" + std::to_string(i));
    }
    Bench bench(names);
    for (int step = 0; step < 2'000; ++step) {
        bench.now += std::chrono::milliseconds{rng.below(8'000)};
        const std::string& name = names[rng.below(names.size())];
        const auto connected = bench.now - std::chrono::milliseconds{rng.below(60'000)};
        if (rng.chance(0.7)) {
            bench.health.failed(name, connected, bench.now);
        } else {
            bench.health.succeeded(name, connected, bench.now);
        }
        REQUIRE(bench.ejected() <= names.size() / 2);
        REQUIRE(bench.allowance(name) <= 4);
        REQUIRE(bench.left(name) <= 600s);
    }
}
