#include "storage/internal/connection.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace cxdial::storage::testing {
namespace {

using campaign::DestinationStatus;
using Catch::Matchers::Contains;

/// A webhook that needs some pages of its own.
dialer::WebhookReceived big_cdr(int index) {
    dialer::WebhookReceived webhook = cdr("call-" + std::to_string(index), "t");
    webhook.body.resize(20'000, 'x');
    return webhook;
}

/// Keeps webhooks until the store refuses; what it said.
std::string fill(Fixture& fixture) {
    try {
        for (int i = 0; i < 1'000; ++i) {
            in_transaction(fixture.store, [&] {
                static_cast<void>(fixture.store.record_webhook(big_cdr(i), std::nullopt, at(1'000))
                );
            });
        }
    } catch (const dialer::TransactionFailed& failure) {
        return failure.what();
    }
    return {};
}

std::int64_t webhooks(Fixture& fixture) {
    return fixture.count("SELECT count(*) FROM webhook");
}

/// No file of this process grows beyond `bytes`; nothing: no limit.
void limit_file_size(rlim_t bytes) {
    struct rlimit limit {};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

TEST_CASE(
    "faults: a full disk fails the transaction whole, and space lets it go on", "[storage][fault]"
) {
    const TempDirectory directory;
    Fixture fixture(directory.file("a.db"));
    fixture.add(1, 1);
    Connection& connection = fixture.database.connection();
    const std::string pages = connection.value_of("PRAGMA page_count");
    connection.exec(("PRAGMA max_page_count = " + std::to_string(std::stoi(pages) + 50)).c_str());

    CHECK_THAT(fill(fixture), Contains("a.db") && Contains("disk is full"));
    const std::int64_t kept = webhooks(fixture);
    CHECK(kept > 0);

    // A tick that did other work before the disk was full keeps nothing of it.
    CHECK_THROWS_AS(
        in_transaction(
            fixture.store,
            [&] {
                CHECK(fixture.store.claim(fixture.id, at(1'000), 1).size() == 1);
                static_cast<void>(
                    fixture.store.record_webhook(big_cdr(9'999), std::nullopt, at(1'000))
                );
            }
        ),
        dialer::TransactionFailed
    );
    CHECK(webhooks(fixture) == kept);

    connection.exec("PRAGMA max_page_count = 1000000");
    CHECK(fixture.claim(1'000, 1).size() == 1);
    in_transaction(fixture.store, [&] {
        CHECK(fixture.store.record_webhook(big_cdr(9'999), std::nullopt, at(1'000)));
    });
}

TEST_CASE(
    "faults: a write that the file system refuses fails the transaction, and passes",
    "[storage][fault]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    CHECK(in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        Fixture fixture(path);
        limit_file_size(600'000);
        const std::string why = fill(fixture);
        const std::int64_t kept = webhooks(fixture);
        bool still_refused = false;
        try {
            in_transaction(fixture.store, [&] {
                for (int i = 5'000; i < 5'100; ++i) {
                    static_cast<void>(
                        fixture.store.record_webhook(big_cdr(i), std::nullopt, at(1'000))
                    );
                }
            });
        } catch (const dialer::TransactionFailed&) {
            still_refused = true;
        }
        const bool lost_nothing = webhooks(fixture) == kept;
        limit_file_size(RLIM_INFINITY);
        const bool goes_on = fill(fixture).empty() && webhooks(fixture) == 1'000;
        return !why.empty() && why.find(path) != std::string::npos && still_refused &&
               lost_nothing && kept > 0 && goes_on;
    }));
    // And what a new process finds is whole.
    Fixture fixture(path);
    CHECK(webhooks(fixture) == 1'000);
    CHECK(fixture.database.connection().value_of("PRAGMA integrity_check") == "ok");
}

TEST_CASE(
    "faults: a database that became read-only fails the tick and recovers", "[storage][fault]"
) {
    Fixture fixture;
    fixture.add(1, 1);
    fixture.database.connection().exec("PRAGMA query_only = ON");
    CHECK_THROWS_WITH(fixture.claim(1'000, 1), Contains("readonly") && Contains("cannot begin"));
    const base::Result<PutOutcome> put = fixture.repository.put(hangup_campaign("autumn"), at(0));
    REQUIRE_FALSE(put);
    CHECK(put.error().code == base::Errc::unavailable);
    fixture.database.connection().exec("PRAGMA query_only = OFF");
    CHECK(fixture.claim(1'000, 1).size() == 1);
}

TEST_CASE(
    "faults: a writer that another connection blocks gives up after its time", "[storage][fault]"
) {
    const TempDirectory directory;
    Fixture fixture(directory.file("a.db"));
    Database other = open(directory.file("a.db"), {.lock = false, .busy_timeout = base::Millis{1}});
    SqliteStore second(other);
    fixture.store.begin();
    CHECK_THROWS_WITH(second.begin(), Contains("locked"));
    second.rollback();
    fixture.store.rollback();
    CHECK_NOTHROW(second.begin());
    second.rollback();
}

TEST_CASE(
    "faults: a process that dies inside a transaction leaves nothing of it", "[storage][fault]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    REQUIRE(in_child([&] {
        Fixture fixture(path);
        fixture.add(1, 2);
        static_cast<void>(fixture.dial());
        fixture.store.begin();
        const auto taken = fixture.store.claim(fixture.id, at(1'000), 1).at(0);
        static_cast<void>(fixture.store.record_intent(attempt_of(fixture.id, taken)));
        _exit(0);
        return true;
    }));
    Fixture fixture(path);
    CHECK(in_transaction(fixture.store, [&] { return fixture.store.live_attempts().size(); }) == 1);
    const CampaignStatistics statistics = expect(fixture.repository.statistics(fixture.id));
    CHECK(statistics.destinations.at(DestinationStatus::pending) == 1);
    CHECK(statistics.destinations.at(DestinationStatus::placing_call) == 1);
}

TEST_CASE("faults: a process that is killed after a commit has kept it", "[storage][fault]") {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    CHECK_FALSE(in_child([&] {
        Fixture fixture(path);
        fixture.add(1, 1);
        static_cast<void>(fixture.dial());
        in_transaction(fixture.store, [&] {
            static_cast<void>(
                fixture.store.record_webhook(cdr("call-1", "t1"), std::nullopt, at(1'000))
            );
        });
        std::raise(SIGKILL);
        return true;
    }));
    Fixture fixture(path);
    CHECK(in_transaction(fixture.store, [&] { return fixture.store.live_attempts().size(); }) == 1);
    CHECK(webhooks(fixture) == 1);
    in_transaction(fixture.store, [&] {
        CHECK_FALSE(fixture.store.record_webhook(cdr("call-1", "t1"), std::nullopt, at(2'000)));
    });
}

}  // namespace cxdial::storage::testing
