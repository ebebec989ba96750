#include "storage/sqlite_store.h"

#include "base/check.h"
#include "base/log.h"
#include "storage/internal/connection.h"
#include "storage/internal/queries.h"
#include "storage/internal/stored_resources.h"

#include <algorithm>
#include <utility>

namespace cxdial::storage {
namespace {

constexpr int promoted_at_once = 1'000;

std::optional<std::string_view> name_of(const std::optional<campaign::Disposition>& disposition) {
    return disposition ? std::optional(campaign::to_string(*disposition)) : std::nullopt;
}

/// `id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant, answered_by,
/// status, token, answered_at, intent_at, give_up_at`
dialer::LiveAttempt take_attempt(Query& row) {
    dialer::LiveAttempt attempt{
        .id = row.take_id<campaign::AttemptId>(),
        .campaign = row.take_id<campaign::CampaignId>(),
        .destination = row.take_id<campaign::DestinationId>(),
        .phone_number = row.take_phone(),
        .domain = row.take_text(),
        .caller_id = row.take_text(),
        .balancer = row.take_text(),
        .assistant = row.take_text(),
        .answered_by = row.take_text(),
        .status = row.take_enum<campaign::AttemptStatus>(),
        .token = {},
        .answered_at = {},
        .intent_at = {},
        .give_up_at = {},
    };
    if (std::optional<std::string> token = row.take_optional_text()) {
        attempt.token.emplace(*std::move(token));
    }
    attempt.answered_at = row.take_optional_time();
    attempt.intent_at = row.take_time();
    attempt.give_up_at = row.take_time();
    return attempt;
}

/// Destinations whose time has come join those that can be claimed. One by one they would have to
/// be looked for among all that wait, whose order is not that of their priority.
void promote_due(Connection& connection, campaign::CampaignId id, base::WallTime now, int limit) {
    Query(
        connection,
        "UPDATE destination SET waiting = 0, wait = 0 WHERE id IN ("
        " SELECT id FROM destination INDEXED BY destination_waiting"
        " WHERE campaign_id = ? AND status IN (0, 4) AND waiting = 1 AND next_at <= ?"
        " ORDER BY next_at LIMIT ?)"
    )
        .bind(id, now, std::max(limit, promoted_at_once))
        .run();
}

std::vector<dialer::QueuedDestination> ready(
    Connection& connection, campaign::CampaignId id, base::WallTime now, int limit
) {
    Query query(
        connection,
        "SELECT id, phone, attempts, (SELECT caller_id FROM attempt"
        "  WHERE destination_id = destination.id ORDER BY id DESC LIMIT 1), timezone"
        " FROM destination INDEXED BY destination_ready"
        " WHERE campaign_id = ? AND status IN (0, 4) AND waiting = 0 AND next_at <= ?"
        " ORDER BY priority DESC, (next_at = 0), next_at, id LIMIT ?"
    );
    query.bind(id, now, limit);
    std::vector<dialer::QueuedDestination> found;
    while (query.next()) {
        found.push_back(
            {query.take_id<campaign::DestinationId>(),
             query.take_phone(),
             query.take_int(),
             query.take_optional_text().value_or(""),
             query.take_text()}
        );
    }
    return found;
}

bool belongs_to_another(
    Connection& connection, campaign::AttemptId id, const campaign::SessionToken& token
) {
    Query query(connection, "SELECT id FROM attempt WHERE token = ? AND id <> ?");
    const bool taken = query.bind(token, id).next();
    if (taken) {
        base::log_error(
            "session_token_of_another_attempt",
            {{"attempt", id.raw()}, {"owner", query.take_integer()}, {"token", token.raw()}}
        );
    }
    return taken;
}

/// The token that may be written; nothing when there is none or it is not the attempt's own.
std::optional<campaign::SessionToken> usable_token(
    Connection& connection, campaign::AttemptId id, const dialer::AttemptChange& change
) {
    if (!change.token || change.token->raw().empty() ||
        belongs_to_another(connection, id, *change.token)) {
        return std::nullopt;
    }
    return change.token;
}

dialer::SessionReport take_report(Query& row, campaign::AttemptId attempt) {
    dialer::SessionReport report;
    report.attempt = attempt;
    if (std::optional<std::string> token = row.take_optional_text()) {
        report.token.emplace(*std::move(token));
    }
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

}  // namespace

struct SqliteStore::Impl {
    explicit Impl(Connection& given) : connection(given), resources(given) {}
    Connection& connection;
    StoredResources resources;
};

template <class Body>
auto SqliteStore::guarded(const char* what, Body body) {
    try {
        return body(impl_->connection);
    } catch (const SQLite::Exception& why) {
        throw dialer::TransactionFailed(impl_->connection.describe(what, why));
    }
}

SqliteStore::SqliteStore(Database& database)
    : impl_(std::make_unique<Impl>(database.connection())) {}
SqliteStore::~SqliteStore() = default;

void SqliteStore::begin() {
    guarded("begin a transaction", [](Connection& connection) {
        connection.exec("BEGIN IMMEDIATE");
    });
}

void SqliteStore::commit() {
    try {
        guarded("commit", [](Connection& connection) { connection.exec("COMMIT"); });
    } catch (const dialer::TransactionFailed&) {
        rollback();
        throw;
    }
}

void SqliteStore::rollback() noexcept {
    impl_->connection.rollback();
}

std::vector<campaign::StoredCampaign> SqliteStore::active_campaigns() {
    return guarded("read the active campaigns", [&](Connection&) {
        return impl_->resources.active_campaigns();
    });
}

std::optional<campaign::StoredCampaign> SqliteStore::campaign(campaign::CampaignId id) {
    return guarded("read a campaign", [&](Connection&) { return impl_->resources.campaign(id); });
}

void SqliteStore::set_campaign_status(
    campaign::CampaignId id,
    campaign::CampaignStatus status,
    const std::string& reason,
    base::WallTime now
) {
    guarded("set a campaign's status", [&](Connection& connection) {
        Query(
            connection,
            "UPDATE campaign SET status = ?, status_reason = ?, updated_at = ? WHERE id = ?"
        )
            .bind(status, reason, now, id)
            .run();
    });
}

void SqliteStore::set_hold(campaign::CampaignId id, const dialer::Hold& hold) {
    guarded("keep why a campaign is held", [&](Connection& connection) {
        Query(connection, "INSERT OR REPLACE INTO campaign_hold VALUES (?, ?, ?)")
            .bind(id, hold.reason, hold.until)
            .run();
    });
}

std::optional<balancer::Assistant> SqliteStore::assistant(
    const std::string& tenant, const std::string& name
) {
    return guarded("read an assistant", [&](Connection&) {
        return impl_->resources.assistant(tenant, name);
    });
}

std::optional<balancer::Balancer> SqliteStore::balancer(
    const std::string& tenant, const std::string& name
) {
    return guarded("read a balancer", [&](Connection&) {
        return impl_->resources.balancer(tenant, name);
    });
}

std::vector<dialer::QueuedDestination> SqliteStore::claim(
    campaign::CampaignId id, base::WallTime now, int limit
) {
    return guarded("claim destinations", [&](Connection& connection) {
        std::vector<dialer::QueuedDestination> claimed;
        if (limit <= 0) {
            return claimed;
        }
        promote_due(connection, id, now, limit);
        claimed = ready(connection, id, now, limit);
        Query queue(connection, "UPDATE destination SET status = 1 WHERE id = ?");
        for (const dialer::QueuedDestination& destination : claimed) {
            queue.again().bind(destination.id).run();
        }
        return claimed;
    });
}

void SqliteStore::release_queued(std::optional<campaign::CampaignId> id) {
    guarded("release queued destinations", [&](Connection& connection) {
        if (id) {
            Query(
                connection,
                "UPDATE destination SET status = iif(attempts = 0, 0, 4), next_at = 0, waiting = 0,"
                " wait = 0 WHERE status = 1 AND campaign_id = ?"
            )
                .bind(*id)
                .run();
        } else {
            Query(
                connection,
                "UPDATE destination SET status = iif(attempts = 0, 0, 4), next_at = 0, waiting = 0,"
                " wait = 0 WHERE status = 1"
            )
                .run();
        }
    });
}

std::optional<base::WallTime> SqliteStore::next_due(campaign::CampaignId id) {
    return guarded("look for the next due destination", [&](Connection& connection) {
        Query at_once(
            connection,
            "SELECT next_at FROM destination INDEXED BY destination_ready"
            " WHERE campaign_id = ? AND status IN (0, 4) AND waiting = 0 LIMIT 1"
        );
        if (at_once.bind(id).next()) {
            return std::optional(at_once.take_time());
        }
        Query later(
            connection,
            "SELECT min(next_at) FROM destination INDEXED BY destination_waiting"
            " WHERE campaign_id = ? AND status IN (0, 4) AND waiting = 1"
        );
        return later.bind(id).next() ? later.take_optional_time() : std::nullopt;
    });
}

bool SqliteStore::has_open_destinations(campaign::CampaignId id) {
    return guarded("look for open destinations", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT 1 FROM destination_count WHERE campaign_id = ? AND status <= 4 AND number > 0"
        );
        return query.bind(id).next();
    });
}

