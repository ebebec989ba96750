#include "tests/routing/office.h"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using namespace cxdial;
using namespace cxdial::routing;
using namespace std::chrono_literals;
using balancer::ResourceStatus;
using campaign::CampaignId;
using campaign::DestinationId;
using campaign::DestinationStatus;
using Catch::Contains;

namespace {

/// The layers that were asked and the one that matched, as `a a a+ . .`.
std::string shape(const Decision& decision) {
    std::string text;
    for (const TraceEntry& entry : decision.trace) {
        text += entry.matched ? '+' : entry.late ? 'L' : entry.evaluated ? 'a' : '.';
    }
    return text;
}

}  // namespace

TEST_CASE("resolver: a caller whom nobody knows goes to the dialed number's agent", "[routing]") {
    Office office;
    const Decision decision = office.decide();
    CHECK(decision.agent == "desk");
    CHECK(decision.agent_version == 5);
    CHECK(decision.layer == Layer::did_fallback);
    CHECK(decision.tenant == "default");
    CHECK(decision.mode == Mode::smart);
    CHECK(shape(decision) == "aaaa+");
    for (const TraceEntry& entry : decision.trace) {
        CHECK_FALSE(entry.why.empty());
    }
}

TEST_CASE("resolver: a destination in line belongs to its campaign's agent", "[routing]") {
    const auto status = GENERATE(
        DestinationStatus::pending,
        DestinationStatus::queued,
        DestinationStatus::placing_call,
        DestinationStatus::calling
    );
    Office office;
    office.add_destination(status);
    const Decision decision = office.decide();
    CHECK(decision.layer == Layer::active_campaign);
    CHECK(decision.agent == "anna");
    CHECK(decision.agent_version == 1);
    CHECK(decision.campaign == CampaignId{1});
    CHECK(decision.campaign_name == "spring");
    CHECK(decision.destination == DestinationId{101});
    CHECK(shape(decision) == "+....");
    CHECK(
        decision.trace[0].why ==
        "is " + std::string(to_string(status)) + " in campaign spring: agent anna"
    );
}

TEST_CASE("resolver: a retry counts that falls due within the tenant's window", "[routing]") {
    const auto [due_in, window, layer] = GENERATE(table<base::Millis, std::chrono::hours, Layer>({
        {base::Millis{24h}, 24h, Layer::retry_pending},
        {base::Millis{24h} + 1ms, 24h, Layer::did_fallback},
        {base::Millis{-1h}, 24h, Layer::retry_pending},
        {base::Millis{24h} + 1ms, 25h, Layer::retry_pending},
        {base::Millis{1ms}, 0h, Layer::did_fallback},
    }));
    Office office;
    office.tenant().retry_window = window;
    office.add_destination(DestinationStatus::retry_pending).next_at = office.now + due_in;
    const Decision decision = office.decide();
    CHECK(decision.layer == layer);
    CHECK(decision.agent == (layer == Layer::retry_pending ? "bert" : "desk"));
    CHECK(decision.destination.has_value() == (layer == Layer::retry_pending));
}

TEST_CASE("resolver: a follow-up counts once it is due, without type always", "[routing]") {
    const auto [type, due_in, counts] = GENERATE(table<FollowUpType, base::Millis, bool>({
        {FollowUpType::call, 0ms, true},
        {FollowUpType::call, 1ms, false},
        {FollowUpType::sms, -1ms, true},
        {FollowUpType::email, 1ms, false},
        {FollowUpType::none, base::Millis{1000h}, true},
    }));
    Office office;
    FollowUp& follow_up = office.add_follow_up(type);
    follow_up.due_at = office.now + due_in;
    follow_up.campaign = "spring";
    follow_up.destination = DestinationId{7};
    const Decision decision = office.decide();
    CHECK(decision.layer == (counts ? Layer::active_follow_up : Layer::did_fallback));
    if (counts) {
        CHECK(decision.agent == "carl");
        CHECK(decision.follow_up == campaign::FollowUpId{201});
        CHECK(decision.campaign_name == "spring");
        CHECK(decision.destination == DestinationId{7});
    }
}

TEST_CASE("resolver: a closed follow-up is none", "[routing]") {
    Office office;
    office.add_follow_up().status = FollowUpStatus::completed;
    CHECK(office.decide().layer == Layer::did_fallback);
}

TEST_CASE("resolver: the last outbound call counts within the tenant's window", "[routing]") {
    Office office;
    office.add_outbound();
    const Decision decision = office.decide();
    CHECK(decision.layer == Layer::last_outbound);
    CHECK(decision.agent == "dora");
    CHECK(decision.attempt == campaign::AttemptId{300});
    CHECK(decision.campaign == CampaignId{30});
    CHECK(decision.campaign_name == "winter");
    CHECK(office.records.outbound_since == office.now - std::chrono::days{7});

    office.tenant().last_outbound_window = std::chrono::days{2};
    office.records.outbound->placed_at = office.now - 49h;
    CHECK(office.decide().layer == Layer::did_fallback);
    CHECK(office.records.outbound_since == office.now - std::chrono::days{2});
}

