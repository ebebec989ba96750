#pragma once

#include "dialer/live_attempts.h"
#include "dialer/store.h"

#include <chrono>
#include <optional>

namespace cxdial::dialer {

/// How long the call was connected, as far as anybody said.
[[nodiscard]] inline std::optional<base::Millis> talk_time(
    const Live& live, const AttemptChange& change, base::MonoTime now
) {
    const auto answered_at = change.answered_at ? change.answered_at : live.row.answered_at;
    if (answered_at && change.ended_at) {
        return *change.ended_at - *answered_at;
    }
    if (change.billsec) {
        return *change.billsec;
    }
    if (live.connected_at) {
        return std::chrono::floor<base::Millis>(now - *live.connected_at);
    }
    return std::nullopt;
}

}  // namespace cxdial::dialer
