#pragma once

#include "base/clock.h"
#include "campaign/calendar.h"
#include "campaign/campaign.h"

#include <array>
#include <date/tz.h>
#include <optional>
#include <vector>

namespace cxdial::campaign {

/// The open hours of a week that repeats, as a wall clock shows them. Times are milliseconds since
/// 1970-01-01 00:00 on that clock.
class WeekHours {
public:
    struct State {
        bool open = false;
        std::optional<base::Millis> left;  ///< how long it stays so; empty: for ever
    };

    /// The enabled days, Monday first. Ranges may overlap; minutes lie within 0 and 1440.
    explicit WeekHours(const std::array<DaySchedule, 7>& days);
    /// The same range on each day.
    explicit WeekHours(const TimeRange& every_day);

    [[nodiscard]] State at(base::Millis local) const;

private:
    struct Span {
        base::Millis begin;  ///< since Monday 00:00
        base::Millis end;
    };

    void add(int weekday, const TimeRange& range);
    void merge();

    std::vector<Span> spans_;  ///< in order, apart from each other
};

/// Hours of a week in a zone, between two dates.
class Timetable {
public:
    struct Dates {
        std::optional<base::Millis> begin;  ///< the first midnight, on the wall clock
        std::optional<base::Millis> end;    ///< the midnight after the last day
    };

    Timetable(const date::time_zone& zone, std::optional<WeekHours> week, Dates dates);

    [[nodiscard]] Opening at(base::WallTime now) const;

private:
    /// A state on the wall clock, which holds before `until` as long as that clock is not changed.
    struct LocalState {
        bool open = false;
        std::optional<base::Millis> until;
    };

    [[nodiscard]] LocalState at_local(base::Millis local) const;
    [[nodiscard]] LocalState by_week(base::Millis local) const;

    const date::time_zone* zone_;
    std::optional<WeekHours> week_;  ///< empty: always
    Dates dates_;
};

}  // namespace cxdial::campaign
