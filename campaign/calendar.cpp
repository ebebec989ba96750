#include "campaign/calendar.h"

#include "campaign/internal/campaign_names.h"
#include "campaign/internal/civil_time.h"
#include "campaign/internal/time_zone.h"
#include "campaign/internal/timetable.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace cxdial::campaign {
namespace {

constexpr base::Millis one_day = std::chrono::hours{24};
constexpr base::Millis longest_span = 366 * one_day;

base::Error wrong(std::string_view field, std::string_view reason) {
    return {base::Errc::invalid_argument, std::string(field) + " " + std::string(reason)};
}

bool lies_in_a_day(const TimeRange& range) {
    return range.start_minute >= 0 && range.start_minute < minutes_per_day &&
           range.end_minute >= 0 && range.end_minute <= minutes_per_day;
}

base::Result<std::optional<WeekHours>> week_of(const Campaign& campaign) {
    if (!campaign.schedule) {
        return std::optional<WeekHours>{};
    }
    for (const DaySchedule& day : *campaign.schedule) {
        if (!std::all_of(day.time_ranges.begin(), day.time_ranges.end(), lies_in_a_day)) {
            return wrong("schedule", "has a time range outside a day");
        }
    }
    return std::optional{WeekHours{*campaign.schedule}};
}

base::Result<Timetable::Dates> dates_of(const Campaign& campaign) {
    Timetable::Dates dates;
    if (campaign.start_date) {
        dates.begin = midnight_of(*campaign.start_date);
        if (!dates.begin) {
            return wrong("start_date", "is no date such as 2026-03-01");
        }
    }
    if (campaign.end_date) {
        const auto last_day = midnight_of(*campaign.end_date);
        if (!last_day) {
            return wrong("end_date", "is no date such as 2026-03-01");
        }
        dates.end = *last_day + one_day;
    }
    if (dates.begin && dates.end && *dates.end <= *dates.begin) {
        return wrong("end_date", "is before start_date");
    }
    return dates;
}

}  // namespace

Calendar::Calendar(std::shared_ptr<const Timetable> timetable) : timetable_(std::move(timetable)) {}

base::Result<Calendar> Calendar::of(const Campaign& campaign) {
    const date::time_zone* const zone = find_zone(campaign.timezone);
    if (zone == nullptr) {
        return wrong("timezone", "is not a zone of the IANA database such as Europe/Rome");
    }
    const auto week = week_of(campaign);
    if (!week) {
        return week.error();
    }
    const auto dates = dates_of(campaign);
    if (!dates) {
        return dates.error();
    }
    return Calendar{std::make_shared<const Timetable>(*zone, *week, *dates)};
}

Opening Calendar::at(base::WallTime now) const {
    return timetable_->at(now);
}

base::Millis Calendar::open_time(base::WallTime from, base::WallTime to) const {
    to = std::min(to, from + longest_span);
    base::Millis total{0};
    while (from < to) {
        const Opening opening = at(from);
        const base::WallTime next = std::min(to, opening.until.value_or(to));
        if (opening.open) {
            total += next - from;
        }
        from = next;
    }
    return total;
}

}  // namespace cxdial::campaign
