#include "net/loop.h"

#include "net/internal/loop_impl.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cxdial::net {

namespace {

void wait_for_signal(SignalSet& set, const std::shared_ptr<std::function<void(int)>>& handler) {
    set.async_wait([&set, handler](const boost::system::error_code& error, int number) {
        if (error) {
            return;
        }
        // Armed first: the handler may stop the loop, and a later `run` must still hear signals.
        wait_for_signal(set, handler);
        (*handler)(number);
    });
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() = default;

void Loop::run() {
    impl_->io->run();
    // After, not before: a `stop` that comes before `run` must hold.
    impl_->io->restart();
}

void Loop::stop() {
    impl_->io->stop();
}

void Loop::post(std::function<void()> task) {
    asio::post(*impl_->io, std::move(task));
}

void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> handler) {
    SignalSet& set = impl_->signals.emplace_back(impl_->io->get_executor());
    for (const int number : signals) {
        set.add(number);
    }
    wait_for_signal(set, std::make_shared<std::function<void(int)>>(std::move(handler)));
}

struct Timer::Impl {
    explicit Impl(Loop& loop) : timer(loop.impl().io->get_executor()) {}

    SteadyTimer timer;
    std::function<void()> handler;
    // Tells a wait that was already over, and queued, when the timer was started again or
    // cancelled.
    std::uint64_t generation = 0;
};

Timer::Timer(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}

Timer::~Timer() {
    cancel();
}

void Timer::start(std::chrono::nanoseconds delay, std::function<void()> handler) {
    const std::uint64_t generation = ++impl_->generation;
    impl_->handler = std::move(handler);
    // Keeps "never", written as the largest duration, from wrapping round into the past.
    impl_->timer.expires_after(
        std::min<std::chrono::nanoseconds>(delay, std::chrono::hours(24 * 365))
    );
    impl_->timer.async_wait([impl = impl_, generation](const boost::system::error_code&) {
        if (impl->generation != generation) {
            return;
        }
        ++impl->generation;
        const std::function<void()> run = std::exchange(impl->handler, nullptr);
        run();
    });
}

void Timer::cancel() {
    ++impl_->generation;
    impl_->handler = nullptr;
    // The form that does not throw: a destructor calls this.
    boost::system::error_code ignored;
    impl_->timer.cancel(ignored);
}

}  // namespace cxdial::net
