#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cxdial::dialer {

/// Why an active campaign places no call at this moment. The numbers are stored.
enum class HoldReason : std::uint8_t {
    none,                ///< it dials
    outside_schedule,    ///< the campaign's own hours
    cac_reached,         ///< all of its calls are in use
    calls_per_second,    ///< its pace
    domain_cap,          ///< the Cloudonix domain's cap over all campaigns
    domain_rate,         ///< the domain's request limit
    domain_backing_off,  ///< the domain refused requests, or cannot be reached
    process_cap,         ///< the cap of the whole process
    assistants_full,     ///< every assistant has as many calls as it takes
    no_assistant,        ///< none is active, published and well
    nothing_due,         ///< every destination that is left is in a call or waits for its time
    stopping,            ///< the process is ending
    opbx_unreachable,    ///< OPBX, which owns the campaign, does not answer
    opbx_rate,           ///< OPBX's own request limit
    opbx_mismatch,       ///< OPBX does not work the way that `opbx.placement` says
    redis_unreachable,   ///< Redis, where OPBX counts its calls, does not answer
    cac_shared,          ///< other workers of OPBX use the rest of the campaign's cap
};

/// The name users see, as in `outside_schedule`.
[[nodiscard]] std::string_view to_string(HoldReason reason);
/// A sentence for people.
[[nodiscard]] std::string_view explain(HoldReason reason);

struct Hold {
    HoldReason reason = HoldReason::none;
    /// When it may go on by itself, where that is known and not just a moment away.
    std::optional<base::WallTime> until;

    friend bool operator==(const Hold&, const Hold&) = default;
};

}  // namespace cxdial::dialer
