#include "hours.h"

#include <algorithm>
#include <date/date.h>
#include <date/tz.h>
#include <map>

namespace cxdial::sim {
namespace {

using campaign::DaySchedule;
using campaign::TimeRange;

const date::time_zone* zone_named(std::string_view name) {
    static std::map<std::string, const date::time_zone*, std::less<>> known;
    const auto found = known.find(name);
    if (found != known.end()) {
        return found->second;
    }
    return known.emplace(name, date::locate_zone(std::string(name))).first->second;
}

bool runs_over_midnight(const TimeRange& range) {
    return range.end_minute <= range.start_minute;
}

bool begins_and_holds(const TimeRange& range, int minute) {
    return minute >= range.start_minute && (runs_over_midnight(range) || minute < range.end_minute);
}

bool holds_from_yesterday(const TimeRange& range, int minute) {
    return runs_over_midnight(range) && minute < range.end_minute;
}

template <class Holds>
bool any_range(const DaySchedule& day, int minute, const Holds& holds) {
    return day.enabled &&
           std::any_of(day.time_ranges.begin(), day.time_ranges.end(), [&](const TimeRange& range) {
               return holds(range, minute);
           });
}

}  // namespace

WallReading read_wall(std::string_view zone, base::WallTime at) {
    const auto local = zone_named(zone)->to_local(at);
    const auto day = date::floor<date::days>(local);
    return {
        .weekday = static_cast<int>(date::weekday{day}.iso_encoding()) - 1,
        .minute = static_cast<int>(std::chrono::floor<std::chrono::minutes>(local - day).count()),
        .day = date::format("%F", day),
    };
}

bool schedule_allows(const campaign::Campaign& campaign, base::WallTime at) {
    const WallReading now = read_wall(campaign.timezone, at);
    if (campaign.start_date && now.day < *campaign.start_date) {
        return false;
    }
    if (campaign.end_date && now.day > *campaign.end_date) {
        return false;
    }
    if (!campaign.schedule) {
        return true;
    }
    const auto& days = *campaign.schedule;
    const auto today = static_cast<std::size_t>(now.weekday);
    return any_range(days.at(today), now.minute, begins_and_holds) ||
           any_range(days.at((today + 6) % 7), now.minute, holds_from_yesterday);
}

bool recipient_allows(
    const campaign::Campaign& campaign, std::string_view zone, base::WallTime at
) {
    if (!campaign.respect_recipient_time) {
        return true;
    }
    const TimeRange& hours = *campaign.respect_recipient_time;
    const int minute = read_wall(zone, at).minute;
    return begins_and_holds(hours, minute) || holds_from_yesterday(hours, minute);
}

bool is_past_its_end(const campaign::Campaign& campaign, base::WallTime at) {
    return campaign.end_date && read_wall(campaign.timezone, at).day > *campaign.end_date;
}

}  // namespace cxdial::sim
