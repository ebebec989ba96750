#include "tests/storage/store_conformance.h"

#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace cxdial::storage::testing {
namespace {

using campaign::AttemptStatus;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::Disposition;
using dialer::QueuedDestination;
using std::chrono::seconds;

/// One store with one campaign, for each back end.
struct Bench {
    Bench()
        : under_test(make_store(GENERATE(BackEnd::sqlite_file, BackEnd::sqlite_memory))),
          store(under_test->store()),
          id(under_test->add_campaign(hangup_campaign("spring"))) {}

    void add(std::vector<campaign::NewDestination> destinations) const {
        under_test->add_destinations(id, destinations);
    }
    [[nodiscard]] std::vector<QueuedDestination> claim(std::int64_t now, int limit) const {
        return in_transaction(store, [&] { return store.claim(id, at(now), limit); });
    }
    [[nodiscard]] std::vector<base::PhoneNumber> claimed_numbers(std::int64_t now, int limit)
        const {
        std::vector<base::PhoneNumber> numbers;
        for (const QueuedDestination& destination : claim(now, limit)) {
            numbers.push_back(destination.phone_number);
        }
        return numbers;
    }
    void move(const QueuedDestination& destination, const dialer::DestinationChange& change) const {
        in_transaction(store, [&] { store.move_destination(destination.id, change); });
    }
    [[nodiscard]] campaign::AttemptId intent(const QueuedDestination& destination) const {
        return in_transaction(store, [&] {
            return store.record_intent(attempt_of(id, destination));
        });
    }
    [[nodiscard]] bool move(
        campaign::AttemptId attempt, AttemptStatus from, const dialer::AttemptChange& change
    ) const {
        return in_transaction(store, [&] { return store.move_attempt(attempt, from, change); });
    }
    [[nodiscard]] std::optional<dialer::LiveAttempt> find(campaign::AttemptId attempt) const {
        return in_transaction(store, [&] { return store.find_attempt({.id = attempt}); });
    }

    std::unique_ptr<StoreUnderTest> under_test;
    dialer::Store& store;
    campaign::CampaignId id;
};

dialer::DestinationChange to(
    DestinationStatus status, int attempts = 0, std::optional<base::WallTime> next_at = {}
) {
    return {.to = status, .attempts = attempts, .next_at = next_at, .last_disposition = {}};
}

dialer::AttemptChange becomes(AttemptStatus status, const std::string& token = {}) {
    dialer::AttemptChange change{.to = status};
    if (!token.empty()) {
        change.token = campaign::SessionToken{token};
    }
    return change;
}

campaign::NewDestination not_before(campaign::NewDestination destination, std::int64_t when) {
    destination.not_before = at(when);
    return destination;
}

}  // namespace

