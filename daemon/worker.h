#pragma once

#include "base/clock.h"
#include "daemon/inbox.h"
#include "dialer/ticker.h"
#include "storage/repository.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>

namespace cxdial::daemon {

/// What the worker's thread did in one tick, for the loop's thread.
struct Ticked {
    dialer::Output output;
    base::Now now;
    std::chrono::nanoseconds took{0};
    std::size_t inputs = 0;
    bool stored = true;
};

/// The one thread that owns all dialing state and the writing connection: takes inputs, ticks,
/// answers their senders and hands the effects on; between two ticks it runs one job, and the next
/// tick is of what that job wrote: no call is planned by rules that are no longer stored. Then it
/// does one piece of the database's housekeeping. It sleeps until an input or a job comes, or the
/// next deadline.
class Worker {
public:
    using OnTicked = std::function<void(Ticked)>;

    /// `on_ticked` is called on the worker's thread, after the commit. `repository` is that of the
    /// ticker's database; jobs get it.
    Worker(
        const base::Clock& clock,
        Inbox& inbox,
        dialer::Ticker& ticker,
        storage::Repository& repository,
        OnTicked on_ticked
    );
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    Worker(Worker&&) = delete;
    Worker& operator=(Worker&&) = delete;

    void start();
    /// Takes what is in the inbox and ends. Waits for the thread.
    void stop();

    /// Attempts that hold a slot, after the last tick. Thread rule: any thread.
    [[nodiscard]] std::size_t live_attempts() const { return live_attempts_.load(); }
    /// Whether the last tick was stored. Thread rule: any thread.
    [[nodiscard]] bool healthy() const { return healthy_.load(); }

private:
    void run();
    void run(const Inbox::Job& job);
    void tick(std::vector<Inbox::Item> items);
    void tidy();

    const base::Clock& clock_;
    Inbox& inbox_;
    dialer::Ticker& ticker_;
    storage::Repository& repository_;
    OnTicked on_ticked_;
    base::MonoTime tidy_at_{};
    std::atomic<std::size_t> live_attempts_{0};
    std::atomic<bool> healthy_{true};
    std::thread thread_;
};

}  // namespace cxdial::daemon
