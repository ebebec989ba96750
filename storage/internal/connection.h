#pragma once

#include "base/clock.h"
#include "base/id.h"
#include "base/phone_number.h"
#include "base/result.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

namespace cxdial::storage {

/// One SQLite connection and its prepared statements. Everything here throws `SQLite::Exception`,
/// which the public classes of the room turn into their kind of error.
/// Thread rule: one thread at a time.
class Connection {
public:
    /// `flags` are SQLiteCpp's `OPEN_…`.
    Connection(std::string path, int flags, base::Millis busy_timeout);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Runs one or several statements that are not worth preparing.
    void exec(const char* sql);
    /// The first column of the first row, as text.
    [[nodiscard]] std::string value_of(const char* sql);
    [[nodiscard]] bool in_transaction() const noexcept;
    /// Ends the open transaction, if there is one.
    void rollback() noexcept;
    /// `database PATH: cannot WHAT: why`.
    [[nodiscard]] std::string describe(std::string_view what, const SQLite::Exception& why) const;
    /// `handler` is called after each commit with the number of pages in the write-ahead log, and
    /// SQLite itself moves none of them any more. Nothing: nobody is called.
    void on_commit(std::function<void(int)> handler);
    /// Moves the pages of the write-ahead log that no reader stands in the way of into the database
    /// file, waiting for nobody. How many of the log's pages are there now.
    int checkpoint();

private:
    friend class Query;
    friend class TimeLimit;
    struct Prepared {
        SQLite::Statement statement;
        bool in_use = false;
    };

    std::string path_;
    std::function<void(int)> committed_;
    SQLite::Database database_;
    std::unordered_map<std::string_view, Prepared> prepared_;  // keys: string literals
};

/// One use of a statement, which is prepared at its first use and kept. Ready for the next use when
/// this goes out of scope, also by an exception.
class Query {
public:
    /// `sql` must be a literal: it lives as long as the connection.
    Query(Connection& connection, std::string_view sql);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    Query(Query&&) = delete;
    Query& operator=(Query&&) = delete;

    /// Binds the parameters in their order.
    template <class... Values>
    Query& bind(const Values&... values) {
        (put(values), ...);
        return *this;
    }
    /// Goes to the next row; false: there is none.
    [[nodiscard]] bool next();
    /// Runs a statement without rows to its end. Rows changed.
    std::int64_t run();
    /// Makes it ready for another set of parameters.
    Query& again();

    // The row's columns, in their order.
    [[nodiscard]] std::int64_t take_integer();
    [[nodiscard]] int take_int() { return static_cast<int>(take_integer()); }
    [[nodiscard]] std::string take_text();
    [[nodiscard]] std::optional<std::int64_t> take_optional_integer();
    [[nodiscard]] std::optional<std::string> take_optional_text();
    template <class IdType>
    [[nodiscard]] std::optional<IdType> take_optional_id() {
        const std::optional<std::int64_t> raw = take_optional_integer();
        return raw ? std::optional<IdType>(*raw) : std::nullopt;
    }
    [[nodiscard]] base::WallTime take_time() { return base::from_millis(take_integer()); }
    [[nodiscard]] std::optional<base::WallTime> take_optional_time();
    [[nodiscard]] std::optional<std::chrono::seconds> take_optional_seconds();
    /// Throws when the column holds no number: the file is damaged.
    [[nodiscard]] base::PhoneNumber take_phone();
    template <class Enum>
    [[nodiscard]] Enum take_enum() {
        return static_cast<Enum>(take_integer());
    }
    template <class IdType>
    [[nodiscard]] IdType take_id() {
        return IdType{take_integer()};
    }

private:
    void put(std::int64_t value);
    void put(std::string_view value);
    void put(const std::string& value) { put(std::string_view(value)); }
    void put(const char* value) { put(std::string_view(value)); }
    void put(std::nullopt_t null);
    void put(base::WallTime value) { put(base::to_millis(value)); }
    void put(std::chrono::seconds value) { put(static_cast<std::int64_t>(value.count())); }
    void put(base::PhoneNumber value) { put(static_cast<std::int64_t>(value.digits())); }
    template <std::integral Integer>
    void put(Integer value) {
        put(static_cast<std::int64_t>(value));
    }
    template <class Enum>
    requires std::is_enum_v<Enum>
    void put(Enum value) { put(static_cast<std::int64_t>(value)); }
    template <class Tag, class Rep>
    void put(const base::Id<Tag, Rep>& id) {
        put(id.raw());
    }
    template <class Value>
    void put(const std::optional<Value>& value) {
        if (value) {
            put(*value);
        } else {
            put(std::nullopt);
        }
    }

    Connection::Prepared& prepared_;
    int parameter_ = 0;
    int column_ = 0;
};

/// While it lives, statements of the connection are interrupted (`SQLITE_INTERRUPT` is thrown) when
/// `is_over`, which is asked all along, says so.
class TimeLimit {
public:
    TimeLimit(Connection& connection, std::function<bool()> is_over);
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;
    TimeLimit(TimeLimit&&) = delete;
    TimeLimit& operator=(TimeLimit&&) = delete;

private:
    Connection& connection_;
    std::function<bool()> is_over_;
};

/// A group of writes that happen all or not at all: a transaction of its own, or a part of the one
/// that is open. Undone unless committed.
class WriteScope {
public:
    explicit WriteScope(Connection& connection);
    ~WriteScope();
    WriteScope(const WriteScope&) = delete;
    WriteScope& operator=(const WriteScope&) = delete;
    WriteScope(WriteScope&&) = delete;
    WriteScope& operator=(WriteScope&&) = delete;

    void commit();

private:
    Connection& connection_;
    bool inside_another_;
    bool open_ = true;
};

}  // namespace cxdial::storage