void SqliteStore::move_destination(
    campaign::DestinationId id, const dialer::DestinationChange& change
) {
    guarded("move a destination", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE destination SET status = ?1, attempts = ?2, next_at = ?3, waiting = ?4,"
            " wait = ?5, last_disposition = ifnull(?6, last_disposition)"
            " WHERE id = ?7 AND (status <= 4 OR status = ?1)"
        );
        query.bind(change.to, change.attempts, change.next_at.value_or(base::WallTime{}));
        query.bind(change.next_at.has_value(), change.wait);
        query.bind(name_of(change.last_disposition), id);
        if (query.run() == 0) {
            base::log_error(
                "destination_is_final",
                {{"destination", id.raw()}, {"refused", campaign::to_string(change.to)}}
            );
        }
    });
}

bool SqliteStore::is_suppressed(base::PhoneNumber number) {
    return guarded("read the suppression list", [&](Connection& connection) {
        Query query(connection, is_suppressed_query);
        return query.bind(number).next() && query.take_int() != 0;
    });
}

std::optional<base::WallTime> SqliteStore::nth_newest_attempt(
    base::PhoneNumber number, int nth, base::WallTime since
) {
    return guarded("count the attempts to a number", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT intent_at FROM attempt INDEXED BY attempt_phone"
            " WHERE phone = ? AND intent_at > ? AND status NOT IN (6, 7)"
            " ORDER BY intent_at DESC LIMIT 1 OFFSET ?"
        );
        query.bind(number, since, nth - 1);
        return query.next() ? std::optional(query.take_time()) : std::nullopt;
    });
}

