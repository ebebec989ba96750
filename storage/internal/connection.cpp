#include "storage/internal/connection.h"

#include "base/check.h"

#include <sqlite3.h>
#include <tuple>
#include <utility>

namespace cxdial::storage {

Connection::Connection(std::string path, int flags, base::Millis busy_timeout)
    : path_(std::move(path)), database_(path_, flags, static_cast<int>(busy_timeout.count())) {}

void Connection::exec(const char* sql) {
    database_.exec(sql);
}

std::string Connection::value_of(const char* sql) {
    return database_.execAndGet(sql).getString();
}

bool Connection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

void Connection::rollback() noexcept {
    if (in_transaction()) {
        // A failure here means that SQLite has rolled back by itself.
        static_cast<void>(database_.tryExec("ROLLBACK"));
    }
}

std::string Connection::describe(std::string_view what, const SQLite::Exception& why) const {
    std::string text = "database " + path_ + ": cannot ";
    text += what;
    text += ": ";
    text += why.what();
    if (why.getExtendedErrorCode() > 0) {
        text += " (SQLite " + std::to_string(why.getExtendedErrorCode()) + ")";
    }
    return text;
}

void Connection::on_commit(std::function<void(int)> handler) {
    committed_ = std::move(handler);
    const auto call = [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->committed_(pages);
        return SQLITE_OK;
    };
    sqlite3_wal_hook(database_.getHandle(), committed_ ? +call : nullptr, this);
}

int Connection::checkpoint() {
    int pages = 0;
    int moved = 0;
    const int outcome = sqlite3_wal_checkpoint_v2(
        database_.getHandle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved
    );
    if (outcome != SQLITE_OK) {
        throw SQLite::Exception(database_.getHandle(), outcome);
    }
    return moved;
}

Query::Query(Connection& connection, std::string_view sql)
    : prepared_([&]() -> Connection::Prepared& {
          const auto known = connection.prepared_.find(sql);
          if (known != connection.prepared_.end()) {
              return known->second;
          }
          Connection::Prepared fresh{SQLite::Statement(connection.database_, std::string(sql))};
          return connection.prepared_.emplace(sql, std::move(fresh)).first->second;
      }()) {
    CHECK_INVARIANT(!prepared_.in_use);
    prepared_.in_use = true;
}

Query::~Query() {
    // The result repeats the error of the last step, which was thrown already.
    static_cast<void>(prepared_.statement.tryReset());
    prepared_.in_use = false;
}

bool Query::next() {
    column_ = 0;
    return prepared_.statement.executeStep();
}

std::int64_t Query::run() {
    return prepared_.statement.exec();
}

Query& Query::again() {
    prepared_.statement.reset();
    parameter_ = 0;
    return *this;
}

void Query::put(std::int64_t value) {
    prepared_.statement.bind(++parameter_, value);
}

void Query::put(std::string_view value) {
    prepared_.statement.bind(++parameter_, std::string(value));
}

void Query::put(std::nullopt_t) {
    prepared_.statement.bind(++parameter_);
}

std::int64_t Query::take_integer() {
    return prepared_.statement.getColumn(column_++).getInt64();
}

std::string Query::take_text() {
    return prepared_.statement.getColumn(column_++).getString();
}

std::optional<std::int64_t> Query::take_optional_integer() {
    const SQLite::Column column = prepared_.statement.getColumn(column_++);
    return column.isNull() ? std::nullopt : std::optional<std::int64_t>(column.getInt64());
}

std::optional<std::string> Query::take_optional_text() {
    const SQLite::Column column = prepared_.statement.getColumn(column_++);
    return column.isNull() ? std::nullopt : std::optional<std::string>(column.getString());
}

std::optional<base::WallTime> Query::take_optional_time() {
    const std::optional<std::int64_t> millis = take_optional_integer();
    return millis ? std::optional(base::from_millis(*millis)) : std::nullopt;
}

std::optional<std::chrono::seconds> Query::take_optional_seconds() {
    const std::optional<std::int64_t> seconds = take_optional_integer();
    return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

base::PhoneNumber Query::take_phone() {
    const std::int64_t digits = take_integer();
    const auto number = base::PhoneNumber::from_digits(static_cast<std::uint64_t>(digits));
    if (!number) {
        throw SQLite::Exception("a stored phone number is none", SQLITE_CORRUPT);
    }
    return *number;
}

TimeLimit::TimeLimit(Connection& connection, std::function<bool()> is_over)
    : connection_(connection), is_over_(std::move(is_over)) {
    constexpr int instructions = 1'000;
    const auto ask = [](void* self) { return static_cast<TimeLimit*>(self)->is_over_() ? 1 : 0; };
    sqlite3_progress_handler(connection_.database_.getHandle(), instructions, ask, this);
}

TimeLimit::~TimeLimit() {
    sqlite3_progress_handler(connection_.database_.getHandle(), 0, nullptr, nullptr);
}

WriteScope::WriteScope(Connection& connection)
    : connection_(connection), inside_another_(connection.in_transaction()) {
    connection_.exec(inside_another_ ? "SAVEPOINT part" : "BEGIN IMMEDIATE");
}

WriteScope::~WriteScope() {
    if (!open_) {
        return;
    }
    if (!inside_another_) {
        connection_.rollback();
        return;
    }
    try {
        if (connection_.in_transaction()) {
            connection_.exec("ROLLBACK TO part; RELEASE part");
        }
    } catch (const SQLite::Exception&) {
        // Half of a part must not be committed with the rest.
        connection_.rollback();
    }
}

void WriteScope::commit() {
    connection_.exec(inside_another_ ? "RELEASE part" : "COMMIT");
    open_ = false;
}

}  // namespace cxdial::storage
