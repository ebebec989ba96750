#include "campaign/recipient_hours.h"

#include "campaign/internal/time_zone.h"
#include "campaign/internal/timetable.h"

#include <algorithm>
#include <chrono>

namespace cxdial::campaign {
namespace {

constexpr base::Millis horizon = std::chrono::hours{370 * 24};

std::optional<base::WallTime> earlier(
    const std::optional<base::WallTime>& left, const std::optional<base::WallTime>& right
) {
    return left && right ? std::min(left, right) : (left ? left : right);
}

/// Two openings at one instant, both of which must be open. Where one is closed the other may close
/// too before it opens: `until` then is an instant at which to look again, and not before.
Opening together(const Opening& left, const Opening& right) {
    if (left.open && right.open) {
        return {.open = true, .until = earlier(left.until, right.until)};
    }
    if (left.open || right.open) {
        return left.open ? right : left;
    }
    const bool never = !left.until || !right.until;
    return {.open = false, .until = never ? std::nullopt : std::max(left.until, right.until)};
}

/// The opening of everything that `at` puts together, from `now` on.
template <class At>
Opening search(base::WallTime now, const At& at) {
    const Opening first = at(now);
    Opening found = first;
    while (!found.open && found.until && *found.until - now <= horizon) {
        const base::WallTime next = *found.until;
        found = at(next);
        if (found.open) {
            return {.open = false, .until = next};
        }
    }
    return first.open ? first : Opening{.open = false, .until = std::nullopt};
}

std::vector<Timetable> timetables(const TimeRange& hours, std::span<const std::string> zones) {
    const WeekHours week{hours};
    std::vector<Timetable> tables;
    for (const std::string& name : zones) {
        const date::time_zone* const zone = find_zone(name);
        if (zone == nullptr) {
            return {};
        }
        tables.emplace_back(*zone, week, Timetable::Dates{});
    }
    return tables;
}

Opening opening_of(const std::vector<Timetable>& tables, base::WallTime now) {
    if (tables.empty()) {
        return {.open = false, .until = std::nullopt};
    }
    Opening all{.open = true, .until = std::nullopt};
    for (const Timetable& table : tables) {
        all = together(all, table.at(now));
    }
    return all;
}

}  // namespace

Opening recipient_opening(
    const TimeRange& hours, std::span<const std::string> zones, base::WallTime now
) {
    const std::vector<Timetable> tables = timetables(hours, zones);
    return search(now, [&](base::WallTime at) { return opening_of(tables, at); });
}

Opening both_open(
    const Calendar& calendar,
    const TimeRange* hours,
    std::span<const std::string> zones,
    base::WallTime now
) {
    if (hours == nullptr) {
        return calendar.at(now);
    }
    const std::vector<Timetable> tables = timetables(*hours, zones);
    return search(now, [&](base::WallTime at) {
        return together(calendar.at(at), opening_of(tables, at));
    });
}

}  // namespace cxdial::campaign
