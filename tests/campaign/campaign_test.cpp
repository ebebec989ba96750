#include "campaign/campaign.h"

#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

using namespace cxdial::campaign;
using namespace std::chrono_literals;
using cxdial::base::Errc;

namespace {

constexpr std::array all_statuses{
    CampaignStatus::draft,
    CampaignStatus::active,
    CampaignStatus::paused,
    CampaignStatus::completed,
    CampaignStatus::archived,
};
constexpr std::array all_transitions{
    Transition::start,
    Transition::pause,
    Transition::resume,
    Transition::archive,
    Transition::complete,
};

}  // namespace

TEST_CASE("campaign: its life cycle is this table", "[campaign]") {
    using enum CampaignStatus;
    const std::map<std::pair<CampaignStatus, Transition>, CampaignStatus> legal{
        {{draft, Transition::start}, active},
        {{completed, Transition::start}, active},
        {{active, Transition::pause}, paused},
        {{paused, Transition::resume}, active},
        {{active, Transition::complete}, completed},
        {{draft, Transition::archive}, archived},
        {{paused, Transition::archive}, archived},
        {{completed, Transition::archive}, archived},
    };
    for (const CampaignStatus from : all_statuses) {
        for (const Transition transition : all_transitions) {
            CAPTURE(to_string(from), static_cast<int>(transition));
            const auto to = after(from, transition);
            const auto expected = legal.find({from, transition});
            REQUIRE(to.has_value() == (expected != legal.end()));
            if (to) {
                REQUIRE(*to == expected->second);
            } else {
                REQUIRE(to.error().code == Errc::conflict);
                REQUIRE(to.error().detail.find(to_string(from)) != std::string::npos);
            }
        }
    }
}

TEST_CASE("campaign: a refused change says what to do instead", "[campaign]") {
    REQUIRE(
        after(CampaignStatus::active, Transition::archive).error().detail ==
        "a campaign that is active cannot be archived: pause it first"
    );
    REQUIRE(
        after(CampaignStatus::paused, Transition::start).error().detail ==
        "a campaign that is paused cannot be started: resume it instead"
    );
    REQUIRE(
        after(CampaignStatus::active, Transition::start).error().detail ==
        "a campaign that is active cannot be started"
    );
}

TEST_CASE("campaign: status names read back", "[campaign]") {
    for (const CampaignStatus status : all_statuses) {
        REQUIRE(parse_campaign_status(to_string(status)) == status);
    }
    REQUIRE_FALSE(parse_campaign_status("running"));
}

TEST_CASE("retry: delays follow the attempts used, the last one repeats", "[campaign][retry]") {
    Campaign campaign;
    campaign.max_dial_attempts = 5;
    campaign.retry[Disposition::busy] = {10min, 2h};
    const auto delay_after = [&](int used) {
        return next_step(campaign, Disposition::busy, used, 0).delay;
    };
    REQUIRE(delay_after(1) == 10min);
    REQUIRE(delay_after(2) == 2h);
    REQUIRE(delay_after(4) == 2h);
    REQUIRE(next_step(campaign, Disposition::busy, 4, 0).retry);
    REQUIRE_FALSE(next_step(campaign, Disposition::busy, 5, 0).retry);
    REQUIRE_FALSE(next_step(campaign, Disposition::busy, 9, 0).retry);
}

TEST_CASE("retry: a disposition without a delay is not tried again", "[campaign][retry]") {
    Campaign campaign;
    campaign.max_dial_attempts = 5;
    campaign.retry[Disposition::busy] = {10min};
    campaign.retry[Disposition::no_answer] = {};
    REQUIRE_FALSE(next_step(campaign, Disposition::no_answer, 1, 0).retry);
    REQUIRE_FALSE(next_step(campaign, Disposition::failed, 1, 0).retry);
}

TEST_CASE("retry: an answered call never is, whatever the policy says", "[campaign][retry]") {
    Campaign campaign;
    campaign.max_dial_attempts = 5;
    for (const Disposition disposition : all_dispositions) {
        campaign.retry[disposition] = {1min};
        REQUIRE(
            next_step(campaign, disposition, 1, 0).retry == (disposition != Disposition::answered)
        );
    }
}

TEST_CASE("retry: the dice lengthen a delay by up to a tenth", "[campaign][retry]") {
    Campaign campaign;
    campaign.max_dial_attempts = 5;
    campaign.retry[Disposition::voicemail] = {10min, 5ms};
    const auto delay = [&](int used, std::uint64_t dice) {
        return next_step(campaign, Disposition::voicemail, used, dice).delay;
    };
    REQUIRE(delay(1, 0) == 10min);
    REQUIRE(delay(1, 60'000) == 11min);
    REQUIRE(delay(1, 60'001) == 10min);
    for (std::uint64_t dice = 1; dice < 2'000'000; dice += 997) {
        REQUIRE(delay(1, dice) >= 10min);
        REQUIRE(delay(1, dice) <= 11min);
        REQUIRE(delay(2, dice) == 5ms);
    }
}
