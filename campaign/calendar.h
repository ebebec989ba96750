#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "campaign/campaign.h"

#include <memory>
#include <optional>

namespace cxdial::campaign {

class Timetable;

/// Whether dialing is allowed at an instant, and how long that holds.
struct Opening {
    bool open = true;
    /// open: the first instant at which it no longer is; closed: the next instant at which it is
    /// open. Empty: never.
    std::optional<base::WallTime> until;

    friend bool operator==(const Opening&, const Opening&) = default;
};

/// A campaign's schedule in its time zone: weekdays with several ranges, ranges over midnight,
/// start and end dates (inclusive days).
///
/// What counts is what a clock on the wall of that zone shows: a range that starts while the clock
/// jumps forward starts after the jump, and times that the clock shows twice are both inside. A
/// range over midnight belongs to the weekday on which it starts; nothing lies before the midnight
/// at which the start date begins or after the one at which the end date ends. Without a schedule
/// every time between the dates is open.
///
/// Copies are cheap and share what they hold. Thread rule: any thread.
class Calendar {
public:
    /// `invalid_argument` names the field that is wrong (`timezone`, `start_date`, `end_date`,
    /// `schedule`) and why.
    [[nodiscard]] static base::Result<Calendar> of(const Campaign& campaign);

    /// Cheap enough for each call; the answer holds until its `until`.
    [[nodiscard]] Opening at(base::WallTime now) const;

    /// How much open time lies between two instants (for estimates); `to` at most a year after
    /// `from`: what lies beyond is not counted. 0 when `to` is not after `from`.
    [[nodiscard]] base::Millis open_time(base::WallTime from, base::WallTime to) const;

private:
    explicit Calendar(std::shared_ptr<const Timetable> timetable);

    std::shared_ptr<const Timetable> timetable_;
};

}  // namespace cxdial::campaign
