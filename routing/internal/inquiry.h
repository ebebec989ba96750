#pragma once

#include "routing/decision.h"
#include "routing/records.h"
#include "routing/resolver.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::routing {

/// Who would take a call.
struct AgentChoice {
    const balancer::Assistant* agent = nullptr;  ///< null: nobody
    std::string why;  ///< `agent anna`, or why there is none: `agent anna is paused`
};

/// One call on its way through the layers of its tenant: what they may look at, and the time that
/// they have.
class Inquiry {
public:
    /// Without records no time is left. All that is referred to must outlive it.
    Inquiry(
        const DialedNumber& dialed,
        const DecideOptions& options,
        const Directory& directory,
        Records* records
    );

    [[nodiscard]] const DialedNumber& dialed() const { return dialed_; }
    [[nodiscard]] const Tenant& tenant() const { return tenant_; }
    [[nodiscard]] base::WallTime now() const { return options_.now; }
    [[nodiscard]] bool has_time() const;
    [[nodiscard]] std::chrono::microseconds spent() const { return spent_; }

    /// The agent of this name; empty: nobody.
    [[nodiscard]] AgentChoice choose(const std::string& agent) const;
    /// The agent of this name, else whom the balancer gives.
    [[nodiscard]] AgentChoice choose(const std::string& agent, const std::string& balancer) const;

    /// What the records say; null: nothing, and the entry tells why. Asked once for all layers.
    [[nodiscard]] const std::vector<CampaignMatch>* open_destinations(
        base::PhoneNumber caller, TraceEntry& entry
    );
    [[nodiscard]] std::optional<std::vector<FollowUp>> active_follow_ups(
        base::PhoneNumber caller, TraceEntry& entry
    );
    /// Outer nothing: the records said nothing; inner: there was no such call.
    [[nodiscard]] std::optional<std::optional<OutboundMatch>> last_outbound(
        base::PhoneNumber caller, TraceEntry& entry
    );

private:
    [[nodiscard]] Records::Budget budget() const;
    [[nodiscard]] AgentChoice choose_member(const std::string& name) const;
    [[nodiscard]] std::string obstacle(const balancer::Assistant& agent) const;
    void charge(std::chrono::microseconds took, TraceEntry& entry);

    const DialedNumber& dialed_;
    const DecideOptions& options_;
    const Directory& directory_;
    const Tenant& tenant_;
    Records* records_;
    std::chrono::microseconds spent_{0};
    std::optional<Read<std::vector<CampaignMatch>>> open_;
};

}  // namespace cxdial::routing
