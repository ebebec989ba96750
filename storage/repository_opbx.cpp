#include "base/log.h"
#include "storage/internal/queries.h"
#include "storage/internal/references.h"
#include "storage/internal/repository_impl.h"
#include "storage/repository.h"

#include <set>
#include <string>

namespace cxdial::storage {
namespace {

using campaign::DestinationStatus;
using campaign::WaitReason;

/// A row as we have it.
struct KnownRow {
    campaign::DestinationId id;
    DestinationStatus status = DestinationStatus::pending;
    int attempts = 0;
    std::optional<std::int64_t> external_id;

    [[nodiscard]] bool is_untried() const {
        return status == DestinationStatus::pending && attempts == 0;
    }
};

/// Takes what OPBX offers, row by row; prepared for all of them.
class OfferTaker {
public:
    OfferTaker(Connection& connection, campaign::CampaignId campaign)
        : connection_(connection),
          campaign_(campaign),
          by_external_id_(
              connection,
              "SELECT id, status, attempts, external_id, phone FROM destination"
              " WHERE campaign_id = ? AND external_id = ?"
          ),
          by_phone_(
              connection,
              "SELECT id, status, attempts, external_id, phone FROM destination"
              " WHERE campaign_id = ? AND phone = ?"
          ),
          rename_(connection, "UPDATE destination SET external_id = ? WHERE id = ?"),
          open_(
              connection,
              "UPDATE destination SET status = 0, attempts = 0, next_at = 0, waiting = 0, wait = 0,"
              " external_id = ? WHERE id = ?"
          ),
          suppressed_(connection, is_suppressed_query),
          insert_(
              connection,
              "INSERT INTO destination (campaign_id, phone, status, priority, next_at, waiting,"
              " wait, name, timezone, metadata, attempts, external_id)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?)"
          ) {}

    /// Whether there is more to dial than before.
    bool take(const OfferedDestination& offered) {
        if (const auto known = find(by_external_id_, offered.id.raw(), offered.row.phone_number)) {
            return offered.is_reset && open_anew(*known, offered);
        }
        by_phone_.again().bind(campaign_, offered.row.phone_number);
        if (by_phone_.next()) {
            return take_renamed(take_row(by_phone_), offered);
        }
        insert(offered);
        return true;
    }

private:
    static KnownRow take_row(Query& row) {
        KnownRow known{.id = row.take_id<campaign::DestinationId>(), .external_id = {}};
        known.status = row.take_enum<DestinationStatus>();
        known.attempts = row.take_int();
        known.external_id = row.take_optional_integer();
        return known;
    }

    /// The row of that id, when it still is of that number: OPBX's ids may begin anew.
    std::optional<KnownRow> find(Query& query, std::int64_t external_id, base::PhoneNumber number) {
        if (!query.again().bind(campaign_, external_id).next()) {
            return std::nullopt;
        }
        const KnownRow known = take_row(query);
        if (query.take_phone() == number) {
            return known;
        }
        rename_.again().bind(std::nullopt, known.id).run();
        return std::nullopt;
    }

    /// The number is known under another id, or none.
    bool take_renamed(const KnownRow& known, const OfferedDestination& offered) {
        if (known.external_id && *known.external_id > offered.id.raw()) {
            return false;  // an older row of a number that the list has twice
        }
        if (known.is_untried()) {
            rename_.again().bind(offered.id, known.id).run();
            return false;
        }
        return open_anew(known, offered);
    }

    bool open_anew(const KnownRow& known, const OfferedDestination& offered) {
        if (!is_terminal(known.status)) {
            return false;
        }
        open_.again().bind(offered.id, known.id).run();
        return true;
    }

    void insert(const OfferedDestination& offered) {
        const campaign::NewDestination& row = offered.row;
        const bool is_suppressed =
            suppressed_.again().bind(row.phone_number).next() && suppressed_.take_int() != 0;
        const bool waits = row.not_before.has_value() && !is_suppressed;
        DestinationStatus status =
            offered.attempts > 0 ? DestinationStatus::retry_pending : DestinationStatus::pending;
        status = is_suppressed ? DestinationStatus::suppressed : status;
        const WaitReason wait = waits ? WaitReason::retry : WaitReason::none;
        insert_.again().bind(campaign_, row.phone_number, status, row.priority);
        insert_.bind(row.not_before.value_or(base::WallTime{}), waits, wait, row.name);
        insert_.bind(row.metadata, offered.attempts, offered.id);
        insert_.run();
        count_added(connection_, campaign_, status, wait, 1);
    }

