#include "routing/engagement.h"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using namespace cxdial;
using namespace cxdial::routing;

namespace {

FollowUp follow_up(const std::string& agent, const std::string& campaign) {
    return {
        .phone_number = *base::PhoneNumber::parse("+12125550199"),
        .agent = agent,
        .campaign = campaign};
}

/// `completed`, `cancelled`, or nothing.
std::string outcome(const std::optional<Closing>& closing) {
    return closing ? std::string(to_string(closing->status)) : "";
}

}  // namespace

TEST_CASE("engagement: the scope says which follow-ups it closes", "[routing][engagement]") {
    // anna talked to the contact for campaign spring.
    const auto [scope, sibling, same_agent, no_campaign, same_campaign, stranger] = GENERATE(
        table<UnenrollScope, std::string, std::string, std::string, std::string, std::string>({
            {UnenrollScope::off, "", "", "", "", ""},
            {UnenrollScope::campaign, "completed", "", "", "", ""},
            {UnenrollScope::agent, "completed", "cancelled", "cancelled", "", ""},
            {UnenrollScope::contact,
             "completed",
             "cancelled",
             "cancelled",
             "cancelled",
             "cancelled"},
        })
    );
    const Engagement engagement{.agent = "anna", .campaign = "spring"};
    CAPTURE(to_string(scope));
    CHECK(outcome(unenroll(scope, engagement, follow_up("anna", "spring"))) == sibling);
    CHECK(outcome(unenroll(scope, engagement, follow_up("anna", "winter"))) == same_agent);
    CHECK(outcome(unenroll(scope, engagement, follow_up("anna", ""))) == no_campaign);
    CHECK(outcome(unenroll(scope, engagement, follow_up("bert", "spring"))) == same_campaign);
    CHECK(outcome(unenroll(scope, engagement, follow_up("bert", "winter"))) == stranger);
}

TEST_CASE("engagement: without a campaign the siblings have none either", "[routing][engagement]") {
    const Engagement engagement{.agent = "anna"};
    const auto close = [&](const FollowUp& one) {
        return outcome(unenroll(UnenrollScope::campaign, engagement, one));
    };
    CHECK(close(follow_up("anna", "")) == "completed");
    CHECK(close(follow_up("anna", "spring")).empty());
}

TEST_CASE("engagement: what is closed stays as it is", "[routing][engagement]") {
    const auto status = GENERATE(
        FollowUpStatus::contacted_inbound, FollowUpStatus::completed, FollowUpStatus::cancelled
    );
    FollowUp closed = follow_up("anna", "spring");
    closed.status = status;
    const Engagement engagement{.agent = "anna", .campaign = "spring"};
    CHECK_FALSE(unenroll(UnenrollScope::contact, engagement, closed));
}

TEST_CASE("engagement: the reason is said", "[routing][engagement]") {
    const Engagement engagement{.agent = "anna", .campaign = "spring"};
    CHECK(
        unenroll(UnenrollScope::agent, engagement, follow_up("anna", "winter")) ==
        Closing{FollowUpStatus::cancelled, "engaged"}
    );
}
