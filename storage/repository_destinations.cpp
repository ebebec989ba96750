#include "storage/internal/queries.h"
#include "storage/internal/repository_impl.h"
#include "storage/internal/rows.h"
#include "storage/repository.h"

#include <string>

namespace cxdial::storage {
namespace {

/// `id, campaign_id, phone, status, priority, attempts, next_at, wait, last_disposition, name,
/// timezone, metadata`
DestinationRecord take_destination(Query& row) {
    return {
        .id = row.take_id<campaign::DestinationId>(),
        .campaign = row.take_id<campaign::CampaignId>(),
        .phone_number = row.take_phone(),
        .status = row.take_enum<campaign::DestinationStatus>(),
        .priority = row.take_int(),
        .attempts = row.take_int(),
        .next_at = row.take_optional_time(),
        .wait = row.take_enum<campaign::WaitReason>(),
        .last_disposition = take_disposition(row),
        .name = row.take_text(),
        .timezone = row.take_text(),
        .metadata = row.take_text(),
    };
}

base::Result<AttemptRecord> found_or_none(std::optional<AttemptRecord> attempt) {
    if (!attempt) {
        return base::Error{base::Errc::not_found, "there is no such attempt"};
    }
    return *std::move(attempt);
}

base::Result<void> must_take_destinations(Connection& connection, campaign::CampaignId id) {
    if (base::Result<void> ours = must_be_ours(connection, id); !ours) {
        return ours;
    }
    Query found(connection, "SELECT status FROM campaign WHERE id = ?");
    if (!found.bind(id).next()) {
        return base::Error{base::Errc::not_found, "there is no such campaign"};
    }
    if (found.take_enum<campaign::CampaignStatus>() == campaign::CampaignStatus::archived) {
        return base::Error{
            base::Errc::conflict, "the campaign is archived: it takes no destinations"};
    }
    return {};
}

/// Writes one batch; prepared for all of its rows.
class DestinationWriter {
public:
    DestinationWriter(Connection& connection, campaign::CampaignId campaign)
        : campaign_(campaign),
          look_up_(connection, is_suppressed_query),
          insert_(
              connection,
              "INSERT INTO destination (campaign_id, phone, status, priority, next_at, waiting,"
              " wait, name, timezone, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (campaign_id, phone) DO NOTHING"
          ) {}

    void add(const campaign::NewDestination& row, AddedDestinations& added) {
        using enum campaign::DestinationStatus;
        const bool is_suppressed =
            look_up_.again().bind(row.phone_number).next() && look_up_.take_int() != 0;
        const bool waits = row.not_before && *row.not_before > base::WallTime{};
        insert_.again().bind(campaign_, row.phone_number, is_suppressed ? suppressed : pending);
        insert_.bind(row.priority, row.not_before.value_or(base::WallTime{}), waits);
        insert_.bind(
            waits && !is_suppressed ? campaign::WaitReason::not_before : campaign::WaitReason::none
        );
        insert_.bind(row.name, row.timezone, row.metadata);
        if (insert_.run() == 0) {
            ++added.duplicates;
        } else {
            ++(is_suppressed ? added.suppressed : added.imported);
            waiting_ += waits && !is_suppressed ? 1 : 0;
        }
    }

