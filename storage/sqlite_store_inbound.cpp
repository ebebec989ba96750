#include "base/check.h"
#include "base/log.h"
#include "routing/engagement.h"
#include "routing/follow_up.h"
#include "storage/internal/routing_queries.h"
#include "storage/internal/rows.h"
#include "storage/internal/sqlite_store_impl.h"

#include <algorithm>
#include <utility>

namespace cxdial::storage {
namespace {

using dialer::ClosedFollowUp;
using dialer::ContactCause;
using dialer::ContactEvent;
using dialer::FollowUpEnd;
using dialer::InboundSession;
using routing::FollowUpStatus;

static_assert(
    static_cast<int>(FollowUpEnd::contacted_inbound) ==
        static_cast<int>(FollowUpStatus::contacted_inbound) &&
    static_cast<int>(FollowUpEnd::completed) == static_cast<int>(FollowUpStatus::completed) &&
    static_cast<int>(FollowUpEnd::cancelled) == static_cast<int>(FollowUpStatus::cancelled)
);

/// The column list of the statements below. A campaign that is gone has no name.
InboundSession take_session(Query& row) {
    InboundSession session{
        .id = row.take_id<campaign::VoiceSessionId>(),
        .decision = row.take_id<campaign::DecisionId>(),
        .tenant = row.take_text(),
        .domain = row.take_text(),
        .call_sid = row.take_text(),
        .token = take_token(row),
        .caller = {},
        .agent = {},
        .campaign = {},
    };
    if (const std::optional<std::int64_t> phone = row.take_optional_integer()) {
        const auto number = base::PhoneNumber::from_digits(static_cast<std::uint64_t>(*phone));
        session.caller = number ? std::optional(number.value()) : std::nullopt;
    }
    session.agent = row.take_text();
    session.campaign = row.take_text();
    session.started_at = row.take_time();
    session.expires_at = row.take_time();
    session.answered_at = row.take_optional_time();
    return session;
}

void write_event(
    Connection& connection, const ContactCause& cause, const ContactEvent& event, base::WallTime now
) {
    Query query(
        connection,
        "INSERT INTO contact_event (tenant, phone, kind, at, call_sid, voice_session_id,"
        " decision_id, destination_id, follow_up_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    query.bind(cause.tenant, cause.caller, event.kind, now, cause.call_sid, cause.voice_session);
    query.bind(cause.decision, event.destination, event.follow_up, event.detail).run();
}

/// `id, destination_id`, in the order of the ids, whatever order the database wrote them in.
std::vector<ClosedFollowUp> take_closed(Query& rows) {
    std::vector<ClosedFollowUp> closed;
    while (rows.next()) {
        const auto id = rows.take_id<campaign::FollowUpId>();
        closed.push_back({id, rows.take_optional_id<campaign::DestinationId>()});
    }
    std::sort(
        closed.begin(),
        closed.end(),
        [](const ClosedFollowUp& one, const ClosedFollowUp& other) { return one.id < other.id; }
    );
    return closed;
}

void write_closings(
    Connection& connection,
    const ContactCause& cause,
    const std::vector<ClosedFollowUp>& closed,
    const std::string& reason,
    base::WallTime now
) {
    for (const ClosedFollowUp& one : closed) {
        write_event(
            connection,
            cause,
            {.kind = "follow_up_closed",
             .destination = one.destination,
             .follow_up = one.id,
             .detail = reason},
            now
        );
    }
}

/// The follow-ups that dialing may begin with: `id, tenant, phone, agent, campaign id`.
constexpr const char* select_due =
    "SELECT f.id, f.tenant, f.phone, f.agent, c.id FROM follow_up f INDEXED BY follow_up_due"
    " JOIN campaign c ON c.tenant = f.tenant AND c.name = CASE f.campaign WHEN '' THEN"
    "  (SELECT json_extract(body, '$.callback_campaign') FROM resource WHERE kind = 'tenant'"
    "   AND tenant = f.tenant AND name = f.tenant) ELSE f.campaign END"
    " WHERE f.status = 0 AND f.type = 'call' AND f.destination_id IS NULL AND f.due_at <= ?1"
    " AND c.status = 1 AND NOT EXISTS (SELECT 1 FROM destination d WHERE d.campaign_id = c.id"
    "  AND d.phone = f.phone AND (d.status <= 4 OR EXISTS (SELECT 1 FROM attempt"
    "   WHERE destination_id = d.id AND live = 1)))"
    " ORDER BY f.due_at, f.id LIMIT ?2";

struct DueFollowUp {
    campaign::FollowUpId id;
    std::string tenant;
    base::PhoneNumber phone_number;
    std::string agent;
    campaign::CampaignId campaign;
};

/// Its row in the list, new or opened anew; nothing: the number is open there by now.
std::optional<campaign::DestinationId> open_destination(
    Connection& connection, const DueFollowUp& due
) {
    Query reopen(
        connection,
        "UPDATE destination SET status = 0, attempts = 0, next_at = 0, waiting = 0, wait = 0,"
        " last_disposition = NULL, agent = ?1, follow_up_id = ?2"
        " WHERE campaign_id = ?3 AND phone = ?4 AND status >= 5 RETURNING id"
    );
    if (reopen.bind(due.agent, due.id, due.campaign, due.phone_number).next()) {
        return reopen.take_id<campaign::DestinationId>();
    }
    Query add(
        connection,
        "INSERT INTO destination (campaign_id, phone, status, priority, next_at, waiting, name,"
        " timezone, metadata, agent, follow_up_id) VALUES (?, ?, 0, 0, 0, 0, '', '', '', ?, ?)"
        " ON CONFLICT (campaign_id, phone) DO NOTHING RETURNING id"
    );
    if (!add.bind(due.campaign, due.phone_number, due.agent, due.id).next()) {
        return std::nullopt;
    }
    const auto id = add.take_id<campaign::DestinationId>();
    Query(
        connection,
        "INSERT INTO destination_count VALUES (?, 0, 0, 1)"
        " ON CONFLICT DO UPDATE SET number = number + 1"
    )
        .bind(due.campaign)
        .run();
    return id;
}

}  // namespace

std::optional<dialer::Routed> SqliteStore::find_decision(const std::string& call_sid) {
    return guarded("look for a decision", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT d.id, v.id, v.agent FROM decision d JOIN voice_session v"
            " ON v.call_sid = d.call_sid WHERE d.call_sid = ?"
        );
        if (!query.bind(call_sid).next()) {
            return std::optional<dialer::Routed>();
        }
        dialer::Routed routed{
            .decision = query.take_id<campaign::DecisionId>(),
            .voice_session = query.take_id<campaign::VoiceSessionId>(),
            .agent = query.take_text(),
            .repeated = true,
        };
        return std::optional(std::move(routed));
    });
}

