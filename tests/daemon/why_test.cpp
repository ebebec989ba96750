#include "daemon/why.h"

#include "dialer/store.h"

#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <unistd.h>
#include <utility>

using namespace cxdial;
using campaign::DestinationStatus;
using campaign::Transition;
using campaign::WaitReason;
using Catch::Matchers::Contains;
using daemon::Why;
using daemon::WhySources;

namespace {

/// 2026-09-21 14:13:20 UTC: morning in New York, night in Tokyo.
constexpr base::WallTime now = base::from_millis(1'790'000'000'000);
constexpr base::Millis hour = std::chrono::hours{1};

template <class Value>
Value expect(base::Result<Value> result) {
    if (!result) {
        FAIL(result.error().detail);
    }
    return std::move(result).value();
}

base::PhoneNumber number(std::uint64_t index) {
    return *base::PhoneNumber::from_digits(12'125'550'000 + index);
}

/// A database in a folder of its own, with the campaign `list` and its first number.
class World {
public:
    World()
        : folder_(make_folder()),
          database_(expect(storage::Database::open((folder_ / "cxdial.db").string(), {}))),
          repository(database_),
          store(database_) {
        plan.name = "list";
        plan.cloudonix_domain = "acme.cloudonix.net";
        plan.caller_ids = {{.phone_number = "+12125550100"}};
        save();
        add({.phone_number = number(1)});
    }
    ~World() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    World(World&&) = delete;
    World& operator=(World&&) = delete;

    void save() { expect(repository.put(plan, now)); }
    void add(const campaign::NewDestination& row) {
        const auto batch = std::array{row};
        expect(repository.add_destinations(stored().id, batch));
    }
    void change(Transition transition) {
        expect(repository.change_campaign(stored().id, transition, now));
    }
    void hold(const dialer::Hold& hold) {
        transact([&] { store.set_hold(stored_.id, hold); });
    }
    void move(std::uint64_t index, const dialer::DestinationChange& change) {
        const auto id = destination(index).id;
        transact([&] { store.move_destination(id, change); });
    }
    /// One destination of the campaign is called so long ago, and the call ended at once.
    void dial(std::uint64_t index, base::Millis ago) {
        const campaign::AttemptId attempt = begin_call(index, now - ago);
        transact([&] {
            CHECK(store.move_attempt(
                attempt,
                campaign::AttemptStatus::intent,
                {.to = campaign::AttemptStatus::ended,
                 .disposition = campaign::Disposition::busy,
                 .ended_at = now - ago}
            ));
        });
        move(index, {.to = DestinationStatus::retry_pending, .attempts = 1, .next_at = {}});
    }
    campaign::AttemptId begin_call(std::uint64_t index, base::WallTime at) {
        const storage::DestinationRecord row = destination(index);
        campaign::AttemptId attempt;
        transact([&] {
            attempt = store.record_intent(
                {.campaign = row.campaign,
                 .destination = row.id,
                 .phone_number = row.phone_number,
                 .domain = plan.cloudonix_domain,
                 .caller_id = "+12125550100",
                 .campaign_revision = 1,
                 .intent_at = at,
                 .give_up_at = at + hour}
            );
            store.move_destination(
                row.id,
                {.to = DestinationStatus::placing_call, .attempts = row.attempts + 1, .next_at = {}}
            );
        });
        return attempt;
    }

    [[nodiscard]] campaign::StoredCampaign stored() {
        stored_ = expect(repository.campaign("default", plan.name));
        return stored_;
    }
    [[nodiscard]] storage::DestinationRecord destination(std::uint64_t index) {
        return expect(repository.destination(stored().id, number(index)));
    }
    [[nodiscard]] Why why(std::uint64_t index = 1) {
        return expect(daemon::why_destination(sources(), stored(), number(index)));
    }
    [[nodiscard]] WhySources sources() {
        return {
            .repository = repository,
            .store = store,
            .dialing = dialing,
            .is_dialing = is_dialing,
            .now = now,
        };
    }

private:
    static std::filesystem::path make_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cxdial-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        return name;
    }
    template <class Body>
    void transact(Body body) {
        stored_ = stored();
        store.begin();
        body();
        store.commit();
    }

    std::filesystem::path folder_;
    storage::Database database_;
    campaign::StoredCampaign stored_;

public:
    campaign::Campaign plan;
    config::Dialing dialing;
    bool is_dialing = true;
    storage::Repository repository;
    storage::SqliteStore store;
};

}  // namespace

