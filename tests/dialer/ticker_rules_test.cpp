#include "bench.h"
#include <catch2/catch.hpp>

#include <array>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::CampaignStatus;
using campaign::DestinationStatus;
using campaign::Transition;
using campaign::WaitReason;

// The bench begins on a Monday, 2026-09-21, at 14:13:20 UTC.
constexpr int now_minute = 14 * 60 + 13;
constexpr Millis minute{60'000};

std::array<campaign::DaySchedule, 7> every_day(int from, int to) {
    std::array<campaign::DaySchedule, 7> week{};
    for (campaign::DaySchedule& day : week) {
        day.enabled = true;
        day.time_ranges = {{.start_minute = from, .end_minute = to}};
    }
    return week;
}

base::WallTime today_at(const Bench& bench, int minute_of_day) {
    const auto day = std::chrono::floor<std::chrono::days>(bench.now().wall);
    return day + minute * minute_of_day;
}

base::PhoneNumber number(const std::string& text) {
    return base::PhoneNumber::parse(text).value();
}

TEST_CASE("rules: outside its schedule a campaign says when it may dial, and does", "[dialer]") {
    Bench bench(2);
    bench.plan.schedule = every_day(15 * 60, 16 * 60);
    bench.save();
    CHECK(bench.start().empty());
    const Hold closed{HoldReason::outside_schedule, today_at(bench, 15 * 60)};
    CHECK((bench.hold() == closed));
    CHECK(calls_of(bench.run_for(minute * 46)).empty());
    CHECK(calls_of(bench.run_for(minute)).size() == 2);
}

TEST_CASE("rules: nothing can ring past the end of the schedule", "[dialer]") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.plan.schedule = every_day(9 * 60, now_minute + 2);
    bench.plan.dial_timeout = std::chrono::seconds{45};
    bench.save();
    const base::WallTime last_start = today_at(bench, now_minute + 2) - std::chrono::seconds{45};
    const PlaceCall call = bench.start().at(0);
    CHECK(call.request.deadline == last_start);
    bench.advance(minute);
    CHECK(calls_of(bench.give(cdr(call))).empty());
    CHECK(bench.hold().reason == HoldReason::outside_schedule);
    CHECK(bench.hold().until == today_at(bench, 24 * 60 + 9 * 60));
    CHECK(bench.destination(number("+12125551001")).status == DestinationStatus::pending);
}

TEST_CASE("rules: a campaign whose end date has passed is paused and says so", "[dialer]") {
    Bench bench(1);
    bench.plan.end_date = "2026-09-21";
    bench.plan.schedule = every_day(23 * 60, 24 * 60);
    bench.save();
    CHECK(bench.start().empty());
    bench.plan.schedule = every_day(9 * 60, 10 * 60);
    bench.save();
    static_cast<void>(bench.give(CampaignEdited{bench.id()}));
    CHECK(bench.campaign().status == CampaignStatus::paused);
    CHECK(bench.campaign().status_reason == "its end date has passed");
    const TickResult again = bench.tick({ChangeCampaign{bench.id(), Transition::resume}});
    REQUIRE_FALSE(again.outcomes.at(0));
    CHECK(again.outcomes[0].error().code == base::Errc::conflict);
}

TEST_CASE("rules: a recipient is called in the hours of all zones it may be in", "[dialer]") {
    Bench bench(1);                         // in New York, where it is 10:13
    bench.add_destination("+14155551000");  // in Los Angeles: 7:13
    bench.plan.respect_recipient_time = campaign::TimeRange{9 * 60, 21 * 60};
    bench.save();
    const std::vector<PlaceCall> calls = bench.start();
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].request.destination == number("+12125551000"));
    const storage::DestinationRecord waiting = bench.destination(number("+14155551000"));
    CHECK(waiting.status == DestinationStatus::pending);
    CHECK(waiting.wait == WaitReason::recipient_hours);
    CHECK(waiting.next_at == today_at(bench, 16 * 60));
    CHECK(calls_of(bench.run_for(today_at(bench, 16 * 60) - bench.now().wall - minute)).empty());
    CHECK(calls_of(bench.run_for(minute * 2)).size() == 1);
}

TEST_CASE("rules: nobody is called whose time of day is unknown", "[dialer]") {
    Bench bench(0);
    bench.add_destination("+18005551000");
    bench.plan.respect_recipient_time = campaign::TimeRange{9 * 60, 21 * 60};
    bench.save();
    CHECK(bench.start().empty());
    CHECK(bench.destination(number("+18005551000")).status == DestinationStatus::invalid);
    CHECK(bench.destination(number("+18005551000")).wait == WaitReason::zone_unknown);
    CHECK(bench.campaign().status == CampaignStatus::completed);
}

