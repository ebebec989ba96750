#include "storage/internal/queries.h"
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

/// `id, campaign, destination, external_id, token, disposition, duration, billsec, attempts,
/// next_at`
OpbxCall take_call(Query& row) {
    OpbxCall call;
    call.attempt = row.take_id<campaign::AttemptId>();
    call.campaign = row.take_id<campaign::OpbxCampaignId>();
    call.destination = row.take_id<campaign::OpbxDestinationId>();
    call.session = row.take_optional_id<campaign::OpbxSessionId>();
    if (std::optional<std::string> token = row.take_optional_text()) {
        call.token.emplace(*std::move(token));
    }
    call.disposition = campaign::parse_disposition(row.take_optional_text().value_or(""));
    call.duration = row.take_optional_seconds();
    call.billsec = row.take_optional_seconds();
    call.destination_attempts = row.take_int();
    call.next_at = row.take_optional_time();
    return call;
}

}  // namespace

base::Result<std::optional<OpbxCall>> Repository::opbx_call(campaign::AttemptId id) {
    using Found = base::Result<std::optional<OpbxCall>>;
    return impl_->guarded("read a call of OPBX", [&]() -> Found {
        Query query(
            impl_->connection,
            "SELECT a.id, c.external_id, d.external_id, a.external_id, a.token, a.disposition,"
            " a.duration, a.billsec, d.attempts, iif(d.status IN (0, 1, 4), d.next_at, NULL),"
            " a.by_opbx"
            " FROM attempt a JOIN campaign c ON c.id = a.campaign_id"
            " JOIN destination d ON d.id = a.destination_id"
            " WHERE a.id = ? AND c.external_id IS NOT NULL AND d.external_id IS NOT NULL"
        );
        if (!query.bind(id).next()) {
            return std::optional<OpbxCall>();
        }
        OpbxCall call = take_call(query);
        const bool by_opbx = query.take_int() != 0;
        Query told(impl_->connection, has_cdr_query);
        call.has_cdr = told.bind(by_opbx ? call.token : std::nullopt, call.session).next();
        return std::optional(std::move(call));
    });
}

base::Result<std::vector<OpbxCall>> Repository::live_opbx_calls() {
    return impl_->guarded("read OPBX's calls", [&]() -> base::Result<std::vector<OpbxCall>> {
        Query query(
            impl_->connection,
            "SELECT a.id, c.external_id, d.external_id, a.external_id, a.token, a.disposition,"
            " a.duration, a.billsec, d.attempts, NULL"
            " FROM attempt a JOIN campaign c ON c.id = a.campaign_id"
            " JOIN destination d ON d.id = a.destination_id"
            " WHERE a.status <= 4 AND c.external_id IS NOT NULL AND d.external_id IS NOT NULL"
        );
        std::vector<OpbxCall> found;
        while (query.next()) {
            found.push_back(take_call(query));
        }
        return found;
    });
}

base::Result<bool> Repository::post(
    const OutboxMessage& message, base::WallTime now, base::WallTime due
) {
    return impl_->guarded("post a message", [&]() -> base::Result<bool> {
        Query query(
            impl_->connection,
            "INSERT INTO outbox (queue, key, target, body, authorization, added_at, next_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (queue, key) DO NOTHING"
        );
        query.bind(message.queue, message.key, message.target, message.body);
        return query.bind(message.authorization.reveal(), now, due).run() > 0;
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
            "SELECT queue, sum(failed_at IS NULL), sum(failed_at IS NULL AND refusals > 0),"
            " sum(failed_at IS NOT NULL) FROM outbox GROUP BY 1"
        );
        Counts counts;
        while (query.next()) {
            OutboxCount& count = counts[query.take_text()];
            count.waiting = query.take_integer();
            count.refused = query.take_integer();
            count.dead = query.take_integer();
        }
        return counts;
    });
}

}  // namespace cxdial::storage
