#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>

namespace cxdial::storage {

class Connection;

/// One step forward. The steps of the program are numbered 1, 2, 3 … and never change once
/// released.
struct Migration {
    int version;
    const char* sql;
};

/// All steps of this program, oldest first.
[[nodiscard]] std::span<const Migration> all_migrations();
/// A step that fills a file of its own: the people who call back.
extern const char* const callers_version_5;

/// The version of the open database's schema; 0 for an empty file. Throws.
[[nodiscard]] int schema_version(Connection& connection);

/// Brings the database to the newest version, one transaction for each step. `conflict` when it is
/// newer than the program. Throws `SQLite::Exception`.
/// A new database numbers its attempts from a place that `instance_seed` chooses.
[[nodiscard]] base::Result<void> migrate(
    Connection& connection, std::span<const Migration> steps, std::uint64_t instance_seed
);

}  // namespace cxdial::storage
