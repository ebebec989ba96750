#include "places.h"
#include "simulation.h"
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

namespace cxdial::sim {
namespace {

using base::Millis;
using campaign::AttemptStatus;
using campaign::DestinationStatus;

std::size_t count_of(Simulation& simulation, AttemptStatus status) {
    const auto rows = simulation.ledger().attempts();
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
        return row.second.status == status;
    }));
}

TEST_CASE("simulation: the same seed goes the same way twice", "[sim]") {
    Simulation first(7, false);
    first.run();
    Simulation second(7, false);
    second.run();
    CHECK(first.fingerprint() == second.fingerprint());
    Simulation other(8, false);
    other.run();
    CHECK(first.fingerprint() != other.fingerprint());
}

TEST_CASE("story: a calm campaign calls everybody once", "[sim]") {
    Simulation simulation(1, calm_setup());
    simulation.settle();
    CHECK(simulation.cloudonix().calls().size() == simulation.ledger().destinations().size());
    CHECK(simulation.cloudonix().overruns() == 0);
}

TEST_CASE("story: when every reply is lost, no call is placed twice", "[sim]") {
    Setup setup = calm_setup();
    setup.faults.reply_lost = 1;
    setup.faults.webhook_lost = 1;
    Simulation simulation(2, setup);
    simulation.run_for(Millis{600'000});
    simulation.settle();
    CHECK(simulation.cloudonix().calls().size() == simulation.ledger().destinations().size());
    // The session list told of every one of them.
    CHECK(count_of(simulation, AttemptStatus::abandoned) == 0);
}

TEST_CASE("story: requests that never arrive are abandoned, not placed again", "[sim]") {
    Setup setup = calm_setup();
    setup.faults.lost = 1;
    Simulation simulation(3, setup);
    simulation.run_for(Millis{1'800'000});
    simulation.settle();
    CHECK(simulation.cloudonix().calls().empty());
    CHECK(
        count_of(simulation, AttemptStatus::abandoned) == simulation.ledger().destinations().size()
    );
}

TEST_CASE("story: calls accepted after the client gave up are never doubled", "[sim]") {
    Setup setup = calm_setup();
    setup.faults.accepted_late = 1;
    setup.faults.list_stale = 1;
    setup.faults.look_up_missing = 0.5;
    setup.campaigns[0].campaign.max_dial_attempts = 3;
    setup.campaigns[0].campaign.retry[campaign::Disposition::unknown] = {Millis{1'000}};
    Simulation simulation(4, setup);
    simulation.run_for(Millis{3'600'000});
    simulation.settle();
    CHECK_FALSE(simulation.cloudonix().calls().empty());
}

TEST_CASE("story: the wall clock is set while calls are live and the daemon starts anew", "[sim]") {
    const int hours = GENERATE(-1, 1);
    Setup setup = calm_setup();
    setup.faults.webhook_lost = 1;
    setup.faults.accepted_late = 0.5;
    Simulation simulation(5, setup);
    simulation.run_for(Millis{4'000});
    simulation.world().jump_wall_to(hours * Millis{3'600'000});
    simulation.judge().on_wall_jump();
    simulation.daemon().kill();
    simulation.daemon().start();
    simulation.run_for(Millis{600'000});
    simulation.settle();
    CHECK(simulation.cloudonix().calls().size() == simulation.ledger().destinations().size());
}

TEST_CASE("story: a full disk stops placing and nothing is lost", "[sim]") {
    Simulation simulation(6, calm_setup());
    simulation.run_for(Millis{2'500});
    simulation.daemon().fill_disk(Millis{30'000});
    const std::size_t before = simulation.cloudonix().calls().size();
    simulation.run_for(Millis{29'000});
    CHECK(simulation.cloudonix().calls().size() <= before + 1);  // one may have been on its way
    simulation.settle();
    CHECK(simulation.cloudonix().calls().size() == simulation.ledger().destinations().size());
    CHECK(simulation.daemon().lives() == 2);  // the second is the settling's own
}

/// One campaign to `assistants` behind a balancer, chosen at the answer; everybody answers.
Setup pool_setup(int assistants, int destinations) {
    Setup setup = calm_setup();
    setup.settings.public_url = "https://dialer.example";
    setup.settings.domains.front().requests = 0;
    setup.people = {.answer_percent = 100, .longest_talk = Millis{6'000}};
    setup.numbers_each = numbers_of_a_place;
    balancer::Balancer pool;
    pool.name = "pool";
    for (int i = 0; i < assistants; ++i) {
        setup.assistants.push_back(make_assistant("assistant-" + std::to_string(i)));
        balancer::Member member;
        member.assistant = setup.assistants.back().name;
        pool.members.push_back(member);
    }
    setup.balancers = {pool};
    PlannedCampaign& planned = setup.campaigns.front();
    planned.destinations = destinations;
    planned.campaign.concurrent_active_calls = 20;
    planned.campaign.calls_per_second = 4.0;
    planned.campaign.routing_destination_type = campaign::RoutingDestinationType::ai_load_balancer;
    planned.campaign.routing_destination = pool.name;
    return setup;
}

/// Campaigns that want more calls than one domain bears.
Setup crowded_setup(int requests) {
    Setup setup = calm_setup();
    setup.people.answer_percent = 0;
    setup.numbers_each = numbers_of_a_place;
    setup.settings.domains.front().requests = requests;
    setup.settings.domains.front().per = Millis{5'000};
    PlannedCampaign& planned = setup.campaigns.front();
    planned.destinations = 300;
    planned.campaign.concurrent_active_calls = 100;
    planned.campaign.calls_per_second = 0.0;
    return setup;
}

int calls_of(Simulation& simulation, std::size_t campaign) {
    const campaign::CampaignId id = simulation.campaigns().at(campaign);
    const auto rows = simulation.ledger().attempts();
    return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
        return row.second.campaign == id;
    }));
}

/// Calls accepted from one wall time until another.
int accepted_between(Simulation& simulation, base::WallTime from, base::WallTime until) {
    const auto& calls = simulation.cloudonix().calls();
    return static_cast<int>(std::count_if(calls.begin(), calls.end(), [&](const Call& call) {
        const base::WallTime at = simulation.world().wall_of(call.accepted);
        return at >= from && at < until;
    }));
}

TEST_CASE("story: half of a balancer dies and its calls move to the others", "[sim]") {
    Simulation simulation(10, pool_setup(4, 250));
    simulation.run_for(Millis{20'000});
    simulation.people().set_dead("assistant-0", true);
    simulation.people().set_dead("assistant-2", true);
    simulation.run_for(Millis{25'000});
    // Three in a row each, and those that were on their way.
    CHECK(simulation.judge().pools().wasted() >= 3);
    CHECK(simulation.judge().pools().wasted() <= 16);
    simulation.settle();
    const auto rows = simulation.ledger().destinations();
    CHECK(std::all_of(rows.begin(), rows.end(), [](const auto& row) {
        return row.second.status == DestinationStatus::completed && row.second.attempts == 1;
    }));
}

TEST_CASE("story: a limit that is halved in mid-run is found within two windows", "[sim]") {
    Simulation simulation(11, crowded_setup(20));
    simulation.run_for(Millis{20'000});
    CHECK(simulation.cloudonix().overruns() == 0);
    simulation.people().lower_limit("d0.example", 10, Millis{600'000});
    simulation.run_for(Millis{10'000});
    const int overruns = simulation.cloudonix().overruns();
    const std::size_t before = simulation.cloudonix().calls().size();
    simulation.run_for(Millis{50'000});
    CHECK(simulation.cloudonix().overruns() - overruns <= 5);
    CHECK(simulation.cloudonix().calls().size() - before >= 70);
    CHECK(simulation.cloudonix().calls().size() - before <= 100);
}

TEST_CASE("story: campaigns share a domain by weight, and the last in rank gets some", "[sim]") {
    Setup setup = crowded_setup(10);
    PlannedCampaign other = setup.campaigns.front();
    other.campaign.name = "of a third of the weight";
    PlannedCampaign last = setup.campaigns.front();
    last.campaign.name = "of the lowest priority";
    setup.campaigns.front().campaign.priority = 1;
    setup.campaigns.front().campaign.weight = 300;
    other.campaign.priority = 1;
    other.campaign.weight = 100;
    setup.campaigns.push_back(other);
    setup.campaigns.push_back(last);
    Simulation simulation(12, setup);
    simulation.run_for(Millis{120'000});
    const int first = calls_of(simulation, 0);
    const int second = calls_of(simulation, 1);
    const int third = calls_of(simulation, 2);
    CAPTURE(first, second, third);
    CHECK(first * 10 >= second * 27);
    CHECK(first * 10 <= second * 33);
    CHECK(third > 0);
    CHECK(third * 3 < second);
}

TEST_CASE("story: a range that the clock jumps into ends where the clock jumps", "[sim]") {
    using std::chrono::hours;
    using std::chrono::minutes;
    Setup setup = calm_setup();
    setup.wall_start = base::WallTime{Millis{1'772'950'200'000}};  // 01:10 of 2026-03-08 there
    setup.campaigns.front().destinations = 40;
    campaign::Campaign& campaign = setup.campaigns.front().campaign;
    campaign.timezone = "America/New_York";
    campaign.concurrent_active_calls = 1;
    campaign.schedule.emplace();
    campaign.schedule->back() = {.enabled = true, .time_ranges = {{90, 150}}};  // 01:30 to 02:30
    campaign.calls_per_second = 0.01;
    Simulation simulation(13, setup);
    simulation.run_for(hours{4});
    const base::WallTime opens = setup.wall_start + minutes{20};
    const base::WallTime jumps = setup.wall_start + minutes{50};
    CHECK(accepted_between(simulation, opens, jumps) > 10);
    CHECK(accepted_between(simulation, opens, opens + minutes{2}) > 0);
    CHECK(
        accepted_between(simulation, opens, jumps) ==
        static_cast<int>(simulation.cloudonix().calls().size())
    );
}

TEST_CASE("story: a range of the hour that comes twice is open twice", "[sim]") {
    using std::chrono::hours;
    using std::chrono::minutes;
    Setup setup = calm_setup();
    setup.wall_start = base::WallTime{Millis{1'793'509'800'000}};  // 01:10 of 2026-11-01 there
    setup.campaigns.front().destinations = 40;
    campaign::Campaign& campaign = setup.campaigns.front().campaign;
    campaign.timezone = "America/New_York";
    campaign.concurrent_active_calls = 1;
    campaign.calls_per_second = 0.01;
    campaign.schedule.emplace();
    campaign.schedule->back() = {.enabled = true, .time_ranges = {{90, 105}}};  // 01:30 to 01:45
    Simulation simulation(14, setup);
    simulation.run_for(hours{4});
    const base::WallTime first = setup.wall_start + minutes{20};
    const base::WallTime second = first + hours{1};
    const int in_first = accepted_between(simulation, first, first + minutes{15});
    const int in_second = accepted_between(simulation, second, second + minutes{15});
    CHECK(in_first > 4);
    CHECK(in_second > 4);
    CHECK(in_first + in_second == static_cast<int>(simulation.cloudonix().calls().size()));
}

TEST_CASE("story: a number in two campaigns is dialed as often as it may be", "[sim]") {
    using std::chrono::minutes;
    Setup setup = calm_setup();
    setup.settings.calls_per_number = 1;
    setup.settings.per_number_window = minutes{30};
    setup.numbers_each = 1;
    setup.campaigns.front().destinations = 1;
    setup.campaigns.push_back(setup.campaigns.front());
    setup.campaigns.back().campaign.name = "the other";
    Simulation simulation(15, setup);
    simulation.run_for(minutes{29});
    CHECK(simulation.cloudonix().calls().size() == 1);
    const auto told = simulation.ledger().statistics(simulation.campaigns().back());
    CHECK(told.waiting.count(campaign::WaitReason::frequency_cap) == 1);
    simulation.run_for(minutes{2});
    CHECK(simulation.cloudonix().calls().size() == 2);
    simulation.settle();
}

TEST_CASE("story: a machine answers, is hung up on, and is called again by policy", "[sim]") {
    Setup setup = pool_setup(1, 8);
    setup.people.machine_percent = 100;
    campaign::Campaign& campaign = setup.campaigns.front().campaign;
    campaign.amd.mode = "Enable";
    campaign.max_dial_attempts = 2;
    campaign.retry[campaign::Disposition::voicemail] = {Millis{60'000}};
    Simulation simulation(16, setup);
    simulation.settle();
    const auto rows = simulation.ledger().destinations();
    CHECK(simulation.cloudonix().calls().size() == 2 * rows.size());
    CHECK(std::all_of(rows.begin(), rows.end(), [](const auto& row) {
        return row.second.status == DestinationStatus::failed &&
               row.second.last_disposition == "voicemail";
    }));
    // Hung up on: nobody was connected.
    const auto& calls = simulation.cloudonix().calls();
    CHECK(std::all_of(calls.begin(), calls.end(), [](const Call& call) {
        return call.ended - *call.answered < Millis{1'000};
    }));
}

}  // namespace
}  // namespace cxdial::sim
