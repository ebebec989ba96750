#include "daemon/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cxdial::daemon {
namespace {

// A deadline in the far future overflows the clock of some waits; nobody sleeps longer than this.
constexpr std::chrono::hours longest_wait{1};
constexpr std::size_t jobs_max = 1'000;

}  // namespace

bool Inbox::offer(Item item) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || items_.size() >= capacity_) {
            return false;
        }
        items_.push_back(std::move(item));
    }
    arrived_.notify_one();
    return true;
}

void Inbox::push(Item item) {
    {
        const std::lock_guard lock(mutex_);
        items_.push_back(std::move(item));
    }
    arrived_.notify_one();
}

bool Inbox::offer_job(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || jobs_.size() >= jobs_max) {
            return false;
        }
        jobs_.push_back(std::move(job));
    }
    arrived_.notify_one();
    return true;
}

std::optional<Inbox::Job> Inbox::take_job() {
    const std::lock_guard lock(mutex_);
    if (jobs_.empty()) {
        return std::nullopt;
    }
    std::optional<Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    return job;
}

std::vector<Inbox::Item> Inbox::take(std::size_t limit, base::MonoTime deadline) {
    using Clock = std::chrono::steady_clock;
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closed_ || !items_.empty() || !jobs_.empty(); };
    const Clock::time_point until{deadline.time_since_epoch()};
    arrived_.wait_until(lock, std::min(until, Clock::now() + longest_wait), ready);
    const std::size_t count = std::min(limit, items_.size());
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Item> taken(std::make_move_iterator(items_.begin()), std::make_move_iterator(end));
    items_.erase(items_.begin(), end);
    return taken;
}

std::size_t Inbox::size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
}

void Inbox::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    arrived_.notify_all();
}

bool Inbox::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

std::vector<dialer::Input> inputs_of(const std::vector<campaign::CampaignId>& edited) {
    std::vector<dialer::Input> inputs;
    inputs.reserve(edited.size());
    for (const campaign::CampaignId id : edited) {
        inputs.emplace_back(dialer::CampaignEdited{id});
    }
    return inputs;
}

}  // namespace cxdial::daemon
