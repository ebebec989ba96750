#include "storage/database.h"

#include "storage/internal/checkpointer.h"
#include "storage/internal/connection.h"
#include "storage/internal/file_lock.h"
#include "storage/internal/schema.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cxdial::storage {
namespace {

constexpr const char* in_memory = ":memory:";

/// The same file by whatever path it is named, so that its lock is the same too.
std::string resolved(const std::string& path) {
    if (path == in_memory) {
        return path;
    }
    std::error_code problem;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, problem);
    return problem ? path : real.string();
}

/// The file holds phone numbers and secrets: nobody else reads it. SQLite gives its side files the
/// mode of the database file.
base::Result<void> make_private_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        // An existing file must not even be opened: closing it again would free the locks that
        // SQLite holds on it in this process.
        if (errno == EEXIST) {
            return {};
        }
        return base::Error{
            base::Errc::unavailable,
            "cannot open database " + path + ": " + std::generic_category().message(errno)};
    }
    ::close(descriptor);
    return {};
}

base::Result<void> make_durable(Connection& connection) {
    const std::string mode = connection.value_of("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = FULL");
    const std::string level = connection.value_of("PRAGMA synchronous");
    if ((mode != "wal" && connection.path() != in_memory) || level != "2") {
        return base::Error{
            base::Errc::unavailable,
            "database " + connection.path() + " cannot be made durable (journal_mode " + mode +
                ", synchronous " + level + "): put it on a local disk"};
    }
    return {};
}

base::Result<void> prepare_writer(Connection& connection, const Database::Options& options) {
    if (base::Result<void> durable = make_durable(connection); !durable) {
        return durable;
    }
    // 64 MiB of pages: the index of a million phone numbers stays in memory during an import.
    connection.exec(
        "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
        "PRAGMA journal_size_limit = 134217728;"
    );
    return migrate(connection, all_migrations(), options.instance_seed);
}

base::Result<void> prepare_reader(Connection& connection) {
    connection.exec("PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;"
    );
    const int found = schema_version(connection);
    const int wanted = all_migrations().back().version;
    if (found != wanted) {
        return base::Error{
            base::Errc::conflict,
            "database " + connection.path() + " has schema " + std::to_string(found) +
                " where this program reads " + std::to_string(wanted) +
                ": start the daemon of this version once"};
    }
    return {};
}

}  // namespace

struct Database::Impl {
    FileLock lock;
    std::unique_ptr<Connection> connection;
    std::unique_ptr<Checkpointer> checkpointer;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

base::Result<Database> Database::open(const std::string& path, Options options) {
    const std::string file = resolved(path);
    const bool writes = options.access == Access::read_write;
    auto impl = std::make_unique<Impl>();
    if (writes && file != in_memory) {
        if (options.lock) {
            base::Result<FileLock> lock = FileLock::take(file);
            if (!lock) {
                return lock.error();
            }
            impl->lock = std::move(lock).value();
        }
        if (base::Result<void> made = make_private_file(file); !made) {
            return made.error();
        }
    }
    try {
        const int flags =
            writes ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY;
        impl->connection = std::make_unique<Connection>(file, flags, options.busy_timeout);
        base::Result<void> ready =
            writes ? prepare_writer(*impl->connection, options) : prepare_reader(*impl->connection);
        if (!ready) {
            return ready.error();
        }
        if (writes && file != in_memory) {
            impl->checkpointer = std::make_unique<Checkpointer>(*impl->connection);
        }
    } catch (const SQLite::Exception& why) {
        return base::Error{
            base::Errc::unavailable, "cannot open database " + file + ": " + why.what()};
    }
    return Database(std::move(impl));
}

std::optional<std::string> Database::writer_of(const std::string& path) {
    const std::string file = resolved(path);
    return file == in_memory ? std::nullopt : FileLock::holder(file);
}

const std::string& Database::path() const {
    return impl_->connection->path();
}

Connection& Database::connection() {
    return *impl_->connection;
}

}  // namespace cxdial::storage
