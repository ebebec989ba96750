#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "dialer/events.h"
#include "storage/repository.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace cxdial::daemon {

/// What waits for the worker: inputs, which are taken into a tick, and jobs, which run between
/// ticks. Thread rule: any thread.
class Inbox {
public:
    using Done = std::function<void(const base::Result<void>&)>;
    struct Item {
        dialer::Arrived arrived;
        Done done;  ///< called on the worker's thread once the tick is committed, or lost
    };

    /// What a job leaves behind.
    struct Written {
        /// What the engine must hear of it before it does anything else.
        std::vector<dialer::Input> inputs;
        std::function<void()> answer;  ///< called once the engine has heard
    };
    /// Work on the writing connection that is not the engine's; called on the worker's thread. Its
    /// writes are transactions of its own. It keeps the ticks waiting, so it is a short piece.
    using Job = std::function<Written(storage::Repository&)>;

    explicit Inbox(std::size_t capacity) : capacity_(capacity) {}

    /// Puts in what its sender can repeat: webhooks, commands. False: the inbox is full.
    [[nodiscard]] bool offer(Item item);
    /// Puts in what must not be lost: replies to our own requests, of which no more can come than
    /// requests are under way.
    void push(Item item);

    /// False: there are too many jobs already, or the inbox is closed.
    [[nodiscard]] bool offer_job(Job job);

    /// Waits for an item or a job until `deadline`, then takes up to `limit` of the items that are
    /// there.
    [[nodiscard]] std::vector<Item> take(std::size_t limit, base::MonoTime deadline);
    /// The oldest job, if there is one.
    [[nodiscard]] std::optional<Job> take_job();

    [[nodiscard]] std::size_t size() const;
    /// Ends the wait of `take` now and from now on.
    void close();
    [[nodiscard]] bool closed() const;

private:
    std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Item> items_;
    std::deque<Job> jobs_;
    bool closed_ = false;
};

/// What the engine is told of campaigns whose rows a job has changed.
[[nodiscard]] std::vector<dialer::Input> inputs_of(const std::vector<campaign::CampaignId>& edited);

}  // namespace cxdial::daemon
