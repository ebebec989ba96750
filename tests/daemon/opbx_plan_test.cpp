#include "daemon/opbx_plan.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace cxdial::daemon {
namespace {

using api_client::OpbxCampaign;
using api_client::OpbxDestination;
using api_client::OpbxKind;
using campaign::CampaignStatus;
using campaign::OpbxCampaignId;
using campaign::OpbxDestinationId;
using campaign::Transition;

campaign::StoredCampaign stored(CampaignStatus status, const std::string& reason = "") {
    campaign::StoredCampaign known{.id = campaign::CampaignId{1}};
    known.status = status;
    known.status_reason = reason;
    known.external_id = OpbxCampaignId{12};
    return known;
}

OpbxCampaign listed(int id = 12) {
    OpbxCampaign made{.id = OpbxCampaignId{id}};
    made.is_active = true;
    made.kind = OpbxKind::places_calls;
    campaign::Campaign resource;
    resource.name = "opbx-" + std::to_string(id);
    resource.cloudonix_domain = "d.example";
    resource.routing_destination_type = campaign::RoutingDestinationType::external;
    resource.caller_ids = {{.phone_number = "+12125550100"}};
    made.resource = resource;
    made.routing_type = "ai_assistant";
    made.routing_id = 4;
    return made;
}

OpbxDestination offered(int id, const std::string& status = "pending", int attempts = 0) {
    OpbxDestination row{.id = OpbxDestinationId{id}};
    row.number = base::PhoneNumber::from_digits(12'125'550'000U + static_cast<unsigned>(id));
    row.status = status;
    row.attempts = attempts;
    return row;
}

/// A database in memory, and what OPBX lists brought into it.
struct Fixture {
    Fixture() : database(storage::Database::open(":memory:", {}).value()), repository(database) {}

    OpbxRound look(const std::vector<OpbxCampaign>& campaigns, bool is_direct = false) {
        const OpbxRules rules{.is_direct = is_direct};
        return reconcile(repository, campaigns, rules, base::from_millis(1)).value();
    }
    campaign::StoredCampaign campaign() {
        return repository.campaign("default", "opbx-12").value();
    }

    storage::Database database;
    storage::Repository repository;
};

}  // namespace

TEST_CASE("opbx plan: what is listed is resumed, what is not is paused", "[daemon][opbx]") {
    const std::string ours(not_listed);
    CHECK(
        decide(stored(CampaignStatus::paused, ours), true, "", false).transition ==
        Transition::resume
    );
    CHECK_FALSE(decide(stored(CampaignStatus::active), true, "", false).transition);
    const OpbxDecision gone = decide(stored(CampaignStatus::active), false, "", false);
    CHECK(gone.transition == Transition::pause);
    CHECK(gone.reason == not_listed);
    const OpbxDecision still = decide(stored(CampaignStatus::paused, ours), false, "", false);
    CHECK_FALSE(still.transition);
    CHECK(still.reason.empty());
}

TEST_CASE("opbx plan: what the engine paused waits for OPBX to show it paused", "[daemon][opbx]") {
    const auto paused = stored(CampaignStatus::paused, "no credit");
    const OpbxDecision while_listed = decide(paused, true, "", false);
    CHECK(while_listed.tells_opbx);
    CHECK_FALSE(while_listed.transition);
    const OpbxDecision when_gone = decide(paused, false, "", false);
    CHECK_FALSE(when_gone.tells_opbx);
    CHECK(when_gone.reason.starts_with(not_listed));
    CHECK(when_gone.reason.find("no credit") != std::string::npos);
    const auto shown = stored(CampaignStatus::paused, when_gone.reason);
    CHECK(decide(shown, false, "", false).reason.empty());
    CHECK(decide(shown, true, "", false).transition == Transition::resume);
    CHECK(decide(paused, true, "", true).transition == Transition::resume);
}

TEST_CASE("opbx plan: what cannot be dialed is paused and says why, until it can", "[opbx]") {
    const OpbxDecision unfit = decide(stored(CampaignStatus::active), true, "bad zone", false);
    CHECK(unfit.transition == Transition::pause);
    CHECK(unfit.reason == why_unfit("bad zone"));
    const auto paused = stored(CampaignStatus::paused, unfit.reason);
    CHECK(decide(paused, true, "bad zone", false).reason.empty());
    CHECK(decide(paused, true, "other", false).reason == why_unfit("other"));
    CHECK(decide(paused, true, "", false).transition == Transition::resume);
    CHECK(decide(paused, false, "", false).reason == not_listed);
}

TEST_CASE("opbx plan: an archived campaign is left alone", "[daemon][opbx]") {
    const OpbxDecision decision = decide(stored(CampaignStatus::archived), true, "", true);
    CHECK_FALSE(decision.transition);
    CHECK_FALSE(decision.tells_opbx);
}

TEST_CASE("opbx plan: a placement that would call twice or never is refused", "[daemon][opbx]") {
    CHECK(mismatch_of(OpbxKind::places_calls, false).empty());
    CHECK(mismatch_of(OpbxKind::unclear, false).empty());
    CHECK(mismatch_of(OpbxKind::creates_sessions, true).empty());
    const std::string use_opbx = "opbx.placement = \"opbx\"";
    CHECK(mismatch_of(OpbxKind::unclear, true).empty());
    CHECK(mismatch_of(OpbxKind::places_calls, true).find(use_opbx) != std::string::npos);
    const std::string use_direct = "opbx.placement = \"direct\"";
    CHECK(mismatch_of(OpbxKind::creates_sessions, false).find(use_direct) != std::string::npos);
}

TEST_CASE("opbx plan: directly, calls go to the local resource of OPBX's id", "[daemon][opbx]") {
    OpbxCampaign campaign = listed();
    campaign.kind = OpbxKind::unclear;
    const auto made = resource_of(campaign, true).value();
    CHECK(made.routing_destination_type == campaign::RoutingDestinationType::ai_assistant);
    CHECK(made.routing_destination == "opbx-4");
    campaign.routing_type = "hangup";
    CHECK(resource_of(campaign, true).value().routing_destination.empty());
    campaign.routing_type = "ring_group";
    CHECK_FALSE(resource_of(campaign, true));
}

TEST_CASE("opbx plan: a round stores, resumes and looks at the lists", "[daemon][opbx]") {
    Fixture fixture;
    const OpbxRound first = fixture.look({listed()});
    REQUIRE(first.changes.size() == 1);
    CHECK(first.changes[0].transition == Transition::resume);
    CHECK(first.edited.size() == 1);
    REQUIRE(first.to_fill.size() == 1);
    CHECK(first.to_fill[0].external_id == OpbxCampaignId{12});
    CHECK(first.to_fill[0].wanted == 50);
    CHECK(fixture.campaign().external_id == OpbxCampaignId{12});

    const OpbxRound gone = fixture.look({});
    CHECK(gone.changes.empty());  // it is paused still, for nobody resumed it
    CHECK(gone.to_fill.empty());
}

TEST_CASE("opbx plan: a listed campaign that is not active counts as not listed", "[opbx]") {
    Fixture fixture;
    static_cast<void>(fixture.look({listed()}));
    OpbxCampaign paused = listed();
    paused.is_active = false;
    const OpbxRound round = fixture.look({paused});
    CHECK(round.changes.empty());
    CHECK(round.to_fill.empty());
}

TEST_CASE("opbx plan: a bad campaign does not keep the others from being dialed", "[opbx]") {
    Fixture fixture;
    OpbxCampaign bad = listed(13);
    bad.kind = OpbxKind::creates_sessions;
    const OpbxRound round = fixture.look({bad, listed()});
    REQUIRE(round.to_fill.size() == 1);
    CHECK(round.to_fill[0].external_id == OpbxCampaignId{12});
    const auto refused = fixture.repository.campaign("default", "opbx-13").value();
    CHECK(refused.status == CampaignStatus::paused);
    CHECK(refused.status_reason.find("opbx.placement") != std::string::npos);
}

TEST_CASE("opbx plan: directly, an assistant that is missing here is said", "[daemon][opbx]") {
    Fixture fixture;
    OpbxCampaign campaign = listed();
    static_cast<void>(fixture.look({campaign}));
    campaign.kind = OpbxKind::unclear;
    const OpbxRound round = fixture.look({campaign}, true);
    CHECK(round.to_fill.empty());
    CHECK(fixture.campaign().status_reason.find("opbx-4") != std::string::npos);
}

TEST_CASE("opbx plan: rows in a call, done with or without a number stay out", "[daemon][opbx]") {
    OpbxDestination nameless = offered(6);
    nameless.number.reset();
    const auto offers = offers_of(
        {offered(1),
         offered(2, "dialing"),
         offered(3, "connected"),
         offered(4, "completed"),
         offered(5, "failed", 1),
         nameless},
        {}
    );
    REQUIRE(offers.size() == 2);
    CHECK(offers[0].id == OpbxDestinationId{1});
    CHECK(offers[1].id == OpbxDestinationId{5});
    CHECK(offers[1].attempts == 1);
}

TEST_CASE("opbx plan: priority 1 is the highest there, and the largest here", "[daemon][opbx]") {
    OpbxDestination high = offered(1);
    OpbxDestination low = offered(2);
    low.priority = 9;
    const auto offers = offers_of({high, low}, {});
    CHECK(offers[0].row.priority > offers[1].row.priority);
}

TEST_CASE("opbx plan: a row that went round waits for OPBX's own delay", "[daemon][opbx]") {
    const base::WallTime dialed = base::from_millis(1'790'000'000'000);
    const auto delay = [&](int attempts) {
        OpbxDestination row = offered(1, "pending", attempts);
        row.last_dialed_at = dialed;
        return *offers_of({row}, {}).at(0).row.not_before - dialed;
    };
    using std::chrono::minutes;
    CHECK(delay(1) == minutes{5});
    CHECK(delay(3) == minutes{20});
    CHECK(delay(9) == minutes{60});
    CHECK_FALSE(offers_of({offered(1)}, {}).at(0).row.not_before);
}

TEST_CASE("opbx plan: only a row that was gone and comes back untried was reset", "[opbx]") {
    const OpbxSeen without{.was_whole = true, .offered = {OpbxDestinationId{7}}};
    CHECK(offers_of({offered(1)}, without).at(0).is_reset);
    CHECK_FALSE(offers_of({offered(7)}, without).at(0).is_reset);
    CHECK_FALSE(offers_of({offered(1, "pending", 1)}, without).at(0).is_reset);
    CHECK_FALSE(offers_of({offered(1)}, {}).at(0).is_reset);
}

}  // namespace cxdial::daemon
