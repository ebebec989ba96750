#include "storage/repository.h"

#include "storage/internal/repository_impl.h"

namespace cxdial::storage {
namespace {

std::optional<campaign::CampaignId> deleted_campaign(Connection& connection) {
    Query query(connection, "SELECT id FROM campaign WHERE tenant = '' LIMIT 1");
    return query.next() ? std::optional(query.take_id<campaign::CampaignId>()) : std::nullopt;
}

/// Deletes at most `limit` rows of a deleted campaign, and with the last of them the campaign. How
/// many went.
std::int64_t clear_campaign(Connection& connection, campaign::CampaignId id, std::int64_t limit) {
    Query attempts(
        connection,
        "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt INDEXED BY attempt_campaign"
        " WHERE campaign_id = ? LIMIT ?)"
    );
    std::int64_t gone = attempts.bind(id, limit).run();
    Query destinations(
        connection,
        "DELETE FROM destination WHERE id IN"
        " (SELECT id FROM destination WHERE campaign_id = ? LIMIT ?)"
    );
    gone += destinations.bind(id, limit - gone).run();
    if (gone < limit) {
        Query(connection, "DELETE FROM campaign WHERE id = ?").bind(id).run();
    }
    return gone;
}

}  // namespace

Repository::Repository(Database& database) : impl_(std::make_unique<Impl>(database.connection())) {}
Repository::~Repository() = default;

Connection& Repository::connection() {
    return impl_->connection;
}

base::Result<void> Repository::atomically(const std::function<base::Result<void>()>& writes) {
    return impl_->guarded("write", [&]() -> base::Result<void> {
        WriteScope scope(impl_->connection);
        base::Result<void> done = writes();
        if (done) {
            scope.commit();
        }
        return done;
    });
}

base::Result<std::vector<OrphanCdr>> Repository::orphan_cdrs(const IdPage& page) {
    return impl_->guarded("list orphan CDRs", [&]() -> base::Result<std::vector<OrphanCdr>> {
        Query query(
            impl_->connection,
            "SELECT id, key, domain, token, reported_attempt, disposition, received_at, body"
            " FROM webhook INDEXED BY webhook_orphan"
            " WHERE attempt_id IS NULL AND voice_session_id IS NULL AND kind = 0 AND id > ?"
            " ORDER BY id LIMIT ?"
        );
        query.bind(page.after, page.limit);
        std::vector<OrphanCdr> found;
        while (query.next()) {
            OrphanCdr cdr;
            cdr.id = query.take_integer();
            cdr.key = query.take_text();
            cdr.domain = query.take_text();
            if (std::optional<std::string> token = query.take_optional_text()) {
                cdr.token.emplace(*std::move(token));
            }
            if (const std::optional<std::int64_t> id = query.take_optional_integer()) {
                cdr.reported_attempt.emplace(*id);
            }
            const std::optional<std::string> disposition = query.take_optional_text();
            cdr.disposition = campaign::parse_disposition(disposition.value_or(""));
            cdr.received_at = query.take_time();
            cdr.body = query.take_text();
            found.push_back(std::move(cdr));
        }
        return found;
    });
}

base::Result<bool> Repository::tidy(base::WallTime webhooks_before, int limit) {
    return impl_->guarded("tidy up", [&]() -> base::Result<bool> {
        WriteScope scope(impl_->connection);
        std::int64_t left = limit;
        if (const std::optional<campaign::CampaignId> id = deleted_campaign(impl_->connection)) {
            left -= clear_campaign(impl_->connection, *id, left);
        }
        Query passing(
            impl_->connection,
            "DELETE FROM webhook WHERE id IN (SELECT id FROM webhook INDEXED BY webhook_passing"
            " WHERE kind <> 0 AND received_at < ? ORDER BY received_at LIMIT ?)"
        );
        left -= passing.bind(webhooks_before, left).run();
        scope.commit();
        return left == 0 || deleted_campaign(impl_->connection);
    });
}

base::Result<std::int64_t> Repository::suppress(
    std::span<const base::PhoneNumber> numbers, std::string_view reason, base::WallTime now
) {
    return impl_->guarded("add to the do-not-call list", [&]() -> base::Result<std::int64_t> {
        WriteScope scope(impl_->connection);
        Query query(
            impl_->connection,
            "INSERT INTO suppression (phone, reason, added_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING"
        );
        std::int64_t added = 0;
        for (const base::PhoneNumber& number : numbers) {
            added += query.again().bind(number, reason, now).run();
        }
        scope.commit();
        return added;
    });
}

base::Result<bool> Repository::unsuppress(base::PhoneNumber number) {
    return impl_->guarded("take from the do-not-call list", [&]() -> base::Result<bool> {
        Query query(impl_->connection, "DELETE FROM suppression WHERE phone = ?");
        return query.bind(number).run() > 0;
    });
}

base::Result<std::optional<Suppression>> Repository::suppression(base::PhoneNumber number) {
    return impl_->guarded(
        "read the do-not-call list",
        [&]() -> base::Result<std::optional<Suppression>> {
            Query query(
                impl_->connection, "SELECT reason, added_at FROM suppression WHERE phone = ?"
            );
            if (!query.bind(number).next()) {
                return std::optional<Suppression>();
            }
            return std::optional(Suppression{number, query.take_text(), query.take_time()});
        }
    );
}

base::Result<std::vector<Suppression>> Repository::suppressions(const IdPage& page) {
    return impl_->guarded(
        "list the do-not-call list",
        [&]() -> base::Result<std::vector<Suppression>> {
            Query query(
                impl_->connection,
                "SELECT phone, reason, added_at FROM suppression WHERE phone > ?"
                " ORDER BY phone LIMIT ?"
            );
            query.bind(page.after, page.limit);
            std::vector<Suppression> found;
            while (query.next()) {
                found.push_back({query.take_phone(), query.take_text(), query.take_time()});
            }
            return found;
        }
    );
}

base::Result<bool> Repository::suppress_prefix(
    std::int64_t prefix, std::string_view reason, base::WallTime now
) {
    return impl_->guarded("add to the do-not-call list", [&]() -> base::Result<bool> {
        Query query(
            impl_->connection,
            "INSERT INTO suppression_prefix (prefix, reason, added_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING"
        );
        return query.bind(prefix, reason, now).run() > 0;
    });
}

base::Result<bool> Repository::unsuppress_prefix(std::int64_t prefix) {
    return impl_->guarded("take from the do-not-call list", [&]() -> base::Result<bool> {
        Query query(impl_->connection, "DELETE FROM suppression_prefix WHERE prefix = ?");
        return query.bind(prefix).run() > 0;
    });
}

base::Result<std::vector<SuppressedPrefix>> Repository::suppressed_prefixes() {
    using Found = base::Result<std::vector<SuppressedPrefix>>;
    return impl_->guarded("list the do-not-call list", [&]() -> Found {
        Query query(
            impl_->connection,
            "SELECT prefix, reason, added_at FROM suppression_prefix ORDER BY prefix"
        );
        std::vector<SuppressedPrefix> found;
        while (query.next()) {
            found.push_back({query.take_integer(), query.take_text(), query.take_time()});
        }
        return found;
    });
}

}  // namespace cxdial::storage
