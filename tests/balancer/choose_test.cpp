#include "balancer/choose.h"

#include "base/rng.h"

#include <catch2/catch.hpp>

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

using namespace cxdial::balancer;
using cxdial::base::Rng;

namespace {

/// A balancer among assistants whose state the test sets.
class Rig {
public:
    Rig(Strategy strategy, std::initializer_list<Member> members, std::string fallback = {})
        : chooser_(Balancer{
              .tenant = "default",
              .name = "b",
              .strategy = strategy,
              .members = members,
              .fallback = std::move(fallback)}) {}

    AssistantView& operator[](const std::string& name) { return views_[name]; }
    Chooser& chooser() { return chooser_; }
    Choice choose() {
        return chooser_.choose(
            [&](std::string_view name) { return views_[std::string(name)]; }, rng_
        );
    }
    /// The chosen names in order, `-` for none.
    std::string sequence(int calls) {
        std::string names;
        for (int i = 0; i < calls; ++i) {
            const Choice choice = choose();
            names += choice.kind == ChoiceKind::member ? choice.assistant : "-";
        }
        return names;
    }
    std::map<std::string, int> counts(int calls) {
        std::map<std::string, int> counts;
        for (int i = 0; i < calls; ++i) {
            counts[choose().assistant]++;
        }
        return counts;
    }
    void mark_down(const std::string& name) {
        views_[name].usable = false;
        views_[name].why_not = "is down";
    }
    void mark_up(const std::string& name) { views_[name].usable = true; }

private:
    Chooser chooser_;
    std::map<std::string, AssistantView> views_;
    Rng rng_{42};
};

Member member(std::string name, int weight = 100, int priority = 0) {
    Member member;
    member.assistant = std::move(name);
    member.weight = weight;
    member.priority = priority;
    return member;
}

using Counts = std::map<std::string, int>;

}  // namespace

TEST_CASE("chooser: round robin takes members in turn", "[balancer][chooser]") {
    Rig rig{Strategy::round_robin, {member("a", 1), member("b", 100), member("c", 1)}};
    REQUIRE(rig.sequence(7) == "abcabca");
}

TEST_CASE(
    "chooser: round robin passes over who is down and takes them back", "[balancer][chooser]"
) {
    Rig rig{Strategy::round_robin, {member("a"), member("b"), member("c")}};
    REQUIRE(rig.sequence(1) == "a");
    rig.mark_down("b");
    REQUIRE(rig.sequence(4) == "caca");
    rig.mark_up("b");
    REQUIRE(rig.sequence(3) == "bca");
}

