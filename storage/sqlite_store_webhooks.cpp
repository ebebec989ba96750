#include "base/check.h"
#include "storage/internal/queries.h"
#include "storage/internal/sqlite_store_impl.h"
#include "storage/records.h"

#include <optional>
#include <string>
#include <utility>

namespace cxdial::storage {
namespace {

/// The CDR that the keys name, by the surest of them that names one.
std::optional<std::int64_t> find_orphan(
    Connection& connection, const dialer::OrphanKeys& keys, campaign::AttemptId attempt
) {
    Query by_id(
        connection,
        "SELECT id FROM webhook WHERE kind = 0 AND attempt_id IS NULL AND voice_session_id IS NULL"
        " AND (token = ?1 OR external_id = ?2)"
        " AND (domain = '' OR domain = (SELECT domain FROM attempt WHERE id = ?3)) LIMIT 1"
    );
    if (by_id.bind(keys.token, keys.external_id, attempt).next()) {
        return by_id.take_integer();
    }
    Query by_number(
        connection,
        "SELECT max(id) FROM webhook WHERE kind = 0 AND attempt_id IS NULL AND voice_session_id IS "
        "NULL AND phone = ?1"
        " AND started_at >= ?2 AND reported_attempt IS NULL"
        " AND (domain = '' OR domain = (SELECT domain FROM attempt WHERE id = ?3))"
        " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.token = webhook.token)"
        " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.phone = ?1 AND a.by_opbx"
        "  AND a.token IS NULL AND a.status IN (5, 8) AND a.intent_at <= webhook.started_at + ?4"
        "  AND a.ended_at >= webhook.started_at - ?4)"
        " HAVING count(*) = 1"
    );
    by_number.bind(keys.number, keys.started_from, attempt, dialer::clock_skew.count());
    return by_number.next() ? by_number.take_optional_integer() : std::nullopt;
}

/// The webhook, which was kept just now, goes on to others.
void post(Connection& connection, const dialer::WebhookReceived& webhook, base::WallTime now) {
    Query query(
        connection,
        "INSERT INTO outbox (queue, key, target, webhook_id, authorization, added_at)"
        " VALUES (?, ?, '', last_insert_rowid(), ?, ?) ON CONFLICT (queue, key) DO NOTHING"
    );
    query.bind(webhook.pass_on->queue, webhook.key);
    query.bind(webhook.pass_on->authorization.reveal(), now).run();
}

/// Whether OPBX has a name for the call, and no CDR of it is kept.
bool is_untold(Connection& connection, campaign::AttemptId id) {
    Query call(
        connection,
        "SELECT iif(a.by_opbx, a.token, NULL), a.external_id FROM attempt a"
        " JOIN campaign c ON c.id = a.campaign_id"
        " WHERE a.id = ? AND a.external_id IS NOT NULL AND c.external_id IS NOT NULL"
    );
    if (!call.bind(id).next()) {
        return false;
    }
    Query told(connection, has_cdr_query);
    const std::optional<std::string> token = call.take_optional_text();
    return !told.bind(token, call.take_optional_integer()).next();
}

}  // namespace

dialer::SessionReport take_report(Query& row) {
    dialer::SessionReport report;
    if (std::optional<std::string> token = row.take_optional_text()) {
        report.token.emplace(*std::move(token));
    }
    report.external_id = row.take_optional_id<campaign::OpbxSessionId>();
    report.progress = row.take_enum<dialer::Progress>();
    if (const std::optional<std::string> name = row.take_optional_text()) {
        report.disposition = campaign::parse_disposition(*name);
    }
    report.answered_at = row.take_optional_time();
    report.ended_at = row.take_optional_time();
    report.duration = row.take_optional_seconds();
    report.billsec = row.take_optional_seconds();
    return report;
}

void SqliteStore::report_end(
    campaign::AttemptId id, const std::string& queue, base::WallTime now, base::WallTime due
) {
    guarded("post how a call ended", [&](Connection& connection) {
        if (!is_untold(connection, id)) {
            return;
        }
        Query query(
            connection,
            "INSERT INTO outbox (queue, key, target, added_at, next_at) VALUES (?, ?, '', ?, ?)"
            " ON CONFLICT (queue, key) DO NOTHING"
        );
        const std::string key = std::string(end_report_key) + std::to_string(id.raw());
        query.bind(queue, key, now, due).run();
    });
}

std::vector<campaign::DestinationId> SqliteStore::forget_destinations(
    const std::vector<campaign::DestinationId>& ids
) {
    return guarded("forget destinations", [&](Connection& connection) {
        Query untried(
            connection,
            "SELECT 1 FROM destination WHERE id = ? AND attempts = 0 AND status <= 1"
            " AND NOT EXISTS (SELECT 1 FROM attempt WHERE destination_id = destination.id)"
        );
        Query count(
            connection,
            "UPDATE destination_count SET number = number - 1 WHERE (campaign_id, status, wait) ="
            " (SELECT campaign_id, status, wait FROM destination WHERE id = ?)"
        );
        Query forget(connection, "DELETE FROM destination WHERE id = ?");
        std::vector<campaign::DestinationId> forgotten;
        for (const campaign::DestinationId id : ids) {
            if (untried.again().bind(id).next()) {
                count.again().bind(id).run();
                forget.again().bind(id).run();
                forgotten.push_back(id);
            }
        }
        return forgotten;
    });
}

bool SqliteStore::record_webhook(
    const dialer::WebhookReceived& webhook,
    std::optional<campaign::AttemptId> attempt,
    base::WallTime now
) {
    return guarded("keep a webhook", [&](Connection& connection) {
        const dialer::SessionReport& report = webhook.report;
        Query query(
            connection,
            "INSERT INTO webhook (kind, key, domain, attempt_id, token, reported_attempt, progress,"
            " disposition, answered_at, ended_at, duration, billsec, received_at, body,"
            " external_id, phone, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?, ?) ON CONFLICT DO NOTHING"
        );
        query.bind(webhook.kind, webhook.key, webhook.domain, attempt, report.token);
        query.bind(report.attempt, report.progress, name_of(report.disposition));
        query.bind(report.answered_at, report.ended_at, report.duration, report.billsec);
        // Of what only tells how far a call is, all that is ever asked for are the columns.
        const bool is_cdr = webhook.kind == dialer::WebhookReceived::Kind::cdr;
        query.bind(now, is_cdr ? std::string_view(webhook.body) : std::string_view());
        query.bind(report.external_id, report.number, report.started_at);
        const bool first = query.run() == 1;
        if (first && webhook.pass_on) {
            post(connection, webhook, now);
        }
        return first;
    });
}

bool SqliteStore::may_be_over(base::PhoneNumber number, base::WallTime started_at) {
    return guarded("look for a call that is over", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT 1 FROM attempt WHERE phone = ? AND by_opbx AND token IS NULL"
            " AND status IN (5, 8) AND intent_at <= ? AND ended_at >= ? LIMIT 1"
        );
        query.bind(number, started_at + dialer::clock_skew, started_at - dialer::clock_skew);
        return query.next();
    });
}

std::optional<dialer::SessionReport> SqliteStore::adopt_orphan(
    const dialer::OrphanKeys& keys, campaign::AttemptId attempt
) {
    return guarded("adopt an orphan CDR", [&](Connection& connection) {
        const std::optional<std::int64_t> orphan = find_orphan(connection, keys, attempt);
        if (!orphan) {
            return std::optional<dialer::SessionReport>();
        }
        Query query(
            connection,
            "UPDATE webhook SET attempt_id = ? WHERE id = ?"
            " RETURNING token, external_id, progress, disposition, answered_at, ended_at, duration,"
            " billsec"
        );
        CHECK_INVARIANT(query.bind(attempt, *orphan).next());
        dialer::SessionReport report = take_report(query);
        report.attempt = attempt;
        return std::optional(std::move(report));
    });
}

}  // namespace cxdial::storage
