#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::campaign {

/// Whether the tz database has a zone of this name.
[[nodiscard]] bool is_time_zone(std::string_view name);

/// Reads `YYYY-MM-DD` of a day that exists: the midnight at which it begins, in milliseconds since
/// 1970-01-01 00:00 on the same clock on the wall.
[[nodiscard]] std::optional<base::Millis> midnight_of(std::string_view text);

/// Reads `HH:MM`, `00:00` to `24:00`, as minutes since midnight.
[[nodiscard]] std::optional<int> parse_minute_of_day(std::string_view text);
[[nodiscard]] std::string minute_of_day_text(int minute);

enum class InstantProblem { not_iso_8601, no_zone };

struct ReadInstant {
    std::optional<base::WallTime> time;
    InstantProblem problem = InstantProblem::not_iso_8601;
};

/// Reads an ISO 8601 date, or date and time: `2026-03-01`, `2026-03-01T09:00`, `…:30.250Z`,
/// `…+02:00`. One without an offset is meant in `zone`; an empty zone makes it an error, since a
/// guess would be hours off. A local time that a clock change skips is taken as the end of the gap,
/// one that occurs twice as the first.
[[nodiscard]] ReadInstant parse_instant(std::string_view text, std::string_view zone);

}  // namespace cxdial::campaign