TEST_CASE(
    "why: of all that stands in the way of a destination the first is said", "[daemon][why]"
) {
    World world;
    // All of it at once; each is then taken away, and what stands behind it is seen.
    world.dialing.calls_per_number = 2;
    world.is_dialing = false;
    world.plan.respect_recipient_time = campaign::TimeRange{20 * 60, 21 * 60};
    world.save();
    world.dial(1, 3 * hour);
    world.dial(1, 2 * hour);
    world.move(1, {.to = DestinationStatus::queued, .attempts = 2, .next_at = {}});
    world.move(
        1,
        {.to = DestinationStatus::retry_pending,
         .attempts = 2,
         .next_at = now + hour,
         .wait = WaitReason::retry}
    );
    expect(world.repository.suppress_prefix(1212, "test", now));
    expect(world.repository.suppress(std::array{number(1)}, "test", now));

    CHECK(world.why().detail == "it is on the do-not-call list");
    expect(world.repository.unsuppress(number(1)));
    CHECK(world.why().reason == "suppressed");
    CHECK_THAT(world.why().detail, Contains("+1212*"));
    expect(world.repository.unsuppress_prefix(1212));
    CHECK(world.why().reason == "campaign_draft");
    world.change(Transition::start);
    CHECK(world.why().reason == "retry");
    CHECK(world.why().until == now + hour);
    world.move(1, {.to = DestinationStatus::queued, .attempts = 2, .next_at = {}});
    CHECK(world.why().reason == "recipient_hours");
    CHECK(world.why().until > now);
    world.plan.respect_recipient_time.reset();
    world.save();
    CHECK(world.why().reason == "frequency_cap");
    CHECK(world.why().until == now - 3 * hour + world.dialing.calls_per_number_window);
    world.dialing.calls_per_number = 0;
    CHECK(world.why().reason == "no_daemon");
    world.is_dialing = true;
    world.hold({.reason = dialer::HoldReason::cac_reached, .until = {}});
    CHECK(world.why().reason == "cac_reached");
    world.hold({});
    CHECK(world.why().reason == "in_turn");
}

TEST_CASE("why: a call under way and an end come before all else", "[daemon][why]") {
    World world;
    world.begin_call(1, now);
    expect(world.repository.suppress_prefix(1, "test", now));
    CHECK(world.why().reason == "in_call");
    CHECK_THAT(world.why().detail, Contains("intent"));
    world.move(
        1,
        {.to = DestinationStatus::failed,
         .attempts = 1,
         .next_at = {},
         .last_disposition = campaign::Disposition::busy}
    );
    CHECK(world.why().reason == "failed");
    CHECK_THAT(world.why().detail, Contains("1 attempts") && Contains("busy"));
}

TEST_CASE("why: a destination that was imported as suppressed says what did it", "[daemon][why]") {
    World world;
    expect(world.repository.suppress_prefix(1'212'555'000, "test", now));
    world.add({.phone_number = number(2)});
    CHECK(world.destination(2).status == DestinationStatus::suppressed);
    CHECK_THAT(world.why(2).detail, Contains("+1212555000*"));
    expect(world.repository.unsuppress_prefix(1'212'555'000));
    CHECK(world.why(2).reason == "suppressed");
    CHECK_THAT(world.why(2).detail, Contains("no longer"));
}

TEST_CASE("why: a number that a campaign does not have is not found", "[daemon][why]") {
    World world;
    const auto why = daemon::why_destination(world.sources(), world.stored(), number(9));
    REQUIRE_FALSE(why);
    CHECK(why.error().code == base::Errc::not_found);
}

TEST_CASE("why: each destination is counted under exactly one reason", "[daemon][why]") {
    World world;
    for (std::uint64_t i = 2; i <= 8; ++i) {
        world.add({.phone_number = number(i)});
    }
    world.add({.phone_number = number(9), .not_before = now + hour});
    expect(world.repository.suppress(std::array{number(10)}, "test", now));
    world.add({.phone_number = number(10)});
    world.begin_call(2, now);
    world.dial(3, hour);
    world.move(4, {.to = DestinationStatus::queued, .attempts = 0, .next_at = {}});
    // It waits, and is then taken to be dialed: no longer among those that wait.
    world.move(5, {.to = DestinationStatus::queued, .attempts = 0, .next_at = {}});
    world.move(
        5,
        {.to = DestinationStatus::pending,
         .attempts = 0,
         .next_at = now + hour,
         .wait = WaitReason::recipient_hours}
    );
    world.move(
        6,
        {.to = DestinationStatus::invalid,
         .attempts = 0,
         .next_at = {},
         .wait = WaitReason::zone_unknown}
    );
    world.move(7, {.to = DestinationStatus::cancelled, .attempts = 0, .next_at = {}});
    const auto statistics = expect(world.repository.statistics(world.stored().id));
    const std::map<std::string, std::int64_t> reasons = daemon::reasons_of(statistics);
    CHECK(
        reasons ==
        std::map<std::string, std::int64_t>{
            {"ready", 3},  // 1, 3 and 8
            {"in_call", 1},
            {"queued", 1},
            {"recipient_hours", 1},
            {"not_before", 1},
            {"invalid", 1},
            {"cancelled", 1},
            {"suppressed", 1},
        }
    );
    std::int64_t sum = 0;
    for (const auto& [reason, count] : reasons) {
        sum += count;
    }
    CHECK(sum == 10);
}
