#include "storage/internal/connection.h"
#include "storage/internal/schema.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace cxdial::storage::testing {
namespace {

using Catch::Matchers::Contains;

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

base::Error refusal(const std::string& path, Database::Options options = {}) {
    const base::Result<Database> opened = Database::open(path, options);
    REQUIRE_FALSE(opened);
    return opened.error();
}

}  // namespace

TEST_CASE("database: is durable, checked and private to its owner", "[storage][database]") {
    const TempDirectory directory;
    Database database = open(directory.file("a.db"));
    CHECK(database.connection().value_of("PRAGMA journal_mode") == "wal");
    CHECK(database.connection().value_of("PRAGMA synchronous") == "2");
    CHECK(database.connection().value_of("PRAGMA foreign_keys") == "1");
    for (const char* suffix : {"", "-wal", "-lock"}) {
        CAPTURE(suffix);
        struct stat status {};
        REQUIRE(stat((directory.file("a.db") + suffix).c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600U);
    }
}

TEST_CASE(
    "database: a second process is told who has the file and what to do", "[storage][database]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    const Database database = open(path);
    const std::string pid = std::to_string(getpid());
    CHECK(in_child([&] {
        const base::Result<Database> second = Database::open(path, {});
        return !second && second.error().code == base::Errc::conflict &&
               second.error().detail.find("in use by process " + pid) != std::string::npos &&
               second.error().detail.find(path) != std::string::npos &&
               second.error().detail.find("stop that process") != std::string::npos;
    }));
}

TEST_CASE(
    "database: the lock follows the file, not the name it is opened by", "[storage][database]"
) {
    const TempDirectory directory;
    const Database database = open(directory.file("a.db"));
    std::filesystem::create_symlink(directory.file("a.db"), directory.file("link.db"));
    CHECK(refusal(directory.file("link.db")).code == base::Errc::conflict);
    CHECK(refusal(directory.file("./a.db")).code == base::Errc::conflict);
}

TEST_CASE(
    "database: the lock ends with the process that held it, however it ended", "[storage][database]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    REQUIRE(in_child([&] {
        const Database database = open(path);
        _exit(0);  // nothing is closed
        return true;
    }));
    CHECK_NOTHROW(open(path));
}

TEST_CASE("database: readers see what was committed and cannot write", "[storage][database]") {
    const TempDirectory directory;
    Fixture fixture(directory.file("a.db"));
    Database database = open(directory.file("a.db"), {.access = Database::Access::read_only});
    Repository reader(database);
    CHECK(expect(reader.campaign("default", "spring")).id == fixture.id);
    fixture.store.begin();
    fixture.add(1, 1);
    CHECK(expect(reader.statistics(fixture.id)).destinations.empty());
    fixture.store.commit();
    CHECK(expect(reader.statistics(fixture.id)).destinations.size() == 1);
    const base::Result<PutOutcome> written = reader.put(hangup_campaign("autumn"), at(0));
    REQUIRE_FALSE(written);
    CHECK(written.error().code == base::Errc::unavailable);
}

TEST_CASE(
    "database: attempts of a new file are numbered from where its seed says", "[storage][database]"
) {
    const TempDirectory directory;
    const std::uint64_t seed = GENERATE(0U, 1U, 0xfffffU, 0xffffffffffffffffU);
    { const Database database = open(directory.file("a.db"), {.instance_seed = seed}); }
    Fixture fixture(directory.file("a.db"));  // another seed changes nothing any more
    fixture.add(1, 1);
    const std::int64_t first = fixture.dial().second.raw();
    CHECK(first == static_cast<std::int64_t>((seed & 0xfffffU) << 32U) + 1);
    CHECK(first < (std::int64_t{1} << 53));
}

