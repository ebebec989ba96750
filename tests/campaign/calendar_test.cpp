#include "campaign/calendar.h"

#include "campaign/internal/civil_time.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace cxdial::campaign;
using namespace std::chrono_literals;
using cxdial::base::Errc;
using cxdial::base::Millis;
using cxdial::base::WallTime;

namespace {

/// `2026-03-08T07:00Z`.
WallTime utc(const std::string& text) {
    const ReadInstant read = parse_instant(text + "Z", "");
    REQUIRE(read.time.has_value());
    return *read.time;
}

TimeRange range(const std::string& start, const std::string& end) {
    return {*parse_minute_of_day(start), *parse_minute_of_day(end)};
}

Campaign every_day(const std::string& zone, const std::vector<TimeRange>& ranges) {
    Campaign campaign;
    campaign.timezone = zone;
    campaign.schedule.emplace();
    for (DaySchedule& day : *campaign.schedule) {
        day = {.enabled = true, .time_ranges = ranges};
    }
    return campaign;
}

/// Monday is 0.
Campaign on(std::size_t weekday, const std::string& zone, const std::vector<TimeRange>& ranges) {
    Campaign campaign;
    campaign.timezone = zone;
    campaign.schedule.emplace().at(weekday) = {.enabled = true, .time_ranges = ranges};
    return campaign;
}

Calendar calendar_of(const Campaign& campaign) {
    auto calendar = Calendar::of(campaign);
    if (!calendar) {
        FAIL(calendar.error().detail);
    }
    return *calendar;
}

Opening open_until(const std::string& text) {
    return {.open = true, .until = utc(text)};
}
Opening closed_until(const std::string& text) {
    return {.open = false, .until = utc(text)};
}
const Opening open_for_ever{.open = true, .until = std::nullopt};
const Opening closed_for_ever{.open = false, .until = std::nullopt};

}  // namespace

namespace Catch {
template <>
struct StringMaker<Opening> {
    static std::string convert(const Opening& opening) {
        return (opening.open ? "open until " : "closed until ") +
               (opening.until ? std::to_string(cxdial::base::to_millis(*opening.until)) : "ever");
    }
};
}  // namespace Catch

TEST_CASE("calendar: without a schedule and dates it is always open", "[campaign][calendar]") {
    const Calendar calendar = calendar_of(Campaign{});
    REQUIRE(calendar.at(utc("2026-03-08T07:00")) == open_for_ever);
}

TEST_CASE("calendar: a range holds from its first instant until its last", "[campaign][calendar]") {
    const Calendar calendar =
        calendar_of(every_day("Europe/Berlin", {range("09:00", "12:00"), range("13:00", "17:00")}));
    const WallTime start = utc("2026-01-12T08:00");
    REQUIRE(calendar.at(start - 1ms) == closed_until("2026-01-12T08:00"));
    REQUIRE(calendar.at(start) == open_until("2026-01-12T11:00"));
    REQUIRE(calendar.at(utc("2026-01-12T11:00")) == closed_until("2026-01-12T12:00"));
    REQUIRE(calendar.at(utc("2026-01-12T16:00")) == closed_until("2026-01-13T08:00"));
}

TEST_CASE("calendar: ranges that touch or overlap are one", "[campaign][calendar]") {
    const Calendar calendar = calendar_of(every_day(
        "UTC", {range("13:00", "17:00"), range("09:00", "13:00"), range("16:00", "18:00")}
    ));
    REQUIRE(calendar.at(utc("2026-01-12T10:00")) == open_until("2026-01-12T18:00"));
}

TEST_CASE("calendar: days that touch at midnight are one", "[campaign][calendar]") {
    Campaign campaign = every_day("UTC", {range("00:00", "24:00")});
    REQUIRE(calendar_of(campaign).at(utc("2026-01-12T10:00")) == open_for_ever);
    campaign.schedule->at(2).enabled = false;  // 2026-01-14 is a Wednesday
    REQUIRE(calendar_of(campaign).at(utc("2026-01-12T10:00")) == open_until("2026-01-14T00:00"));
    REQUIRE(calendar_of(campaign).at(utc("2026-01-14T10:00")) == closed_until("2026-01-15T00:00"));
    REQUIRE(calendar_of(campaign).at(utc("2026-01-17T10:00")) == open_until("2026-01-21T00:00"));
}

