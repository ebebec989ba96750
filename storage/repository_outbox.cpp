#include "storage/internal/repository_impl.h"
#include "storage/repository.h"

#include <utility>

namespace cxdial::storage {
namespace {

/// `id, queue, key, target, body, authorization, added_at, refusals, failed_at, why`
OutboxMessage take_message(Query& row) {
    OutboxMessage message;
    message.id = row.take_integer();
    message.queue = row.take_text();
    message.key = row.take_text();
    message.target = row.take_text();
    message.body = row.take_text();
    message.authorization = base::Secret{row.take_text()};
    message.added_at = row.take_time();
    message.refusals = row.take_int();
    message.failed_at = row.take_optional_time();
    message.why = row.take_text();
    return message;
}

std::vector<OutboxMessage> take_messages(Query& rows) {
    std::vector<OutboxMessage> found;
    while (rows.next()) {
        found.push_back(take_message(rows));
    }
    return found;
}

}  // namespace

base::Result<bool> Repository::post(const OutboxMessage& message, base::WallTime now) {
    return impl_->guarded("post a message", [&]() -> base::Result<bool> {
        Query query(
            impl_->connection,
            "INSERT INTO outbox (queue, key, target, body, authorization, added_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (queue, key) DO NOTHING"
        );
        query.bind(message.queue, message.key, message.target, message.body);
        return query.bind(message.authorization.reveal(), now).run() > 0;
    });
}

base::Result<std::vector<OutboxMessage>> Repository::outbox(
    std::string_view queue, base::WallTime now, int limit
) {
    return impl_->guarded("read the outbox", [&]() -> base::Result<std::vector<OutboxMessage>> {
        Query query(
            impl_->connection,
            "SELECT o.id, o.queue, o.key, o.target, ifnull(w.body, o.body), o.authorization,"
            " o.added_at, o.refusals, o.failed_at, o.why"
            " FROM outbox o INDEXED BY outbox_waiting LEFT JOIN webhook w ON w.id = o.webhook_id"
            " WHERE o.queue = ? AND o.failed_at IS NULL AND o.next_at <= ? ORDER BY o.id LIMIT ?"
        );
        query.bind(queue, now, limit);
        return take_messages(query);
    });
}

base::Result<void> Repository::delivered(std::span<const std::int64_t> ids) {
    return impl_->guarded("clear the outbox", [&]() -> base::Result<void> {
        WriteScope scope(impl_->connection);
        Query query(impl_->connection, "DELETE FROM outbox WHERE id = ?");
        for (const std::int64_t id : ids) {
            query.again().bind(id).run();
        }
        scope.commit();
        return {};
    });
}

base::Result<void> Repository::put_off(
    std::int64_t id, std::string_view why, base::WallTime next_at, bool refused
) {
    return impl_->guarded("put a message off", [&]() -> base::Result<void> {
        Query query(
            impl_->connection,
            "UPDATE outbox SET refusals = refusals + ?, why = ?, next_at = ? WHERE id = ?"
        );
        query.bind(refused ? 1 : 0, why, next_at, id).run();
        return {};
    });
}

base::Result<void> Repository::bury(std::int64_t id, std::string_view why, base::WallTime now) {
    return impl_->guarded("keep a dead letter", [&]() -> base::Result<void> {
        Query query(
            impl_->connection,
            "UPDATE outbox SET refusals = refusals + 1, why = ?, failed_at = ? WHERE id = ?"
        );
        query.bind(why, now, id).run();
        return {};
    });
}

base::Result<std::vector<OutboxMessage>> Repository::dead_letters(const IdPage& page) {
    return impl_->guarded("list dead letters", [&]() -> base::Result<std::vector<OutboxMessage>> {
        Query query(
            impl_->connection,
            "SELECT o.id, o.queue, o.key, o.target, ifnull(w.body, o.body), o.authorization,"
            " o.added_at, o.refusals, o.failed_at, o.why"
            " FROM outbox o INDEXED BY outbox_dead LEFT JOIN webhook w ON w.id = o.webhook_id"
            " WHERE o.failed_at IS NOT NULL AND o.id > ? ORDER BY o.id LIMIT ?"
        );
        query.bind(page.after, page.limit);
        return take_messages(query);
    });
}

base::Result<bool> Repository::revive(std::int64_t id) {
    return impl_->guarded("send a dead letter again", [&]() -> base::Result<bool> {
        Query query(
            impl_->connection,
            "UPDATE outbox SET failed_at = NULL, next_at = 0"
            " WHERE id = ? AND failed_at IS NOT NULL"
        );
        return query.bind(id).run() > 0;
    });
}

base::Result<std::map<std::string, OutboxCount>> Repository::outbox_counts() {
    using Counts = std::map<std::string, OutboxCount>;
    return impl_->guarded("count the outbox", [&]() -> base::Result<Counts> {
        Query query(
            impl_->connection,
            "SELECT queue, failed_at IS NOT NULL, count(*) FROM outbox GROUP BY 1, 2"
        );
        Counts counts;
        while (query.next()) {
            OutboxCount& count = counts[query.take_text()];
            const bool dead = query.take_int() != 0;
            (dead ? count.dead : count.waiting) = query.take_integer();
        }
        return counts;
    });
}

}  // namespace cxdial::storage
