#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

namespace cxdial::net {

/// One thread's event loop. Whoever calls `run` is the loop's thread; sockets, timers and handlers
/// of everything made on this loop run there and nowhere else. Thread rule: `post` and `stop` from
/// any thread, all else on the loop's thread or before `run`.
class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    Loop(Loop&&) = delete;
    Loop& operator=(Loop&&) = delete;

    /// Runs handlers until `stop`. May be called again after it returned.
    void run();
    void stop();
    /// Runs `task` on the loop's thread, after what is already waiting there.
    void post(std::function<void()> task);
    /// Calls `handler` on the loop's thread for each of the signals, as often as it comes, for as
    /// long as the loop lives. The program's own handling of these signals is replaced.
    void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

    /// For the rooms' own sources: what the loop is made of.
    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

/// A single deadline on a loop. Starting it again replaces the deadline; destroying it cancels it,
/// and a cancelled timer's handler is never called. Thread rule: the loop's thread.
class Timer {
public:
    explicit Timer(Loop& loop);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    Timer(Timer&&) = delete;
    Timer& operator=(Timer&&) = delete;

    /// Calls `handler` once, `delay` from now (at once, through the loop, when it is not positive).
    void start(std::chrono::nanoseconds delay, std::function<void()> handler);
    void cancel();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::net
