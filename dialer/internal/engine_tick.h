#pragma once

#include "dialer/engine.h"

#include <chrono>

namespace cxdial::dialer {

/// What one call into the engine works with.
struct Engine::Tick {
    Store& store;
    base::Now now;
    Output& out;
    base::MonoTime arrived;  ///< when the input that is being handled reached this machine

    [[nodiscard]] base::MonoTime mono_of(base::WallTime wall) const {
        return now.mono + (wall - now.wall);
    }
    [[nodiscard]] base::WallTime wall_of(base::MonoTime mono) const {
        return now.wall + std::chrono::ceil<base::Millis>(mono - now.mono);
    }
};

/// Where a destination waits that was not dialed after all.
[[nodiscard]] inline campaign::DestinationStatus waiting_status(int attempts) {
    return attempts == 0 ? campaign::DestinationStatus::pending
                         : campaign::DestinationStatus::retry_pending;
}

}  // namespace cxdial::dialer
