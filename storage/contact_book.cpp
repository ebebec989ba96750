#include "storage/contact_book.h"

#include "base/check.h"
#include "storage/internal/contact_book_impl.h"
#include "storage/internal/references.h"
#include "storage/internal/rows.h"

#include <utility>

namespace cxdial::storage {
namespace {

base::Error none_such(const char* what) {
    return {base::Errc::not_found, std::string("there is no such ") + what};
}

/// One JSON object; the database's own words for it.
std::string object_of(
    Connection& connection, const std::map<std::string, std::string>& attributes
) {
    Query pair(connection, "SELECT json_quote(?) || ':' || json_quote(?)");
    std::string object = "{";
    for (const auto& [key, value] : attributes) {
        if (pair.again().bind(key, value).next()) {
            object += object.size() > 1 ? "," : "";
            object += pair.take_text();
        }
    }
    return object + "}";
}

std::map<std::string, std::string> attributes_of(
    Connection& connection, const std::string& object
) {
    Query pairs(connection, "SELECT key, value FROM json_each(?)");
    pairs.bind(object);
    std::map<std::string, std::string> attributes;
    while (pairs.next()) {
        std::string key = pairs.take_text();
        attributes.insert_or_assign(std::move(key), pairs.take_text());
    }
    return attributes;
}

/// `tenant, phone, name, tier, attributes, engaged_at`
routing::Contact take_contact(Connection& connection, Query& row) {
    return {
        .tenant = row.take_text(),
        .phone_number = row.take_phone(),
        .name = row.take_text(),
        .tier = row.take_text(),
        .attributes = attributes_of(connection, row.take_text()),
        .engaged_at = row.take_optional_time(),
    };
}

PutOutcome write_contact(
    Connection& connection, const routing::Contact& contact, base::WallTime now
) {
    const std::string attributes = object_of(connection, contact.attributes);
    Query known(
        connection, "SELECT name, tier, attributes FROM contact WHERE tenant = ? AND phone = ?"
    );
    const bool is_known = known.bind(contact.tenant, contact.phone_number).next();
    if (is_known && known.take_text() == contact.name && known.take_text() == contact.tier &&
        known.take_text() == attributes) {
        return PutOutcome::unchanged;
    }
    Query(
        connection,
        "INSERT INTO contact (tenant, phone, name, tier, attributes, created_at, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT DO UPDATE SET name = excluded.name,"
        " tier = excluded.tier, attributes = excluded.attributes, updated_at = excluded.updated_at"
    )
        .bind(contact.tenant, contact.phone_number, contact.name, contact.tier, attributes, now)
        .run();
    return is_known ? PutOutcome::changed : PutOutcome::created;
}

/// Closes an active one and takes what the dialer has made of it out of its list; what is in the
/// dial buffer or on its way belongs to the engine.
void cancel_follow_up(
    Connection& connection, campaign::FollowUpId id, std::string_view reason, base::WallTime now
) {
    Query(
        connection,
        "UPDATE follow_up SET status = 3, reason = ?, closed_at = ? WHERE id = ? AND status = 0"
    )
        .bind(reason, now, id)
        .run();
    Query(
        connection,
        "UPDATE destination SET status = 9, waiting = 0, wait = 0 WHERE id ="
        " (SELECT destination_id FROM follow_up WHERE id = ?1) AND follow_up_id = ?1"
        " AND status IN (0, 4)"
    )
        .bind(id)
        .run();
}

base::Result<void> check_follow_up(Connection& connection, const routing::FollowUp& follow_up) {
    base::Result<void> known =
        must_have_agent(connection, follow_up.tenant, follow_up.agent, "agent");
    if (known && !follow_up.campaign.empty()) {
        return must_have_campaign(connection, follow_up.tenant, follow_up.campaign, "campaign");
    }
    return known;
}

AddedFollowUp write_follow_up(
    Connection& connection, const routing::FollowUp& wanted, base::WallTime now
) {
    const std::string_view type = to_string(wanted.type);
    Query known(
        connection,
        "SELECT id, due_at, note FROM follow_up INDEXED BY follow_up_active WHERE tenant = ?"
        " AND phone = ? AND agent = ? AND type = ? AND campaign = ? AND status = 0"
    );
    known.bind(wanted.tenant, wanted.phone_number, wanted.agent, type, wanted.campaign);
    if (known.next()) {
        const auto id = known.take_id<campaign::FollowUpId>();
        if (known.take_time() == wanted.due_at && known.take_text() == wanted.note) {
            return {id, PutOutcome::unchanged};
        }
        Query(connection, "UPDATE follow_up SET due_at = ?, note = ? WHERE id = ?")
            .bind(wanted.due_at, wanted.note, id)
            .run();
        return {id, PutOutcome::changed};
    }
    Query added(
        connection,
        "INSERT INTO follow_up (tenant, phone, agent, type, campaign, status, note, due_at,"
        " activated_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?) RETURNING id"
    );
    added.bind(wanted.tenant, wanted.phone_number, wanted.agent, type, wanted.campaign);
    CHECK_INVARIANT(added.bind(wanted.note, wanted.due_at, now).next());
    const auto id = added.take_id<campaign::FollowUpId>();
    CHECK_INVARIANT(!added.next());
    return {id, PutOutcome::created};
}

std::vector<routing::FollowUp> list_follow_ups(
    Connection& connection, const FollowUpFilter& filter, const IdPage& page
) {
    if (filter.phone_number) {
        Query of_contact(
            connection,
            "SELECT id FROM follow_up INDEXED BY follow_up_phone WHERE phone = ?1 AND tenant = ?2"
            " AND id > ?3 AND (?4 IS NULL OR status = ?4) ORDER BY id LIMIT ?5"
        );
        of_contact.bind(*filter.phone_number, filter.tenant, page.after, filter.status, page.limit);
        return read_all(connection, of_contact, read_follow_up);
    }
    if (filter.status) {
        Query of_status(
            connection,
            "SELECT id FROM follow_up INDEXED BY follow_up_status WHERE tenant = ? AND status = ?"
            " AND id > ? ORDER BY id LIMIT ?"
        );
        of_status.bind(filter.tenant, *filter.status, page.after, page.limit);
        return read_all(connection, of_status, read_follow_up);
    }
    Query of_tenant(
        connection,
        "SELECT id FROM follow_up NOT INDEXED WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?"
    );
    return read_all(
        connection, of_tenant.bind(filter.tenant, page.after, page.limit), read_follow_up
    );
}

}  // namespace

ContactBook::ContactBook(Database& database)
    : impl_(std::make_unique<Impl>(database.connection())) {}
ContactBook::ContactBook(Repository& repository)
    : impl_(std::make_unique<Impl>(repository.connection())) {}
ContactBook::~ContactBook() = default;

base::Result<PutOutcome> ContactBook::put(const routing::Contact& contact, base::WallTime now) {
    return impl_->guarded("store a contact", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        const PutOutcome outcome = write_contact(impl_->connection, contact, now);
        scope.commit();
        return outcome;
    });
}

