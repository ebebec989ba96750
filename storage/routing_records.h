#pragma once

#include "base/clock.h"
#include "routing/records.h"
#include "storage/database.h"

#include <memory>
#include <string>

namespace cxdial::storage {

/// The layers' questions, answered from a reading connection of their own, so that they wait for no
/// writer. Each is timed by `clock` and cut off at its budget, wherever SQLite is at that moment.
/// The engine's rows of campaigns that dial nobody's telephone (`campaign::simulated_domain`) are
/// no calls. Thread rule: that of its database, which must outlive it, as must the clock.
class RoutingRecords final : public routing::Records {
public:
    RoutingRecords(Database& database, const base::Clock& clock);
    ~RoutingRecords() override;
    RoutingRecords(const RoutingRecords&) = delete;
    RoutingRecords& operator=(const RoutingRecords&) = delete;
    RoutingRecords(RoutingRecords&&) = delete;
    RoutingRecords& operator=(RoutingRecords&&) = delete;

    [[nodiscard]] routing::Read<std::vector<routing::CampaignMatch>> open_destinations(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) override;
    [[nodiscard]] routing::Read<std::vector<routing::FollowUp>> active_follow_ups(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) override;
    [[nodiscard]] routing::Read<std::optional<routing::OutboundMatch>> last_outbound(
        const std::string& tenant, base::PhoneNumber number, base::WallTime since, Budget budget
    ) override;
    [[nodiscard]] routing::Read<routing::ContactMemory> memory(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::storage