TEST_CASE("calendar: an end at the start means a whole day from there", "[campaign][calendar]") {
    const Calendar calendar = calendar_of(on(0, "UTC", {range("09:00", "09:00")}));
    REQUIRE(calendar.at(utc("2026-01-12T09:00")) == open_until("2026-01-13T09:00"));
}

TEST_CASE("calendar: a range over midnight belongs to the day it starts", "[campaign][calendar]") {
    const Calendar friday = calendar_of(on(4, "UTC", {range("22:00", "02:00")}));
    REQUIRE(friday.at(utc("2026-01-16T01:00")) == closed_until("2026-01-16T22:00"));
    REQUIRE(friday.at(utc("2026-01-16T23:00")) == open_until("2026-01-17T02:00"));
    REQUIRE(friday.at(utc("2026-01-17T01:00")) == open_until("2026-01-17T02:00"));
    REQUIRE(friday.at(utc("2026-01-17T22:00")) == closed_until("2026-01-23T22:00"));
    // From Sunday into Monday, the seam of the week.
    const Calendar sunday = calendar_of(on(6, "UTC", {range("22:00", "02:00")}));
    REQUIRE(sunday.at(utc("2026-01-18T23:00")) == open_until("2026-01-19T02:00"));
    REQUIRE(sunday.at(utc("2026-01-19T01:00")) == open_until("2026-01-19T02:00"));
    REQUIRE(sunday.at(utc("2026-01-19T02:00")) == closed_until("2026-01-25T22:00"));
}

TEST_CASE("calendar: a schedule without an open time never opens", "[campaign][calendar]") {
    Campaign campaign;
    campaign.schedule.emplace();
    REQUIRE(calendar_of(campaign).at(utc("2026-01-12T10:00")) == closed_for_ever);
    campaign.schedule->at(0).time_ranges = {range("09:00", "10:00")};  // not enabled
    REQUIRE(calendar_of(campaign).at(utc("2026-01-12T09:30")) == closed_for_ever);
}

TEST_CASE("calendar: a start that a gap skips is the gap's end", "[campaign][calendar][dst]") {
    // zone, range, the instant of the gap, its end on the wall as the start of the range
    const Calendar new_york = calendar_of(every_day("America/New_York", {range("02:30", "04:00")}));
    REQUIRE(new_york.at(utc("2026-03-08T06:59")) == closed_until("2026-03-08T07:00"));
    REQUIRE(new_york.at(utc("2026-03-08T07:00")) == open_until("2026-03-08T08:00"));
    const Calendar berlin = calendar_of(every_day("Europe/Berlin", {range("02:15", "05:00")}));
    REQUIRE(berlin.at(utc("2026-03-29T00:30")) == closed_until("2026-03-29T01:00"));
    REQUIRE(berlin.at(utc("2026-03-29T01:00")) == open_until("2026-03-29T03:00"));
    // Half an hour: 02:00 to 02:30.
    const Calendar lord_howe =
        calendar_of(every_day("Australia/Lord_Howe", {range("02:10", "03:00")}));
    REQUIRE(lord_howe.at(utc("2026-10-03T15:00")) == closed_until("2026-10-03T15:30"));
    REQUIRE(lord_howe.at(utc("2026-10-03T15:30")) == open_until("2026-10-03T16:00"));
    // Midnight itself, 00:00 to 01:00.
    const Calendar sao_paulo =
        calendar_of(every_day("America/Sao_Paulo", {range("00:00", "02:00")}));
    REQUIRE(sao_paulo.at(utc("2018-11-04T02:59")) == closed_until("2018-11-04T03:00"));
    REQUIRE(sao_paulo.at(utc("2018-11-04T03:00")) == open_until("2018-11-04T04:00"));
}

TEST_CASE("calendar: a range that lies in a gap is left out", "[campaign][calendar][dst]") {
    const Calendar calendar = calendar_of(every_day("America/New_York", {range("02:15", "02:45")}));
    REQUIRE(calendar.at(utc("2026-03-07T08:00")) == closed_until("2026-03-09T06:15"));
}

