#pragma once

#include "base/clock.h"

namespace cxdial::dialer {

/// How long a destination waits whose own agent can take no call.
inline constexpr base::Millis agent_pause{30'000};

}  // namespace cxdial::dialer
