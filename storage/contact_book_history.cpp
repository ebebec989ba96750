#include "storage/contact_book.h"
#include "storage/internal/contact_book_impl.h"
#include "storage/internal/references.h"
#include "storage/internal/rows.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace cxdial::storage {
namespace {

base::Error no_call(std::string_view call_sid) {
    return no_such("call", call_sid);
}

std::int64_t upper_end(const NewestPage& page) {
    return page.before == 0 ? std::numeric_limits<std::int64_t>::max() : page.before;
}

std::vector<DecisionRecord> list_decisions(
    Connection& connection, const DecisionFilter& filter, const NewestPage& page
) {
    if (filter.phone_number) {
        Query of_caller(
            connection,
            "SELECT id FROM decision INDEXED BY decision_phone WHERE phone = ?1 AND tenant = ?2"
            " AND id < ?3 AND (?4 IS NULL OR campaign_id = ?4) ORDER BY id DESC LIMIT ?5"
        );
        of_caller.bind(
            *filter.phone_number, filter.tenant, upper_end(page), filter.campaign, page.limit
        );
        return read_all(connection, of_caller, read_decision);
    }
    if (filter.campaign) {
        Query of_campaign(
            connection,
            "SELECT id FROM decision INDEXED BY decision_campaign WHERE campaign_id = ?"
            " AND id < ? ORDER BY id DESC LIMIT ?"
        );
        of_campaign.bind(*filter.campaign, upper_end(page), page.limit);
        return read_all(connection, of_campaign, read_decision);
    }
    Query of_tenant(
        connection, "SELECT id FROM decision WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?"
    );
    of_tenant.bind(filter.tenant, upper_end(page), page.limit);
    return read_all(connection, of_tenant, read_decision);
}

base::WallTime time_of(const AttemptRecord& attempt) {
    return attempt.intent_at;
}
base::WallTime time_of(const VoiceSessionRecord& session) {
    return session.started_at;
}
base::WallTime time_of(const DecisionRecord& decision) {
    return decision.decided_at;
}
base::WallTime time_of(const ContactEventRecord& event) {
    return event.at;
}
base::WallTime time_of(const routing::FollowUp& follow_up) {
    return follow_up.activated_at;
}

/// Gathers what happened with one number of one tenant, each kind by an index of its own.
class TimelineReader {
public:
    TimelineReader(Connection& connection, std::string_view tenant, base::PhoneNumber number)
        : connection_(connection), tenant_(tenant), number_(number) {}

    std::vector<TimelineEntry> newest(int limit) {
        limit_ = limit;
        gather(
            "SELECT attempt.id FROM attempt INDEXED BY attempt_phone CROSS JOIN campaign"
            " WHERE attempt.phone = ? AND campaign.id = attempt.campaign_id"
            " AND campaign.tenant = ? ORDER BY attempt.intent_at DESC LIMIT ?",
            read_attempt
        );
        gather(
            "SELECT id FROM voice_session INDEXED BY voice_session_phone WHERE phone = ?"
            " AND tenant = ? ORDER BY started_at DESC LIMIT ?",
            read_voice_session
        );
        gather(
            "SELECT id FROM decision INDEXED BY decision_phone WHERE phone = ? AND tenant = ?"
            " ORDER BY decided_at DESC LIMIT ?",
            read_decision
        );
        gather(
            "SELECT id FROM contact_event INDEXED BY contact_event_phone WHERE phone = ?"
            " AND tenant = ? ORDER BY at DESC LIMIT ?",
            read_contact_event
        );
        gather(
            "SELECT id FROM follow_up INDEXED BY follow_up_phone WHERE phone = ? AND tenant = ?"
            " ORDER BY id DESC LIMIT ?",
            read_follow_up
        );
        std::stable_sort(entries_.begin(), entries_.end(), [](const auto& one, const auto& other) {
            return one.at > other.at;
        });
        const auto wanted = std::min(entries_.size(), static_cast<std::size_t>(limit));
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(wanted), entries_.end());
        return std::move(entries_);
    }

private:
    template <class Record>
    void gather(
        const char* sql, std::optional<Record> (*read)(Connection& connection, std::int64_t id)
    ) {
        Query ids(connection_, sql);
        ids.bind(number_, tenant_, limit_);
        for (Record& record : read_all(connection_, ids, read)) {
            const base::WallTime at = time_of(record);
            entries_.push_back({at, std::move(record)});
        }
    }

    Connection& connection_;
    std::string_view tenant_;
    base::PhoneNumber number_;
    int limit_ = 0;
    std::vector<TimelineEntry> entries_;
};

}  // namespace

base::Result<routing::ContactMemory> ContactBook::memory(
    std::string_view tenant, base::PhoneNumber number
) {
    return impl_->guarded("read what is remembered", [&]() -> base::Result<routing::ContactMemory> {
        return read_memory(impl_->connection, tenant, number);
    });
}

