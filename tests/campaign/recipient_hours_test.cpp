#include "campaign/recipient_hours.h"

#include "campaign/internal/civil_time.h"
#include "campaign/internal/zone_table.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace cxdial::campaign;
using namespace std::chrono_literals;
using cxdial::base::PhoneNumber;
using cxdial::base::WallTime;

namespace {

using Zones = std::vector<std::string>;

WallTime utc(const std::string& text) {
    const ReadInstant read = parse_instant(text + "Z", "");
    REQUIRE(read.time.has_value());
    return *read.time;
}

Zones zones_of(const std::string& number) {
    const auto read = PhoneNumber::parse(number);
    REQUIRE(read.has_value());
    return plausible_zones(*read);
}

Zones words_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    Zones words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::vector<PrefixZones> all_rows() {
    std::vector<PrefixZones> rows;
    for (const auto& table : {zones_of_north_america(), zones_of_the_world()}) {
        rows.insert(rows.end(), table.begin(), table.end());
    }
    return rows;
}

constexpr TimeRange nine_to_nine{9 * 60, 21 * 60};
const Opening never{.open = false, .until = std::nullopt};

}  // namespace

TEST_CASE("zones: a number's area code or country says where it is", "[campaign][zones]") {
    const auto [number, zone] = GENERATE(table<std::string, std::string>({
        {"+12125550100", "America/New_York"},    {"+13125550100", "America/Chicago"},
        {"+13035550100", "America/Denver"},      {"+16025550100", "America/Phoenix"},
        {"+14155550100", "America/Los_Angeles"}, {"+18085550100", "Pacific/Honolulu"},
        {"+14165550100", "America/Toronto"},     {"+16045550100", "America/Vancouver"},
        {"+18765550100", "America/Jamaica"},     {"+17875550100", "America/Puerto_Rico"},
        {"+441632960961", "Europe/London"},      {"+4930123456", "Europe/Berlin"},
        {"+41791234567", "Europe/Zurich"},       {"+34912345678", "Europe/Madrid"},
        {"+34928123456", "Atlantic/Canary"},     {"+351212345678", "Europe/Lisbon"},
        {"+351291123456", "Atlantic/Madeira"},   {"+351296123456", "Atlantic/Azores"},
        {"+74951234567", "Europe/Moscow"},       {"+74012123456", "Europe/Kaliningrad"},
        {"+74232123456", "Asia/Vladivostok"},    {"+5511987654321", "America/Sao_Paulo"},
        {"+5592987654321", "America/Manaus"},    {"+525512345678", "America/Mexico_City"},
        {"+526641234567", "America/Tijuana"},    {"+529981234567", "America/Cancun"},
        {"+5621234567", "America/Santiago"},     {"+61212345678", "Australia/Sydney"},
        {"+61891234567", "Australia/Perth"},     {"+61265631234", "Australia/Lord_Howe"},
        {"+61889123456", "Australia/Darwin"},    {"+62211234567", "Asia/Jakarta"},
        {"+62361123456", "Asia/Makassar"},       {"+6493123456", "Pacific/Auckland"},
        {"+6433051234", "Pacific/Chatham"},      {"+243212345678", "Africa/Lubumbashi"},
        {"+919812345678", "Asia/Kolkata"},       {"+8613812345678", "Asia/Shanghai"},
        {"+81312345678", "Asia/Tokyo"},          {"+972501234567", "Asia/Jerusalem"},
        {"+27821234567", "Africa/Johannesburg"}, {"+9771234567", "Asia/Kathmandu"},
    }));
    CAPTURE(number);
    REQUIRE(zones_of(number).front() == zone);
}

TEST_CASE("zones: an area code on a border has both sides", "[campaign][zones]") {
    REQUIRE(zones_of("+18505550100") == Zones{"America/New_York", "America/Chicago"});
    REQUIRE(zones_of("+17015550100") == Zones{"America/Chicago", "America/Denver"});
    REQUIRE(zones_of("+12085550100") == Zones{"America/Boise", "America/Los_Angeles"});
    REQUIRE(zones_of("+18075550100").size() == 3);
}

TEST_CASE("zones: a mobile number may be anywhere in its country", "[campaign][zones]") {
    REQUIRE(zones_of("+34612345678") == Zones{"Europe/Madrid", "Atlantic/Canary"});
    REQUIRE(zones_of("+351912345678").size() == 3);
    REQUIRE(zones_of("+79161234567").size() == 11);
    REQUIRE(zones_of("+61412345678").size() == 6);
    REQUIRE(zones_of("+6281234567890").size() == 3);
    REQUIRE(zones_of("+380501234567").size() == 2);
    REQUIRE(zones_of("+97699123456").size() == 2);
    REQUIRE(zones_of("+77011234567") == Zones{"Asia/Almaty", "Asia/Aqtobe"});
}

TEST_CASE("zones: numbers that belong to no place have none", "[campaign][zones]") {
    for (const char* const number :
         {"+18005550100",
          "+18885550100",
          "+17005550100",
          "+19995550100",
          "+80012345678",
          "+870123456789",
          "+8816123456789",
          "+8835100123456",
          "+97912345678",
          "+2101234567"}) {
        CAPTURE(number);
        REQUIRE(zones_of(number).empty());
    }
}

TEST_CASE("zones: the tz database has every name in the table", "[campaign][zones]") {
    for (const PrefixZones& row : all_rows()) {
        CAPTURE(row.prefixes);
        REQUIRE_FALSE(words_of(row.zones).empty());
        for (const std::string& name : words_of(row.zones)) {
            CAPTURE(name);
            REQUIRE(is_time_zone(name));
        }
    }
}

