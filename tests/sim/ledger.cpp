#include "ledger.h"

#include "storage/database.h"
#include "storage/repository.h"

#include "world.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <array>
#include <utility>

namespace cxdial::sim {

namespace {

// The last column holds every other one.
const std::string select_attempts =
    "SELECT id, campaign_id, destination_id, phone, status, ifnull(disposition, ''), balancer,"
    " assistant, campaign_revision, intent_at, domain || '|' || caller_id || '|' ||"
    " ifnull(token, '') || '|' || detail || '|' || answered_by || '|' || give_up_at || '|' ||"
    " ifnull(placed_at, '') || '|' || ifnull(answered_at, '') || '|' || ifnull(ended_at, '') ||"
    " '|' || ifnull(duration, '') || '|' || ifnull(billsec, '') FROM attempt";

}  // namespace

struct Ledger::Impl {
    explicit Impl(const std::string& path, storage::Database opened)
        : writer(std::move(opened)), repository(writer), database(path, SQLite::OPEN_READONLY) {}

    storage::Database writer;
    storage::Repository repository;
    SQLite::Database database;
    SQLite::Statement version{database, "PRAGMA data_version"};
    SQLite::Statement all_attempts{database, select_attempts + " ORDER BY id"};
    SQLite::Statement one_attempt{database, select_attempts + " WHERE id = ?"};
    SQLite::Statement live_attempts{database, select_attempts + " WHERE status <= 4"};
    SQLite::Statement all_destinations{
        database,
        "SELECT id, campaign_id, status, attempts, next_at, ifnull(last_disposition, ''), wait"
        " FROM destination ORDER BY id"};
    SQLite::Statement dialed{
        database,
        "SELECT count(*) FROM attempt WHERE phone = ? AND intent_at <= ? AND intent_at > ?"
        " AND status NOT IN (6, 7)"};
    SQLite::Statement live_inbound{
        database, "SELECT call_sid, agent FROM voice_session WHERE live = 1 ORDER BY id"};
    SQLite::Statement open_destination{
        database,
        "SELECT d.id, d.campaign_id FROM destination d JOIN campaign c ON c.id = d.campaign_id"
        " WHERE d.phone = ? AND d.status <= 4 AND c.status = 1 ORDER BY d.id DESC LIMIT 1"};
    SQLite::Statement status_of{database, "SELECT status FROM destination WHERE id = ?"};
    std::int64_t seen_version = -1;
    std::set<campaign::CampaignId> lent;
    std::int64_t external_ids = 0;  ///< given so far
};

namespace {

AttemptRow attempt_row(SQLite::Statement& query) {
    return {
        .campaign = campaign::CampaignId{query.getColumn(1).getInt64()},
        .destination = campaign::DestinationId{query.getColumn(2).getInt64()},
        .phone = query.getColumn(3).getInt64(),
        .balancer = query.getColumn(6).getString(),
        .assistant = query.getColumn(7).getString(),
        .revision = query.getColumn(8).getInt64(),
        .intent_at = query.getColumn(9).getInt64(),
        .status = static_cast<campaign::AttemptStatus>(query.getColumn(4).getInt()),
        .disposition = query.getColumn(5).getString(),
        .rest = query.getColumn(10).getString(),
    };
}

std::map<campaign::AttemptId, AttemptRow> attempt_rows(SQLite::Statement& query) {
    query.reset();
    std::map<campaign::AttemptId, AttemptRow> rows;
    while (query.executeStep()) {
        rows.emplace_hint(
            rows.end(), campaign::AttemptId{query.getColumn(0).getInt64()}, attempt_row(query)
        );
    }
    query.reset();
    return rows;
}

}  // namespace

Ledger::Ledger(const std::string& path, std::uint64_t instance_seed) {
    base::Result<storage::Database> opened =
        storage::Database::open(path, {.lock = false, .instance_seed = instance_seed});
    must(opened.has_value(), [&] { return opened.error().detail; });
    impl_ = std::make_unique<Impl>(path, std::move(opened).value());
}
Ledger::~Ledger() = default;

bool Ledger::changed() {
    SQLite::Statement& query = impl_->version;
    query.reset();
    query.executeStep();
    const std::int64_t version = query.getColumn(0).getInt64();
    query.reset();
    return std::exchange(impl_->seen_version, version) != version;
}

std::map<campaign::AttemptId, AttemptRow> Ledger::attempts() {
    return attempt_rows(impl_->all_attempts);
}

std::map<campaign::AttemptId, AttemptRow> Ledger::live_attempts() {
    return attempt_rows(impl_->live_attempts);
}

std::optional<AttemptRow> Ledger::attempt(campaign::AttemptId id) {
    SQLite::Statement& query = impl_->one_attempt;
    query.reset();
    query.bind(1, id.raw());
    std::optional<AttemptRow> row;
    if (query.executeStep()) {
        row = attempt_row(query);
    }
    query.reset();
    return row;
}

int Ledger::dialed(std::int64_t phone, std::int64_t at, base::Millis window) {
    SQLite::Statement& query = impl_->dialed;
    query.reset();
    query.bind(1, phone);
    query.bind(2, at);
    query.bind(3, at - window.count());
    query.executeStep();
    const int number = query.getColumn(0).getInt();
    query.reset();
    return number;
}

std::string Ledger::zone_of(campaign::DestinationId id) {
    SQLite::Statement query(impl_->database, "SELECT timezone FROM destination WHERE id = ?");
    query.bind(1, id.raw());
    query.executeStep();
    return query.getColumn(0).getString();
}

std::optional<std::pair<campaign::DestinationId, campaign::CampaignId>> Ledger::open_destination(
    base::PhoneNumber number
) {
    SQLite::Statement& query = impl_->open_destination;
    query.reset();
    query.bind(1, static_cast<std::int64_t>(number.digits()));
    std::optional<std::pair<campaign::DestinationId, campaign::CampaignId>> found;
    if (query.executeStep()) {
        found.emplace(query.getColumn(0).getInt64(), query.getColumn(1).getInt64());
    }
    query.reset();
    return found;
}

campaign::DestinationStatus Ledger::status_of(campaign::DestinationId id) {
    SQLite::Statement& query = impl_->status_of;
    query.reset();
    query.bind(1, id.raw());
    query.executeStep();
    const auto status = static_cast<campaign::DestinationStatus>(query.getColumn(0).getInt());
    query.reset();
    return status;
}

std::map<std::string, std::string> Ledger::live_inbound() {
    SQLite::Statement& query = impl_->live_inbound;
    query.reset();
    std::map<std::string, std::string> agents;
    while (query.executeStep()) {
        agents.emplace(query.getColumn(0).getString(), query.getColumn(1).getString());
    }
    query.reset();
    return agents;
}

std::string Ledger::done_twice() {
    SQLite::Statement query(
        impl_->database,
        "SELECT kind || ' of destination ' || destination_id FROM contact_event"
        " WHERE kind = 'contacted_inbound' GROUP BY destination_id HAVING count(*) > 1 UNION ALL"
        " SELECT kind || ' by session ' || voice_session_id FROM contact_event"
        " WHERE kind = 'engaged' AND voice_session_id IS NOT NULL"
        " GROUP BY voice_session_id HAVING count(*) > 1"
    );
    return query.executeStep() ? query.getColumn(0).getString() : "";
}

int Ledger::untold_ends() {
    SQLite::Statement query(
        impl_->database,
        "SELECT count(*) FROM attempt a WHERE a.status >= 5 AND a.external_id IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM outbox WHERE key = 'call:' || a.id)"
        " AND NOT EXISTS (SELECT 1 FROM webhook WHERE attempt_id = a.id AND kind = 0)"
    );
    query.executeStep();
    return query.getColumn(0).getInt();
}

storage::CampaignStatistics Ledger::statistics(campaign::CampaignId id) {
    return impl_->repository.statistics(id).value();
}

std::map<campaign::DestinationId, DestinationRow> Ledger::destinations() {
    SQLite::Statement& query = impl_->all_destinations;
    query.reset();
    std::map<campaign::DestinationId, DestinationRow> rows;
    while (query.executeStep()) {
        DestinationRow row{
            .campaign = campaign::CampaignId{query.getColumn(1).getInt64()},
            .status = static_cast<campaign::DestinationStatus>(query.getColumn(2).getInt()),
            .attempts = query.getColumn(3).getInt(),
            .next_at = query.getColumn(4).getInt64(),
            .last_disposition = query.getColumn(5).getString(),
            .wait = query.getColumn(6).getInt(),
        };
        rows.emplace_hint(
            rows.end(), campaign::DestinationId{query.getColumn(0).getInt64()}, std::move(row)
        );
    }
    query.reset();
    return rows;
}

std::map<campaign::CampaignId, campaign::CampaignStatus> Ledger::campaigns() {
    SQLite::Statement query(impl_->database, "SELECT id, status FROM campaign ORDER BY id");
    std::map<campaign::CampaignId, campaign::CampaignStatus> statuses;
    while (query.executeStep()) {
        statuses.emplace(
            campaign::CampaignId{query.getColumn(0).getInt64()},
            static_cast<campaign::CampaignStatus>(query.getColumn(1).getInt())
        );
    }
    return statuses;
}

std::set<std::pair<int, std::string>> Ledger::webhooks() {
    SQLite::Statement query(impl_->database, "SELECT kind, key FROM webhook");
    std::set<std::pair<int, std::string>> keys;
    while (query.executeStep()) {
        keys.emplace(query.getColumn(0).getInt(), query.getColumn(1).getString());
    }
    return keys;
}

campaign::StoredCampaign Ledger::put(const campaign::Campaign& campaign, base::WallTime now) {
    const auto stored = impl_->repository.put(campaign, now);
    must(stored.has_value(), [&] { return "a campaign: " + stored.error().detail; });
    return impl_->repository.campaign(campaign.tenant, campaign.name).value();
}

void Ledger::put(const balancer::Assistant& assistant, base::WallTime now) {
    const auto stored = impl_->repository.put(assistant, now);
    must(stored.has_value(), [&] { return "an assistant: " + stored.error().detail; });
}

void Ledger::put(const balancer::Balancer& balancer, base::WallTime now) {
    const auto stored = impl_->repository.put(balancer, now);
    must(stored.has_value(), [&] { return "a balancer: " + stored.error().detail; });
}

campaign::StoredCampaign Ledger::lend(const campaign::Campaign& campaign, base::WallTime now) {
    const campaign::OpbxCampaignId id{++impl_->external_ids};
    const auto stored = impl_->repository.put_external(campaign, id, "", now);
    must(stored.has_value(), [&] { return "a campaign of OPBX: " + stored.error().detail; });
    auto lent = impl_->repository.campaign(campaign.tenant, campaign.name).value();
    impl_->lent.insert(lent.id);
    return lent;
}

bool Ledger::add_destination(
    campaign::CampaignId campaign, base::PhoneNumber number, const std::string& zone
) {
    if (impl_->lent.contains(campaign)) {
        if (impl_->repository.destination(campaign, number)) {
            return false;
        }
        const std::array offer{storage::OfferedDestination{
            .id = campaign::OpbxDestinationId{++impl_->external_ids},
            .row = {.phone_number = number}}};
        return impl_->repository.take_offer(campaign, offer, false).value().imported == 1;
    }
    const std::array batch{campaign::NewDestination{.phone_number = number, .timezone = zone}};
    return impl_->repository.add_destinations(campaign, batch).value().imported == 1;
}

void Ledger::suppress(base::PhoneNumber number, base::WallTime now) {
    const std::array numbers{number};
    static_cast<void>(impl_->repository.suppress(numbers, "asked us to", now).value());
}

}  // namespace cxdial::sim
