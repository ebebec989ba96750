#pragma once

#include "dialer/ticker.h"
#include "storage/database.h"
#include "storage/sqlite_store.h"

#include "fake_cloudonix.h"
#include "fake_opbx.h"
#include "faults.h"
#include "faulty_store.h"
#include "judge.h"
#include "world.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::sim {

/// The daemon around the real ticker and the real store: its inbox, its timer, its crashes. Its
/// monotonic clock starts anywhere in each of its lives.
class Daemon {
public:
    /// Called once with the outcome: true when it was done and is on disk.
    using Answered = std::function<void(bool)>;
    struct Parts {
        World& world;
        const Faults& faults;
        FakeCloudonix& cloudonix;
        Judge& judge;
        FakeOpbx* opbx = nullptr;  ///< null: there is none
    };

    Daemon(Parts parts, std::string path, dialer::EngineSettings settings);

    void start();
    /// Ends this life: nothing that was not committed survives, and nobody else hears of it.
    void kill();
    [[nodiscard]] bool up() const { return ticker_ != nullptr; }
    /// Down: refused at once.
    void submit(dialer::Input input, Answered answered = {});
    void webhook(const dialer::WebhookReceived& webhook, Answered answered);
    /// Cloudonix asks what an answered call shall do.
    void question(const dialer::CallAnswered& asked) { submit(asked); }
    /// A call came in; nobody waits for the answer after `budget`.
    void call_in(std::uint64_t question, base::Millis budget, dialer::InboundCall call);
    /// Who is told where calls that came in go.
    void on_routed(std::function<void(const dialer::RouteCall&)> handler) {
        routed_ = std::move(handler);
    }
    /// The configuration file was edited; also for the lives to come.
    void edit_domains(const std::vector<dialer::DomainLimits>& domains);
    [[nodiscard]] const dialer::EngineSettings& settings() const { return settings_; }
    /// The disk is full for so long.
    void fill_disk(base::Millis time);

    /// Effects that left, over all lives.
    [[nodiscard]] std::size_t effects() const { return effects_; }
    [[nodiscard]] std::size_t ticks() const { return ticks_; }
    [[nodiscard]] int lives() const { return lives_; }
    [[nodiscard]] const std::vector<dialer::Note>& notes() const { return notes_; }
    [[nodiscard]] const dialer::Engine* engine() const { return ticker_->engine(); }

private:
    struct Waiting {
        dialer::Input input;
        base::MonoTime arrived;
        Answered answered;
        bool repeat = false;  ///< a webhook that was answered with 200 before
    };

    [[nodiscard]] base::Now host_now() const;
    void plan_tick(base::MonoTime at);
    void tick();
    void conclude(std::vector<Waiting> taken, dialer::TickResult result, base::MonoTime decided);
    void answer(const Waiting& taken, bool done);
    void release(std::vector<dialer::Effect> effects, base::MonoTime decided);
    void release_one(const dialer::Effect& effect, base::MonoTime decided);
    /// Ends this life now and plans the next.
    void crash();

    World& world_;
    const Faults& faults_;
    FakeCloudonix& cloudonix_;
    Judge& judge_;
    FakeOpbx* opbx_;
    std::string path_;
    dialer::EngineSettings settings_;
    std::size_t inputs_per_tick_;

    int lives_ = 0;
    std::chrono::nanoseconds mono_offset_{0};
    std::optional<storage::Database> database_;
    std::unique_ptr<storage::SqliteStore> store_;
    std::unique_ptr<FaultyStore> faulty_;
    std::unique_ptr<dialer::Ticker> ticker_;
    std::vector<Waiting> inbox_;
    std::optional<base::MonoTime> planned_;
    std::uint64_t plan_ = 0;
    base::MonoTime busy_until_{};
    base::MonoTime disk_full_until_{};
    std::size_t effects_ = 0;
    std::size_t ticks_ = 0;
    std::size_t idle_ticks_ = 0;  ///< in a row, without time going on
    std::vector<dialer::Note> notes_;
    std::function<void(const dialer::RouteCall&)> routed_;
};

}  // namespace cxdial::sim