TEST_CASE("zones: no prefix stands in the table twice", "[campaign][zones]") {
    std::set<std::string> seen;
    for (const PrefixZones& row : all_rows()) {
        for (const std::string& prefix : words_of(row.prefixes)) {
            CAPTURE(prefix);
            REQUIRE(seen.insert(prefix).second);
            REQUIRE(prefix.size() <= prefix_digits_max);
            REQUIRE(prefix.find_first_not_of("0123456789") == std::string::npos);
        }
    }
}

TEST_CASE("zones: an area code of country 1 is three digits", "[campaign][zones]") {
    for (const PrefixZones& row : zones_of_north_america()) {
        for (const std::string& prefix : words_of(row.prefixes)) {
            CAPTURE(prefix);
            REQUIRE(prefix.size() == 4);
            REQUIRE(prefix.front() == '1');
            REQUIRE(prefix[1] >= '2');
        }
    }
}

TEST_CASE("recipient: hours hold in the recipient's zone", "[campaign][recipient]") {
    const Zones tokyo{"Asia/Tokyo"};
    const Opening before = recipient_opening(nine_to_nine, tokyo, utc("2026-01-11T23:59"));
    REQUIRE(before == Opening{.open = false, .until = utc("2026-01-12T00:00")});
    const Opening inside = recipient_opening(nine_to_nine, tokyo, utc("2026-01-12T00:00"));
    REQUIRE(inside == Opening{.open = true, .until = utc("2026-01-12T12:00")});
}

TEST_CASE("recipient: every zone must allow the call", "[campaign][recipient]") {
    const Zones coasts{"America/New_York", "America/Los_Angeles"};
    // 09:00 in Los Angeles is 17:00 UTC in winter; 21:00 in New York is 02:00 UTC.
    REQUIRE(
        recipient_opening(nine_to_nine, coasts, utc("2026-01-12T15:00")) ==
        Opening{.open = false, .until = utc("2026-01-12T17:00")}
    );
    REQUIRE(
        recipient_opening(nine_to_nine, coasts, utc("2026-01-12T18:00")) ==
        Opening{.open = true, .until = utc("2026-01-13T02:00")}
    );
    REQUIRE(
        recipient_opening(nine_to_nine, coasts, utc("2026-01-13T03:00")) ==
        Opening{.open = false, .until = utc("2026-01-13T17:00")}
    );
}

TEST_CASE("recipient: zones that never agree are closed for ever", "[campaign][recipient]") {
    const Zones apart{"Europe/London", "Pacific/Auckland"};
    REQUIRE(recipient_opening({9 * 60, 12 * 60}, apart, utc("2026-01-12T10:00")) == never);
}

TEST_CASE("recipient: no known zone is closed for ever", "[campaign][recipient]") {
    const WallTime noon = utc("2026-01-12T12:00");
    REQUIRE(recipient_opening({0, 1440}, Zones{}, noon) == never);
    REQUIRE(recipient_opening({0, 1440}, Zones{"Mars/Olympus"}, noon) == never);
    REQUIRE(recipient_opening({0, 1440}, Zones{"Europe/London", "Mars/Olympus"}, noon) == never);
    REQUIRE(recipient_opening({0, 1440}, Zones{"Europe/London"}, noon).open);
}

TEST_CASE("recipient: hours over midnight and a change of the clock", "[campaign][recipient]") {
    const Zones berlin{"Europe/Berlin"};
    REQUIRE(
        recipient_opening({20 * 60, 4 * 60}, berlin, utc("2026-03-28T20:00")) ==
        Opening{.open = true, .until = utc("2026-03-29T02:00")}
    );
}

TEST_CASE("recipient: schedule and hours must both be open", "[campaign][recipient]") {
    Campaign campaign;
    campaign.timezone = "Europe/Berlin";
    campaign.schedule.emplace().at(0) = {.enabled = true, .time_ranges = {{8 * 60, 18 * 60}}};
    const auto calendar = Calendar::of(campaign);
    REQUIRE(calendar.has_value());
    const Zones new_york{"America/New_York"};
    const auto at = [&](const std::string& text) {
        return both_open(*calendar, &nine_to_nine, new_york, utc(text));
    };
    // Monday 08:00 to 18:00 in Berlin is 07:00 to 17:00 UTC, and New York's day begins at 14:00
    // UTC.
    REQUIRE(at("2026-01-12T08:00") == Opening{.open = false, .until = utc("2026-01-12T14:00")});
    REQUIRE(at("2026-01-12T14:00") == Opening{.open = true, .until = utc("2026-01-12T17:00")});
    REQUIRE(at("2026-01-12T17:00") == Opening{.open = false, .until = utc("2026-01-19T14:00")});
    REQUIRE(both_open(*calendar, &nine_to_nine, Zones{}, utc("2026-01-12T14:00")) == never);
    REQUIRE(
        both_open(*calendar, nullptr, Zones{}, utc("2026-01-12T08:00")) ==
        Opening{.open = true, .until = utc("2026-01-12T17:00")}
    );
}

TEST_CASE("recipient: a schedule that misses the hours never opens", "[campaign][recipient]") {
    Campaign campaign;
    campaign.schedule.emplace().at(0) = {.enabled = true, .time_ranges = {{60, 120}}};
    const auto calendar = Calendar::of(campaign);
    REQUIRE(calendar.has_value());
    REQUIRE(both_open(*calendar, &nine_to_nine, Zones{"UTC"}, utc("2026-01-12T08:00")) == never);
}