campaign::AttemptId SqliteStore::record_intent(const dialer::NewAttempt& attempt) {
    return guarded("record an intent", [&](Connection& connection) {
        Query query(
            connection,
            "INSERT INTO attempt (campaign_id, destination_id, phone, domain, caller_id, balancer,"
            " assistant, campaign_revision, status, intent_at, give_up_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING id"
        );
        query.bind(attempt.campaign, attempt.destination, attempt.phone_number, attempt.domain);
        query.bind(attempt.caller_id, attempt.balancer, attempt.assistant);
        query.bind(attempt.campaign_revision);
        query.bind(attempt.intent_at, attempt.give_up_at);
        CHECK_INVARIANT(query.next());
        const auto id = query.take_id<campaign::AttemptId>();
        CHECK_INVARIANT(!query.next());
        return id;
    });
}

bool SqliteStore::move_attempt(
    campaign::AttemptId id, campaign::AttemptStatus from, const dialer::AttemptChange& change
) {
    CHECK_INVARIANT(!campaign::is_terminal(from));
    CHECK_INVARIANT(change.to == from || campaign::may_become(from, change.to));
    return guarded("move an attempt", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE attempt SET status = ?, token = ifnull(?, token),"
            " disposition = ifnull(?, disposition), detail = ifnull(nullif(?, ''), detail),"
            " placed_at = ifnull(?, placed_at), answered_at = ifnull(?, answered_at),"
            " ended_at = ifnull(?, ended_at), duration = ifnull(?, duration),"
            " billsec = ifnull(?, billsec), assistant = ifnull(nullif(?, ''), assistant),"
            " answered_by = ifnull(nullif(?, ''), answered_by) WHERE id = ? AND status = ?"
        );
        query.bind(change.to, usable_token(connection, id, change), name_of(change.disposition));
        query.bind(change.detail, change.placed_at, change.answered_at, change.ended_at);
        query.bind(change.duration, change.billsec, change.assistant, change.answered_by, id, from);
        return query.run() == 1;
    });
}