TEST_CASE("calendar: an end that a gap skips is the gap's start", "[campaign][calendar][dst]") {
    const Calendar calendar = calendar_of(every_day("America/New_York", {range("01:00", "02:30")}));
    REQUIRE(calendar.at(utc("2026-03-08T06:30")) == open_until("2026-03-08T07:00"));
}

TEST_CASE("calendar: hours shown twice are inside twice", "[campaign][calendar][dst]") {
    const Calendar new_york = calendar_of(every_day("America/New_York", {range("00:30", "03:00")}));
    REQUIRE(new_york.at(utc("2026-11-01T04:30")) == open_until("2026-11-01T08:00"));
    const Calendar berlin = calendar_of(every_day("Europe/Berlin", {range("01:00", "04:00")}));
    REQUIRE(berlin.at(utc("2026-10-24T23:00")) == open_until("2026-10-25T03:00"));
    const Calendar lord_howe =
        calendar_of(every_day("Australia/Lord_Howe", {range("01:00", "02:00")}));
    REQUIRE(lord_howe.at(utc("2026-04-04T14:00")) == open_until("2026-04-04T15:30"));
}

TEST_CASE("calendar: an edge shown twice is an edge twice", "[campaign][calendar][dst]") {
    // 01:00 to 02:00 comes twice, at 05:00 and at 06:00 UTC: the clock is turned back before the
    // second half hour is over, and shows a time before 01:30 again.
    const Calendar calendar = calendar_of(every_day("America/New_York", {range("01:30", "05:00")}));
    REQUIRE(calendar.at(utc("2026-11-01T05:30")) == open_until("2026-11-01T06:00"));
    REQUIRE(calendar.at(utc("2026-11-01T06:00")) == closed_until("2026-11-01T06:30"));
    REQUIRE(calendar.at(utc("2026-11-01T06:30")) == open_until("2026-11-01T10:00"));
}

TEST_CASE("calendar: a night over a change of the clock", "[campaign][calendar][dst]") {
    const Calendar spring = calendar_of(on(5, "Europe/Berlin", {range("22:00", "06:00")}));
    REQUIRE(spring.at(utc("2026-03-28T21:00")) == open_until("2026-03-29T04:00"));  // 7 hours
    REQUIRE(spring.at(utc("2026-10-24T20:00")) == open_until("2026-10-25T05:00"));  // 9 hours
    const Calendar sao_paulo = calendar_of(on(5, "America/Sao_Paulo", {range("22:00", "01:00")}));
    // 2019-02-17 00:00 becomes 23:00 of Saturday again.
    REQUIRE(sao_paulo.at(utc("2019-02-17T00:00")) == open_until("2019-02-17T04:00"));
}

TEST_CASE("calendar: dates are days of the campaign's zone", "[campaign][calendar]") {
    Campaign campaign;
    campaign.timezone = "Asia/Tokyo";
    campaign.start_date = "2026-03-02";
    campaign.end_date = "2026-03-03";
    const Calendar calendar = calendar_of(campaign);
    REQUIRE(calendar.at(utc("2026-02-01T00:00")) == closed_until("2026-03-01T15:00"));
    REQUIRE(calendar.at(utc("2026-03-01T15:00")) == open_until("2026-03-03T15:00"));
    REQUIRE(calendar.at(utc("2026-03-03T15:00")) == closed_for_ever);
    REQUIRE(calendar.at(utc("2030-03-03T15:00")) == closed_for_ever);
}

TEST_CASE(
    "calendar: midnight of a date may be skipped or come twice", "[campaign][calendar][dst]"
) {
    Campaign campaign;
    campaign.timezone = "America/Sao_Paulo";
    campaign.start_date = "2018-11-04";
    campaign.end_date = "2019-02-16";
    const Calendar calendar = calendar_of(campaign);
    REQUIRE(calendar.at(utc("2018-11-04T02:00")) == closed_until("2018-11-04T03:00"));
    REQUIRE(calendar.at(utc("2019-02-16T12:00")) == open_until("2019-02-17T03:00"));
}