    /// How many of those imported may not be dialed before a certain time.
    [[nodiscard]] std::int64_t waiting() const { return waiting_; }

private:
    campaign::CampaignId campaign_;
    Query look_up_;
    Query insert_;
    std::int64_t waiting_ = 0;
};

void count_attempts(
    CampaignStatistics& statistics,
    campaign::AttemptStatus status,
    std::string_view disposition,
    std::int64_t number
) {
    using enum campaign::AttemptStatus;
    if (!campaign::is_terminal(status)) {
        statistics.active_calls += number;
    }
    if (status == in_doubt) {
        statistics.in_doubt_calls += number;
    }
    if (status == placed || status == ringing || status == answered || status == ended) {
        statistics.placed_calls += number;
    }
    if (const auto known = campaign::parse_disposition(disposition)) {
        statistics.dispositions[*known] += number;
    }
}

}  // namespace

void count_added(
    Connection& connection,
    campaign::CampaignId id,
    campaign::DestinationStatus status,
    campaign::WaitReason wait,
    std::int64_t number
) {
    Query(
        connection,
        "INSERT INTO destination_count (campaign_id, status, wait, number) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET number = number + excluded.number"
    )
        .bind(id, status, wait, number)
        .run();
}

base::Result<AddedDestinations> Repository::add_destinations(
    campaign::CampaignId id, std::span<const campaign::NewDestination> batch
) {
    return impl_->guarded("add destinations", [&]() -> base::Result<AddedDestinations> {
        WriteScope scope(impl_->connection);
        if (base::Result<void> ready = must_take_destinations(impl_->connection, id); !ready) {
            return ready.error();
        }
        AddedDestinations added;
        std::int64_t waiting = 0;
        {
            DestinationWriter writer(impl_->connection, id);
            for (const campaign::NewDestination& row : batch) {
                writer.add(row, added);
            }
            waiting = writer.waiting();
        }
        using enum campaign::DestinationStatus;
        using enum campaign::WaitReason;
        count_added(impl_->connection, id, pending, none, added.imported - waiting);
        count_added(impl_->connection, id, pending, not_before, waiting);
        count_added(impl_->connection, id, suppressed, none, added.suppressed);
        scope.commit();
        return added;
    });
}

base::Result<DestinationRecord> Repository::destination(
    campaign::CampaignId id, base::PhoneNumber number
) {
    return impl_->guarded("read a destination", [&]() -> base::Result<DestinationRecord> {
        Query query(
            impl_->connection,
            "SELECT id, campaign_id, phone, status, priority, attempts, nullif(next_at, 0), wait,"
            " last_disposition, name, timezone, metadata FROM destination"
            " WHERE campaign_id = ? AND phone = ?"
        );
        if (!query.bind(id, number).next()) {
            return base::Error{base::Errc::not_found, "the campaign has no such destination"};
        }
        return take_destination(query);
    });
}

base::Result<std::vector<DestinationRecord>> Repository::destinations(
    campaign::CampaignId id, const IdPage& page
) {
    using Found = base::Result<std::vector<DestinationRecord>>;
    return impl_->guarded("list destinations", [&]() -> Found {
        Query query(
            impl_->connection,
            "SELECT id, campaign_id, phone, status, priority, attempts, nullif(next_at, 0), wait,"
            " last_disposition, name, timezone, metadata FROM destination"
            " WHERE campaign_id = ? AND phone > ? ORDER BY phone LIMIT ?"
        );
        query.bind(id, page.after, page.limit);
        return take_all(query, take_destination);
    });
}

base::Result<CampaignStatistics> Repository::statistics(campaign::CampaignId id) {
    return impl_->guarded("read statistics", [&]() -> base::Result<CampaignStatistics> {
        CampaignStatistics statistics;
        Query destinations(
            impl_->connection,
            "SELECT status, wait, number FROM destination_count"
            " WHERE campaign_id = ? AND number > 0"
        );
        destinations.bind(id);
        while (destinations.next()) {
            const auto status = destinations.take_enum<campaign::DestinationStatus>();
            const auto wait = destinations.take_enum<campaign::WaitReason>();
            const std::int64_t number = destinations.take_integer();
            statistics.destinations[status] += number;
            if (wait != campaign::WaitReason::none && !is_terminal(status)) {
                statistics.waiting[wait] += number;
            }
        }
        Query attempts(
            impl_->connection,
            "SELECT status, disposition, number FROM attempt_count"
            " WHERE campaign_id = ? AND number > 0"
        );
        attempts.bind(id);
        while (attempts.next()) {
            const auto status = attempts.take_enum<campaign::AttemptStatus>();
            const std::string disposition = attempts.take_text();
            count_attempts(statistics, status, disposition, attempts.take_integer());
        }
        return statistics;
    });
}

base::Result<dialer::Hold> Repository::hold(campaign::CampaignId id) {
    return impl_->guarded("read why a campaign is held", [&]() -> base::Result<dialer::Hold> {
        Query query(
            impl_->connection, "SELECT reason, until FROM campaign_hold WHERE campaign_id = ?"
        );
        dialer::Hold hold;
        if (query.bind(id).next()) {
            hold.reason = query.take_enum<dialer::HoldReason>();
            hold.until = query.take_optional_time();
        }
        return hold;
    });
}

base::Result<AttemptRecord> Repository::attempt(campaign::AttemptId id) {
    return impl_->guarded("read an attempt", [&] {
        return found_or_none(read_attempt(impl_->connection, id.raw()));
    });
}

base::Result<AttemptRecord> Repository::attempt(const campaign::SessionToken& token) {
    return impl_->guarded("read an attempt", [&]() -> base::Result<AttemptRecord> {
        Query id(impl_->connection, "SELECT id FROM attempt WHERE token = ?");
        return found_or_none(
            id.bind(token).next() ? read_attempt(impl_->connection, id.take_integer())
                                  : std::nullopt
        );
    });
}

base::Result<std::vector<AttemptRecord>> Repository::attempts(
    campaign::CampaignId id, const IdPage& page
) {
    return impl_->guarded("list attempts", [&]() -> base::Result<std::vector<AttemptRecord>> {
        Query ids(
            impl_->connection,
            "SELECT id FROM attempt INDEXED BY attempt_campaign"
            " WHERE campaign_id = ? AND id > ? ORDER BY id LIMIT ?"
        );
        ids.bind(id, page.after, page.limit);
        return read_all(impl_->connection, ids, read_attempt);
    });
}

base::Result<std::vector<AttemptRecord>> Repository::attempts(campaign::DestinationId id) {
    return impl_->guarded("list attempts", [&]() -> base::Result<std::vector<AttemptRecord>> {
        Query ids(
            impl_->connection,
            "SELECT id FROM attempt INDEXED BY attempt_destination"
            " WHERE destination_id = ? ORDER BY id"
        );
        ids.bind(id);
        return read_all(impl_->connection, ids, read_attempt);
    });
}

}  // namespace cxdial::storage