base::Result<routing::Contact> ContactBook::contact(
    std::string_view tenant, base::PhoneNumber number
) {
    return impl_->guarded("read a contact", [&]() -> base::Result<routing::Contact> {
        Query query(
            impl_->connection,
            "SELECT tenant, phone, name, tier, attributes, engaged_at FROM contact"
            " WHERE tenant = ? AND phone = ?"
        );
        if (!query.bind(tenant, number).next()) {
            return none_such("contact");
        }
        return take_contact(impl_->connection, query);
    });
}

base::Result<std::vector<routing::Contact>> ContactBook::contacts(
    std::string_view tenant, const IdPage& page
) {
    using Found = base::Result<std::vector<routing::Contact>>;
    return impl_->guarded("list contacts", [&]() -> Found {
        Query query(
            impl_->connection,
            "SELECT tenant, phone, name, tier, attributes, engaged_at FROM contact"
            " WHERE tenant = ? AND phone > ? ORDER BY phone LIMIT ?"
        );
        query.bind(tenant, page.after, page.limit);
        std::vector<routing::Contact> found;
        while (query.next()) {
            found.push_back(take_contact(impl_->connection, query));
        }
        return found;
    });
}

base::Result<void> ContactBook::remove(
    std::string_view tenant, base::PhoneNumber number, base::WallTime now
) {
    return impl_->guarded("delete a contact", [&]() -> base::Result<void> {
        Connection& connection = impl_->connection;
        WriteScope scope(connection);
        Query contact(connection, "DELETE FROM contact WHERE tenant = ? AND phone = ?");
        if (contact.bind(tenant, number).run() == 0) {
            return none_such("contact");
        }
        for (const char* sql :
             {"DELETE FROM contact_fact WHERE tenant = ? AND phone = ?",
              "DELETE FROM contact_summary WHERE tenant = ? AND phone = ?"}) {
            Query(connection, sql).bind(tenant, number).run();
        }
        Query active(
            connection,
            "SELECT id FROM follow_up INDEXED BY follow_up_active"
            " WHERE tenant = ? AND phone = ? AND status = 0"
        );
        active.bind(tenant, number);
        for (const auto& follow_up : read_all(connection, active, read_follow_up)) {
            cancel_follow_up(connection, follow_up.id, "contact_removed", now);
        }
        scope.commit();
        return {};
    });
}

base::Result<AddedFollowUp> ContactBook::add(
    const routing::FollowUp& follow_up, base::WallTime now
) {
    return impl_->guarded("add a follow-up", [&]() -> base::Result<AddedFollowUp> {
        WriteScope scope(impl_->connection);
        if (base::Result<void> known = check_follow_up(impl_->connection, follow_up); !known) {
            return known.error();
        }
        const AddedFollowUp added = write_follow_up(impl_->connection, follow_up, now);
        scope.commit();
        return added;
    });
}

base::Result<routing::FollowUp> ContactBook::follow_up(campaign::FollowUpId id) {
    return impl_->guarded("read a follow-up", [&]() -> base::Result<routing::FollowUp> {
        std::optional<routing::FollowUp> found = read_follow_up(impl_->connection, id.raw());
        return found ? base::Result<routing::FollowUp>(*std::move(found)) : none_such("follow-up");
    });
}

base::Result<std::vector<routing::FollowUp>> ContactBook::follow_ups(
    const FollowUpFilter& filter, const IdPage& page
) {
    using Found = base::Result<std::vector<routing::FollowUp>>;
    return impl_->guarded("list follow-ups", [&]() -> Found {
        return list_follow_ups(impl_->connection, filter, page);
    });
}

base::Result<void> ContactBook::cancel(
    campaign::FollowUpId id, std::string_view reason, base::WallTime now
) {
    return impl_->guarded("cancel a follow-up", [&]() -> base::Result<void> {
        WriteScope scope(impl_->connection);
        const std::optional<routing::FollowUp> known = read_follow_up(impl_->connection, id.raw());
        if (!known) {
            return none_such("follow-up");
        }
        if (known->status != routing::FollowUpStatus::active) {
            return base::Error{
                base::Errc::conflict,
                "the follow-up is closed: " + std::string(to_string(known->status))};
        }
        cancel_follow_up(impl_->connection, id, reason, now);
        scope.commit();
        return {};
    });
}

}  // namespace cxdial::storage