dialer::InboundSession SqliteStore::record_decision(
    const dialer::InboundCall& call, base::WallTime now, base::WallTime expires_at
) {
    return guarded("record a decision", [&](Connection& connection) {
        Query session(
            connection,
            "INSERT INTO voice_session (tenant, domain, call_sid, token, phone, did, agent,"
            " campaign_id, started_at, expires_at) VALUES (?1, ?2, ?3, iif(EXISTS (SELECT 1 FROM"
            " voice_session WHERE token = ?4), NULL, ?4), ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id"
        );
        session.bind(call.tenant, call.domain, call.call_sid, call.token, call.caller);
        session.bind(call.did_text, call.agent, call.campaign, now, expires_at);
        CHECK_INVARIANT(session.next());
        const auto id = session.take_id<campaign::VoiceSessionId>();
        Query decision(
            connection,
            "INSERT INTO decision (tenant, call_sid, token, caller, did, phone, mode, reason,"
            " agent, agent_version, campaign_id, destination_id, follow_up_id, attempt_id,"
            " voice_session_id, took, trace, decided_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        );
        decision.bind(call.tenant, call.call_sid, call.token, call.caller_text, call.did_text);
        decision.bind(call.caller, call.mode, call.reason, call.agent, call.agent_version);
        decision.bind(call.campaign, call.destination, call.follow_up, call.attempt, id);
        decision.bind(static_cast<std::int64_t>(call.took.count()), call.trace, now).run();
        Query kept(
            connection,
            "SELECT v.id, d.id, v.tenant, v.domain, v.call_sid, v.token, v.phone, v.agent,"
            " coalesce((SELECT campaign FROM follow_up WHERE id = d.follow_up_id),"
            "  (SELECT name FROM campaign WHERE id = v.campaign_id), ''),"
            " v.started_at, v.expires_at, v.answered_at"
            " FROM voice_session v JOIN decision d ON d.call_sid = v.call_sid WHERE v.id = ?"
        );
        CHECK_INVARIANT(kept.bind(id).next());
        return take_session(kept);
    });
}

std::vector<dialer::InboundSession> SqliteStore::live_inbound() {
    return guarded("read the live calls that came in", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT v.id, d.id, v.tenant, v.domain, v.call_sid, v.token, v.phone, v.agent,"
            " coalesce((SELECT campaign FROM follow_up WHERE id = d.follow_up_id),"
            "  (SELECT name FROM campaign WHERE id = v.campaign_id), ''),"
            " v.started_at, v.expires_at, v.answered_at"
            " FROM voice_session v INDEXED BY voice_session_live"
            " JOIN decision d ON d.call_sid = v.call_sid WHERE v.live = 1 ORDER BY v.id"
        );
        std::vector<InboundSession> found;
        while (query.next()) {
            found.push_back(take_session(query));
        }
        return found;
    });
}

