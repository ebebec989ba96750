#include "api_client/opbx_slots.h"

#include "tests/net/redis_support.h"
#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::api_client {
namespace {

using campaign::AttemptId;
using campaign::OpbxCampaignId;
using campaign::OpbxDestinationId;
using campaign::SessionToken;
using namespace std::chrono_literals;

const OpbxCampaignId twelve{12};
constexpr const char* counter = "dialer:cac:12:active";

/// The call `n` of campaign 12, to destination `n`.
SharedCall call(std::int64_t n, int cap = 3) {
    return {AttemptId{n}, twelve, OpbxDestinationId{n}, cap};
}

/// One worker, and what it was told.
struct Worker {
    Worker(
        net::Loop& loop_given,
        const net::RedisServer& server,
        const std::string& id,
        const std::vector<SharedCall>& live = {}
    )
        : loop(loop_given),
          slots(
              loop,
              clock,
              server,
              {.worker_id = id,
               .look_every = 5ms,
               .low_for = 50ms,
               .redis = net::test::impatient(),
               .live = live},
              {.token_of =
                   [this](AttemptId attempt) {
                       const auto found = tokens.find(attempt);
                       return found == tokens.end() ? std::nullopt : std::optional(found->second);
                   },
               .on_others = [this](OpbxCampaignId /*campaign*/, int held) { others = held; },
               .on_reachable = [](bool /*reachable*/) {}}
          ) {
        REQUIRE(until([this] { return slots.reachable(); }));
    }

    bool until(const std::function<bool()>& done) { return net::test::run_until(loop, done); }
    Admission admit(const SharedCall& asked) {
        std::optional<Admission> said;
        slots.admit(asked, [&](Admission admission) { said = admission; });
        REQUIRE(until([&] { return said.has_value(); }));
        return *said;
    }
    void end(std::int64_t attempt) {
        slots.ended(AttemptId{attempt});
        REQUIRE(until([this] { return slots.owed() == 0; }));
    }

    base::SystemClock clock;
    net::Loop& loop;
    std::map<AttemptId, SessionToken> tokens;
    int others = 0;
    OpbxSlots slots;
};

/// A Redis, and the view that OPBX has of it.
struct Bench {
    net::test::RedisProcess redis;
    net::Loop loop;
    net::RedisClient opbx{loop, redis.server(), net::test::impatient()};

    Bench() { REQUIRE(net::test::comes_to(loop, opbx, true)); }
    std::string get(const std::string& key) {
        return std::string(net::test::ask(loop, opbx, {"GET", key})->text());
    }
    /// Looks again and again; false after the patience of a test.
    bool becomes(const std::string& key, const std::string& value) {
        const auto end = std::chrono::steady_clock::now() + net::test::patience;
        while (get(key) != value) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
        }
        return true;
    }
    void set(const std::string& key, const std::string& value) {
        REQUIRE(net::test::ask(loop, opbx, {"SET", key, value}).has_value());
    }
    std::unique_ptr<Worker> worker(
        const std::string& id, const std::vector<SharedCall>& live = {}
    ) {
        return std::make_unique<Worker>(loop, redis.server(), id, live);
    }
};

}  // namespace

TEST_CASE("opbx slots: a call is counted once and given back once", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    CHECK(worker->admit(call(1)) == Admission::admitted);
    CHECK(worker->admit(call(2)) == Admission::admitted);
    CHECK(bench.get(counter) == "2");
    worker->end(1);
    worker->end(1);
    CHECK(bench.get(counter) == "1");
    worker->end(99);
    CHECK(bench.get(counter) == "1");
}

