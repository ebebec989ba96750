#pragma once

#include "routing/resolver.h"
#include "tests/routing/fakes.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace cxdial::routing {

/// A tenant with a dialed number that desk answers, agents anna, bert, carl, dora and desk, and a
/// caller who is in nobody's records. What a record needs is its agent: anna of layer 1, bert of
/// layer 2, carl of layer 3, dora of layer 4.
struct Office {
    FakeDirectory directory;
    FakeRecords records;
    Question question{.call_sid = "call-1", .from = "+12125550199", .to = "+12125550100"};
    std::vector<std::string> full;
    bool force_legacy = false;
    base::WallTime now = base::from_millis(1'800'000'000'000);

    Office() {
        directory.numbers.push_back({.phone_number = "+12125550100", .agent = "desk"});
        directory.tenants["default"] = Tenant{};
        std::int64_t version = 1;
        for (const auto* name : {"anna", "bert", "carl", "dora", "desk"}) {
            directory.agents.push_back({.name = name, .version = version++});
        }
    }

    Tenant& tenant() { return directory.tenants["default"]; }
    balancer::Assistant& agent(const std::string& name) {
        return *std::find_if(
            directory.agents.begin(),
            directory.agents.end(),
            [&](const balancer::Assistant& known) { return known.name == name; }
        );
    }

    CampaignMatch& add_destination(
        campaign::DestinationStatus status = campaign::DestinationStatus::pending
    ) {
        const auto id = static_cast<std::int64_t>(records.destinations.size()) + 1;
        records.destinations.push_back(
            {.campaign = campaign::CampaignId{id},
             .campaign_name = "spring",
             .activated_at = now - std::chrono::hours{1},
             .destination = campaign::DestinationId{100 + id},
             .status = status,
             .next_at = now + std::chrono::hours{1},
             .agent = status == campaign::DestinationStatus::retry_pending ? "bert" : "anna"}
        );
        return records.destinations.back();
    }
    FollowUp& add_follow_up(FollowUpType type = FollowUpType::call) {
        const auto id = static_cast<std::int64_t>(records.follow_ups.size()) + 1;
        records.follow_ups.push_back(
            {.id = campaign::FollowUpId{200 + id},
             .phone_number = *base::PhoneNumber::parse("+12125550199"),
             .agent = "carl",
             .type = type,
             .due_at = now,
             .activated_at = now - std::chrono::hours{1}}
        );
        return records.follow_ups.back();
    }
    OutboundMatch& add_outbound() {
        return records.outbound.emplace(OutboundMatch{
            .attempt = campaign::AttemptId{300},
            .campaign = campaign::CampaignId{30},
            .campaign_name = "winter",
            .agent = "dora",
            .placed_at = now - std::chrono::hours{1}});
    }
    void add_all() {
        add_destination();
        add_destination(campaign::DestinationStatus::retry_pending);
        add_follow_up();
        add_outbound();
    }

    Decision decide() {
        const DecideOptions options{.force_legacy = force_legacy, .now = now, .full = full};
        return resolve(question, options, directory, records);
    }
};

/// What a decision's trace says of a layer.
inline const TraceEntry& entry_of(const Decision& decision, Layer layer) {
    return decision.trace.at(static_cast<std::size_t>(layer));
}

}  // namespace cxdial::routing