std::optional<dialer::InboundSession> SqliteStore::find_inbound(const campaign::SessionToken& name
) {
    return guarded("look for a call that came in", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT v.id, d.id, v.tenant, v.domain, v.call_sid, v.token, v.phone, v.agent,"
            " coalesce((SELECT campaign FROM follow_up WHERE id = d.follow_up_id),"
            "  (SELECT name FROM campaign WHERE id = v.campaign_id), ''),"
            " v.started_at, v.expires_at, v.answered_at"
            " FROM voice_session v JOIN decision d ON d.call_sid = v.call_sid WHERE v.id ="
            " ifnull((SELECT id FROM voice_session WHERE token = ?1),"
            "  (SELECT id FROM voice_session WHERE call_sid = ?1))"
        );
        return query.bind(name).next() ? std::optional(take_session(query)) : std::nullopt;
    });
}

bool SqliteStore::move_inbound(campaign::VoiceSessionId id, const dialer::InboundChange& change) {
    return guarded("move a call that came in", [&](Connection& connection) {
        Query live(connection, "SELECT 1 FROM voice_session WHERE id = ? AND live = 1");
        const bool was_live = live.bind(id).next();
        Query query(
            connection,
            "UPDATE voice_session SET live = iif(?1, NULL, live),"
            " agent = ifnull(nullif(?2, ''), agent), disposition = ifnull(disposition, ?3),"
            " answered_at = ifnull(answered_at, ?4), ended_at = ifnull(ended_at, ?5),"
            " duration = ifnull(duration, ?6), billsec = ifnull(billsec, ?7) WHERE id = ?8"
        );
        query.bind(change.is_over, change.agent, name_of(change.disposition));
        query.bind(change.answered_at, change.ended_at, change.duration, change.billsec);
        query.bind(id).run();
        return was_live;
    });
}

std::optional<dialer::SessionReport> SqliteStore::adopt_inbound_cdr(
    const dialer::InboundSession& session
) {
    return guarded("adopt the CDR of a call that came in", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE webhook SET voice_session_id = ?1 WHERE id = (SELECT id FROM webhook"
            " INDEXED BY webhook_orphan_token WHERE attempt_id IS NULL AND voice_session_id IS NULL"
            " AND kind = 0 AND token IS NOT NULL AND token = ?2"
            " AND (domain = '' OR ?3 = '' OR domain = ?3) LIMIT 1)"
            " RETURNING token, external_id, progress, disposition, answered_at, ended_at, duration,"
            " billsec"
        );
        query.bind(session.id, session.token ? session.token->raw() : session.call_sid);
        const bool found = query.bind(session.domain).next();
        return found ? std::optional(take_report(query)) : std::nullopt;
    });
}

void SqliteStore::record_event(
    const dialer::ContactCause& cause, const dialer::ContactEvent& event, base::WallTime now
) {
    guarded("record what happened to a contact", [&](Connection& connection) {
        write_event(connection, cause, event, now);
    });
}

std::optional<dialer::ClosedFollowUp> SqliteStore::close_follow_up(
    campaign::FollowUpId id,
    dialer::FollowUpEnd end,
    const std::string& reason,
    std::optional<campaign::DecisionId> decision,
    base::WallTime now
) {
    return guarded("close a follow-up", [&](Connection& connection) {
        Query query(
            connection,
            "UPDATE follow_up SET status = ?, reason = ?, closed_at = ?,"
            " decision_id = ifnull(?, decision_id) WHERE id = ? AND status = 0"
            " RETURNING id, destination_id"
        );
        query.bind(end, reason, now, decision, id);
        const std::vector<ClosedFollowUp> closed = take_closed(query);
        return closed.empty() ? std::nullopt : std::optional(closed.front());
    });
}