TEST_CASE(
    "store: claims the highest priority first, then what waited for it, then the oldest",
    "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1, 0), destination(2, 5), destination(3, 5), destination(4, -1)});
    bench.add({not_before(destination(5, 5), 500), not_before(destination(6, 9), 800)});
    CHECK(
        bench.claimed_numbers(1'000, 10) ==
        std::vector{number(6), number(5), number(2), number(3), number(1), number(4)}
    );
}

TEST_CASE("store: a claim takes at most as many as asked for, and none twice", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1), destination(2), destination(3)});
    CHECK(bench.claimed_numbers(1'000, 2) == std::vector{number(1), number(2)});
    CHECK(bench.claimed_numbers(1'000, 2) == std::vector{number(3)});
    CHECK(bench.claim(1'000, 2).empty());
    CHECK(bench.claim(1'000, 0).empty());
}

TEST_CASE("store: a claim finds all that fell due at once, however many", "[storage][store]") {
    const Bench bench;
    std::vector<campaign::NewDestination> many;
    for (std::uint64_t i = 0; i < 2'500; ++i) {
        many.push_back(not_before(destination(i), 500));
    }
    bench.add(many);
    CHECK(bench.claim(1'000, 2'500).size() == 2'500);
}

TEST_CASE(
    "store: a destination is not claimed before its time, whatever its priority", "[storage][store]"
) {
    const Bench bench;
    bench.add({not_before(destination(1, 9), 5'000), destination(2)});
    CHECK(bench.claimed_numbers(4'999, 10) == std::vector{number(2)});
    CHECK(bench.claimed_numbers(5'000, 10) == std::vector{number(1)});
}

TEST_CASE(
    "store: a destination that became ready is not claimed when the clock went back",
    "[storage][store]"
) {
    const Bench bench;
    bench.add({not_before(destination(1), 5'000), destination(2, 1)});
    CHECK(bench.claimed_numbers(5'000, 1) == std::vector{number(2)});
    CHECK(bench.claim(4'000, 1).empty());
    CHECK(bench.claimed_numbers(5'000, 1) == std::vector{number(1)});
}

TEST_CASE("store: campaigns do not see each other's destinations", "[storage][store]") {
    const Bench bench;
    const campaign::CampaignId other = bench.under_test->add_campaign(hangup_campaign("autumn"));
    bench.add({destination(1)});
    CHECK(in_transaction(bench.store, [&] {
              return bench.store.claim(other, at(1'000), 5);
          }).empty());
    CHECK(bench.claim(1'000, 5).size() == 1);
}

TEST_CASE(
    "store: a retry is claimed once its delay is over, with what its last attempt showed",
    "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1)});
    const QueuedDestination first = bench.claim(1'000, 1).at(0);
    CHECK(first.attempts == 0);
    CHECK(first.previous_caller_id.empty());
    const campaign::AttemptId attempt = bench.intent(first);
    bench.move(first, to(DestinationStatus::placing_call, 1));
    REQUIRE(bench.move(attempt, AttemptStatus::intent, becomes(AttemptStatus::ended, "t1")));
    bench.move(first, to(DestinationStatus::retry_pending, 1, at(61'000)));

    CHECK(bench.claim(60'999, 1).empty());
    CHECK(in_transaction(bench.store, [&] {
              return bench.store.next_due(bench.id);
          }) == at(61'000));
    const QueuedDestination again = bench.claim(61'000, 1).at(0);
    CHECK(again.id == first.id);
    CHECK(again.attempts == 1);
    CHECK(again.previous_caller_id == "+12025550100");
}

TEST_CASE(
    "store: released destinations may be dialed at once, in the status they came from",
    "[storage][store]"
) {
    const Bench bench;
    const campaign::CampaignId other = bench.under_test->add_campaign(hangup_campaign("autumn"));
    bench.add({destination(1), not_before(destination(2), 5'000)});
    CHECK(bench.claim(5'000, 5).size() == 2);
    in_transaction(bench.store, [&] { bench.store.release_queued(other); });
    CHECK(bench.claim(5'000, 5).empty());

    const bool of_all = GENERATE(true, false);
    in_transaction(bench.store, [&] {
        bench.store.release_queued(of_all ? std::nullopt : std::optional(bench.id));
    });
    CHECK(bench.claim(1, 5).size() == 2);
}

TEST_CASE("store: what next falls due is the earliest of those that wait", "[storage][store]") {
    const Bench bench;
    const auto next_due = [&] {
        return in_transaction(bench.store, [&] { return bench.store.next_due(bench.id); });
    };
    CHECK_FALSE(next_due());
    bench.add({not_before(destination(1), 9'000), not_before(destination(2, 5), 9'500)});
    CHECK(next_due() == at(9'000));
    bench.add({destination(3)});
    CHECK(next_due() <= at(0));
    CHECK(bench.claim(9'500, 5).size() == 3);
    CHECK_FALSE(next_due());
}

TEST_CASE("store: a destination is open until it is terminal", "[storage][store]") {
    const Bench bench;
    const auto open = [&] {
        return in_transaction(bench.store, [&] {
            return bench.store.has_open_destinations(bench.id);
        });
    };
    CHECK_FALSE(open());
    bench.add({destination(1)});
    CHECK(open());
    const QueuedDestination taken = bench.claim(1'000, 1).at(0);
    CHECK(open());
    bench.move(taken, to(DestinationStatus::placing_call, 1));
    CHECK(open());
    bench.move(taken, to(DestinationStatus::completed, 1));
    CHECK_FALSE(open());
}

TEST_CASE("store: a terminal destination stays what it is", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1)});
    const QueuedDestination taken = bench.claim(1'000, 1).at(0);
    bench.move(taken, to(DestinationStatus::completed, 1));
    bench.move(taken, to(DestinationStatus::pending, 0));
    CHECK(bench.claim(2'000, 1).empty());
    const auto state =
        in_transaction(bench.store, [&] { return bench.store.destination(taken.id); });
    REQUIRE(state);
    CHECK(state->attempts == 1);
}

TEST_CASE("store: a suppressed number is known as such and never claimed", "[storage][store]") {
    const Bench bench;
    bench.under_test->suppress(number(1));
    bench.add({destination(1), destination(2)});
    CHECK(bench.claimed_numbers(1'000, 5) == std::vector{number(2)});
    in_transaction(bench.store, [&] {
        CHECK(bench.store.is_suppressed(number(1)));
        CHECK_FALSE(bench.store.is_suppressed(number(2)));
    });
}

TEST_CASE(
    "store: an intent makes a live attempt with everything it was given", "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1)});
    const QueuedDestination taken = bench.claim(1'000, 1).at(0);
    dialer::NewAttempt wanted = attempt_of(bench.id, taken);
    wanted.assistant = "sales";
    const campaign::AttemptId id =
        in_transaction(bench.store, [&] { return bench.store.record_intent(wanted); });
    const auto live = in_transaction(bench.store, [&] { return bench.store.live_attempts(); });
    REQUIRE(live.size() == 1);
    CHECK(live[0].id == id);
    CHECK(live[0].campaign == bench.id);
    CHECK(live[0].destination == taken.id);
    CHECK(live[0].phone_number == number(1));
    CHECK(live[0].domain == "acme.cloudonix.net");
    CHECK(live[0].assistant == "sales");
    CHECK(live[0].status == AttemptStatus::intent);
    CHECK_FALSE(live[0].token);
    CHECK(live[0].intent_at == at(1'000));
    CHECK(live[0].give_up_at == at(100'000));
}

TEST_CASE("store: attempt ids rise and stay where JSON numbers are exact", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1), destination(2)});
    const std::vector<QueuedDestination> taken = bench.claim(1'000, 2);
    const campaign::AttemptId first = bench.intent(taken.at(0));
    const campaign::AttemptId second = bench.intent(taken.at(1));
    CHECK(first < second);
    CHECK(first.raw() > 0);
    CHECK(second.raw() < (std::int64_t{1} << 53));
}

TEST_CASE(
    "store: the database refuses a second live attempt of a destination", "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1)});
    const QueuedDestination taken = bench.claim(1'000, 1).at(0);
    const campaign::AttemptId first = bench.intent(taken);
    CHECK_THROWS_AS(bench.intent(taken), dialer::TransactionFailed);
    const AttemptStatus live_status = GENERATE(
        AttemptStatus::in_doubt,
        AttemptStatus::placed,
        AttemptStatus::ringing,
        AttemptStatus::answered
    );
    REQUIRE(bench.move(first, AttemptStatus::intent, becomes(live_status)));
    CHECK_THROWS_AS(bench.intent(taken), dialer::TransactionFailed);
    REQUIRE(bench.move(first, live_status, becomes(AttemptStatus::ended)));
    CHECK_NOTHROW(bench.intent(taken));
}

TEST_CASE(
    "store: the database refuses a second live attempt of a number in a campaign",
    "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1), destination(2)});
    std::vector<QueuedDestination> taken = bench.claim(1'000, 2);
    static_cast<void>(bench.intent(taken.at(0)));
    taken.at(1).phone_number = taken.at(0).phone_number;
    CHECK_THROWS_AS(bench.intent(taken.at(1)), dialer::TransactionFailed);
}

TEST_CASE("store: an attempt is moved only by who knows where it stands", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1)});
    const campaign::AttemptId id = bench.intent(bench.claim(1'000, 1).at(0));
    CHECK(bench.move(id, AttemptStatus::intent, becomes(AttemptStatus::placed, "t1")));
    CHECK_FALSE(bench.move(id, AttemptStatus::intent, becomes(AttemptStatus::in_doubt, "t2")));
    REQUIRE(bench.find(id));
    CHECK(bench.find(id)->status == AttemptStatus::placed);
    CHECK(bench.find(id)->token == campaign::SessionToken{"t1"});
    CHECK(bench.move(id, AttemptStatus::placed, becomes(AttemptStatus::ended)));
    CHECK(bench.find(id)->token == campaign::SessionToken{"t1"});
    CHECK(in_transaction(bench.store, [&] { return bench.store.live_attempts(); }).empty());
}

TEST_CASE(
    "store: a token belongs to one attempt, and a second claim to it costs nothing else",
    "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1), destination(2)});
    const std::vector<QueuedDestination> taken = bench.claim(1'000, 2);
    const campaign::AttemptId first = bench.intent(taken.at(0));
    const campaign::AttemptId second = bench.intent(taken.at(1));
    REQUIRE(bench.move(first, AttemptStatus::intent, becomes(AttemptStatus::placed, "t1")));
    REQUIRE(bench.move(second, AttemptStatus::intent, becomes(AttemptStatus::placed, "t1")));
    CHECK(bench.find(second)->status == AttemptStatus::placed);
    CHECK_FALSE(bench.find(second)->token);
}

TEST_CASE("store: an attempt is found by its id, else by its token", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1)});
    const campaign::AttemptId id = bench.intent(bench.claim(1'000, 1).at(0));
    REQUIRE(bench.move(id, AttemptStatus::intent, becomes(AttemptStatus::placed, "t1")));
    in_transaction(bench.store, [&] {
        const campaign::SessionToken token{"t1"};
        CHECK(bench.store.find_attempt({.id = id})->id == id);
        CHECK(bench.store.find_attempt({.token = token})->id == id);
        CHECK(bench.store.find_attempt({.id = campaign::AttemptId{7}, .token = token})->id == id);
        CHECK_FALSE(bench.store.find_attempt({.id = campaign::AttemptId{7}}));
        CHECK_FALSE(bench.store.find_attempt({.token = campaign::SessionToken{"t2"}}));
        CHECK_FALSE(bench.store.find_attempt({}));
    });
}

TEST_CASE(
    "store: what comes late is added to a terminal attempt where it is missing", "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1)});
    const campaign::AttemptId id = bench.intent(bench.claim(1'000, 1).at(0));
    const dialer::AttemptChange late = becomes(AttemptStatus::ended, "t1");
    in_transaction(bench.store, [&] { bench.store.annotate_attempt(id, late); });
    CHECK_FALSE(bench.find(id)->token);  // not terminal: nothing is late
    REQUIRE(bench.move(id, AttemptStatus::intent, becomes(AttemptStatus::in_doubt)));
    REQUIRE(bench.move(id, AttemptStatus::in_doubt, becomes(AttemptStatus::abandoned)));
    in_transaction(bench.store, [&] { bench.store.annotate_attempt(id, late); });
    CHECK(bench.find(id)->token == campaign::SessionToken{"t1"});
    CHECK(bench.find(id)->status == AttemptStatus::abandoned);
    in_transaction(bench.store, [&] {
        bench.store.annotate_attempt(id, becomes(AttemptStatus::ended, "t2"));
    });
    CHECK(bench.find(id)->token == campaign::SessionToken{"t1"});
}

TEST_CASE(
    "store: placements of a domain are told since a time, without those that never left",
    "[storage][store]"
) {
    const Bench bench;
    bench.add({destination(1), destination(2), destination(3), destination(4)});
    const std::vector<QueuedDestination> taken = bench.claim(1'000, 4);
    std::vector<campaign::AttemptId> attempts;
    for (std::size_t i = 0; i < 4; ++i) {
        dialer::NewAttempt wanted = attempt_of(bench.id, taken.at(i));
        wanted.intent_at = at(1'000 * static_cast<std::int64_t>(4 - i));
        wanted.domain = i == 3 ? "other.cloudonix.net" : wanted.domain;
        attempts.push_back(in_transaction(bench.store, [&] {
            return bench.store.record_intent(wanted);
        }));
    }
    const auto since = [&](std::int64_t when) {
        return in_transaction(bench.store, [&] {
            return bench.store.placements_since("acme.cloudonix.net", at(when));
        });
    };
    CHECK(since(0) == std::vector{at(2'000), at(3'000), at(4'000)});
    CHECK(since(3'000) == std::vector{at(3'000), at(4'000)});
    REQUIRE(bench.move(attempts[1], AttemptStatus::intent, becomes(AttemptStatus::not_sent)));
    CHECK(since(0) == std::vector{at(2'000), at(4'000)});
}

TEST_CASE("store: the same CDR is kept once", "[storage][store]") {
    const Bench bench;
    const auto record = [&](const dialer::WebhookReceived& webhook) {
        return in_transaction(bench.store, [&] {
            return bench.store.record_webhook(webhook, std::nullopt, at(3'000));
        });
    };
    dialer::WebhookReceived webhook = cdr("call-1", "t1");
    CHECK(record(webhook));
    CHECK_FALSE(record(webhook));
    webhook.kind = dialer::WebhookReceived::Kind::session_update;
    CHECK(record(webhook));
    CHECK(record(cdr("call-2", "t1")));
}

TEST_CASE("store: a CDR that came before its token was known is adopted once", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1)});
    const campaign::AttemptId id = bench.intent(bench.claim(1'000, 1).at(0));
    in_transaction(bench.store, [&] {
        CHECK(bench.store.record_webhook(cdr("call-1", "t1"), std::nullopt, at(3'000)));
        CHECK(bench.store.record_webhook(cdr("call-2", "t2"), id, at(3'000)));
        dialer::WebhookReceived foreign = cdr("call-3", "t3");
        foreign.domain = "other.cloudonix.net";
        CHECK(bench.store.record_webhook(foreign, std::nullopt, at(3'000)));
    });
    in_transaction(bench.store, [&] {
        const auto report = bench.store.adopt_orphan({.token = campaign::SessionToken{"t1"}}, id);
        REQUIRE(report);
        CHECK(report->token == campaign::SessionToken{"t1"});
        CHECK(report->attempt == id);
        CHECK(report->progress == dialer::Progress::ended);
        CHECK(report->disposition == Disposition::answered);
        CHECK(report->answered_at == at(2'000));
        CHECK(report->ended_at == at(9'000));
        CHECK(report->duration == seconds{8});
        CHECK(report->billsec == seconds{7});
        CHECK_FALSE(bench.store.adopt_orphan({.token = campaign::SessionToken{"t1"}}, id));
        CHECK_FALSE(bench.store.adopt_orphan({.token = campaign::SessionToken{"t2"}}, id));
        CHECK_FALSE(bench.store.adopt_orphan({.token = campaign::SessionToken{"t3"}}, id));
    });
}

TEST_CASE("store: a campaign's status is kept with its reason", "[storage][store]") {
    const Bench bench;
    CHECK(in_transaction(bench.store, [&] { return bench.store.active_campaigns(); }).empty());
    in_transaction(bench.store, [&] {
        bench.store.set_campaign_status(bench.id, CampaignStatus::active, "", at(5));
    });
    const auto active = in_transaction(bench.store, [&] { return bench.store.active_campaigns(); });
    REQUIRE(active.size() == 1);
    CHECK(active[0].id == bench.id);
    CHECK(active[0].campaign.name == "spring");
    CHECK(active[0].campaign.caller_ids.at(0).phone_number == "+12025550100");
    in_transaction(bench.store, [&] {
        bench.store.set_campaign_status(bench.id, CampaignStatus::paused, "no credit", at(6));
    });
    const auto stored = in_transaction(bench.store, [&] { return bench.store.campaign(bench.id); });
    REQUIRE(stored);
    CHECK(stored->status == CampaignStatus::paused);
    CHECK(stored->status_reason == "no credit");
    CHECK_FALSE(in_transaction(bench.store, [&] {
        return bench.store.campaign(campaign::CampaignId{99});
    }));
}

TEST_CASE("store: what was rolled back never was", "[storage][store]") {
    const Bench bench;
    bench.add({destination(1)});
    bench.store.begin();
    CHECK(bench.store.claim(bench.id, at(1'000), 1).size() == 1);
    bench.store.rollback();
    CHECK(bench.claim(1'000, 1).size() == 1);
    bench.store.rollback();  // nothing is open: nothing happens
    CHECK_NOTHROW(bench.claim(1'000, 1));
}

}  // namespace cxdial::storage::testing
