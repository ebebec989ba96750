#include "setup.h"

#include "hours.h"
#include "places.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace cxdial::sim {

using base::Millis;
using campaign::Disposition;

namespace {

constexpr Millis minute{60'000};
constexpr int minutes_of_day = 24 * 60;

/// Clocks are set in spring and autumn, in New York and in Berlin.
struct Edge {
    base::WallTime at;
    const char* zone;
};
constexpr std::array edges{
    Edge{base::WallTime{Millis{1'772'953'200'000}}, "America/New_York"},  // 2026-03-08 07:00 UTC
    Edge{base::WallTime{Millis{1'793'512'800'000}}, "America/New_York"},  // 2026-11-01 06:00 UTC
    Edge{base::WallTime{Millis{1'774'746'000'000}}, "Europe/Berlin"},     // 2026-03-29 01:00 UTC
    Edge{base::WallTime{Millis{1'792'890'000'000}}, "Europe/Berlin"},     // 2026-10-25 01:00 UTC
};

int draw_between(base::Rng& dice, int least, int most) {
    return least + static_cast<int>(dice.below(static_cast<std::uint64_t>(most - least + 1)));
}

template <class Things>
const auto& draw_of(base::Rng& dice, const Things& things) {
    return things[dice.below(things.size())];
}

int wrapped(int minute_of_day) {
    return (minute_of_day + minutes_of_day) % minutes_of_day;
}

base::WallTime draw_start(base::Rng& dice) {
    const bool near_an_edge = dice.chance(0.3);
    const base::WallTime before_edge =
        draw_of(dice, edges).at - minute * draw_between(dice, 20, 60);
    const base::WallTime any_day = ordinary_start + minute * draw_between(dice, 0, minutes_of_day);
    return near_an_edge ? before_edge : any_day;
}

void draw_dates(base::Rng& dice, base::WallTime start, campaign::Campaign& campaign) {
    constexpr Millis day = minute * minutes_of_day;
    if (dice.chance(0.06)) {
        campaign.start_date =
            read_wall(campaign.timezone, start + (dice.chance(0.5) ? day : -day)).day;
    }
    if (!campaign.start_date && dice.chance(0.06)) {
        campaign.end_date =
            read_wall(campaign.timezone, start + (dice.chance(0.5) ? day : Millis{0})).day;
    }
}

void draw_recipient_hours(base::Rng& dice, const Setup& setup, campaign::Campaign& campaign) {
    constexpr int morning = 8 * 60;
    constexpr int evening = 20 * 60;
    if (dice.chance(0.3)) {
        campaign.respect_recipient_time = campaign::TimeRange{morning, evening};
        return;
    }
    // So that they open or close during the run where somebody lives.
    const std::string_view zone = places[draw_of(dice, setup.inhabited)].zone;
    const int now = read_wall(zone.empty() ? "UTC" : zone, setup.wall_start).minute;
    const int from = now + draw_between(dice, -120, 15);
    const int length = draw_between(dice, 10, 240);
    campaign.respect_recipient_time = campaign::TimeRange{wrapped(from), wrapped(from + length)};
}

campaign::Campaign draw_campaign(base::Rng& dice, const std::string& domain, int number) {
    campaign::Campaign campaign;
    campaign.name = "campaign " + std::to_string(number);
    campaign.cloudonix_domain = domain;
    campaign.caller_ids = {{.phone_number = "+12125550100"}, {.phone_number = "+12125550101"}};
    campaign.concurrent_active_calls = draw_between(dice, 1, 6);
    constexpr std::array paces{0.0, 0.3, 1.0, 2.5, 5.0};
    campaign.calls_per_second = draw_of(dice, paces);
    campaign.dial_timeout = std::chrono::seconds{draw_between(dice, 10, 39)};
    campaign.time_limit = std::chrono::seconds{draw_between(dice, 60, 299)};
    campaign.max_dial_attempts = draw_between(dice, 1, 3);
    for (const Disposition disposition : campaign::all_dispositions) {
        if (disposition != Disposition::answered && dice.chance(0.7)) {
            // Short delays: a second call must have the chance to meet the first.
            campaign.retry[disposition] = {
                Millis{draw_between(dice, 1'000, 60'999)}, Millis{draw_between(dice, 0, 599'999)}};
        }
    }
    campaign.priority = dice.chance(0.3) ? draw_between(dice, 0, 2) : 0;
    constexpr std::array weights{1, 50, 100, 300};
    campaign.weight = draw_of(dice, weights);
    return campaign;
}

dialer::DomainLimits draw_domain(base::Rng& dice, const std::string& name) {
    dialer::DomainLimits limits;
    limits.name = name;
    limits.requests = dice.chance(0.1) ? 0 : draw_between(dice, 4, 19);
    limits.per = Millis{draw_between(dice, 3'000, 9'999)};
    limits.max_concurrent_calls = dice.chance(0.5) ? 0 : draw_between(dice, 1, 8);
    limits.in_doubt_limit = Millis{draw_between(dice, 40'000, 119'999)};
    return limits;
}

void draw_assistants(base::Rng& dice, Setup& setup) {
    for (int i = 0; i < 5; ++i) {
        balancer::Assistant assistant = make_assistant("assistant-" + std::to_string(i));
        assistant.max_concurrent_calls = draw_between(dice, 0, 4);
        setup.assistants.push_back(std::move(assistant));
    }
    constexpr std::array strategies{
        balancer::Strategy::round_robin,
        balancer::Strategy::least_connections,
        balancer::Strategy::random,
        balancer::Strategy::weighted,
        balancer::Strategy::priority};
    // The second pool begins where the first may not have ended: they share assistants at times.
    for (std::size_t pool = 0; pool < 2; ++pool) {
        balancer::Balancer balancer;
        balancer.name = "pool-" + std::to_string(pool);
        balancer.strategy = draw_of(dice, strategies);
        const std::size_t first = pool * dice.below(4);
        const std::size_t members = 2 + dice.below(4);
        for (std::size_t i = 0; i < members; ++i) {
            balancer::Member member;
            member.assistant = setup.assistants[(first + i) % setup.assistants.size()].name;
            member.weight = draw_between(dice, 1, 3);
            member.priority = draw_between(dice, 0, 1);
            balancer.members.push_back(member);
        }
        setup.balancers.push_back(std::move(balancer));
    }
}

void draw_routing(base::Rng& dice, const Setup& setup, campaign::Campaign& campaign) {
    using enum campaign::RoutingDestinationType;
    const auto kind = dice.below(10);
    if (kind < 3) {
        campaign.routing_destination_type = ai_assistant;
        campaign.routing_destination = draw_of(dice, setup.assistants).name;
    } else if (kind < 8) {
        campaign.routing_destination_type = ai_load_balancer;
        campaign.routing_destination = draw_of(dice, setup.balancers).name;
    }
    const bool can_ask = !setup.settings.public_url.empty();
    if (can_ask && dice.chance(0.3)) {
        campaign.cxml_delivery = campaign::CxmlDelivery::inline_document;
    } else if (can_ask && dice.chance(0.4)) {
        campaign.amd.mode = "Enable";
        campaign.amd.on_machine = dice.chance(0.6) ? "hangup" : "continue";
    }
}

/// Long lists, short calls and a pace at which limits bind.
void make_busy(base::Rng& dice, Setup& setup) {
    setup.people.answer_percent = 25;
    setup.people.longest_talk = Millis{20'000};
    setup.numbers_each = 150;
    PlannedCampaign& busy = setup.campaigns.front();
    busy.destinations = draw_between(dice, 90, 150);
    busy.campaign.concurrent_active_calls = draw_between(dice, 10, 30);
    busy.campaign.calls_per_second = dice.chance(0.4) ? 0.0 : draw_between(dice, 3, 10);
    busy.campaign.priority = 0;
    busy.campaign.max_dial_attempts = 3;
    busy.campaign.retry[Disposition::busy] = {Millis{5'000}};
    if (!busy.campaign.routing_destination.empty() && dice.chance(0.7)) {
        setup.people.answer_percent = 70;
        setup.people.longest_talk = Millis{6'000};
        for (balancer::Assistant& assistant : setup.assistants) {
            assistant.max_concurrent_calls *= 2;
        }
    }
    for (dialer::DomainLimits& limits : setup.settings.domains) {
        limits.max_concurrent_calls = 0;
    }
    setup.settings.max_concurrent_calls = 0;
    setup.faults.limit_lowered = dice.chance(0.5) ? 0.7 : 0.0;
    setup.faults.assistant_dies = 0.8;
}

void draw_settings(base::Rng& dice, Setup& setup) {
    const int domains = dice.chance(0.3) ? draw_between(dice, 2, 3) : 1;
    for (int i = 0; i < domains; ++i) {
        setup.settings.domains.push_back(draw_domain(dice, "d" + std::to_string(i) + ".example"));
    }
    setup.settings.public_url = dice.chance(0.5) ? "https://dialer.example" : "";
    setup.settings.poll_interval = dice.chance(0.3) ? Millis{10'000} : minute;
    if (dice.chance(0.4)) {
        setup.settings.calls_per_number = draw_between(dice, 2, 4);
        setup.settings.per_number_window = minute * draw_between(dice, 10, 60);
    }
    setup.settings.inbound_expiry = minute * 20;
    setup.settings.max_concurrent_calls = dice.chance(0.3) ? draw_between(dice, 2, 8) : 0;
}

void draw_places(base::Rng& dice, Setup& setup) {
    setup.inhabited.clear();
    for (std::size_t place = 0; place < places.size(); ++place) {
        if (dice.chance(0.5)) {
            setup.inhabited.push_back(place);
        }
    }
    if (setup.inhabited.empty()) {
        setup.inhabited.push_back(0);
    }
    setup.numbers_each = 40 / setup.inhabited.size();
    setup.with_zone = dice.chance(0.3) ? 0.3 : 0.0;
}

}  // namespace

void draw_schedule(base::Rng& dice, base::WallTime start, campaign::Campaign& campaign) {
    std::vector<campaign::TimeRange> ranges;
    int at = read_wall(campaign.timezone, start).minute + draw_between(dice, -20, 10);
    for (int i = draw_between(dice, 1, 3); i > 0; --i) {
        const int end = at + draw_between(dice, 5, 30);
        ranges.push_back({wrapped(at), wrapped(end)});
        at = end + draw_between(dice, 2, 20);
    }
    const bool every_day = dice.chance(0.8);
    campaign.schedule.emplace();
    for (campaign::DaySchedule& day : *campaign.schedule) {
        day.enabled = every_day || dice.chance(0.7);
        day.time_ranges = ranges;
    }
    campaign.schedule->at(static_cast<std::size_t>(read_wall(campaign.timezone, start).weekday))
        .enabled = true;
}

balancer::Assistant make_assistant(const std::string& name) {
    balancer::Assistant assistant;
    assistant.name = name;
    assistant.provider = "voices";
    assistant.phone_number = "agent-of-" + name;
    assistant.auth_token = base::Secret{"token-secret-" + name};
    return assistant;
}

Setup draw_setup(base::Rng& dice) {
    Setup setup;
    setup.faults = draw_faults(dice);
    setup.wall_start = draw_start(dice);
    draw_settings(dice, setup);
    draw_places(dice, setup);
    draw_assistants(dice, setup);
    const int campaigns = draw_between(dice, 1, 4);
    for (int i = 0; i < campaigns; ++i) {
        PlannedCampaign planned{
            draw_campaign(dice, draw_of(dice, setup.settings.domains).name, i),
            draw_between(dice, 3, 16)};
        draw_routing(dice, setup, planned.campaign);
        constexpr std::array zones{"America/New_York", "Europe/Berlin", "UTC"};
        planned.campaign.timezone = draw_of(dice, zones);
        if (dice.chance(0.35)) {
            draw_schedule(dice, setup.wall_start, planned.campaign);
        }
        draw_dates(dice, setup.wall_start, planned.campaign);
        if (dice.chance(0.25)) {
            draw_recipient_hours(dice, setup, planned.campaign);
        }
        setup.campaigns.push_back(std::move(planned));
    }
    if (dice.chance(0.2)) {
        make_busy(dice, setup);
    }
    setup.trouble = Millis{draw_between(dice, 300'000, 1'199'999)};
    return setup;
}

Setup draw_opbx_setup(base::Rng& dice) {
    Setup setup = draw_setup(dice);
    const auto draw = [&](double most) { return dice.chance(0.5) ? dice.uniform() * most : 0.0; };
    setup.opbx = OpbxFaults{
        .refused = draw(0.2),
        .lost = draw(0.2),
        .held = draw(0.4),
        .reply_lost = draw(0.4),
        .row_lost = draw(0.2),
        .down = draw(0.3),
        .told = dice.chance(0.7) ? 1.0 : draw(1.0),
        .told_late = draw(0.5),
        .told_twice = draw(0.5),
        .told_without_token = draw(1.0),
    };
    // OPBX's clock and ours agree; it owns its campaigns and their documents, and knows of no hours
    // but its own.
    setup.faults.wall_jump = 0;
    setup.faults.campaign_edits = 0;
    setup.faults.pool_edits = 0;
    setup.faults.limit_lowered = 0;
    setup.faults.suppressions = 0;
    setup.settings.public_url.clear();
    setup.settings.report_queue = "reports";
    setup.inhabited = {0};
    setup.numbers_each = 8;
    setup.with_zone = 0;
    for (PlannedCampaign& planned : setup.campaigns) {
        campaign::Campaign& campaign = planned.campaign;
        campaign.routing_destination_type = campaign::RoutingDestinationType::external;
        campaign.routing_destination.clear();
        campaign.amd = {};
        campaign.schedule.reset();
        campaign.respect_recipient_time.reset();
        campaign.start_date.reset();
        campaign.end_date.reset();
        campaign.concurrent_active_calls = draw_between(dice, 3, 6);
        planned.destinations = std::min(planned.destinations, 8);
    }
    return setup;
}

Setup calm_setup() {
    base::Rng dice{1};
    Setup setup;
    dialer::DomainLimits limits;
    limits.name = "d0.example";
    setup.settings.domains = {limits};
    campaign::Campaign campaign = draw_campaign(dice, limits.name, 0);
    campaign.concurrent_active_calls = 2;
    campaign.calls_per_second = 1.0;
    campaign.max_dial_attempts = 1;
    campaign.retry.clear();
    campaign.priority = 0;
    campaign.weight = 100;
    setup.campaigns = {{campaign, 5}};
    return setup;
}

}  // namespace cxdial::sim