TEST_CASE("calendar: dates cut ranges over midnight at both ends", "[campaign][calendar]") {
    Campaign campaign = every_day("UTC", {range("22:00", "02:00")});
    campaign.start_date = "2026-03-02";
    campaign.end_date = "2026-03-03";
    const Calendar calendar = calendar_of(campaign);
    REQUIRE(calendar.at(utc("2026-03-01T23:00")) == closed_until("2026-03-02T00:00"));
    REQUIRE(calendar.at(utc("2026-03-02T00:00")) == open_until("2026-03-02T02:00"));
    REQUIRE(calendar.at(utc("2026-03-03T23:00")) == open_until("2026-03-04T00:00"));
    REQUIRE(calendar.at(utc("2026-03-04T00:00")) == closed_for_ever);
}

TEST_CASE("calendar: a start date years ahead is found", "[campaign][calendar]") {
    Campaign campaign = on(0, "Europe/Berlin", {range("09:00", "17:00")});
    campaign.start_date = "2029-01-02";  // a Tuesday
    REQUIRE(calendar_of(campaign).at(utc("2026-01-01T00:00")) == closed_until("2029-01-08T08:00"));
}

TEST_CASE("calendar: dates between which the schedule has no time", "[campaign][calendar]") {
    Campaign campaign = on(0, "UTC", {range("09:00", "17:00")});
    campaign.start_date = "2026-03-03";
    campaign.end_date = "2026-03-08";
    REQUIRE(calendar_of(campaign).at(utc("2026-01-01T00:00")) == closed_for_ever);
}

TEST_CASE("calendar: what it says holds until the instant it names", "[campaign][calendar]") {
    const auto zone = GENERATE(
        as<std::string>(), "America/New_York", "Australia/Lord_Howe", "Europe/Berlin", "UTC"
    );
    Campaign campaign = every_day(
        zone, {range("00:20", "01:40"), range("02:10", "02:50"), range("21:00", "00:10")}
    );
    campaign.schedule->at(6).enabled = false;
    const Calendar calendar = calendar_of(campaign);
    WallTime from = utc("2026-01-01T00:00");
    for (int turn = 0; turn < 2'500; ++turn) {
        const Opening opening = calendar.at(from);
        REQUIRE(opening.until.has_value());
        CAPTURE(zone, cxdial::base::to_millis(from));
        REQUIRE(*opening.until > from);
        REQUIRE(calendar.at(*opening.until - 1ms) == opening);
        REQUIRE(calendar.at(*opening.until).open != opening.open);
        from = *opening.until;
    }
}

TEST_CASE("calendar: open time is counted over closed hours", "[campaign][calendar]") {
    const Calendar calendar = calendar_of(on(0, "Europe/Berlin", {range("09:00", "17:00")}));
    REQUIRE(calendar.open_time(utc("2026-01-12T00:00"), utc("2026-01-26T00:00")) == 16h);
    REQUIRE(calendar.open_time(utc("2026-01-12T10:00"), utc("2026-01-12T11:30")) == 90min);
    REQUIRE(calendar.open_time(utc("2026-01-12T11:30"), utc("2026-01-12T10:00")) == 0ms);
    REQUIRE(
        calendar_of(Campaign{}).open_time(utc("2026-01-12T00:00"), utc("2026-01-13T00:00")) == 24h
    );
    REQUIRE(
        calendar_of(Campaign{}).open_time(utc("2026-01-12T00:00"), utc("2036-01-13T00:00")) ==
        366 * 24h
    );
}

TEST_CASE("calendar: what is wrong is named", "[campaign][calendar]") {
    const auto problem = [](const Campaign& campaign) {
        const auto calendar = Calendar::of(campaign);
        REQUIRE_FALSE(calendar.has_value());
        REQUIRE(calendar.error().code == Errc::invalid_argument);
        return calendar.error().detail.substr(0, calendar.error().detail.find(' '));
    };
    Campaign campaign;
    campaign.timezone = "Mars/Olympus";
    REQUIRE(problem(campaign) == "timezone");
    campaign = {};
    campaign.start_date = "2026-02-30";
    REQUIRE(problem(campaign) == "start_date");
    campaign = {};
    campaign.end_date = "soon";
    REQUIRE(problem(campaign) == "end_date");
    campaign = {};
    campaign.start_date = "2026-03-02";
    campaign.end_date = "2026-03-01";
    REQUIRE(problem(campaign) == "end_date");
    REQUIRE(problem(on(0, "UTC", {{1440, 60}})) == "schedule");
    REQUIRE(problem(on(0, "UTC", {{60, 1441}})) == "schedule");
}
