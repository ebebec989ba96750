#include "daemon/worker.h"

#include <algorithm>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr std::size_t inputs_per_tick = 512;

// Small pieces with pauses between them: ticks do not wait, and a million rows go in minutes.
constexpr int rows_tidied_at_once = 200;
constexpr base::Millis between_pieces{10};
constexpr base::Millis between_tidyings{60'000};
/// Long after the last repetition of a session update would have come.
constexpr std::chrono::hours passing_webhooks_kept{24};

}  // namespace

Worker::Worker(
    const base::Clock& clock,
    Inbox& inbox,
    dialer::Ticker& ticker,
    storage::Repository& repository,
    OnTicked on_ticked
)
    : clock_(clock),
      inbox_(inbox),
      ticker_(ticker),
      repository_(repository),
      on_ticked_(std::move(on_ticked)) {}

Worker::~Worker() {
    stop();
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
    inbox_.close();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Worker::run() {
    while (true) {
        const base::MonoTime wake = std::min(ticker_.next_wake(), tidy_at_);
        std::vector<Inbox::Item> items = inbox_.take(inputs_per_tick, wake);
        const std::optional<Inbox::Job> job = inbox_.take_job();
        if (items.empty() && !job && inbox_.closed()) {
            return;
        }
        // Woken for nothing but a job or to tidy up, there is nothing to tick for.
        if (!items.empty() || clock_.now().mono >= ticker_.next_wake()) {
            tick(std::move(items));
        }
        if (job) {
            run(*job);
            tidy_at_ = {};  // it may have deleted a campaign
        }
        tidy();
    }
}

void Worker::run(const Inbox::Job& job) {
    Inbox::Written written = job(repository_);
    if (!written.inputs.empty()) {
        const base::MonoTime arrived = clock_.now().mono;
        std::vector<Inbox::Item> items;
        items.reserve(written.inputs.size());
        for (dialer::Input& input : written.inputs) {
            items.push_back({.arrived = {std::move(input), arrived}, .done = {}});
        }
        // Should it be lost, the next tick reads what the job has stored.
        tick(std::move(items));
    }
    if (written.answer) {
        written.answer();
    }
}

void Worker::tidy() {
    const base::Now now = clock_.now();
    if (now.mono < tidy_at_) {
        return;
    }
    // Should it fail, the ticks tell of the disk, and nothing was lost.
    const auto more = repository_.tidy(now.wall - passing_webhooks_kept, rows_tidied_at_once);
    tidy_at_ = now.mono + (more && *more ? between_pieces : between_tidyings);
}

void Worker::tick(std::vector<Inbox::Item> items) {
    const base::Now now = clock_.now();
    std::vector<dialer::Arrived> inputs;
    inputs.reserve(items.size());
    for (Inbox::Item& item : items) {
        inputs.push_back(std::move(item.arrived));
    }
    dialer::TickResult result = ticker_.tick(now, std::move(inputs));
    healthy_.store(result.stored);
    if (ticker_.engine() != nullptr) {
        live_attempts_.store(ticker_.engine()->live_attempts());
    }
    // Calls first: a freed slot is worth more than a webhook's acknowledgement.
    on_ticked_({
        .output = std::move(result.output),
        .now = now,
        .took = clock_.now().mono - now.mono,
        .inputs = items.size(),
        .stored = result.stored,
    });
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].done) {
            items[i].done(result.outcomes[i]);
        }
    }
}

}  // namespace cxdial::daemon
