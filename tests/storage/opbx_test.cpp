#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cxdial::storage::testing {
namespace {

using campaign::AttemptStatus;
using campaign::DestinationStatus;
using campaign::OpbxCampaignId;
using campaign::OpbxDestinationId;
using campaign::OpbxSessionId;

campaign::Campaign lent(const std::string& name = "opbx-12") {
    campaign::Campaign campaign = hangup_campaign(name);
    campaign.routing_destination_type = campaign::RoutingDestinationType::external;
    campaign.caller_ids = {{.phone_number = "+12025550100", .weight = 1, .did_id = 7}};
    return campaign;
}

OfferedDestination row(int id, std::uint64_t index, int attempts = 0) {
    OfferedDestination offered{.id = OpbxDestinationId{id}, .row = destination(index)};
    offered.attempts = attempts;
    return offered;
}

/// A campaign that OPBX lent, and a list that it offers.
struct Lent : Fixture {
    Lent() {
        expect(repository.put_external(lent(), OpbxCampaignId{12}, "not listed", at(0)));
        id = expect(repository.campaign("default", "opbx-12")).id;
    }
    TakenOffer offer(const std::vector<OfferedDestination>& rows, bool is_whole = true) {
        return expect(repository.take_offer(id, rows, is_whole));
    }
    DestinationRecord at_number(std::uint64_t index) {
        return expect(repository.destination(id, number(index)));
    }
    void finish(std::uint64_t index, DestinationStatus status) {
        in_transaction(store, [&] {
            store.move_destination(at_number(index).id, {.to = status, .attempts = 1});
        });
    }
    std::map<DestinationStatus, std::int64_t> counts() {
        return expect(repository.statistics(id)).destinations;
    }
};

}  // namespace

TEST_CASE("opbx: a campaign that it lends keeps its names over a restart", "[storage][opbx]") {
    TempDirectory directory;
    {
        Fixture fixture(directory.file("cxdial.db"));
        CHECK(
            expect(fixture.repository.put_external(lent(), OpbxCampaignId{12}, "why", at(0))) ==
            PutOutcome::created
        );
        CHECK(
            expect(fixture.repository.put_external(lent(), OpbxCampaignId{12}, "why", at(0))) ==
            PutOutcome::unchanged
        );
    }
    Fixture fixture(directory.file("cxdial.db"));
    const auto stored = expect(fixture.repository.external_campaigns());
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].external_id == OpbxCampaignId{12});
    CHECK(stored[0].status == campaign::CampaignStatus::paused);
    CHECK(stored[0].status_reason == "why");
    CHECK(stored[0].campaign == lent());
}

TEST_CASE("opbx: users may not change what it owns", "[storage][opbx]") {
    Lent fixture;
    using base::Errc;
    CHECK(fixture.repository.put(hangup_campaign("opbx-12"), at(0)).error().code == Errc::conflict);
    const std::vector batch{destination(1)};
    CHECK(fixture.repository.add_destinations(fixture.id, batch).error().code == Errc::conflict);
    CHECK(
        fixture.repository.change_campaign(fixture.id, campaign::Transition::resume, at(0))
            .error()
            .code == Errc::conflict
    );
    CHECK(
        fixture.repository.put_external(lent("spring"), OpbxCampaignId{13}, "", at(0))
            .error()
            .code == Errc::conflict
    );
}

