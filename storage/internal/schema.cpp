#include "storage/internal/schema.h"

#include "storage/internal/connection.h"

#include <string>

namespace cxdial::storage {
namespace {

/// Marks the file as ours: "cxdl" as a number.
constexpr std::int64_t application_id = 0x6378646c;

/// Attempts of two databases must not share ids, and 2^53 is where JSON numbers stop being exact:
/// 20 random bits above 32 bits of counting.
void number_attempts(Connection& connection, std::uint64_t instance_seed) {
    const auto base = static_cast<std::int64_t>((instance_seed & 0xfffffU) << 32U);
    Query(connection, "INSERT INTO sqlite_sequence (name, seq) VALUES ('attempt', ?)")
        .bind(base)
        .run();
    Query(connection, "INSERT INTO meta (key, value) VALUES ('attempt_id_base', ?)")
        .bind(std::to_string(base))
        .run();
}

bool has_table(Connection& connection, const char* name) {
    Query query(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
    return query.bind(name).next();
}

}  // namespace

int schema_version(Connection& connection) {
    if (!has_table(connection, "schema_version")) {
        return 0;
    }
    Query query(connection, "SELECT max(version) FROM schema_version");
    return query.next() ? query.take_int() : 0;
}

base::Result<void> migrate(
    Connection& connection, std::span<const Migration> steps, std::uint64_t instance_seed
) {
    const int found = schema_version(connection);
    if (found > steps.back().version) {
        return base::Error{
            base::Errc::conflict,
            "database " + connection.path() + " has schema " + std::to_string(found) +
                ", and this program knows only up to " + std::to_string(steps.back().version) +
                ": run the newer program that wrote it, or give this one another database.url"};
    }
    if (found == 0 && connection.value_of("SELECT count(*) FROM sqlite_schema") != "0") {
        return base::Error{
            base::Errc::conflict,
            "database " + connection.path() +
                " belongs to another program: give this one another database.url"};
    }
    for (const Migration& step : steps) {
        if (step.version <= found) {
            continue;
        }
        WriteScope scope(connection);
        if (step.version == 1) {
            const std::string mark = "PRAGMA application_id = " + std::to_string(application_id);
            connection.exec(mark.c_str());
            connection.exec("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT");
        }
        connection.exec(step.sql);
        if (step.version == 1) {
            number_attempts(connection, instance_seed);
        }
        Query(connection, "INSERT INTO schema_version (version) VALUES (?)")
            .bind(step.version)
            .run();
        scope.commit();
    }
    return {};
}

}  // namespace cxdial::storage
