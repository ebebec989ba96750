#include "storage/sqlite_store.h"

#include "base/check.h"
#include "base/log.h"
#include "storage/internal/queries.h"
#include "storage/internal/sqlite_store_impl.h"

#include <algorithm>
#include <utility>

namespace cxdial::storage {
namespace {

constexpr int promoted_at_once = 1'000;

/// `id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant, answered_by,
/// status, token, answered_at, intent_at, give_up_at, by_opbx, external_id`
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
    attempt.by_opbx = row.take_int() != 0;
    attempt.external_id = row.take_optional_id<campaign::OpbxSessionId>();
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
        "  WHERE destination_id = destination.id ORDER BY id DESC LIMIT 1), timezone,"
        " external_id, agent, follow_up_id"
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
             query.take_text(),
             query.take_optional_id<campaign::OpbxDestinationId>(),
             query.take_text(),
             query.take_optional_id<campaign::FollowUpId>()}
        );
    }
    return found;
}

/// Writes the token of an attempt that has none, unless it is another's; its index is not touched
/// by all that comes later.
void set_token(Connection& connection, campaign::AttemptId id, const std::string& token) {
    Query owner(connection, "SELECT id FROM attempt WHERE token = ?");
    if (token.empty() || !owner.bind(token).next()) {
        Query(connection, "UPDATE attempt SET token = nullif(?, '') WHERE id = ? AND token IS NULL")
            .bind(token, id)
            .run();
    } else if (const std::int64_t known = owner.take_integer(); known != id.raw()) {
        base::log_error(
            "session_token_of_another_attempt",
            {{"attempt", id.raw()}, {"owner", known}, {"token", token}}
        );
    }
}

/// The id of the call at OPBX, unless it is another attempt's: its ids begin anew when its database
/// does.
std::optional<campaign::OpbxSessionId> usable_external_id(
    Connection& connection, campaign::AttemptId id, const dialer::AttemptChange& change
) {
    Query query(connection, "SELECT id FROM attempt WHERE external_id = ? AND id <> ?");
    if (!change.external_id || !query.bind(*change.external_id, id).next()) {
        return change.external_id;
    }
    base::log_error(
        "opbx_session_of_another_attempt",
        {{"attempt", id.raw()},
         {"owner", query.take_integer()},
         {"session_id", change.external_id->raw()}}
    );
    return std::nullopt;
}

}  // namespace

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
            " WHERE phone = ? AND intent_at > ? AND status NOT IN (6, 7) AND domain <> ?"
            " ORDER BY intent_at DESC LIMIT 1 OFFSET ?"
        );
        query.bind(number, since, campaign::simulated_domain, nth - 1);
        return query.next() ? std::optional(query.take_time()) : std::nullopt;
    });
}

campaign::AttemptId SqliteStore::record_intent(const dialer::NewAttempt& attempt) {
    return guarded("record an intent", [&](Connection& connection) {
        Query query(
            connection,
            "INSERT INTO attempt (campaign_id, destination_id, phone, domain, caller_id, balancer,"
            " assistant, campaign_revision, status, intent_at, give_up_at, by_opbx)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?) RETURNING id"
        );
        query.bind(attempt.campaign, attempt.destination, attempt.phone_number, attempt.domain);
        query.bind(attempt.caller_id, attempt.balancer, attempt.assistant);
        query.bind(attempt.campaign_revision);
        query.bind(attempt.intent_at, attempt.give_up_at, attempt.by_opbx);
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
            "UPDATE attempt SET status = ?,"
            " disposition = ifnull(?, disposition), detail = ifnull(nullif(?, ''), detail),"
            " placed_at = ifnull(?, placed_at), answered_at = ifnull(?, answered_at),"
            " ended_at = ifnull(?, ended_at), duration = ifnull(?, duration),"
            " billsec = ifnull(?, billsec), assistant = ifnull(nullif(?, ''), assistant),"
            " answered_by = ifnull(nullif(?, ''), answered_by),"
            " external_id = ifnull(external_id, ?) WHERE id = ? AND status = ?"
        );
        query.bind(change.to, name_of(change.disposition));
        query.bind(change.detail, change.placed_at, change.answered_at, change.ended_at);
        query.bind(change.duration, change.billsec, change.assistant, change.answered_by);
        query.bind(usable_external_id(connection, id, change), id, from);
        const bool moved = query.run() == 1;
        if (moved && change.token) {
            set_token(connection, id, change.token->raw());
        }
        return moved;
    });
}

void SqliteStore::annotate_attempt(campaign::AttemptId id, const dialer::AttemptChange& change) {
    guarded("annotate an attempt", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE attempt SET placed_at = ifnull(placed_at, ?),"
            " answered_at = ifnull(answered_at, ?), ended_at = ifnull(ended_at, ?),"
            " duration = ifnull(duration, ?), billsec = ifnull(billsec, ?),"
            " external_id = ifnull(external_id, ?) WHERE id = ? AND status >= 5"
        );
        query.bind(change.placed_at, change.answered_at, change.ended_at);
        query.bind(change.duration, change.billsec);
        query.bind(usable_external_id(connection, id, change), id);
        if (query.run() != 0 && change.token) {
            set_token(connection, id, change.token->raw());
        }
    });
}

std::vector<dialer::LiveAttempt> SqliteStore::live_attempts() {
    return guarded("read the live attempts", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at, by_opbx, external_id"
            " FROM attempt WHERE live = 1 ORDER BY id"
        );
        std::vector<dialer::LiveAttempt> found;
        while (query.next()) {
            found.push_back(take_attempt(query));
        }
        return found;
    });
}

std::optional<dialer::LiveAttempt> SqliteStore::find_attempt(const dialer::AttemptKeys& keys) {
    return guarded("look for an attempt", [&](Connection& connection) {
        Query by_id(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at, by_opbx, external_id"
            " FROM attempt"
            " WHERE id = ?"
        );
        if (keys.id && by_id.bind(*keys.id).next()) {
            return std::optional(take_attempt(by_id));
        }
        Query by_token(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at, by_opbx, external_id"
            " FROM attempt"
            " WHERE token = ?"
        );
        if (keys.token && by_token.bind(*keys.token).next()) {
            return std::optional(take_attempt(by_token));
        }
        Query by_external_id(
            connection,
            "SELECT id, campaign_id, destination_id, phone, domain, caller_id, balancer, assistant,"
            " answered_by, status, token, answered_at, intent_at, give_up_at, by_opbx, external_id"
            " FROM attempt WHERE external_id = ?"
        );
        if (keys.external_id && by_external_id.bind(*keys.external_id).next()) {
            return std::optional(take_attempt(by_external_id));
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

std::optional<dialer::DestinationState> SqliteStore::destination(campaign::DestinationId id) {
    return guarded("read a destination", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT campaign_id, phone, status, attempts, last_disposition, follow_up_id"
            " FROM destination WHERE id = ?"
        );
        if (!query.bind(id).next()) {
            return std::optional<dialer::DestinationState>();
        }
        dialer::DestinationState state{
            .campaign = query.take_id<campaign::CampaignId>(),
            .phone_number = query.take_phone(),
            .status = query.take_enum<campaign::DestinationStatus>(),
            .attempts = query.take_int(),
        };
        if (const std::optional<std::string> name = query.take_optional_text()) {
            state.last_disposition = campaign::parse_disposition(*name);
        }
        state.follow_up = query.take_optional_id<campaign::FollowUpId>();
        return std::optional(state);
    });
}

}  // namespace cxdial::storage