std::vector<dialer::ClosedFollowUp> SqliteStore::close_siblings(
    campaign::FollowUpId of, const dialer::ContactCause& cause, base::WallTime now
) {
    return guarded("close the siblings of a follow-up", [&](Connection& connection) {
        const std::string reason = "contacted_inbound_sibling";
        Query query(
            connection,
            "UPDATE follow_up SET status = ?1, reason = ?2, closed_at = ?3, decision_id = ?4"
            " WHERE (tenant, phone, agent) = (SELECT tenant, phone, agent FROM follow_up"
            "  WHERE id = ?5) AND id <> ?5 AND status = 0 RETURNING id, destination_id"
        );
        query.bind(FollowUpEnd::contacted_inbound, reason, now, cause.decision, of);
        std::vector<ClosedFollowUp> closed = take_closed(query);
        write_closings(connection, cause, closed, reason, now);
        return closed;
    });
}

std::vector<dialer::ClosedFollowUp> SqliteStore::engage(
    const dialer::ContactCause& cause, const dialer::Engagement& engagement, base::WallTime now
) {
    return guarded("engage a contact", [&](Connection& connection) {
        Query(
            connection,
            "INSERT INTO contact (tenant, phone, engaged_at, created_at, updated_at)"
            " VALUES (?1, ?2, ?3, ?3, ?3) ON CONFLICT (tenant, phone) DO UPDATE"
            " SET engaged_at = max(ifnull(engaged_at, 0), excluded.engaged_at)"
        )
            .bind(cause.tenant, cause.caller, now)
            .run();
        write_event(connection, cause, {.kind = "engaged", .detail = engagement.agent}, now);
        const routing::Tenant tenant =
            impl_->resources.tenant(cause.tenant).value_or(routing::Tenant{});
        const std::string reason(routing::engaged_reason);
        Query active(connection, active_follow_ups_query);
        active.bind(cause.tenant, cause.caller);
        std::vector<ClosedFollowUp> closed;
        for (const routing::FollowUp& one : take_all(active, take_follow_up)) {
            const std::optional<routing::Closing> closing = routing::unenroll(
                tenant.engagement_unenroll_scope, {engagement.agent, engagement.campaign}, one
            );
            if (closing) {
                const auto end = static_cast<FollowUpEnd>(closing->status);
                closed.push_back(close_follow_up(one.id, end, reason, cause.decision, now).value());
            }
        }
        write_closings(connection, cause, closed, reason, now);
        return closed;
    });
}

std::vector<dialer::EnrolledFollowUp> SqliteStore::enrol_follow_ups(base::WallTime now, int limit) {
    return guarded("enrol follow-ups that are due", [&](Connection& connection) {
        std::vector<DueFollowUp> due;
        Query query(connection, select_due);
        query.bind(now, limit);
        while (query.next()) {
            due.push_back(
                {query.take_id<campaign::FollowUpId>(),
                 query.take_text(),
                 query.take_phone(),
                 query.take_text(),
                 query.take_id<campaign::CampaignId>()}
            );
        }
        std::vector<dialer::EnrolledFollowUp> enrolled;
        Query link(connection, "UPDATE follow_up SET destination_id = ? WHERE id = ?");
        for (const DueFollowUp& one : due) {
            if (const auto destination = open_destination(connection, one)) {
                link.again().bind(*destination, one.id).run();
                write_event(
                    connection,
                    {.tenant = one.tenant, .caller = one.phone_number},
                    {.kind = "follow_up_due", .destination = destination, .follow_up = one.id},
                    now
                );
                enrolled.push_back({one.id, one.campaign, *destination});
            }
        }
        return enrolled;
    });
}

std::optional<base::WallTime> SqliteStore::next_follow_up(base::WallTime now) {
    return guarded("look for the next follow-up", [&](Connection& connection) {
        Query query(
            connection,
            "SELECT min(due_at) FROM follow_up INDEXED BY follow_up_due WHERE status = 0"
            " AND type = 'call' AND destination_id IS NULL AND due_at > ?"
        );
        return query.bind(now).next() ? query.take_optional_time() : std::nullopt;
    });
}

}  // namespace cxdial::storage
