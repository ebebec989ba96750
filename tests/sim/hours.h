#pragma once

#include "base/clock.h"
#include "campaign/campaign.h"

#include <string>
#include <string_view>

namespace cxdial::sim {

/// What a clock on the wall of a place shows.
struct WallReading {
    int weekday = 0;  ///< 0: Monday
    int minute = 0;   ///< since midnight
    std::string day;  ///< `YYYY-MM-DD`
};
[[nodiscard]] WallReading read_wall(std::string_view zone, base::WallTime at);

/// When calls are allowed, by the words of the specification: somebody looks at the clock on the
/// wall there and at the timetable. Shares nothing with the room that the engine asks.

/// Whether the campaign's schedule and dates allow a call at this instant.
[[nodiscard]] bool schedule_allows(const campaign::Campaign& campaign, base::WallTime at);
/// Whether the campaign's `respect_recipient_time` does, for somebody in this zone.
[[nodiscard]] bool recipient_allows(
    const campaign::Campaign& campaign, std::string_view zone, base::WallTime at
);
/// Whether its end date has passed.
[[nodiscard]] bool is_past_its_end(const campaign::Campaign& campaign, base::WallTime at);

}  // namespace cxdial::sim
