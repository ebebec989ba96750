#include "campaign/caller_ids.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace cxdial::campaign;
using cxdial::base::PhoneNumber;

namespace {

Campaign with_pool(CallerIdStrategy strategy, std::vector<CallerId> pool) {
    Campaign campaign;
    campaign.caller_id_strategy = strategy;
    campaign.caller_ids = std::move(pool);
    return campaign;
}

Campaign sticky_pool(std::vector<CallerId> pool) {
    Campaign campaign = with_pool(CallerIdStrategy::round_robin, std::move(pool));
    campaign.caller_id_sticky = true;
    return campaign;
}

PhoneNumber contact(std::uint64_t index) {
    return *PhoneNumber::from_digits(12125550000 + index);
}

std::string shown(CallerIds& caller_ids, std::string_view previous = "", std::uint64_t dice = 0) {
    return caller_ids.choose(contact(0), previous, dice).phone_number;
}

/// What each of the contacts sees, in order.
std::vector<std::string> seen_by_contacts(const Campaign& campaign, std::uint64_t contacts) {
    CallerIds caller_ids{campaign};
    std::vector<std::string> seen;
    for (std::uint64_t i = 0; i < contacts; ++i) {
        seen.push_back(caller_ids.choose(contact(i), "", i).phone_number);
    }
    return seen;
}

}  // namespace

TEST_CASE("caller ID: the only one is always shown", "[campaign][caller_id]") {
    const auto strategy = GENERATE(
        CallerIdStrategy::round_robin,
        CallerIdStrategy::random,
        CallerIdStrategy::weighted,
        CallerIdStrategy::least_recently_used
    );
    CallerIds caller_ids{with_pool(strategy, {{"+1", 0}})};
    REQUIRE(shown(caller_ids, "+1", 9) == "+1");
    REQUIRE(shown(caller_ids, "+1", 10) == "+1");
}

TEST_CASE("caller ID: a retry shows another one when the pool has one", "[campaign][caller_id]") {
    const auto strategy = GENERATE(
        CallerIdStrategy::round_robin,
        CallerIdStrategy::random,
        CallerIdStrategy::weighted,
        CallerIdStrategy::least_recently_used
    );
    const auto last = GENERATE(std::vector<CallerId>{{"+3", 0}}, std::vector<CallerId>{});
    std::vector<CallerId> pool{{"+1", 100}, {"+2", 0}};
    pool.insert(pool.end(), last.begin(), last.end());
    const Campaign campaign = with_pool(strategy, pool);
    CallerIds caller_ids{campaign};
    for (std::uint64_t turn = 0; turn < 300; ++turn) {
        for (const CallerId& previous : campaign.caller_ids) {
            REQUIRE(shown(caller_ids, previous.phone_number, turn * 31) != previous.phone_number);
        }
    }
}

TEST_CASE("caller ID: round robin shows each in its turn", "[campaign][caller_id]") {
    CallerIds caller_ids{with_pool(CallerIdStrategy::round_robin, {{"+1"}, {"+2"}, {"+3"}})};
    for (int round = 0; round < 3; ++round) {
        REQUIRE(shown(caller_ids) == "+1");
        REQUIRE(shown(caller_ids) == "+2");
        REQUIRE(shown(caller_ids) == "+3");
    }
    REQUIRE(shown(caller_ids, "+1") == "+2");
    REQUIRE(shown(caller_ids) == "+3");
}

TEST_CASE("caller ID: random shows each as often, whatever its weight", "[campaign][caller_id]") {
    CallerIds caller_ids{with_pool(CallerIdStrategy::random, {{"+1", 60}, {"+2", 0}, {"+3", 40}})};
    std::map<std::string, int> counts;
    for (std::uint64_t dice = 0; dice < 300; ++dice) {
        counts[shown(caller_ids, "", dice)]++;
    }
    REQUIRE(counts == std::map<std::string, int>{{"+1", 100}, {"+2", 100}, {"+3", 100}});
}

TEST_CASE("caller ID: weighted follows the weights over all dice", "[campaign][caller_id]") {
    CallerIds caller_ids{
        with_pool(CallerIdStrategy::weighted, {{"+1", 60}, {"+2", 0}, {"+3", 40}})};
    std::map<std::string, int> counts;
    for (std::uint64_t dice = 0; dice < 100; ++dice) {
        counts[shown(caller_ids, "", dice)]++;
    }
    REQUIRE(counts == std::map<std::string, int>{{"+1", 60}, {"+3", 40}});
}

