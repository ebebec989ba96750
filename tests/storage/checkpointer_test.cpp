#include "storage/internal/connection.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

namespace cxdial::storage::testing {
namespace {

constexpr std::uintmax_t mebibyte = 1U << 20U;

/// Commits, `times` times, a mebibyte that takes the place of the one before.
void write(Database& database, int times) {
    Connection& connection = database.connection();
    connection.exec("PRAGMA synchronous = OFF");  // for speed: nothing here asks what is on disk
    connection.exec("CREATE TABLE IF NOT EXISTS blob (id INTEGER PRIMARY KEY, body BLOB)");
    for (int i = 0; i < times; ++i) {
        connection.exec("INSERT OR REPLACE INTO blob VALUES (1, randomblob(1048576))");
    }
}

std::uintmax_t size(const TempDirectory& directory, const char* name) {
    return std::filesystem::file_size(directory.file(name));
}

}  // namespace

TEST_CASE("checkpointer: the log of a busy writer keeps its length", "[storage][checkpointer]") {
    const TempDirectory directory;
    Database database = open(directory.file("a.db"));
    write(database, 400);
    CHECK(size(directory, "a.db-wal") < 150 * mebibyte);
    CHECK(size(directory, "a.db") > mebibyte);
}

TEST_CASE(
    "checkpointer: what a reader still needs stays, and the log starts over once it is gone",
    "[storage][checkpointer]"
) {
    const TempDirectory directory;
    Database database = open(directory.file("a.db"));
    write(database, 1);
    Database reader =
        open(directory.file("a.db"), {.access = Database::Access::read_only, .lock = false});
    reader.connection().exec("BEGIN");
    const std::string seen = reader.connection().value_of("SELECT hex(body) FROM blob");
    write(database, 200);
    CHECK(seen == reader.connection().value_of("SELECT hex(body) FROM blob"));
    const std::uintmax_t held = size(directory, "a.db-wal");
    CHECK(held > 200 * mebibyte);

    reader.connection().exec("COMMIT");
    write(database, 50);
    CHECK(size(directory, "a.db-wal") < held);
}
}  // namespace cxdial::storage::testing
