#include "campaign/internal/timetable.h"

#include <algorithm>
#include <utility>

namespace cxdial::campaign {
namespace {

constexpr base::Millis whole_day = std::chrono::hours{24};
constexpr base::Millis whole_week = 7 * whole_day;
/// A state that no rule ends is searched for this long: a clock change may still end it.
constexpr base::Millis horizon = 370 * whole_day;

base::Millis into_week(base::Millis local) {
    constexpr base::Millis monday_before_1970 = 3 * whole_day;  // 1970 began on a Thursday
    const base::Millis position = (local + monday_before_1970) % whole_week;
    return position < base::Millis{0} ? position + whole_week : position;
}

}  // namespace

WeekHours::WeekHours(const std::array<DaySchedule, 7>& days) {
    int weekday = 0;
    for (const DaySchedule& day : days) {
        if (day.enabled) {
            for (const TimeRange& range : day.time_ranges) {
                add(weekday, range);
            }
        }
        ++weekday;
    }
    merge();
}

WeekHours::WeekHours(const TimeRange& every_day) {
    for (int weekday = 0; weekday < 7; ++weekday) {
        add(weekday, every_day);
    }
    merge();
}

void WeekHours::add(int weekday, const TimeRange& range) {
    const bool over_midnight = range.end_minute <= range.start_minute;
    const base::Millis day = weekday * whole_day;
    const base::Millis begin = day + std::chrono::minutes{range.start_minute};
    const base::Millis end = day + std::chrono::minutes{range.end_minute} +
                             (over_midnight ? whole_day : base::Millis{0});
    spans_.push_back({begin, std::min(end, whole_week)});
    if (end > whole_week) {
        spans_.push_back({base::Millis{0}, end - whole_week});
    }
}

void WeekHours::merge() {
    std::sort(spans_.begin(), spans_.end(), [](const Span& left, const Span& right) {
        return left.begin < right.begin;
    });
    std::vector<Span> merged;
    for (const Span& span : spans_) {
        if (!merged.empty() && span.begin <= merged.back().end) {
            merged.back().end = std::max(merged.back().end, span.end);
        } else {
            merged.push_back(span);
        }
    }
    spans_ = std::move(merged);
}

WeekHours::State WeekHours::at(base::Millis local) const {
    if (spans_.empty()) {
        return {.open = false, .left = std::nullopt};
    }
    const base::Millis position = into_week(local);
    const auto next = std::find_if(spans_.begin(), spans_.end(), [&](const Span& span) {
        return span.end > position;
    });
    if (next == spans_.end()) {
        return {.open = false, .left = whole_week - position + spans_.front().begin};
    }
    if (next->begin > position) {
        return {.open = false, .left = next->begin - position};
    }
    // Sunday's last range may go on in Monday's first.
    const bool goes_on = next->end == whole_week && spans_.front().begin == base::Millis{0};
    if (goes_on && spans_.size() == 1) {
        return {.open = true, .left = std::nullopt};
    }
    return {
        .open = true,
        .left = next->end - position + (goes_on ? spans_.front().end : base::Millis{0})};
}

Timetable::Timetable(const date::time_zone& zone, std::optional<WeekHours> week, Dates dates)
    : zone_(&zone), week_(std::move(week)), dates_(dates) {}

Timetable::LocalState Timetable::by_week(base::Millis local) const {
    if (!week_) {
        return {.open = true, .until = std::nullopt};
    }
    const WeekHours::State state = week_->at(local);
    return {
        .open = state.open,
        .until = state.left ? std::optional{local + *state.left} : std::nullopt};
}

Timetable::LocalState Timetable::at_local(base::Millis local) const {
    if (dates_.end && local >= *dates_.end) {
        return {.open = false, .until = std::nullopt};
    }
    LocalState state;
    if (dates_.begin && local < *dates_.begin) {
        state = by_week(*dates_.begin);
        if (state.open) {
            state = {.open = false, .until = dates_.begin};
        }
    } else {
        state = by_week(local);
    }
    if (dates_.end && (!state.until || *state.until >= *dates_.end)) {
        state.until = state.open ? dates_.end : std::nullopt;
    }
    return state;
}

Opening Timetable::at(base::WallTime now) const {
    if (!week_ && !dates_.begin && !dates_.end) {
        return {.open = true, .until = std::nullopt};
    }
    // Between two changes of the clock its distance from UTC is fixed: one such stretch a turn.
    std::optional<bool> open;
    base::WallTime from = now;
    while (true) {
        const date::sys_info stretch =
            zone_->get_info(date::sys_time<base::Millis>{from.time_since_epoch()});
        const LocalState state = at_local(from.time_since_epoch() + stretch.offset);
        if (open && state.open != *open) {
            return {.open = *open, .until = from};
        }
        open = state.open;
        const base::WallTime stretch_end{base::Millis{stretch.end.time_since_epoch()}};
        if (state.until && *state.until - stretch.offset < stretch_end.time_since_epoch()) {
            return {.open = *open, .until = base::WallTime{*state.until - stretch.offset}};
        }
        if (!state.until && stretch_end - now > horizon) {
            return {.open = *open, .until = std::nullopt};
        }
        from = stretch_end;
    }
}

}  // namespace cxdial::campaign