TEST_CASE("opbx slots: the destination is locked until its request is answered", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    const std::string lock = "dialer:lock:dest:1";
    REQUIRE(worker->admit(call(1)) == Admission::admitted);
    CHECK(bench.get(lock) == "w1:1");
    CHECK(net::test::ask(bench.loop, bench.opbx, {"PTTL", lock})->number() > 30'000);
    worker->slots.unlock(call(1), false);
    CHECK(worker->admit(call(2)) == Admission::admitted);
    CHECK(bench.get(lock).empty());
}

TEST_CASE("opbx slots: who was called stays locked for the others for a while", "[opbx]") {
    Bench bench;
    const auto one = bench.worker("w1");
    const auto two = bench.worker("w2");
    REQUIRE(one->admit(call(1)) == Admission::admitted);
    one->slots.unlock(call(1), true);
    one->end(1);
    CHECK(net::test::ask(bench.loop, bench.opbx, {"PTTL", "dialer:lock:dest:1"})->number() > 1'000);
    CHECK(two->admit(call(1)) == Admission::locked);
    SharedCall again = call(1);
    again.attempt = AttemptId{5};
    CHECK(one->admit(again) == Admission::admitted);
}

TEST_CASE("opbx slots: a lock of another worker is respected, and left alone", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    bench.set("dialer:lock:dest:1", "1");  // as the Go worker writes it
    CHECK(worker->admit(call(1)) == Admission::locked);
    CHECK(bench.get(counter).empty());
    worker->slots.unlock(call(1), false);
    worker->end(1);
    CHECK(bench.get("dialer:lock:dest:1") == "1");
    CHECK(bench.get(counter).empty());
}

TEST_CASE("opbx slots: two workers together keep the cap, and hear of each other", "[opbx]") {
    Bench bench;
    const auto one = bench.worker("w1");
    const auto two = bench.worker("w2");
    CHECK(one->admit(call(1)) == Admission::admitted);
    CHECK(two->admit(call(2)) == Admission::admitted);
    CHECK(one->admit(call(3)) == Admission::admitted);
    CHECK(two->admit(call(4)) == Admission::full);
    CHECK(two->others == 2);
    CHECK(one->others == 1);
    CHECK(bench.get("dialer:lock:dest:4").empty());
    one->end(1);
    REQUIRE(two->until([&] { return two->others == 1; }));
    CHECK(two->admit(call(4)) == Admission::admitted);
    CHECK(bench.get(counter) == "3");
}

TEST_CASE("opbx slots: what OPBX gave back already is not given back again", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    REQUIRE(worker->admit(call(1)) == Admission::admitted);
    REQUIRE(worker->admit(call(2)) == Admission::admitted);
    worker->tokens.emplace(AttemptId{1}, "t1");
    // As OPBX does at a CDR.
    bench.set(counter, "1");
    bench.set("dialer:cac:decremented:t1", "1");
    worker->end(1);
    CHECK(bench.get(counter) == "1");
}

TEST_CASE("opbx slots: OPBX is told by the marker that a call was given back", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    REQUIRE(worker->admit(call(1)) == Admission::admitted);
    worker->tokens.emplace(AttemptId{1}, "t1");
    worker->end(1);
    CHECK(bench.get(counter) == "0");
    CHECK_FALSE(bench.get("dialer:cac:decremented:t1").empty());
}

TEST_CASE("opbx slots: a reset counter lets no call over the cap, and is raised again", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    for (int n = 1; n <= 3; ++n) {
        REQUIRE(worker->admit(call(n)) == Admission::admitted);
    }
    bench.set(counter, "0");  // start, resume, pause, the monitor page
    CHECK(worker->admit(call(4)) == Admission::full);
    worker->end(4);
    REQUIRE(bench.becomes(counter, "3"));
    worker->end(1);
    CHECK(bench.get(counter) == "2");
}

TEST_CASE("opbx slots: a counter below zero counts as zero", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    bench.set(counter, "-383");
    CHECK(worker->admit(call(1)) == Admission::admitted);
    CHECK(bench.get(counter) == "1");
    bench.set(counter, "-2");
    worker->end(1);
    CHECK(bench.get(counter) == "-2");
}

TEST_CASE("opbx slots: calls that ended while the worker was down are given back", "[opbx]") {
    Bench bench;
    auto worker = bench.worker("w1");
    for (int n = 1; n <= 3; ++n) {
        REQUIRE(worker->admit(call(n)) == Admission::admitted);
    }
    worker.reset();
    // Its database says that only the second one is live, and a fourth whose count was lost.
    worker = bench.worker("w1", {call(2), call(4)});
    REQUIRE(bench.becomes(counter, "2"));
    worker->end(2);
    worker->end(4);
    CHECK(bench.get(counter) == "0");
}

TEST_CASE("opbx slots: the calls of a campaign that is over are given back too", "[opbx]") {
    Bench bench;
    auto worker = bench.worker("w1");
    REQUIRE(worker->admit(call(1)) == Admission::admitted);
    worker.reset();
    worker = bench.worker("w1");
    CHECK(bench.becomes(counter, "0"));
}

TEST_CASE("opbx slots: without Redis nothing is admitted, and an empty one is filled", "[opbx]") {
    Bench bench;
    const auto worker = bench.worker("w1");
    REQUIRE(worker->admit(call(1)) == Admission::admitted);
    REQUIRE(worker->admit(call(2)) == Admission::admitted);
    bench.redis.kill();
    REQUIRE(worker->until([&] { return !worker->slots.reachable(); }));
    CHECK(worker->admit(call(3)) == Admission::unavailable);
    worker->slots.ended(AttemptId{3});
    worker->slots.ended(AttemptId{1});
    bench.redis.start();
    REQUIRE(worker->until([&] { return worker->slots.reachable() && worker->slots.owed() == 0; }));
    REQUIRE(net::test::comes_to(bench.loop, bench.opbx, true));
    CHECK(bench.get(counter) == "1");
    worker->end(2);
    CHECK(bench.get(counter) == "0");
}

}  // namespace cxdial::api_client
