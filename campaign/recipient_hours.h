#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/calendar.h"
#include "campaign/campaign.h"

#include <span>
#include <string>
#include <vector>

namespace cxdial::campaign {

/// The zones in which the owner of the number may be, as IANA names: all plausible ones; empty:
/// unknown (toll-free, satellite and unassigned codes). Area codes narrow a country down, also for
/// mobile numbers that have one (North America, Brazil, Mexico); other mobile numbers get all zones
/// of their country. A zone is left out where it can never narrow the hours that the others allow.
/// Thread rule: any thread.
[[nodiscard]] std::vector<std::string> plausible_zones(base::PhoneNumber number);

/// Hours, the same every day, that every one of the zones must allow (IANA names). An unknown name,
/// or no zone at all, is closed for ever: nobody knows what time it is there. When a closed one
/// opens is looked for in the next 370 days. Thread rule: any thread.
[[nodiscard]] Opening recipient_opening(
    const TimeRange& hours, std::span<const std::string> zones, base::WallTime now
);

/// Schedule and recipient's hours together; no hours (null): the schedule alone. Closed: the next
/// instant at which both are open, empty: never (within 370 days). Thread rule: any thread.
[[nodiscard]] Opening both_open(
    const Calendar& calendar,
    const TimeRange* hours,
    std::span<const std::string> zones,
    base::WallTime now
);

}  // namespace cxdial::campaign
