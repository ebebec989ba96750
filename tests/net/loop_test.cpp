#include "net/loop.h"

#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using cxdial::net::Loop;
using cxdial::net::Timer;
using cxdial::net::test::run_until;

TEST_CASE("loop: tasks run in the order posted, on the thread that runs it", "[net][loop]") {
    Loop loop;
    std::vector<int> order;
    std::thread::id ran_on;
    loop.post([&] { order.push_back(1); });
    loop.post([&] {
        order.push_back(2);
        ran_on = std::this_thread::get_id();
        loop.stop();
    });
    loop.run();
    CHECK(order == std::vector<int>{1, 2});
    CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("loop: tasks posted by other threads all run", "[net][loop]") {
    constexpr int threads = 4;
    constexpr int each = 500;
    Loop loop;
    int count = 0;
    std::vector<std::thread> posters;
    for (int i = 0; i < threads; ++i) {
        posters.emplace_back([&] {
            for (int j = 0; j < each; ++j) {
                loop.post([&] {
                    if (++count == threads * each) {
                        loop.stop();
                    }
                });
            }
        });
    }
    loop.run();
    for (std::thread& poster : posters) {
        poster.join();
    }
    CHECK(count == threads * each);
}

TEST_CASE("loop: a stop before run holds, and run may be called again", "[net][loop]") {
    Loop loop;
    bool ran = false;
    loop.stop();
    loop.post([&] {
        ran = true;
        loop.stop();
    });
    loop.run();
    CHECK_FALSE(ran);
    loop.run();
    CHECK(ran);
}

TEST_CASE("loop: tasks that never ran are let go with the loop", "[net][loop]") {
    const auto held = std::make_shared<int>(1);
    {
        Loop loop;
        loop.post([held] {});
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE("loop: a signal is told each time it comes", "[net][loop]") {
    Loop loop;
    std::vector<int> seen;
    loop.on_signals({SIGUSR1, SIGUSR2}, [&](int number) { seen.push_back(number); });
    loop.post([] { std::raise(SIGUSR1); });
    REQUIRE(run_until(loop, [&] { return seen.size() == 1; }));
    loop.post([] { std::raise(SIGUSR2); });
    REQUIRE(run_until(loop, [&] { return seen.size() == 2; }));
    loop.post([] { std::raise(SIGUSR1); });
    REQUIRE(run_until(loop, [&] { return seen.size() == 3; }));
    CHECK(seen == std::vector<int>{SIGUSR1, SIGUSR2, SIGUSR1});
}

TEST_CASE("timer: deadlines come in their order, not in the order started", "[net][timer]") {
    Loop loop;
    std::string order;
    Timer late(loop);
    Timer early(loop);
    Timer at_once(loop);
    // Again, should the machine have slept in between for so long that the late one is due first.
    for (bool slept = true; slept;) {
        const auto begin = std::chrono::steady_clock::now();
        late.start(30ms, [&] {
            order += "late";
            loop.stop();
        });
        early.start(5ms, [&] { order += "early "; });
        slept = std::chrono::steady_clock::now() - begin > 20ms;
    }
    at_once.start(-1s, [&] { order += "at-once "; });
    CHECK(order.empty());
    loop.run();
    CHECK(order == "at-once early late");
}

TEST_CASE("timer: one that was cancelled or destroyed never calls", "[net][timer]") {
    Loop loop;
    bool called = false;
    Timer cancelled(loop);
    auto destroyed = std::make_unique<Timer>(loop);
    // Both are due, and their waits over, before the task that cancels them gets to run.
    cancelled.start(0ms, [&] { called = true; });
    destroyed->start(0ms, [&] { called = true; });
    cancelled.cancel();
    destroyed.reset();
    Timer end(loop);
    end.start(20ms, [&] { loop.stop(); });
    loop.run();
    CHECK_FALSE(called);
}

TEST_CASE("timer: one handler cancels another that is due at the same instant", "[net][timer]") {
    Loop loop;
    int calls = 0;
    Timer first(loop);
    Timer second(loop);
    first.start(0ms, [&] {
        ++calls;
        second.cancel();
    });
    second.start(0ms, [&] {
        ++calls;
        first.cancel();
    });
    Timer end(loop);
    end.start(20ms, [&] { loop.stop(); });
    loop.run();
    CHECK(calls == 1);
}

TEST_CASE("timer: starting again replaces the deadline and the handler", "[net][timer]") {
    Loop loop;
    std::string calls;
    Timer timer(loop);
    timer.start(1ms, [&] { calls += "old "; });
    timer.start(10ms, [&] {
        calls += "new";
        loop.stop();
    });
    loop.run();
    CHECK(calls == "new");
}

TEST_CASE("timer: its handler may start it again or destroy it", "[net][timer]") {
    Loop loop;
    int calls = 0;
    auto timer = std::make_unique<Timer>(loop);
    std::function<void()> again = [&] {
        if (++calls < 3) {
            timer->start(1ms, again);
            return;
        }
        timer.reset();
        loop.stop();
    };
    timer->start(0ms, again);
    loop.run();
    CHECK(calls == 3);
}

TEST_CASE("timer: the largest delay does not wrap round to now", "[net][timer]") {
    Loop loop;
    bool called = false;
    Timer never(loop);
    never.start(std::chrono::nanoseconds::max(), [&] { called = true; });
    Timer end(loop);
    end.start(10ms, [&] { loop.stop(); });
    loop.run();
    CHECK_FALSE(called);
}
