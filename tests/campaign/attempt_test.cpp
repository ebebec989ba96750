#include "campaign/attempt.h"

#include "campaign/disposition.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace cxdial::campaign;

TEST_CASE("attempt: exactly the drawn arrows are legal", "[campaign][attempt]") {
    using enum AttemptStatus;
    const std::map<AttemptStatus, std::set<AttemptStatus>> legal{
        {intent, {in_doubt, placed, ringing, answered, ended, refused, not_sent, abandoned}},
        {in_doubt, {placed, ringing, answered, ended, refused, not_sent, abandoned}},
        {placed, {ringing, answered, ended}},
        {ringing, {answered, ended}},
        {answered, {ended}},
        {ended, {}},
        {refused, {}},
        {not_sent, {}},
        {abandoned, {}},
    };
    for (const AttemptStatus from : all_attempt_statuses) {
        for (const AttemptStatus to : all_attempt_statuses) {
            CAPTURE(to_string(from), to_string(to));
            REQUIRE(may_become(from, to) == legal.at(from).contains(to));
        }
    }
}

TEST_CASE("attempt: a terminal status is one that leads nowhere", "[campaign][attempt]") {
    for (const AttemptStatus from : all_attempt_statuses) {
        bool leads_on = false;
        for (const AttemptStatus to : all_attempt_statuses) {
            leads_on = leads_on || may_become(from, to);
        }
        CAPTURE(to_string(from));
        REQUIRE(is_terminal(from) == !leads_on);
    }
}

TEST_CASE("attempt: names read back, and the stored numbers stay", "[campaign][attempt]") {
    int number = 0;
    for (const AttemptStatus status : all_attempt_statuses) {
        REQUIRE(parse_attempt_status(to_string(status)) == status);
        REQUIRE(static_cast<int>(status) == number++);
    }
    REQUIRE(to_string(AttemptStatus::in_doubt) == "in_doubt");
    REQUIRE_FALSE(parse_attempt_status("Placed"));
    REQUIRE_FALSE(parse_attempt_status(""));
}

TEST_CASE("disposition: names read back", "[campaign][disposition]") {
    std::set<std::string_view> names;
    for (const Disposition disposition : all_dispositions) {
        REQUIRE(parse_disposition(to_string(disposition)) == disposition);
        names.insert(to_string(disposition));
    }
    REQUIRE(
        names ==
        std::set<std::string_view>{
            "answered",
            "busy",
            "no_answer",
            "cancelled",
            "congestion",
            "failed",
            "no_credit",
            "voicemail",
            "unknown"}
    );
    REQUIRE_FALSE(parse_disposition("ANSWER"));
}
