#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cxdial::storage {

class Connection;

/// One connection to the database, opened and checked. A process has exactly one that writes, held
/// by the thread that ticks; whoever must be answered at once reads through a connection of its
/// own. Thread rule: one thread at a time, with everything that was made from it.
class Database {
public:
    enum class Access : std::uint8_t {
        read_write,  ///< makes the file when there is none and brings its schema up to date
        read_only,   ///< needs a file of this program's schema; sees each commit of the writer
    };
    struct Options {
        Access access = Access::read_write;
        /// Keeps other processes' writers away for as long as this lives. Only a test that opens a
        /// file twice turns it off.
        bool lock = true;
        /// For a new file: where its attempt ids start. Random, so that the attempts of two
        /// databases on one Cloudonix domain are told apart.
        std::uint64_t instance_seed = 0;
        /// How long a statement waits for another connection.
        base::Millis busy_timeout{2'000};
    };

    /// `path` is a file, or `:memory:`. Errors name the file and say what to do: `conflict` when
    /// another process has it, when it is newer than this program or belongs to another program;
    /// `unavailable` when it cannot be opened, is no database, or cannot be made durable
    /// (write-ahead log, every commit synchronised).
    [[nodiscard]] static base::Result<Database> open(const std::string& path, Options options);

    /// Which process has the file open for writing, in words, `process 123`; nothing: none. It may
    /// have changed by the time the answer is used.
    [[nodiscard]] static std::optional<std::string> writer_of(const std::string& path);

    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// As it was resolved; what readers open.
    [[nodiscard]] const std::string& path() const;
    /// For the classes of this room.
    [[nodiscard]] Connection& connection();

private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::storage