    Connection& connection_;
    campaign::CampaignId campaign_;
    Query by_external_id_;
    Query by_phone_;
    Query rename_;
    Query open_;
    Query suppressed_;
    Query insert_;
};

/// Sorts the rows for which no attempt was ever made into those still offered and the others.
void sort_untried(
    Connection& connection,
    campaign::CampaignId id,
    const std::set<std::int64_t>& offered,
    TakenOffer& taken
) {
    Query untried(
        connection,
        "SELECT id, external_id FROM destination WHERE campaign_id = ?1 AND status = 0"
        " AND waiting = 0 AND attempts = 0"
        " AND NOT EXISTS (SELECT 1 FROM attempt WHERE destination_id = destination.id)"
        " UNION ALL SELECT id, external_id FROM destination WHERE campaign_id = ?1 AND status = 1"
        " AND attempts = 0"
        " AND NOT EXISTS (SELECT 1 FROM attempt WHERE destination_id = destination.id)"
    );
    untried.bind(id);
    while (untried.next()) {
        const auto row = untried.take_id<campaign::DestinationId>();
        if (offered.contains(untried.take_optional_integer().value_or(0))) {
            ++taken.untried;
        } else {
            taken.withdrawn.push_back(row);
        }
    }
}

}  // namespace

base::Result<std::vector<campaign::StoredCampaign>> Repository::external_campaigns() {
    using Found = base::Result<std::vector<campaign::StoredCampaign>>;
    return impl_->guarded("list OPBX's campaigns", [&]() -> Found {
        Query query(
            impl_->connection, "SELECT id FROM campaign WHERE external_id IS NOT NULL ORDER BY id"
        );
        std::vector<campaign::StoredCampaign> found;
        while (query.next()) {
            if (auto stored = impl_->resources.campaign(query.take_id<campaign::CampaignId>())) {
                found.push_back(*std::move(stored));
            }
        }
        return found;
    });
}

base::Result<PutOutcome> Repository::put_external(
    const campaign::Campaign& campaign,
    campaign::OpbxCampaignId external_id,
    std::string_view reason,
    base::WallTime now
) {
    return impl_->guarded("store a campaign of OPBX", [&]() -> base::Result<PutOutcome> {
        WriteScope scope(impl_->connection);
        const auto known = impl_->resources.campaign(campaign.tenant, campaign.name);
        if (known && !known->external_id) {
            return base::Error{
                base::Errc::conflict,
                "there is a campaign \"" + campaign.name + "\" that is not OPBX's: delete it"};
        }
        if (base::Result<void> sound = check_references(impl_->connection, campaign); !sound) {
            return sound.error();
        }
        const PutOutcome outcome = put_campaign(impl_->connection, campaign, now);
        if (outcome == PutOutcome::created) {
            Query(
                impl_->connection,
                "UPDATE campaign SET external_id = ?, status = 2, status_reason = ?"
                " WHERE tenant = ? AND name = ?"
            )
                .bind(external_id, reason, campaign.tenant, campaign.name)
                .run();
        }
        scope.commit();
        return outcome;
    });
}

base::Result<void> Repository::set_pause_reason(campaign::CampaignId id, std::string_view reason) {
    return impl_->guarded("say why a campaign is paused", [&]() -> base::Result<void> {
        Query(
            impl_->connection, "UPDATE campaign SET status_reason = ? WHERE id = ? AND status = 2"
        )
            .bind(reason, id)
            .run();
        return {};
    });
}

base::Result<TakenOffer> Repository::take_offer(
    campaign::CampaignId id, std::span<const OfferedDestination> rows, bool is_whole
) {
    return impl_->guarded("take what OPBX offers", [&]() -> base::Result<TakenOffer> {
        WriteScope scope(impl_->connection);
        TakenOffer taken;
        std::set<std::int64_t> offered;
        {
            OfferTaker taker(impl_->connection, id);
            for (const OfferedDestination& row : rows) {
                taken.imported += taker.take(row) ? 1 : 0;
                offered.insert(row.id.raw());
            }
        }
        sort_untried(impl_->connection, id, offered, taken);
        if (!is_whole) {
            taken.withdrawn.clear();
        }
        scope.commit();
        return taken;
    });
}

}  // namespace cxdial::storage
