#include "daemon/outbox_sender.h"

#include "base/log.h"

#include <algorithm>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr int page_size = 64;
constexpr std::size_t said_bytes_max = 300;

bool is_success(int status) {
    return status >= 200 && status < 300;
}
bool is_away(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

std::string reason_of(const Judged& judged) {
    return judged.said.empty() ? judged.why : judged.why + ": " + judged.said;
}

/// `first`, doubled for each of `times`, at most `longest`.
base::Millis doubled(base::Millis first, int times, base::Millis longest) {
    constexpr int doublings_max = 20;
    return std::min(first * (std::int64_t{1} << std::clamp(times, 0, doublings_max)), longest);
}

}  // namespace

std::string_view to_string(Handover handover) {
    switch (handover) {
        case Handover::taken:
            return "taken";
        case Handover::unreachable:
            return "unreachable";
        case Handover::refused:
            return "refused";
        case Handover::hopeless:
            return "hopeless";
    }
    return "unknown";
}

Judged judge(const net::HttpOutcome& outcome, const std::vector<int>& hopeless) {
    if (const auto* failure = std::get_if<net::HttpFailure>(&outcome)) {
        const Handover handover = failure->request_sent ? Handover::refused : Handover::unreachable;
        return {.handover = handover, .answered = false, .why = failure->why, .said = {}};
    }
    const auto& response = std::get<net::HttpResponse>(outcome);
    if (is_success(response.status)) {
        return {.handover = Handover::taken, .answered = true, .why = {}, .said = {}};
    }
    Judged judged{
        .handover = Handover::refused,
        .answered = true,
        .why = "status " + std::to_string(response.status),
        .said = response.body.substr(0, said_bytes_max),
    };
    if (std::find(hopeless.begin(), hopeless.end(), response.status) != hopeless.end()) {
        judged.handover = Handover::hopeless;
    } else if (is_away(response.status)) {
        judged.handover = Handover::unreachable;
    }
    return judged;
}

struct OutboxSender::Impl : std::enable_shared_from_this<OutboxSender::Impl> {
    Impl(net::Loop& loop, const base::Clock& clock_given, Options options_given, Ports ports_given)
        : clock(clock_given),
          options(std::move(options_given)),
          ports(std::move(ports_given)),
          timer(loop) {}

    const base::Clock& clock;
    Options options;
    Ports ports;
    net::Timer timer;
    std::deque<storage::OutboxMessage> page;  ///< read, in order, not yet handed over
    std::vector<std::int64_t> taken;          ///< to be forgotten by the next write
    std::set<std::int64_t> settling;          ///< the database does not know yet: not to be sent
    bool in_flight = false;
    bool pausing = false;
    bool writing = false;
    bool stopped = false;
    int failures = 0;        ///< in a row
    int tries_of_first = 0;  ///< that failed and may be the message's own fault

    void advance();
    bool fill();
    void send_first();
    void answered(const Judged& judged);
    void refused(const Judged& judged);
    void forget_first();
    void drop_first();
    void pause(base::Millis time);
    void forget_taken();
    void settle(std::int64_t id, Ports::Job job);
};

void OutboxSender::Impl::advance() {
    if (in_flight || pausing || stopped) {
        return;
    }
    while (!page.empty() || fill()) {
        if (!ports.wanted || ports.wanted(page.front())) {
            send_first();
            return;
        }
        forget_first();
    }
    forget_taken();
    timer.start(options.idle_look, [this] { advance(); });
}

bool OutboxSender::Impl::fill() {
    const int limit = page_size + static_cast<int>(settling.size());
    auto found = ports.read(options.queue, clock.now().wall, limit);
    if (!found) {
        base::log_warn(
            "outbox_unreadable", {{"queue", options.queue}, {"why", found.error().detail}}
        );
        return false;
    }
    for (storage::OutboxMessage& message : *found) {
        if (!settling.contains(message.id)) {
            page.push_back(std::move(message));
        }
    }
    return !page.empty();
}

void OutboxSender::Impl::send_first() {
    in_flight = true;
    timer.cancel();
    ports.send(
        ports.request(page.front()),
        [weak = weak_from_this()](const net::HttpOutcome& outcome) {
            if (const auto impl = weak.lock()) {
                impl->in_flight = false;
                impl->answered(judge(outcome, impl->options.hopeless));
            }
        }
    );
}

