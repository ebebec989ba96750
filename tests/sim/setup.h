#pragma once

#include "balancer/assistant.h"
#include "base/clock.h"
#include "base/rng.h"
#include "campaign/campaign.h"
#include "dialer/engine.h"

#include "fake_cloudonix.h"
#include "fake_opbx.h"
#include "faults.h"
#include "world.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cxdial::sim {

/// A campaign of a run, and how many destinations it starts with.
struct PlannedCampaign {
    campaign::Campaign campaign;
    int destinations = 0;
};

/// Everything that is fixed before a run begins.
struct Setup {
    Faults faults;
    base::WallTime wall_start = ordinary_start;
    dialer::EngineSettings settings;
    std::vector<balancer::Assistant> assistants;
    std::vector<balancer::Balancer> balancers;
    std::vector<PlannedCampaign> campaigns;
    People people;
    /// Places people live in, as indices of `places`, and how many of each may be called.
    std::vector<std::size_t> inhabited{0};
    std::uint64_t numbers_each = 40;
    double with_zone = 0;            ///< share of destinations that come with a time zone
    base::Millis trouble{0};         ///< for how long the faults last
    std::optional<OpbxFaults> opbx;  ///< there is an OPBX, and all campaigns are its own
};

[[nodiscard]] Setup draw_setup(base::Rng& dice);
/// Campaigns of OPBX that call the same few people.
[[nodiscard]] Setup draw_opbx_setup(base::Rng& dice);
/// One domain, one campaign that hangs up, no faults: to be changed by stories.
[[nodiscard]] Setup calm_setup();
/// An assistant that takes any number of calls, named and found by `name`.
[[nodiscard]] balancer::Assistant make_assistant(const std::string& name);
/// A weekly schedule with a few short ranges around the start, every day, or most days.
void draw_schedule(base::Rng& dice, base::WallTime start, campaign::Campaign& campaign);

}  // namespace cxdial::sim