TEST_CASE("opbx: rows are taken over once, and counted", "[storage][opbx]") {
    Lent fixture;
    CHECK(fixture.offer({row(1, 1), row(2, 2)}).imported == 2);
    const TakenOffer again = fixture.offer({row(1, 1), row(2, 2), row(3, 3)});
    CHECK(again.imported == 1);
    CHECK(again.untried == 3);
    CHECK(again.withdrawn.empty());
    CHECK(fixture.counts()[DestinationStatus::pending] == 3);
    const auto claimed = fixture.claim(1'000, 10);
    REQUIRE(claimed.size() == 3);
    CHECK(claimed[0].external_id == OpbxDestinationId{1});
}

TEST_CASE("opbx: a row that went round waits, with its attempts", "[storage][opbx]") {
    Lent fixture;
    OfferedDestination tried = row(1, 1, 2);
    tried.row.not_before = at(60'000);
    CHECK(fixture.offer({tried}).imported == 1);
    CHECK(fixture.at_number(1).status == DestinationStatus::retry_pending);
    CHECK(fixture.at_number(1).attempts == 2);
    CHECK(fixture.claim(59'999, 10).empty());
    CHECK(fixture.claim(60'000, 10).size() == 1);
}

TEST_CASE("opbx: suppressed rows are never dialed", "[storage][opbx]") {
    Lent fixture;
    const base::PhoneNumber unwanted = number(1);
    expect(fixture.repository.suppress(std::span(&unwanted, 1), "test", at(0)));
    static_cast<void>(fixture.offer({row(1, 1)}));
    CHECK(fixture.at_number(1).status == DestinationStatus::suppressed);
}

TEST_CASE("opbx: what a whole answer leaves out is withdrawn, unless tried", "[storage][opbx]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1), row(2, 2), row(3, 3)}));
    fixture.finish(3, DestinationStatus::retry_pending);
    CHECK(fixture.offer({row(1, 1)}, false).withdrawn.empty());
    const TakenOffer taken = fixture.offer({row(1, 1)});
    REQUIRE(taken.withdrawn == std::vector{fixture.at_number(2).id});
    CHECK(taken.untried == 1);
    const auto forgotten = in_transaction(fixture.store, [&] {
        return fixture.store.forget_destinations({taken.withdrawn[0], fixture.at_number(3).id});
    });
    CHECK(forgotten == taken.withdrawn);
    CHECK_FALSE(fixture.repository.destination(fixture.id, number(2)));
    CHECK(fixture.at_number(3).status == DestinationStatus::retry_pending);
    CHECK(fixture.counts()[DestinationStatus::pending] == 1);
}

TEST_CASE("opbx: a row whose call was given back is not withdrawn", "[storage][opbx]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1)}));
    const auto dialed = fixture.dial();
    const auto& taken = dialed.first;
    in_transaction(fixture.store, [&] {
        CHECK(fixture.store.move_attempt(
            dialed.second, AttemptStatus::intent, {.to = AttemptStatus::not_sent}
        ));
        fixture.store.move_destination(taken.id, {.to = DestinationStatus::pending});
    });
    // OPBX, which wrote it down, takes it for being dialed.
    CHECK(fixture.offer({}).withdrawn.empty());
    CHECK(in_transaction(fixture.store, [&] {
              return fixture.store.forget_destinations({taken.id});
          }).empty());
}

TEST_CASE("opbx: a finished row is dialed again only when its owner wants it", "[storage][opbx]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1)}));
    fixture.finish(1, DestinationStatus::failed);
    SECTION("not because it is offered still") {
        CHECK(fixture.offer({row(1, 1)}).imported == 0);
        CHECK(fixture.at_number(1).status == DestinationStatus::failed);
    }
    SECTION("because it was reset") {
        OfferedDestination reset = row(1, 1);
        reset.is_reset = true;
        CHECK(fixture.offer({reset}).imported == 1);
        CHECK(fixture.at_number(1).status == DestinationStatus::pending);
        CHECK(fixture.at_number(1).attempts == 0);
        CHECK(fixture.counts()[DestinationStatus::pending] == 1);
        CHECK(fixture.counts()[DestinationStatus::failed] == 0);
    }
    SECTION("because its number is listed again under a newer id") {
        CHECK(fixture.offer({row(2, 1)}).imported == 1);
        CHECK(fixture.at_number(1).status == DestinationStatus::pending);
        CHECK(fixture.claim(1'000, 1).at(0).external_id == OpbxDestinationId{2});
    }
    SECTION("not under both ids in turn") {
        CHECK(fixture.offer({row(1, 1), row(2, 1)}).imported == 1);
        fixture.finish(1, DestinationStatus::failed);
        CHECK(fixture.offer({row(1, 1), row(2, 1)}).imported == 0);
    }
}

TEST_CASE("opbx: its ids may begin anew with other numbers", "[storage][opbx]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1)}));
    fixture.finish(1, DestinationStatus::completed);
    CHECK(fixture.offer({row(1, 2)}).imported == 1);
    CHECK(fixture.at_number(2).status == DestinationStatus::pending);
    CHECK(fixture.at_number(1).status == DestinationStatus::completed);
}

TEST_CASE("opbx: a session id of another attempt does not cost the tick", "[storage][opbx]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1), row(2, 2)}));
    in_transaction(fixture.store, [&] {
        for (const dialer::QueuedDestination& taken :
             fixture.store.claim(fixture.id, at(1'000), 2)) {
            dialer::NewAttempt attempt = attempt_of(fixture.id, taken);
            attempt.by_opbx = true;
            const auto made = fixture.store.record_intent(attempt);
            dialer::AttemptChange change{.to = AttemptStatus::placed};
            change.external_id = OpbxSessionId{501};
            CHECK(fixture.store.move_attempt(made, AttemptStatus::intent, change));
        }
    });
    const auto live = in_transaction(fixture.store, [&] { return fixture.store.live_attempts(); });
    REQUIRE(live.size() == 2);
    CHECK(live[0].by_opbx);
    CHECK(live[0].external_id == OpbxSessionId{501});
    CHECK_FALSE(live[1].external_id);
    const auto found = in_transaction(fixture.store, [&] {
        return fixture.store.find_attempt({.external_id = OpbxSessionId{501}});
    });
    REQUIRE(found);
    CHECK(found->id == live[0].id);
}

TEST_CASE("opbx: how a call ended is to be told once, unless a CDR tells it", "[storage][opbx]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1)}));
    const campaign::AttemptId attempt = fixture.dial().second;
    bool is_named = true;
    SECTION("OPBX has a name for it") {}
    SECTION("OPBX has none") {
        is_named = false;
    }
    dialer::AttemptChange change{.to = AttemptStatus::placed};
    if (is_named) {
        change.external_id = OpbxSessionId{501};
    }
    in_transaction(fixture.store, [&] {
        CHECK(fixture.store.move_attempt(attempt, AttemptStatus::intent, change));
    });
    const auto report = [&] {
        in_transaction(fixture.store, [&] {
            fixture.store.report_end(attempt, "reports", at(5), at(10));
        });
        return expect(fixture.repository.outbox("reports", at(10), 9));
    };
    if (!is_named) {
        CHECK(report().empty());
        return;
    }
    SECTION("a CDR of OPBX's has told it") {
        CHECK(in_transaction(fixture.store, [&] {
            return fixture.store.record_webhook(cdr("opbx:501:t1", "t1"), attempt, at(4));
        }));
        CHECK(report().empty());
    }
    SECTION("a CDR of another call tells nothing") {
        CHECK(in_transaction(fixture.store, [&] {
            return fixture.store.record_webhook(cdr("opbx:5010:t1", "t1"), attempt, at(4));
        }));
        CHECK(report().size() == 1);
    }
    SECTION("nobody has") {
        static_cast<void>(report());
        const std::vector<OutboxMessage> due = report();
        REQUIRE(due.size() == 1);
        CHECK(due[0].key == "call:" + std::to_string(attempt.raw()));
        CHECK(expect(fixture.repository.outbox("reports", at(9), 9)).empty());
    }
}

TEST_CASE("opbx: an orphan is adopted by its number only when it is the only one", "[storage]") {
    Lent fixture;
    static_cast<void>(fixture.offer({row(1, 1)}));
    const campaign::AttemptId attempt = fixture.dial().second;
    const auto keep = [&](const std::string& key, std::int64_t started) {
        dialer::WebhookReceived webhook = cdr(key, key);
        webhook.report.number = number(1);
        webhook.report.started_at = at(started);
        CHECK(in_transaction(fixture.store, [&] {
            return fixture.store.record_webhook(webhook, std::nullopt, at(started));
        }));
    };
    const auto adopt = [&] {
        return in_transaction(fixture.store, [&] {
            return fixture.store.adopt_orphan(
                {.number = number(1), .started_from = at(1'000)}, attempt
            );
        });
    };
    keep("old", 500);
    CHECK_FALSE(adopt());
    keep("first", 1'000);
    SECTION("alone") {
        const auto report = adopt();
        REQUIRE(report);
        CHECK(report->token == campaign::SessionToken{"first"});
        CHECK_FALSE(adopt());
    }
    SECTION("among others") {
        keep("second", 1'500);
        CHECK_FALSE(adopt());
    }
}

}  // namespace cxdial::storage::testing