base::Result<void> ContactBook::set_facts(
    const MemoryOwner& owner, const std::map<std::string, std::string>& facts, base::WallTime now
) {
    return impl_->guarded("remember facts", [&]() -> base::Result<void> {
        WriteScope scope(impl_->connection);
        base::Result<void> known =
            must_have_agent(impl_->connection, owner.tenant, owner.agent, "agent");
        if (!known) {
            return known;
        }
        Query query(
            impl_->connection,
            "INSERT INTO contact_fact (tenant, phone, agent, key, value, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value,"
            " updated_at = excluded.updated_at"
        );
        for (const auto& [key, value] : facts) {
            query.again().bind(owner.tenant, owner.phone_number, owner.agent, key, value, now);
            query.run();
        }
        scope.commit();
        return known;
    });
}

base::Result<std::int64_t> ContactBook::forget_facts(
    const MemoryOwner& owner, std::span<const std::string> keys
) {
    return impl_->guarded("forget facts", [&]() -> base::Result<std::int64_t> {
        WriteScope scope(impl_->connection);
        Query query(
            impl_->connection,
            "DELETE FROM contact_fact WHERE tenant = ? AND phone = ? AND agent = ? AND key = ?"
        );
        std::int64_t gone = 0;
        for (const std::string& key : keys) {
            query.again().bind(owner.tenant, owner.phone_number, owner.agent, key);
            gone += query.run();
        }
        scope.commit();
        return gone;
    });
}

base::Result<void> ContactBook::set_summary(
    const MemoryOwner& owner, std::string_view summary, base::WallTime now
) {
    return impl_->guarded("remember a summary", [&]() -> base::Result<void> {
        WriteScope scope(impl_->connection);
        base::Result<void> known =
            summary.empty()
                ? base::Result<void>()
                : must_have_agent(impl_->connection, owner.tenant, owner.agent, "agent");
        if (!known) {
            return known;
        }
        Query(
            impl_->connection,
            "DELETE FROM contact_summary WHERE tenant = ? AND phone = ? AND agent = ?"
        )
            .bind(owner.tenant, owner.phone_number, owner.agent)
            .run();
        if (!summary.empty()) {
            Query(impl_->connection, "INSERT INTO contact_summary VALUES (?, ?, ?, ?, ?)")
                .bind(owner.tenant, owner.phone_number, owner.agent, summary, now)
                .run();
        }
        scope.commit();
        return known;
    });
}

base::Result<DecisionRecord> ContactBook::decision(campaign::DecisionId id) {
    return impl_->guarded("read a decision", [&]() -> base::Result<DecisionRecord> {
        std::optional<DecisionRecord> found = read_decision(impl_->connection, id.raw());
        return found ? base::Result<DecisionRecord>(*std::move(found))
                     : no_such("decision", std::to_string(id.raw()));
    });
}

base::Result<DecisionRecord> ContactBook::decision(std::string_view call_sid) {
    return impl_->guarded("read a decision", [&]() -> base::Result<DecisionRecord> {
        Query id(impl_->connection, "SELECT id FROM decision WHERE call_sid = ?");
        if (!id.bind(call_sid).next()) {
            return no_call(call_sid);
        }
        return read_decision(impl_->connection, id.take_integer()).value();
    });
}

base::Result<std::vector<DecisionRecord>> ContactBook::decisions(
    const DecisionFilter& filter, const NewestPage& page
) {
    using Found = base::Result<std::vector<DecisionRecord>>;
    return impl_->guarded("list decisions", [&]() -> Found {
        return list_decisions(impl_->connection, filter, page);
    });
}

base::Result<VoiceSessionRecord> ContactBook::voice_session(std::string_view call_sid) {
    return impl_->guarded("read a call", [&]() -> base::Result<VoiceSessionRecord> {
        Query id(impl_->connection, "SELECT id FROM voice_session WHERE call_sid = ?");
        if (!id.bind(call_sid).next()) {
            return no_call(call_sid);
        }
        return read_voice_session(impl_->connection, id.take_integer()).value();
    });
}

base::Result<std::vector<TimelineEntry>> ContactBook::timeline(
    std::string_view tenant, base::PhoneNumber number, int limit
) {
    using Found = base::Result<std::vector<TimelineEntry>>;
    return impl_->guarded("read what happened", [&]() -> Found {
        return TimelineReader(impl_->connection, tenant, number).newest(limit);
    });
}

base::Result<std::map<routing::Layer, std::int64_t>> ContactBook::inbound_returns(
    campaign::CampaignId id
) {
    using Counted = base::Result<std::map<routing::Layer, std::int64_t>>;
    return impl_->guarded("count who called back", [&]() -> Counted {
        Query query(
            impl_->connection,
            "SELECT reason, count(*) FROM decision INDEXED BY decision_campaign"
            " WHERE campaign_id = ? GROUP BY reason"
        );
        query.bind(id);
        std::map<routing::Layer, std::int64_t> counted;
        while (query.next()) {
            if (const auto layer = routing::parse_layer(query.take_text())) {
                counted.emplace(*layer, query.take_integer());
            }
        }
        return counted;
    });
}

}  // namespace cxdial::storage