void OutboxSender::Impl::answered(const Judged& judged) {
    storage::OutboxMessage& message = page.front();
    if (ports.on_handover) {
        ports.on_handover(message, judged);
    }
    if (judged.handover == Handover::taken) {
        failures = 0;
        forget_first();
        advance();
        return;
    }
    base::log_warn(
        "message_not_taken",
        {{"queue", options.queue},
         {"message", message.id},
         {"how", to_string(judged.handover)},
         {"why", judged.why}}
    );
    const bool is_last = judged.handover == Handover::refused && judged.answered &&
                         message.refusals + 1 >= options.refusals_max;
    if (judged.handover == Handover::hopeless || is_last) {
        const base::WallTime now = clock.now().wall;
        settle(message.id, [id = message.id, why = reason_of(judged), now](auto& repository) {
            return repository.bury(id, why, now);
        });
        drop_first();
        advance();
        return;
    }
    if (judged.handover == Handover::refused) {
        refused(judged);
    }
    pause(doubled(options.first_pause, failures++, options.longest_pause));
}

/// Counts it, so that a try after a restart has a fresh key too. When it was too often, the others
/// pass.
void OutboxSender::Impl::refused(const Judged& judged) {
    storage::OutboxMessage& message = page.front();
    message.refusals += judged.answered ? 1 : 0;
    ++tries_of_first;
    const bool aside = std::max(message.refusals, tries_of_first) >= options.tries_in_place;
    base::WallTime next_at{};
    if (aside) {
        const int times = message.refusals - options.tries_in_place;
        next_at = clock.now().wall + doubled(options.longest_pause, times, options.longest_aside);
    }
    const Ports::Job job =
        [id = message.id, why = reason_of(judged), next_at, answered = judged.answered](
            storage::Repository& repository
        ) { return repository.put_off(id, why, next_at, answered); };
    if (aside) {
        settle(message.id, job);
        drop_first();
    } else {
        (void)ports.write(job, [](const base::Result<void>& /*outcome*/) {});
    }
}

void OutboxSender::Impl::forget_first() {
    settling.insert(page.front().id);
    taken.push_back(page.front().id);
    drop_first();
    forget_taken();
}

void OutboxSender::Impl::drop_first() {
    page.pop_front();
    tries_of_first = 0;
}

void OutboxSender::Impl::pause(base::Millis time) {
    pausing = true;
    timer.start(time, [this] {
        pausing = false;
        advance();
    });
}

/// One write at a time, so that those that are taken while it waits go together.
void OutboxSender::Impl::forget_taken() {
    if (writing || taken.empty()) {
        return;
    }
    std::vector<std::int64_t> ids = std::exchange(taken, {});
    const auto job = [ids](storage::Repository& to) { return to.delivered(ids); };
    const auto done = [weak = weak_from_this(), ids](const base::Result<void>& outcome) {
        const auto impl = weak.lock();
        if (!impl) {
            return;
        }
        impl->writing = false;
        if (!outcome) {
            impl->taken.insert(impl->taken.end(), ids.begin(), ids.end());
            return;  // at the next look
        }
        for (const std::int64_t id : ids) {
            impl->settling.erase(id);
        }
        impl->forget_taken();
    };
    writing = ports.write(job, done);
    if (!writing) {
        taken = std::move(ids);
    }
}

/// A message that leaves the page by a write; until that is done it is not read again.
void OutboxSender::Impl::settle(std::int64_t id, Ports::Job job) {
    settling.insert(id);
    const auto done = [weak = weak_from_this(), id](const base::Result<void>& /*outcome*/) {
        if (const auto impl = weak.lock()) {
            impl->settling.erase(id);
        }
    };
    if (!ports.write(std::move(job), done)) {
        settling.erase(id);
    }
}

OutboxSender::OutboxSender(net::Loop& loop, const base::Clock& clock, Options options, Ports ports)
    : impl_(std::make_shared<Impl>(loop, clock, std::move(options), std::move(ports))) {}

OutboxSender::~OutboxSender() {
    stop();
}

void OutboxSender::poke() {
    impl_->advance();
}

void OutboxSender::stop() {
    impl_->stopped = true;
    impl_->timer.cancel();
}

}  // namespace cxdial::daemon
