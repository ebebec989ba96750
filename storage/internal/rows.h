#pragma once

#include "storage/internal/connection.h"
#include "storage/records.h"
#include "storage/routing_rows.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::storage {

// These throw `SQLite::Exception`. Each `take_…` reads one row of the column list that it names, in
// that order.

[[nodiscard]] std::optional<campaign::Disposition> take_disposition(Query& row);
/// May be null, as may a phone number below.
[[nodiscard]] std::optional<campaign::SessionToken> take_token(Query& row);

/// `id, tenant, phone, agent, type, campaign, status, reason, note, due_at, activated_at,
/// closed_at, destination_id, decision_id`
[[nodiscard]] routing::FollowUp take_follow_up(Query& row);
/// What `take` makes of each row that is left.
template <class Value>
[[nodiscard]] std::vector<Value> take_all(Query& rows, Value (*take)(Query&)) {
    std::vector<Value> found;
    while (rows.next()) {
        found.push_back(take(rows));
    }
    return found;
}

// The row of an id; nothing when there is none.
[[nodiscard]] std::optional<AttemptRecord> read_attempt(Connection& connection, std::int64_t id);
[[nodiscard]] std::optional<routing::FollowUp> read_follow_up(
    Connection& connection, std::int64_t id
);
[[nodiscard]] std::optional<DecisionRecord> read_decision(Connection& connection, std::int64_t id);
[[nodiscard]] std::optional<VoiceSessionRecord> read_voice_session(
    Connection& connection, std::int64_t id
);
[[nodiscard]] std::optional<ContactEventRecord> read_contact_event(
    Connection& connection, std::int64_t id
);

/// The rows of the ids that `ids` gives.
template <class Record>
[[nodiscard]] std::vector<Record> read_all(
    Connection& connection,
    Query& ids,
    std::optional<Record> (*read)(Connection& connection, std::int64_t id)
) {
    std::vector<Record> found;
    while (ids.next()) {
        if (std::optional<Record> record = read(connection, ids.take_integer())) {
            found.push_back(*std::move(record));
        }
    }
    return found;
}

/// What all agents of the tenant remember of the number, in the order of their names.
[[nodiscard]] routing::ContactMemory read_memory(
    Connection& connection, std::string_view tenant, base::PhoneNumber number
);

}  // namespace cxdial::storage