TEST_CASE("caller ID: weights that are all 0 count as equal", "[campaign][caller_id]") {
    CallerIds caller_ids{with_pool(CallerIdStrategy::weighted, {{"+1", 0}, {"+2", 0}})};
    REQUIRE(shown(caller_ids, "", 0) == "+1");
    REQUIRE(shown(caller_ids, "", 1) == "+2");
}

TEST_CASE("caller ID: the least recently used was longest unseen", "[campaign][caller_id]") {
    CallerIds caller_ids{
        with_pool(CallerIdStrategy::least_recently_used, {{"+1"}, {"+2"}, {"+3"}})};
    REQUIRE(shown(caller_ids) == "+1");
    REQUIRE(shown(caller_ids, "+2") == "+3");
    REQUIRE(shown(caller_ids) == "+2");
    REQUIRE(shown(caller_ids, "+1") == "+3");
    REQUIRE(shown(caller_ids) == "+1");
    REQUIRE(shown(caller_ids) == "+2");
}

TEST_CASE("caller ID: an edit keeps what is known of those that remain", "[campaign][caller_id]") {
    CallerIds caller_ids{
        with_pool(CallerIdStrategy::least_recently_used, {{"+1"}, {"+2"}, {"+3"}})};
    REQUIRE(shown(caller_ids) == "+1");
    REQUIRE(shown(caller_ids) == "+2");
    caller_ids.update(with_pool(CallerIdStrategy::least_recently_used, {{"+2"}, {"+1"}, {"+4"}}));
    REQUIRE(shown(caller_ids) == "+4");
    REQUIRE(shown(caller_ids) == "+1");
    REQUIRE(shown(caller_ids) == "+2");
}

TEST_CASE("caller ID: round robin goes on within a pool made smaller", "[campaign][caller_id]") {
    CallerIds caller_ids{with_pool(CallerIdStrategy::round_robin, {{"+1"}, {"+2"}, {"+3"}})};
    REQUIRE(shown(caller_ids) == "+1");
    REQUIRE(shown(caller_ids) == "+2");
    caller_ids.update(with_pool(CallerIdStrategy::round_robin, {{"+1"}, {"+2"}}));
    REQUIRE(shown(caller_ids) == "+1");
}

TEST_CASE("caller ID: a sticky contact sees the same one", "[campaign][caller_id][sticky]") {
    CallerIds caller_ids{sticky_pool({{"+1"}, {"+2"}, {"+3"}})};
    for (std::uint64_t i = 0; i < 50; ++i) {
        const std::string first = caller_ids.choose(contact(i), "", i).phone_number;
        REQUIRE(caller_ids.choose(contact(i), first, i + 1).phone_number == first);
        REQUIRE(caller_ids.choose(contact(i), "", 77).phone_number == first);
    }
}

TEST_CASE("caller ID: a sticky choice is that of the pool", "[campaign][caller_id][sticky]") {
    const auto one = seen_by_contacts(sticky_pool({{"+1"}, {"+2"}, {"+3"}}), 200);
    const auto other = seen_by_contacts(sticky_pool({{"+3"}, {"+1"}, {"+2"}}), 200);
    REQUIRE(one == other);
}

TEST_CASE("caller ID: a sticky pool is used evenly", "[campaign][caller_id][sticky]") {
    const auto seen = seen_by_contacts(sticky_pool({{"+1"}, {"+2"}, {"+3"}}), 3000);
    for (const char* const number : {"+1", "+2", "+3"}) {
        REQUIRE(std::count(seen.begin(), seen.end(), number) > 900);
    }
}

TEST_CASE("caller ID: a sticky weighted pool keeps to weights", "[campaign][caller_id][sticky]") {
    Campaign campaign = sticky_pool({{"+1", 300}, {"+2", 100}, {"+3", 0}});
    campaign.caller_id_strategy = CallerIdStrategy::weighted;
    const auto seen = seen_by_contacts(campaign, 4000);
    REQUIRE(std::count(seen.begin(), seen.end(), "+3") == 0);
    REQUIRE(std::count(seen.begin(), seen.end(), "+1") > 2850);
    REQUIRE(std::count(seen.begin(), seen.end(), "+1") < 3150);
}

TEST_CASE("caller ID: who saw one that stays keeps it", "[campaign][caller_id][sticky]") {
    const auto before = seen_by_contacts(sticky_pool({{"+1"}, {"+2"}, {"+3"}}), 500);
    const auto after = seen_by_contacts(sticky_pool({{"+1"}, {"+2"}}), 500);
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] != "+3") {
            REQUIRE(after[i] == before[i]);
        }
    }
}
