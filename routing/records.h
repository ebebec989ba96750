#pragma once

#include "balancer/assistant.h"
#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/destination.h"
#include "campaign/ids.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "routing/tenant.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::routing {

/// An answer of the records, and how long it took. The rules read no clock: they add these up.
template <class Value>
struct Read {
    enum class Outcome : std::uint8_t {
        done,
        late,    ///< cut off when the budget was used up; `value` is empty
        failed,  ///< the database could not be read; `value` is empty
    };
    Outcome outcome = Outcome::done;
    Value value{};
    std::chrono::microseconds took{0};
    std::string why{};  ///< of a failure
};

/// A destination of an active campaign to the caller's number.
struct CampaignMatch {
    campaign::CampaignId campaign{};
    std::string campaign_name;
    base::WallTime activated_at{};  ///< of the campaign
    campaign::DestinationId destination{};
    campaign::DestinationStatus status = campaign::DestinationStatus::pending;
    base::WallTime next_at{};  ///< of `retry_pending`: when it falls due
    /// Who would talk: the destination's own agent, else the assistant that its last attempt was
    /// connected to, else the campaign's assistant; empty: the campaign has none of its own.
    std::string agent;
    /// The campaign's balancer, where `agent` is empty; empty: calls are hung up.
    std::string balancer;
};

/// The last call that we made to the caller and that reached a network.
struct OutboundMatch {
    campaign::AttemptId attempt{};
    campaign::CampaignId campaign{};
    std::string campaign_name;
    std::string agent;  ///< that it was connected to; empty: none
    std::string balancer;
    base::WallTime placed_at{};
};

/// What the layers ask of the database: a snapshot that waits for no writer. `budget` is the most
/// that one question may take. Thread rule: one thread.
class Records {
public:
    virtual ~Records() = default;
    using Budget = std::chrono::microseconds;

    /// Destinations to the number in active campaigns of the tenant that are pending, queued,
    /// placing_call, calling or retry_pending.
    [[nodiscard]] virtual Read<std::vector<CampaignMatch>> open_destinations(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) = 0;
    /// Active follow-ups of the contact, due or not.
    [[nodiscard]] virtual Read<std::vector<FollowUp>> active_follow_ups(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) = 0;
    /// The newest outbound call to the number that was placed since then.
    [[nodiscard]] virtual Read<std::optional<OutboundMatch>> last_outbound(
        const std::string& tenant, base::PhoneNumber number, base::WallTime since, Budget budget
    ) = 0;
    /// What is remembered of the contact, by every agent.
    [[nodiscard]] virtual Read<ContactMemory> memory(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) = 0;
};

/// Settings and agents: small, kept in memory, so that a call is answered when the database is not.
class Directory {
public:
    virtual ~Directory() = default;

    /// Who owns the number that was dialed; null: nobody. Numbers compare by their digits.
    [[nodiscard]] virtual const DialedNumber* dialed(std::string_view number) const = 0;
    /// Its settings; the defaults for a tenant without any.
    [[nodiscard]] virtual const Tenant& tenant(const std::string& name) const = 0;
    /// An assistant or a person; null: there is none of this name.
    [[nodiscard]] virtual const balancer::Assistant* agent(
        const std::string& tenant, const std::string& name
    ) const = 0;
    [[nodiscard]] virtual const balancer::Balancer* balancer(
        const std::string& tenant, const std::string& name
    ) const = 0;
};

}  // namespace cxdial::routing