TEST_CASE("rules: calls to a simulator count for nobody's telephone", "[dialer]") {
    Bench bench(1);
    DomainLimits simulated;
    simulated.name = campaign::simulated_domain;
    simulated.requests = 0;
    bench.settings.domains.push_back(simulated);
    bench.settings.calls_per_number = 1;
    bench.settings.per_number_window = minute * 60;
    bench.plan.max_dial_attempts = 5;
    bench.plan.retry[campaign::Disposition::busy] = {Millis{1'000}};
    bench.plan.cloudonix_domain = simulated.name;
    bench.restart();
    bench.save();
    const PlaceCall first = bench.start().at(0);
    bench.plan.cloudonix_domain = "d.example";
    bench.save();
    static_cast<void>(bench.give(CampaignEdited{bench.id()}));
    static_cast<void>(bench.give(cdr(first, campaign::Disposition::busy)));
    const std::vector<PlaceCall> real = calls_of(bench.run_for(minute));
    REQUIRE(real.size() == 1);
    CHECK(real[0].domain == "d.example");
    static_cast<void>(bench.give(cdr(real[0], campaign::Disposition::busy, "t2")));
    CHECK(calls_of(bench.run_for(minute)).empty());
    CHECK(bench.destination(number("+12125551000")).wait == WaitReason::frequency_cap);
}

TEST_CASE("rules: a number is dialed no more often than it may be in any window", "[dialer]") {
    Bench bench(1);
    bench.settings.calls_per_number = 2;
    bench.settings.per_number_window = minute * 60;
    bench.plan.max_dial_attempts = 5;
    bench.plan.retry[campaign::Disposition::busy] = {Millis{1'000}};
    bench.restart();
    bench.save();
    const PlaceCall first = bench.start().at(0);
    const base::WallTime began = bench.now().wall;
    static_cast<void>(bench.give(cdr(first, campaign::Disposition::busy)));
    const std::vector<PlaceCall> second = calls_of(bench.run_for(minute));
    REQUIRE(second.size() == 1);
    static_cast<void>(bench.give(cdr(second[0], campaign::Disposition::busy, "t2")));
    CHECK(calls_of(bench.run_for(minute)).empty());
    const storage::DestinationRecord waiting = bench.destination(first.request.destination);
    CHECK(waiting.wait == WaitReason::frequency_cap);
    CHECK(waiting.next_at == began + minute * 60);
    CHECK(calls_of(bench.run_for(minute * 60)).size() == 1);
}

TEST_CASE("rules: a suppressed prefix stops what is queued already", "[dialer]") {
    Bench bench(2);
    bench.plan.concurrent_active_calls = 1;
    bench.save();
    const PlaceCall call = bench.start().at(0);
    CHECK(bench.destination(number("+12125551001")).status == DestinationStatus::queued);
    REQUIRE(bench.repository().suppress_prefix(1'212'555, "an exchange", bench.now().wall));
    CHECK(calls_of(bench.give(cdr(call))).empty());
    CHECK(bench.destination(number("+12125551001")).status == DestinationStatus::suppressed);
}

TEST_CASE("rules: whoever waited for a retry goes before those never tried", "[dialer]") {
    Bench bench(40);
    bench.plan.concurrent_active_calls = 1;
    bench.plan.max_dial_attempts = 2;
    bench.plan.retry[campaign::Disposition::busy] = {Millis{500}};
    bench.save();
    PlaceCall call = bench.start().at(0);
    const base::PhoneNumber retried = call.request.destination;
    campaign::Disposition disposition = campaign::Disposition::busy;
    int calls = 1;
    do {
        const Effect effect = bench.give(cdr(call, disposition, "t" + std::to_string(calls))).at(0);
        call = std::get<PlaceCall>(effect);
        disposition = campaign::Disposition::answered;
        bench.advance(Millis{1'000});
        ++calls;
    } while (call.request.destination != retried && calls < 40);
    CHECK(calls < 25);  // as soon as the buffer was filled again
}

TEST_CASE("rules: no credit pauses every campaign of the domain", "[dialer]") {
    Bench bench(2);
    const campaign::CampaignId first = bench.id();
    static_cast<void>(bench.start());
    bench.plan.name = "autumn";
    bench.save();
    bench.add_destination("+13125551000");
    bench.add_destination("+13125551001");
    const PlaceCall call = bench.start().at(0);
    static_cast<void>(bench.give(cdr(call, campaign::Disposition::no_credit)));
    CHECK(bench.campaign().status == CampaignStatus::paused);
    CHECK(bench.repository().campaign(first)->status == CampaignStatus::paused);
    CHECK(bench.campaign().status_reason == "Cloudonix domain d.example has no credit");
}

}  // namespace
}  // namespace cxdial::dialer
