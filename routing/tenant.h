#pragma once

#include "base/clock.h"
#include "routing/layer.h"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace cxdial::routing {

enum class Mode : std::uint8_t {
    smart,
    legacy_did,  ///< always the dialed number's agent
};
[[nodiscard]] std::string_view to_string(Mode mode);

/// What else is closed when a contact was engaged (spec: inbound routing, 1, "Engagement").
enum class UnenrollScope : std::uint8_t { off, campaign, agent, contact };
[[nodiscard]] std::string_view to_string(UnenrollScope scope);

/// Whose memory of a contact an agent is told.
enum class MemoryScope : std::uint8_t { exclusive, shared, on_demand };
[[nodiscard]] std::string_view to_string(MemoryScope scope);

/// The resource `tenant`: how the calls that come in to its numbers are routed.
struct Tenant {
    std::string name = "default";
    Mode routing_mode = Mode::smart;
    std::set<Layer> layers_off;  ///< switched off
    std::chrono::hours retry_window{24};
    std::chrono::days last_outbound_window{7};
    UnenrollScope engagement_unenroll_scope = UnenrollScope::campaign;
    MemoryScope contact_memory_scope = MemoryScope::exclusive;
    std::string unknown_caller_agent;  ///< the last resort; empty: the call is declined
    std::string callback_campaign;     ///< dials follow-ups that name no campaign; empty: nobody
    base::Millis layer_budget{50};
    base::Millis total_budget{200};

    friend bool operator==(const Tenant&, const Tenant&) = default;
};

/// The resource `phone_number`: a number that is dialed, and who answers it.
struct DialedNumber {
    std::string tenant = "default";
    std::string name;
    std::string phone_number;  ///< E.164, or 2 to 15 digits of a domain's own
    std::string agent;         ///< empty: the tenant's last resort

    friend bool operator==(const DialedNumber&, const DialedNumber&) = default;
};

}  // namespace cxdial::routing