void SqliteStore::annotate_attempt(campaign::AttemptId id, const dialer::AttemptChange& change) {
    guarded("annotate an attempt", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE attempt SET token = ifnull(token, ?), placed_at = ifnull(placed_at, ?),"
            " answered_at = ifnull(answered_at, ?), ended_at = ifnull(ended_at, ?),"
            " duration = ifnull(duration, ?), billsec = ifnull(billsec, ?)"
            " WHERE id = ? AND status >= 5"
        );
        query.bind(usable_token(connection, id, change), change.placed_at, change.answered_at);
        query.bind(change.ended_at, change.duration, change.billsec, id);
        query.run();
    });
}

std::vector<dialer::LiveAttempt> SqliteStore::live_attempts() {
    return guarded("read the live attempts", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at FROM attempt"
            " WHERE status <= 4 ORDER BY id"
        );
        std::vector<dialer::LiveAttempt> found;
        while (query.next()) {
            found.push_back(take_attempt(query));
        }
        return found;
    });
}

std::optional<dialer::LiveAttempt> SqliteStore::find_attempt(
    const std::optional<campaign::AttemptId>& id, const std::optional<campaign::SessionToken>& token
) {
    return guarded("look for an attempt", [&](Connection& connection) {
        Query by_id(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at FROM attempt"
            " WHERE id = ?"
        );
        if (id && by_id.bind(*id).next()) {
            return std::optional(take_attempt(by_id));
        }
        Query by_token(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at FROM attempt"
            " WHERE token = ?"
        );
        if (token && by_token.bind(*token).next()) {
            return std::optional(take_attempt(by_token));
        }
        return std::optional<dialer::LiveAttempt>();
    });
}

std::vector<base::WallTime> SqliteStore::placements_since(
    const std::string& domain, base::WallTime since
) {
    return guarded("read recent placements", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT intent_at FROM attempt INDEXED BY attempt_domain"
            " WHERE domain = ? AND intent_at >= ? AND status <> 7 ORDER BY intent_at"
        );
        query.bind(domain, since);
        std::vector<base::WallTime> found;
        while (query.next()) {
            found.push_back(query.take_time());
        }
        return found;
    });
}

int SqliteStore::attempts_of(campaign::DestinationId id) {
    return guarded("read a destination", [&](Connection& connection) {
        Query query(connection, "SELECT attempts FROM destination WHERE id = ?");
        return query.bind(id).next() ? query.take_int() : 0;
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
            " disposition, answered_at, ended_at, duration, billsec, received_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, key) DO NOTHING"
        );
        query.bind(webhook.kind, webhook.key, webhook.domain, attempt, report.token);
        query.bind(report.attempt, report.progress, name_of(report.disposition));
        query.bind(report.answered_at, report.ended_at, report.duration, report.billsec);
        query.bind(now, webhook.body);
        return query.run() == 1;
    });
}

std::optional<dialer::SessionReport> SqliteStore::adopt_orphan(
    const campaign::SessionToken& token, campaign::AttemptId attempt
) {
    return guarded("adopt an orphan CDR", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE webhook SET attempt_id = ?1"
            " WHERE kind = 0 AND attempt_id IS NULL AND token = ?2 AND (domain = ''"
            "  OR domain = (SELECT domain FROM attempt WHERE id = ?1))"
            " RETURNING token, progress, disposition, answered_at, ended_at, duration, billsec"
        );
        query.bind(attempt, token);
        std::optional<dialer::SessionReport> report;
        while (query.next()) {
            if (!report) {
                report = take_report(query, attempt);
            }
        }
        return report;
    });
}

}  // namespace cxdial::storage
