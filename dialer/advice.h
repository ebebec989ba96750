#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "dialer/store.h"
#include "dialer/switchboard.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// Whether Cloudonix asks what an answered call shall do, rather than being told with the call.
[[nodiscard]] bool asks_at_answer(const campaign::Campaign& campaign, bool has_public_url);

/// What keeps the campaign from dialing as it is configured, however many calls there were room
/// for: a calendar that cannot be read, an assistant that is not there, a placeholder without a
/// value. Afterwards `switchboard` knows its assistants.
[[nodiscard]] base::Result<void> fit_to_dial(
    Store& store, Switchboard& switchboard, const campaign::Campaign& campaign, bool has_public_url
);

/// What works and will be regretted.
struct Advice {
    std::string code;     ///< for programs, as in `hangup_routing`
    std::string message;  ///< for people: what, and what to do
};

/// What is known besides the campaign.
struct Situation {
    base::WallTime now;
    std::int64_t open_destinations = 0;  ///< still to be dialed
    bool has_public_url = false;
};

/// Warns of what goes wrong in practice. `switchboard` has loaded the campaign's pool.
[[nodiscard]] std::vector<Advice> advise(
    const campaign::Campaign& campaign, const Switchboard& switchboard, const Situation& situation
);

}  // namespace cxdial::dialer
