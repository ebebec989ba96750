#include "base/duration.h"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using cxdial::base::Millis;
using cxdial::base::parse_duration;
using cxdial::base::to_text;

TEST_CASE("duration: a number and a unit are read as milliseconds", "[base][duration]") {
    const auto [text, millis] = GENERATE(table<std::string, int>({
        {"250ms", 250},
        {"10s", 10'000},
        {"0s", 0},
        {"5m", 300'000},
        {"1h", 3'600'000},
        {"2d", 172'800'000},
        {"1.5s", 1'500},
        {"0.5m", 30'000},
    }));
    CAPTURE(text);
    REQUIRE(parse_duration(text) == Millis{millis});
}

TEST_CASE("duration: anything else is none", "[base][duration]") {
    const auto* const text = GENERATE(
        "",
        "10",
        "s",
        "10x",
        "-1s",
        "-0s",
        "+1s",
        " 10s",
        "10s ",
        "10 s",
        "1e3s",
        "infs",
        "nans",
        "1h30m",
        "99999d",
        "1,5s",
        "10S"
    );
    CAPTURE(text);
    REQUIRE_FALSE(parse_duration(text).has_value());
}

TEST_CASE("duration: the text of a duration reads back as the same", "[base][duration]") {
    const int millis = GENERATE(0, 1, 999, 1'000, 1'500, 60'000, 90'000, 3'600'000, 86'400'000);
    REQUIRE(parse_duration(to_text(Millis{millis})) == Millis{millis});
    REQUIRE(to_text(Millis{7'200'000}) == "2h");
    REQUIRE(to_text(Millis{1'500}) == "1500ms");
}
