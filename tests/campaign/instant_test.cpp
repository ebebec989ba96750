#include "base/clock.h"
#include "campaign/internal/civil_time.h"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using cxdial::base::to_millis;
using namespace cxdial::campaign;

TEST_CASE("instant: ISO 8601 with an offset is one point in time", "[campaign][instant]") {
    const auto [text, millis] = GENERATE(table<std::string, long long>({
        {"1970-01-01T00:00:00Z", 0},
        {"2026-03-01T09:00:00Z", 1772355600000},
        {"2026-03-01T09:00Z", 1772355600000},
        {"2026-03-01 09:00:00z", 1772355600000},
        {"2026-03-01T10:00:00+01:00", 1772355600000},
        {"2026-03-01T10:00:00+0100", 1772355600000},
        {"2026-03-01T10:00:00+01", 1772355600000},
        {"2026-03-01T03:30:00-05:30", 1772355600000},
        {"2026-03-01T09:00:00.250Z", 1772355600250},
        {"2026-03-01T09:00:00.2509Z", 1772355600250},
        {"2026-02-28T24:00:00Z", 1772323200000},
    }));
    CAPTURE(text);
    const auto read = parse_instant(text, "");
    REQUIRE(read.time);
    REQUIRE(to_millis(*read.time) == millis);
}

TEST_CASE("instant: without an offset it needs a zone", "[campaign][instant]") {
    REQUIRE(to_millis(*parse_instant("2026-03-01T09:00", "Europe/Rome").time) == 1772352000000);
    REQUIRE(to_millis(*parse_instant("2026-03-01", "America/New_York").time) == 1772341200000);
    const auto zoneless = parse_instant("2026-03-01T09:00", "");
    REQUIRE_FALSE(zoneless.time);
    REQUIRE(zoneless.problem == InstantProblem::no_zone);
}

TEST_CASE(
    "instant: a time that a clock change skips is the end of the gap", "[campaign][instant]"
) {
    const auto gap_end = parse_instant("2026-03-29T03:00", "Europe/Rome").time;
    REQUIRE(parse_instant("2026-03-29T02:30", "Europe/Rome").time == gap_end);
    // 02:30 occurs twice that night, first at +02:00.
    REQUIRE(
        parse_instant("2026-10-25T02:30", "Europe/Rome").time ==
        parse_instant("2026-10-25T02:30+02:00", "").time
    );
}

TEST_CASE("instant: anything else is no ISO 8601", "[campaign][instant]") {
    const auto* const text = GENERATE(
        "",
        "soon",
        "2026-3-1",
        "2026-02-30",
        "2026-13-01T00:00Z",
        "01/03/2026",
        "2026-03-01T25:00Z",
        "2026-03-01T24:01Z",
        "2026-03-01T09:60Z",
        "2026-03-01T09:00:60Z",
        "2026-03-01T09:00:00.Z",
        "2026-03-01T09:00:00+1",
        "2026-03-01T09:00:00+15:00",
        "2026-03-01T09:00:00Zulu",
        "2026-03-01T",
        "2026-03-01T9:00Z",
        "1772355600"
    );
    CAPTURE(text);
    const auto read = parse_instant(text, "Europe/Rome");
    REQUIRE_FALSE(read.time);
    REQUIRE(read.problem == InstantProblem::not_iso_8601);
}

TEST_CASE("time of day: hours and minutes to 24:00", "[campaign][instant]") {
    REQUIRE(parse_minute_of_day("00:00") == 0);
    REQUIRE(parse_minute_of_day("09:30") == 570);
    REQUIRE(parse_minute_of_day("24:00") == 1440);
    REQUIRE(minute_of_day_text(570) == "09:30");
    REQUIRE(minute_of_day_text(1440) == "24:00");
    for (const auto* const text : {"", "9:30", "24:01", "12:60", "09:30:00", "0930", "-1:00"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parse_minute_of_day(text));
    }
}

TEST_CASE("time zone: a zone is one of the IANA database", "[campaign][instant]") {
    REQUIRE(is_time_zone("Europe/Rome"));
    REQUIRE(is_time_zone("UTC"));
    REQUIRE_FALSE(is_time_zone(""));
    REQUIRE_FALSE(is_time_zone("Mars/Olympus"));
    REQUIRE_FALSE(is_time_zone("../../etc/passwd"));
}
