#include "daemon/worker.h"

#include "daemon/api_reader.h"
#include "daemon/api_writer.h"
#include "dialer/ticker.h"
#include "storage/sqlite_store.h"

#include <catch2/catch.hpp>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <unistd.h>
#include <utility>

using namespace cxdial;
using daemon::Inbox;
using daemon::Ticked;
using webhook::ApiStored;

namespace {

constexpr const char* domain = "acme.cloudonix.net";

template <class Value>
Value expect(base::Result<Value> result) {
    if (!result) {
        FAIL(result.error().detail);
    }
    return std::move(result).value();
}

/// It is always Monday, 2026-09-21, 14:13:20 UTC; the worker's waiting is real.
class Afternoon final : public base::Clock {
public:
    [[nodiscard]] base::Now now() const override {
        return {system_.now().mono, base::from_millis(1'790'000'000'000)};
    }

private:
    base::SystemClock system_;
};

/// What one thread makes and another one waits for.
template <class Value>
class Collected {
public:
    void add(Value value) {
        {
            const std::lock_guard lock(mutex_);
            values_.push_back(std::move(value));
        }
        grew_.notify_one();
    }
    /// All of them, once there are so many.
    std::vector<Value> wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        grew_.wait(lock, [&] { return values_.size() >= count; });
        return values_;
    }

private:
    std::mutex mutex_;
    std::condition_variable grew_;
    std::vector<Value> values_;
};

std::array<campaign::DaySchedule, 7> every_day(int from_hour, int to_hour) {
    std::array<campaign::DaySchedule, 7> week{};
    for (campaign::DaySchedule& day : week) {
        day.enabled = true;
        day.time_ranges = {{.start_minute = from_hour * 60, .end_minute = to_hour * 60}};
    }
    return week;
}

/// A campaign of two calls at a time that a worker dials, and the API beside it. The tasks of the
/// loop's thread are kept, as on a loop that is busy with something else.
class Dialing {
public:
    Dialing()
        : folder_(make_folder()),
          database_(expect(storage::Database::open((folder_ / "cxdial.db").string(), {}))),
          repository_(database_),
          store_(database_),
          ticker_(store_, settings(), base::Rng{1}),
          worker_(clock_, inbox_, ticker_, repository_, [this](const Ticked& ticked) {
              for (const dialer::Effect& effect : ticked.output.effects) {
                  if (const auto* call = std::get_if<dialer::PlaceCall>(&effect)) {
                      calls.add(*call);
                  }
              }
          }) {
        writer_.connect(api);
        plan.name = "list";
        plan.cloudonix_domain = domain;
        plan.caller_ids = {{.phone_number = "+12125550100"}};
        plan.concurrent_active_calls = 2;
        plan.calls_per_second = 0;
        plan.timezone = "UTC";
        plan.schedule = every_day(0, 24);
        expect(repository_.put(plan, clock_.now().wall));
        const campaign::CampaignId id = expect(repository_.campaign(plan.tenant, plan.name)).id;
        expect(repository_.add_destinations(id, rows(0, 4)));
        expect(repository_.change_campaign(id, campaign::Transition::start, clock_.now().wall));
        worker_.start();
    }
    ~Dialing() {
        worker_.stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Dialing(const Dialing&) = delete;
    Dialing& operator=(const Dialing&) = delete;
    Dialing(Dialing&&) = delete;
    Dialing& operator=(Dialing&&) = delete;

    static std::vector<campaign::NewDestination> rows(std::uint64_t from, std::uint64_t to) {
        std::vector<campaign::NewDestination> made;
        for (std::uint64_t i = from; i < to; ++i) {
            made.push_back({.phone_number = *base::PhoneNumber::from_digits(12'125'550'000 + i)});
        }
        return made;
    }

    /// Frees the call's slot; the tick that does it is committed.
    void refuse(const dialer::PlaceCall& call) {
        std::promise<void> taken;
        inbox_.push(
            {{dialer::PlacementReply{call.attempt, dialer::Refused{.status = 400, .reason = "no"}},
              clock_.now().mono},
             [&](const base::Result<void>&) { taken.set_value(); }}
        );
        taken.get_future().wait();
    }

    campaign::Campaign plan;
    Collected<dialer::PlaceCall> calls;
    Collected<std::function<void()>> tasks;
    webhook::ApiPorts api;

private:
    static std::filesystem::path make_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cxdial-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        return name;
    }
    static dialer::EngineSettings settings() {
        dialer::EngineSettings settings;
        settings.domains = {{.name = domain, .requests = 0}};
        settings.poll_interval = std::chrono::hours{1};
        return settings;
    }

    std::filesystem::path folder_;
    Afternoon clock_;
    config::Config config_;
    storage::Database database_;
    storage::Repository repository_;
    storage::SqliteStore store_;
    Inbox inbox_{100};
    dialer::Ticker ticker_;
    daemon::Worker worker_;
    daemon::ApiReader reader_{database_.path(), config_, clock_};
    daemon::ApiWriter writer_{
        {.run = [this](Inbox::Job job) { return inbox_.offer_job(std::move(job)); },
         .submit = [](const dialer::Input&, const Inbox::Done&) { return false; },
         .post = [this](std::function<void()> task) { tasks.add(std::move(task)); },
         .now = [this] { return clock_.now().wall; }},
        reader_};
};

}  // namespace

TEST_CASE(
    "worker: once an edit is stored no call is planned by the rules before it", "[daemon][worker]"
) {
    Dialing dialing;
    const std::vector<dialer::PlaceCall> placed = dialing.calls.wait(2);
    std::vector<std::string> outcomes;
    const auto put = [&] {
        dialing.api.put({dialing.plan}, [&](const ApiStored& stored) {
            REQUIRE_FALSE(stored.error);
            outcomes = stored.outcomes;
        });
    };
    SECTION("one that leaves the schedule open lets a freed slot be taken") {
        dialing.plan.time_limit = std::chrono::seconds{77};
        put();
        static_cast<void>(dialing.tasks.wait(1));
        dialing.refuse(placed[0]);
        CHECK(dialing.calls.wait(3).size() == 3);
    }
    SECTION("one that closes it does not, however late its sender is told") {
        dialing.plan.schedule = every_day(1, 2);
        put();
        static_cast<void>(dialing.tasks.wait(1));
        dialing.refuse(placed[0]);
        dialing.refuse(placed[1]);
        CHECK(dialing.calls.wait(2).size() == 2);
    }
    CHECK(outcomes.empty());
    dialing.tasks.wait(1)[0]();
    CHECK(outcomes == std::vector<std::string>{"changed"});
}

TEST_CASE("worker: destinations are in the engine's hands when their sender is told", "[daemon]") {
    Dialing dialing;
    // Three of four are refused, so that one slot is free and nothing is left to take it.
    const std::vector<dialer::PlaceCall> first = dialing.calls.wait(2);
    dialing.refuse(first[0]);
    dialing.refuse(first[1]);
    dialing.refuse(dialing.calls.wait(4)[2]);
    std::int64_t imported = 0;
    dialing.api.add_destinations({"default", "list"}, Dialing::rows(4, 6), [&](const auto& added) {
        imported = expect(added).imported;
    });
    dialing.tasks.wait(1)[0]();
    CHECK(imported == 2);
    CHECK(dialing.calls.wait(4).size() == 5);
}