TEST_CASE("chooser: random takes each as often, whatever its weight", "[balancer][chooser]") {
    Rig rig{Strategy::random, {member("a", 1), member("b", 100), member("c", 0)}};
    for (const auto& [name, count] : rig.counts(9'000)) {
        CAPTURE(name, count);
        REQUIRE(count > 2'800);
        REQUIRE(count < 3'200);
    }
    rig.mark_down("b");
    const Counts without_b = rig.counts(1'000);
    REQUIRE(without_b.count("b") == 0);
    REQUIRE(without_b.size() == 2);
}

TEST_CASE("chooser: weighted keeps the ratio exactly and spreads it", "[balancer][chooser]") {
    Rig rig{Strategy::weighted, {member("a", 5), member("b", 1), member("c", 1)}};
    REQUIRE(rig.sequence(7) == "aabacaa");
    REQUIRE(rig.counts(700) == Counts{{"a", 500}, {"b", 100}, {"c", 100}});
}

TEST_CASE("chooser: weighted keeps the ratio among who is left", "[balancer][chooser]") {
    Rig rig{Strategy::weighted, {member("a", 60), member("b", 30), member("c", 10)}};
    rig.mark_down("a");
    REQUIRE(rig.counts(400) == Counts{{"b", 300}, {"c", 100}});
    rig.mark_up("a");
    const Counts counts = rig.counts(1'000);
    REQUIRE(counts.at("a") == 600);
}

TEST_CASE("chooser: weight 0 gets a call only when nobody else can", "[balancer][chooser]") {
    Rig rig{Strategy::weighted, {member("a", 0), member("b", 1), member("c", 0)}};
    REQUIRE(rig.sequence(5) == "bbbbb");
    rig.mark_down("b");
    REQUIRE(rig.sequence(4) == "caca");
}

TEST_CASE("chooser: least connections looks at the share of the cap", "[balancer][chooser]") {
    Rig rig{Strategy::least_connections, {member("a"), member("b")}};
    rig["a"] = {.usable = true, .why_not = {}, .active_calls = 4, .max_concurrent_calls = 100};
    rig["b"] = {.usable = true, .why_not = {}, .active_calls = 1, .max_concurrent_calls = 10};
    REQUIRE(rig.sequence(1) == "a");
    rig["a"].active_calls = 11;
    REQUIRE(rig.sequence(1) == "b");
}

TEST_CASE("chooser: least connections without caps counts calls", "[balancer][chooser]") {
    Rig rig{Strategy::least_connections, {member("a"), member("b"), member("c")}};
    rig["a"].active_calls = 3;
    rig["b"].active_calls = 1;
    rig["c"].active_calls = 2;
    REQUIRE(rig.sequence(1) == "b");
}

TEST_CASE("chooser: least connections fills equal members evenly", "[balancer][chooser]") {
    Rig rig{Strategy::least_connections, {member("a"), member("b"), member("c")}};
    for (const auto* const name : {"a", "b", "c"}) {
        rig[name].max_concurrent_calls = 20;
    }
    Counts counts;
    for (int i = 0; i < 30; ++i) {
        const std::string chosen = rig.choose().assistant;
        rig[chosen].active_calls++;
        counts[chosen]++;
    }
    REQUIRE(counts == Counts{{"a", 10}, {"b", 10}, {"c", 10}});
}

TEST_CASE("chooser: one without a cap counts as the largest", "[balancer][chooser]") {
    Rig rig{Strategy::least_connections, {member("capped"), member("open")}};
    rig["capped"] = {.usable = true, .why_not = {}, .active_calls = 5, .max_concurrent_calls = 10};
    rig["open"].active_calls = 6;
    REQUIRE(rig.choose().assistant == "capped");
    rig["open"].active_calls = 4;
    REQUIRE(rig.choose().assistant == "open");
}

TEST_CASE("chooser: priority takes the lowest number until it cannot", "[balancer][chooser]") {
    Rig rig{Strategy::priority, {member("c", 1, 2), member("a", 1, 1), member("b", 1, 1)}};
    REQUIRE(rig.sequence(4) == "abab");
    rig.mark_down("a");
    REQUIRE(rig.sequence(2) == "bb");
    rig.mark_down("b");
    REQUIRE(rig.sequence(2) == "cc");
    rig.mark_up("a");
    REQUIRE(rig.sequence(1) == "a");
}

TEST_CASE(
    "chooser: who is full, down or paused gets no call in any strategy", "[balancer][chooser]"
) {
    const auto strategy = GENERATE(
        Strategy::round_robin,
        Strategy::least_connections,
        Strategy::random,
        Strategy::weighted,
        Strategy::priority
    );
    Member paused = member("paused");
    paused.status = ResourceStatus::paused;
    Rig rig{strategy, {member("full"), member("down"), paused, member("good")}};
    rig["full"] = {.usable = true, .why_not = {}, .active_calls = 3, .max_concurrent_calls = 3};
    rig.mark_down("down");
    for (int i = 0; i < 50; ++i) {
        const Choice choice = rig.choose();
        REQUIRE(choice.kind == ChoiceKind::member);
        REQUIRE(choice.assistant == "good");
        REQUIRE(choice.passed_over.size() == 3);
        REQUIRE(choice.passed_over[0].assistant == "full");
        REQUIRE(choice.passed_over[0].reason == "is full: 3 of 3 calls");
        REQUIRE(choice.passed_over[1].reason == "is down");
        REQUIRE(choice.passed_over[2].reason == "is paused in the balancer");
    }
}

TEST_CASE("chooser: without a member the fallback is honoured", "[balancer][chooser]") {
    SECTION("an assistant") {
        Rig rig{Strategy::round_robin, {member("a")}, "spare"};
        rig.mark_down("a");
        const Choice choice = rig.choose();
        REQUIRE(choice.kind == ChoiceKind::fallback);
        REQUIRE(choice.assistant == "spare");
    }
    SECTION("an assistant that cannot either") {
        Rig rig{Strategy::round_robin, {member("a")}, "spare"};
        rig.mark_down("a");
        rig["spare"] = {
            .usable = true, .why_not = {}, .active_calls = 1, .max_concurrent_calls = 1};
        const Choice choice = rig.choose();
        REQUIRE(choice.kind == ChoiceKind::nobody);
        REQUIRE(choice.passed_over.back().reason == "as the fallback is full: 1 of 1 calls");
    }
    SECTION("to hang up") {
        Rig rig{Strategy::round_robin, {member("a")}, "hangup"};
        rig.mark_down("a");
        REQUIRE(rig.choose().kind == ChoiceKind::hangup);
    }
    SECTION("none") {
        Rig rig{Strategy::round_robin, {}};
        REQUIRE(rig.choose().kind == ChoiceKind::nobody);
        REQUIRE(rig.choose().assistant.empty());
    }
}

TEST_CASE("chooser: an update keeps the turn of who stays", "[balancer][chooser]") {
    Rig rig{Strategy::round_robin, {member("a"), member("b"), member("c")}};
    REQUIRE(rig.sequence(2) == "ab");
    Balancer changed = rig.chooser().balancer();
    changed.members.insert(changed.members.begin(), member("x"));
    rig.chooser().update(changed);
    REQUIRE(rig.sequence(3) == "cxa");
    changed.members.erase(changed.members.begin() + 1);
    rig.chooser().update(changed);
    REQUIRE(rig.sequence(3) == "xbc");
}
