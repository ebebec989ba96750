#include "storage/routing_records.h"

#include "campaign/campaign.h"
#include "storage/internal/connection.h"
#include "storage/internal/routing_queries.h"
#include "storage/internal/rows.h"

#include <chrono>
#include <sqlite3.h>
#include <unordered_map>
#include <utility>

namespace cxdial::storage {
namespace {

using routing::Read;

constexpr std::size_t known_campaigns_max = 4'096;

/// Where a campaign's calls go, of one of its revisions.
struct CampaignRouting {
    std::int64_t revision = 0;
    std::string agent;
    std::string balancer;
};

CampaignRouting read_routing(Connection& connection, campaign::CampaignId id) {
    CampaignRouting routing;
    Query query(connection, campaign_routing_query);
    if (query.bind(id).next()) {
        routing.revision = query.take_integer();
        const std::string type = query.take_optional_text().value_or("");
        std::string name = query.take_optional_text().value_or("");
        if (type == "ai_assistant") {
            routing.agent = std::move(name);
        } else if (type == "ai_load_balancer") {
            routing.balancer = std::move(name);
        }
    }
    return routing;
}

}  // namespace

struct RoutingRecords::Impl {
    Impl(Connection& given_connection, const base::Clock& given_clock)
        : connection(given_connection), clock(given_clock) {}

    /// Asks `question`, which returns a `Value`, and measures how long that takes.
    template <class Value, class Question>
    Read<Value> timed(Budget budget, const char* what, Question question) {
        using Outcome = typename Read<Value>::Outcome;
        const base::MonoTime started = clock.now().mono;
        const auto took = [&] {
            return std::chrono::duration_cast<Budget>(clock.now().mono - started);
        };
        Read<Value> read;
        read.outcome = Outcome::late;
        try {
            const TimeLimit limit(connection, [&] { return took() >= budget; });
            Value value = budget > Budget{0} ? question() : Value{};
            read.took = took();
            if (read.took < budget) {
                read.outcome = Outcome::done;
                read.value = std::move(value);
            }
        } catch (const SQLite::Exception& why) {
            read.took = took();
            if (why.getErrorCode() != SQLITE_INTERRUPT) {
                read.outcome = Outcome::failed;
                read.why = connection.describe(what, why);
            }
        }
        return read;
    }

    const CampaignRouting& routing_of(campaign::CampaignId id, std::int64_t revision) {
        if (known.size() >= known_campaigns_max) {
            known.clear();
        }
        CampaignRouting& routing = known[id.raw()];
        if (routing.revision != revision) {
            routing = read_routing(connection, id);
        }
        return routing;
    }

    routing::CampaignMatch take_match(Query& row) {
        routing::CampaignMatch match;
        match.campaign = row.take_id<campaign::CampaignId>();
        match.campaign_name = row.take_text();
        const std::int64_t revision = row.take_integer();
        match.activated_at = row.take_time();
        match.destination = row.take_id<campaign::DestinationId>();
        match.status = row.take_enum<campaign::DestinationStatus>();
        match.next_at = row.take_time();
        match.agent = row.take_text();
        std::string last_agent = row.take_optional_text().value_or("");
        if (match.agent.empty()) {
            match.agent = std::move(last_agent);
        }
        if (match.agent.empty()) {
            const CampaignRouting& routing = routing_of(match.campaign, revision);
            match.agent = routing.agent;
            match.balancer = routing.balancer;
        }
        return match;
    }

    Connection& connection;
    const base::Clock& clock;
    std::unordered_map<std::int64_t, CampaignRouting> known;  // by the campaign's id
};

RoutingRecords::RoutingRecords(Database& database, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(database.connection(), clock)) {}
RoutingRecords::~RoutingRecords() = default;

Read<std::vector<routing::CampaignMatch>> RoutingRecords::open_destinations(
    const std::string& tenant, base::PhoneNumber number, Budget budget
) {
    using Matches = std::vector<routing::CampaignMatch>;
    return impl_->timed<Matches>(budget, "look for open destinations", [&] {
        Query query(impl_->connection, open_destinations_query);
        query.bind(tenant, number);
        Matches found;
        while (query.next()) {
            found.push_back(impl_->take_match(query));
        }
        return found;
    });
}

Read<std::vector<routing::FollowUp>> RoutingRecords::active_follow_ups(
    const std::string& tenant, base::PhoneNumber number, Budget budget
) {
    using FollowUps = std::vector<routing::FollowUp>;
    return impl_->timed<FollowUps>(budget, "look for follow-ups", [&] {
        Query query(impl_->connection, active_follow_ups_query);
        query.bind(tenant, number);
        return take_all(query, take_follow_up);
    });
}

Read<std::optional<routing::OutboundMatch>> RoutingRecords::last_outbound(
    const std::string& tenant, base::PhoneNumber number, base::WallTime since, Budget budget
) {
    using Match = std::optional<routing::OutboundMatch>;
    return impl_->timed<Match>(budget, "look for the last call", [&]() -> Match {
        Query query(impl_->connection, last_outbound_query);
        if (!query.bind(number, since, campaign::simulated_domain, tenant).next()) {
            return std::nullopt;
        }
        routing::OutboundMatch match;
        match.attempt = query.take_id<campaign::AttemptId>();
        match.campaign = query.take_id<campaign::CampaignId>();
        match.campaign_name = query.take_text();
        match.agent = query.take_text();
        match.balancer = query.take_text();
        match.placed_at = query.take_time();
        return match;
    });
}

Read<routing::ContactMemory> RoutingRecords::memory(
    const std::string& tenant, base::PhoneNumber number, Budget budget
) {
    return impl_->timed<routing::ContactMemory>(budget, "read what is remembered", [&] {
        return read_memory(impl_->connection, tenant, number);
    });
}

}  // namespace cxdial::storage