TEST_CASE(
    "resolver: the first layer that matches decides, and a toggle takes it out", "[routing]"
) {
    Office office;
    office.add_all();
    const auto [off, agent, traced] = GENERATE(table<std::set<Layer>, std::string, std::string>({
        {{}, "anna", "+...."},
        {{Layer::active_campaign}, "bert", ".+..."},
        {{Layer::active_campaign, Layer::retry_pending}, "carl", "..+.."},
        {{Layer::active_campaign, Layer::retry_pending, Layer::active_follow_up}, "dora", "...+."},
        {{Layer::active_campaign,
          Layer::retry_pending,
          Layer::active_follow_up,
          Layer::last_outbound},
         "desk",
         "....+"},
        {{all_layers.begin(), all_layers.end()}, "", "....."},
    }));
    office.tenant().layers_off = off;
    const Decision decision = office.decide();
    CHECK(decision.agent == agent);
    CHECK(shape(decision) == traced);
    for (const TraceEntry& entry : decision.trace) {
        CHECK((entry.why == "switched off by the tenant") == off.contains(entry.layer));
    }
}

TEST_CASE("resolver: without smart layers the dialed number's agent takes all", "[routing]") {
    Office office;
    office.add_all();
    const bool kill_switch = GENERATE(true, false);
    office.force_legacy = kill_switch;
    office.tenant().routing_mode = kill_switch ? Mode::smart : Mode::legacy_did;
    const Decision decision = office.decide();
    CHECK(decision.agent == "desk");
    CHECK(decision.mode == Mode::legacy_did);
    CHECK(shape(decision) == "....+");
    CHECK(office.records.reads.empty());
    CHECK(
        decision.trace[0].why ==
        (kill_switch ? "INBOUND_ROUTING_FORCE_LEGACY is on" : "the tenant's mode is legacy_did")
    );
}

TEST_CASE("resolver: of several matches the last activated one counts", "[routing]") {
    Office office;
    office.add_destination().campaign_name = "old";
    office.add_destination().campaign_name = "young";
    office.records.destinations[0].activated_at = office.now - 2h;
    CHECK(office.decide().campaign_name == "young");

    // Then the campaign's lowest id, then the destination's, in whatever order they are read.
    office.records.destinations[0].activated_at = office.records.destinations[1].activated_at;
    CHECK(office.decide().campaign_name == "old");
    std::swap(office.records.destinations[0], office.records.destinations[1]);
    CHECK(office.decide().campaign_name == "old");
    office.records.destinations[0].campaign = CampaignId{1};
    CHECK(office.decide().destination == DestinationId{101});
}

TEST_CASE("resolver: of several follow-ups the last activated one counts", "[routing]") {
    Office office;
    office.add_follow_up().activated_at = office.now - 2h;
    office.add_follow_up();
    CHECK(office.decide().follow_up == campaign::FollowUpId{202});
    office.records.follow_ups[0].activated_at = office.records.follow_ups[1].activated_at;
    CHECK(office.decide().follow_up == campaign::FollowUpId{201});
    // One that is not due does not stand in the way of one that is.
    office.records.follow_ups[0].due_at = office.now + 1h;
    CHECK(office.decide().follow_up == campaign::FollowUpId{202});
}

TEST_CASE("resolver: a layer whose agent cannot be chosen is skipped and says why", "[routing]") {
    Office office;
    office.add_all();
    const auto [spoil, why] = GENERATE(table<void (*)(Office&), std::string>({
        {[](Office& it) { it.agent("anna").status = ResourceStatus::paused; },
         "agent anna is paused"},
        {[](Office& it) { it.agent("anna").status = ResourceStatus::archived; },
         "agent anna is archived"},
        {[](Office& it) { it.agent("anna").published = false; },
         "agent anna has no published version"},
        {[](Office& it) { it.full.push_back("anna"); }, "agent anna takes no further call"},
        {[](Office& it) { it.agent("anna").tenant = "other"; }, "there is no agent anna"},
        {[](Office& it) { it.records.destinations[0].agent = ""; }, "no agent belongs to it"},
    }));
    spoil(office);
    const Decision decision = office.decide();
    CHECK(decision.agent == "bert");
    CHECK(decision.destination == DestinationId{102});
    CHECK(shape(decision) == "a+...");
    CHECK(decision.trace[0].why == "is pending in campaign spring, but " + why);
}

TEST_CASE("resolver: each layer skips an agent who is full", "[routing]") {
    Office office;
    office.add_all();
    office.full = {"anna", "bert", "carl", "dora"};
    Decision decision = office.decide();
    CHECK(shape(decision) == "aaaa+");
    CHECK(decision.agent == "desk");

    office.full.emplace_back("desk");
    decision = office.decide();
    CHECK(shape(decision) == "aaaaa");
    CHECK(decision.agent.empty());
    CHECK_FALSE(decision.campaign);
}

