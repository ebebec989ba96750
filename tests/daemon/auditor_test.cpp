#include "daemon/auditor.h"

#include <catch2/catch.hpp>

#include <string>

using namespace cxdial;
using namespace std::chrono_literals;
using campaign::AttemptStatus;
using daemon::Auditor;

namespace {

constexpr base::MonoTime start{1h};

dialer::AttemptMoved moved(
    std::int64_t id, const std::string& number, std::optional<AttemptStatus> from, AttemptStatus to
) {
    return {
        campaign::AttemptId(id),
        campaign::CampaignId(1),
        campaign::DestinationId(id),
        *base::PhoneNumber::parse(number),
        from,
        to,
        std::nullopt,
        {}};
}

void begin(Auditor& auditor, std::int64_t id, const std::string& number, base::MonoTime at) {
    auditor.on_attempt(moved(id, number, std::nullopt, AttemptStatus::intent), at);
}

void end(Auditor& auditor, std::int64_t id, const std::string& number, base::MonoTime at) {
    auditor.on_attempt(moved(id, number, AttemptStatus::placed, AttemptStatus::ended), at);
}

}  // namespace

TEST_CASE("auditor: a call more than the CAC is a violation", "[daemon][auditor]") {
    Auditor auditor({.cac = 2});
    begin(auditor, 1, "+12125550101", start);
    begin(auditor, 2, "+12125550102", start);
    CHECK(auditor.violations().none());
    begin(auditor, 3, "+12125550103", start);
    CHECK(auditor.violations().cac == 1);
}

TEST_CASE("auditor: a slot that was given back may be taken again", "[daemon][auditor]") {
    Auditor auditor({.cac = 1});
    begin(auditor, 1, "+12125550101", start);
    end(auditor, 1, "+12125550101", start + 1s);
    begin(auditor, 2, "+12125550102", start + 1s);
    CHECK(auditor.violations().none());
}

TEST_CASE("auditor: a number that has a live call must not get another", "[daemon][auditor]") {
    Auditor auditor({.cac = 9});
    begin(auditor, 1, "+12125550101", start);
    begin(auditor, 2, "+12125550101", start);
    CHECK(auditor.violations().double_dial == 1);
    end(auditor, 1, "+12125550101", start);
    end(auditor, 2, "+12125550101", start);
    begin(auditor, 3, "+12125550101", start);
    CHECK(auditor.violations().double_dial == 1);
}

TEST_CASE("auditor: a request more than a window allows is a violation", "[daemon][auditor]") {
    Auditor auditor({.cac = 100, .requests = 3, .per = 10'000ms});
    for (int i = 0; i < 3; ++i) {
        begin(auditor, i, "+1212555010" + std::to_string(i), start + 4s);
    }
    CHECK(auditor.violations().none());
    SECTION("inside the window") {
        begin(auditor, 9, "+12125550109", start + 13'999ms);
        CHECK(auditor.violations().rate == 1);
    }
    SECTION("but not when the first has left it") {
        begin(auditor, 9, "+12125550109", start + 14s);
        CHECK(auditor.violations().none());
    }
}

TEST_CASE("auditor: calls beyond rate and burst are a violation", "[daemon][auditor]") {
    Auditor auditor({.cac = 100, .calls_per_second = 2.0});
    for (int i = 0; i < 4; ++i) {
        begin(auditor, i, "+1212555010" + std::to_string(i), start);
    }
    CHECK(auditor.violations().none());
    begin(auditor, 9, "+12125550109", start + 500ms);
    CHECK(auditor.violations().rate == 1);
}