TEST_CASE(
    "database: a file that is no database is refused and left as it is", "[storage][database]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    write_file(path, std::string(10'000, 'x'));
    const base::Error error = refusal(path);
    CHECK(error.code == base::Errc::unavailable);
    CHECK_THAT(error.detail, Contains(path) && Contains("not a database"));
    CHECK(read_file(path) == std::string(10'000, 'x'));
}

TEST_CASE(
    "database: a truncated file gives an error and not wrong answers", "[storage][database]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    {
        Fixture fixture(path);
        fixture.add(1, 5'000);
    }
    const auto size = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, size / 2 + 100);
    base::Result<Database> opened = Database::open(path, {});
    if (opened) {
        Repository repository(*opened);
        const auto all = repository.destinations(campaign::CampaignId{1}, {.limit = 10'000});
        REQUIRE_FALSE(all);
        CHECK_THAT(all.error().detail, Contains(path) && Contains("malformed"));
    } else {
        CHECK_THAT(opened.error().detail, Contains(path) && Contains("malformed"));
    }
}

TEST_CASE("database: another program's database is refused", "[storage][database]") {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    {
        SQLite::Database other(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        other.exec("CREATE TABLE songs (title TEXT)");
    }
    const base::Error error = refusal(path);
    CHECK(error.code == base::Errc::conflict);
    CHECK_THAT(error.detail, Contains("another program"));
}

TEST_CASE("database: a newer schema is refused with what to do", "[storage][database]") {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    {
        Database database = open(path);
        database.connection().exec("INSERT INTO schema_version VALUES (999)");
    }
    for (const auto access : {Database::Access::read_write, Database::Access::read_only}) {
        const base::Error error = refusal(path, {.access = access});
        CHECK(error.code == base::Errc::conflict);
        CHECK_THAT(error.detail, Contains("schema 999"));
    }
}

TEST_CASE("database: a directory that is not there is named", "[storage][database]") {
    const TempDirectory directory;
    const base::Error error = refusal(directory.file("none/a.db"));
    CHECK(error.code == base::Errc::unavailable);
    CHECK_THAT(error.detail, Contains("none/a.db") && Contains("No such file"));
}

TEST_CASE(
    "database: a file of each older version is brought forward with its rows",
    "[storage][database][migration]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    {
        SQLite::Database old(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        old.exec(read_file(CXDIAL_TEST_DATA "/schema_v1.sql"));
    }
    Database database = open(path);
    Repository repository(database);
    SqliteStore store(database);
    CHECK(schema_version(database.connection()) == all_migrations().back().version);
    const campaign::StoredCampaign stored = expect(repository.campaign("default", "spring"));
    CHECK(stored.status == campaign::CampaignStatus::active);
    const CampaignStatistics statistics = expect(repository.statistics(stored.id));
    CHECK(statistics.destinations.at(campaign::DestinationStatus::calling) == 1);
    CHECK(statistics.destinations.at(campaign::DestinationStatus::retry_pending) == 1);
    CHECK(statistics.active_calls == 1);
    const auto live = in_transaction(store, [&] { return store.live_attempts(); });
    REQUIRE(live.size() == 1);
    CHECK(live[0].token == campaign::SessionToken{"0123456789abcdef0123456789abcdef"});
    CHECK(expect(repository.orphan_cdrs({})).size() == 1);
    CHECK(statistics.waiting.at(campaign::WaitReason::retry) == 1);
}

TEST_CASE(
    "database: what was kept before calls came in is kept, and agents have their first version",
    "[storage][database][migration]"
) {
    const TempDirectory directory;
    const std::string path = directory.file("a.db");
    {
        Connection old(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, base::Millis{0});
        expect(migrate(old, all_migrations().first(4), 0));
        old.exec(R"sql(
INSERT INTO resource VALUES ('assistant', 'default', 'bot', '{"kind":"assistant","name":"bot",
    "protocol":"sip","provider":"vapi","phone_number":"+12025550111"}', 1000);
INSERT INTO resource VALUES ('ai_load_balancer', 'default', 'pool',
    '{"kind":"ai_load_balancer","name":"pool","members":[{"assistant":"bot"}]}', 1000);
INSERT INTO campaign (id, tenant, name, revision, status, status_reason, body, created_at,
    updated_at, external_id) VALUES (1, 'default', 'spring', 3, 1, '', '{"name":"spring",
    "cloudonix_domain":"acme.cloudonix.net","routing_destination_type":"ai_load_balancer",
    "routing_destination":"pool","caller_id":"+12025550100"}', 1000, 2000, NULL);
INSERT INTO destination (id, campaign_id, phone, status, priority, attempts, next_at, waiting,
    name, timezone, metadata, wait) VALUES (1, 1, 12025550001, 3, 0, 1, 0, 0, 'Ada', '', '', 0),
    (2, 1, 12025550002, 5, 0, 1, 0, 0, '', '', '', 0);
INSERT INTO destination_count VALUES (1, 3, 0, 1), (1, 5, 0, 1);
INSERT INTO attempt (id, campaign_id, destination_id, phone, domain, caller_id, assistant,
    campaign_revision, status, token, intent_at, give_up_at)
    VALUES (7, 1, 1, 12025550001, 'acme.cloudonix.net', '', 'bot', 3, 2, 't7', 3000, 90000);
INSERT INTO webhook (id, kind, key, domain, progress, received_at, body)
    VALUES (1, 0, 'call-9', 'acme.cloudonix.net', 3, 9100, '{}');
INSERT INTO outbox (queue, key, target, added_at) VALUES ('opbx', 'k', '/x', 9000);
INSERT INTO suppression VALUES (12025550009, 'asked', 1000);
)sql");
    }
    Database database = open(path);
    Repository repository(database);
    CHECK(schema_version(database.connection()) == all_migrations().back().version);
    CHECK(expect(repository.assistant("default", "bot")).version == 1);
    CHECK(expect(repository.balancer("default", "pool")).members.front().assistant == "bot");
    const campaign::StoredCampaign stored = expect(repository.campaign("default", "spring"));
    CHECK(stored.revision == 3);
    const auto kept = [&](const char* sql) { return database.connection().value_of(sql); };
    CHECK(kept("SELECT activated_at FROM campaign") == "2000");
    const DestinationRecord ada = expect(repository.destination(stored.id, number(1)));
    CHECK(ada.name == "Ada");
    CHECK(ada.status == campaign::DestinationStatus::calling);
    CHECK(
        kept("SELECT group_concat(agent || ifnull(follow_up_id, '-')) FROM destination") == "-,-"
    );
    CHECK(expect(repository.statistics(stored.id)).destinations.size() == 2);
    CHECK(expect(repository.attempt(campaign::AttemptId{7})).assistant == "bot");
    CHECK(expect(repository.orphan_cdrs({})).size() == 1);
    CHECK(expect(repository.outbox_counts()).at("opbx").waiting == 1);
    CHECK(expect(repository.suppressions({})).size() == 1);
    CHECK(kept("PRAGMA integrity_check") == "ok");
    CHECK_THROWS_AS(
        database.connection().exec("UPDATE destination SET status = 0 WHERE id = 2"),
        SQLite::Exception
    );
}

TEST_CASE(
    "migrations: each step runs once, in its order, and not at all when it fails",
    "[storage][migration]"
) {
    const TempDirectory directory;
    Database database = open(directory.file("a.db"));
    Connection& connection = database.connection();
    // The file is at the newest version already; what comes after is only for this test.
    const int newest = all_migrations().back().version;
    std::array steps{
        all_migrations().front(),
        Migration{
            newest + 1, "CREATE TABLE extra (value INTEGER) STRICT; INSERT INTO extra VALUES (1)"},
        Migration{newest + 2, "INSERT INTO extra VALUES (2); INSERT INTO nowhere VALUES (3)"},
    };
    CHECK_THROWS_AS(migrate(connection, steps, 0), SQLite::Exception);
    CHECK(schema_version(connection) == newest + 1);
    CHECK(connection.value_of("SELECT count(*) FROM extra") == "1");
    steps[2].sql = "INSERT INTO extra VALUES (2)";
    expect(migrate(connection, steps, 0));
    expect(migrate(connection, steps, 0));
    CHECK(schema_version(connection) == newest + 2);
    CHECK(connection.value_of("SELECT count(*) FROM extra") == "2");
}

TEST_CASE("schema: the database itself refuses what must never be", "[storage][schema]") {
    Fixture fixture;
    fixture.add(1, 3);
    static_cast<void>(fixture.dial());
    const auto refused = [&](const std::string& sql) {
        CAPTURE(sql);
        CHECK_THROWS_AS(fixture.database.connection().exec(sql.c_str()), SQLite::Exception);
    };
    const std::string insert =
        "INSERT INTO attempt (campaign_id, destination_id, phone, domain, caller_id, assistant,"
        " campaign_revision, status, intent_at, give_up_at) VALUES ";
    refused(
        insert + "(1, 1, 12025559999, 'd', '', '', 1, 3, 0, 0)"
    );  // a second of one destination
    refused(insert + "(1, 2, 12025550001, 'd', '', '', 1, 0, 0, 0)");   // a second of one number
    refused(insert + "(1, 99, 12025559999, 'd', '', '', 1, 0, 0, 0)");  // of no destination
    refused("DELETE FROM destination WHERE id = 1");                    // from under its attempt
    refused("UPDATE destination SET status = 11");
    refused("UPDATE destination SET phone = 12345");
    refused("UPDATE destination SET phone = 12025550001 WHERE id = 2");  // twice in a campaign
    fixture.database.connection().exec("UPDATE attempt SET status = 5");
    refused("UPDATE attempt SET status = 0");
    fixture.database.connection().exec("UPDATE destination SET status = 5");
    refused("UPDATE destination SET status = 0");
}

}  // namespace cxdial::storage::testing