TEST_CASE("resolver: a match through a balancer gets its first able member", "[routing]") {
    Office office;
    CampaignMatch& match = office.add_destination();
    match.agent = "";
    match.balancer = "team";
    CHECK_THAT(entry_of(office.decide(), Layer::active_campaign).why, Contains("no balancer team"));

    office.directory.balancers.push_back(
        {.name = "team",
         .members =
             {{.assistant = "carl", .priority = 2},
              {.assistant = "bert", .priority = 1},
              {.assistant = "anna", .priority = 1},
              {.assistant = "dora", .status = ResourceStatus::paused}},
         .fallback = "desk"}
    );
    CHECK(office.decide().agent == "bert");
    office.agent("bert").published = false;
    Decision decision = office.decide();
    CHECK(decision.agent == "anna");
    CHECK(decision.trace[0].why == "is pending in campaign spring: agent anna of balancer team");
    office.full = {"anna", "carl"};
    decision = office.decide();
    CHECK(decision.agent == "desk");
    CHECK(decision.layer == Layer::active_campaign);

    office.directory.balancers[0].fallback = balancer::hangup_fallback;
    decision = office.decide();
    CHECK(decision.layer == Layer::did_fallback);
    CHECK(
        decision.trace[0].why ==
        "is pending in campaign spring, but nobody of balancer team can take the call: agent dora "
        "is paused there, agent bert has no published version, agent anna takes no further call "
        "and so on"
    );
}

TEST_CASE("resolver: the last resort is the tenant's agent for unknown callers", "[routing]") {
    Office office;
    office.tenant().unknown_caller_agent = "dora";
    CHECK(office.decide().agent == "desk");

    office.agent("desk").status = ResourceStatus::paused;
    Decision decision = office.decide();
    CHECK(decision.agent == "dora");
    CHECK(decision.layer == Layer::did_fallback);
    CHECK(
        decision.trace[4].why ==
        "the dialed number, but agent desk is paused; unknown callers: agent dora"
    );

    office.directory.numbers[0].agent = "";
    CHECK(office.decide().agent == "dora");

    office.tenant().unknown_caller_agent = "";
    decision = office.decide();
    CHECK(decision.agent.empty());
    CHECK(shape(decision) == "aaaaa");
    CHECK(
        decision.trace[4].why ==
        "the dialed number has no agent; the tenant has no unknown-caller agent"
    );
}

TEST_CASE("resolver: a number that nobody owns has neither tenant nor agent", "[routing]") {
    Office office;
    office.add_all();
    office.tenant().unknown_caller_agent = "dora";
    office.question.to = "+12125550111";
    const Decision decision = office.decide();
    CHECK(decision.tenant.empty());
    CHECK(decision.agent.empty());
    CHECK(decision.caller == base::PhoneNumber::parse("+12125550199"));
    CHECK(shape(decision) == ".....");
    CHECK(decision.trace[0].why == "nobody owns the number that was dialed");
    CHECK(office.records.reads.empty());
}

TEST_CASE("resolver: the caller is looked up by the E.164 number", "[routing]") {
    const auto [from, to, e164] = GENERATE(table<std::string, std::string, std::string>({
        {"+12125550199", "+12125550100", "+12125550199"},
        {"12125550199", "12125550100", "+12125550199"},
        {"2125550199", "+12125550100", "+12125550199"},
        {"(212) 555-0199", "+12125550100", "+12125550199"},
        {"0044 20 7946 0000", "+442079460001", "+442079460000"},
        {"020 7946 0000", "+442079460001", "+442079460000"},
        {"12125550199", "+442079460001", "+12125550199"},
        {"442079460000", "+12125550100", "+442079460000"},
        {"+442079460000", "4711", "+442079460000"},
        {"442079460000", "4711", "+442079460000"},
    }));
    CAPTURE(from, to);
    Office office;
    office.directory.numbers.push_back({.phone_number = "+442079460001", .agent = "desk"});
    office.directory.numbers.push_back({.phone_number = "4711", .agent = "desk"});
    office.question.from = from;
    office.question.to = to;
    const Decision decision = office.decide();
    REQUIRE(decision.caller);
    CHECK(decision.caller->reveal() == e164);
    CHECK(office.records.asked_for == decision.caller);
}

TEST_CASE("resolver: a caller without a number can match no smart layer", "[routing]") {
    Office office;
    office.add_all();
    const auto [from, problem] = GENERATE(table<std::string, std::string>({
        {"anonymous", "is not a phone number"},
        {"", "is empty"},
        {"1004", "is too short for its country"},
    }));
    office.question.from = from;
    const Decision decision = office.decide();
    CHECK(decision.agent == "desk");
    CHECK_FALSE(decision.caller);
    CHECK(shape(decision) == "....+");
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(
            decision.trace[i].why == "the caller's number as received, \"" + from + "\", " + problem
        );
    }
    CHECK(office.records.reads.empty());
}
