#include "simulator/command_line.h"
#include "simulator/internal/iso_time.h"
#include "simulator/internal/truth.h"
#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <string>
#include <vector>

using namespace cxdial;
using namespace cxdial::simulator::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("simulator: a double dial is counted where it happens", "[simulator][truth]") {
    Bench bench({{"ring", "1m"}});
    bench.placed();
    CHECK(bench.truth().at("double_dials") == 0);
    const auto second = bench.placed({{"profile", {{"cxdial-attempt", "18"}}}});
    CHECK(bench.truth().at("double_dials") == 1);
    CHECK(bench.truth().at("double_dial_examples").at(0).at("token") == second);
    CHECK(bench.truth().at("repeated_attempts") == 0);
    const auto counts = bench.ask("GET", "/control/truth?destination=%2B12127773456").body;
    CHECK(counts.at("started") == 2);
    CHECK(counts.at("live_max") == 2);
    CHECK(
        bench.ask("GET", "/control/truth?destinations=all").body.at("12127773456").at("live") == 2
    );
}

TEST_CASE("simulator: a second call after the first is no double dial", "[simulator][truth]") {
    Bench bench;
    bench.cdr_of(bench.placed());
    bench.cdr_of(bench.placed({{"profile", {{"cxdial-attempt", "18"}}}}));
    CHECK(bench.truth().at("double_dials") == 0);
    CHECK(bench.truth().at("destinations") == 1);
}

TEST_CASE("simulator: an attempt accepted twice is counted", "[simulator][truth]") {
    Bench bench;
    bench.cdr_of(bench.placed());
    bench.cdr_of(bench.placed());
    CHECK(bench.truth().at("repeated_attempts") == 1);
    CHECK(bench.truth().at("attempts") == 1);
    CHECK(bench.ask("GET", "/control/truth?attempt=17").body.at("accepted") == 2);
    CHECK(bench.ask("GET", "/control/truth?attempt=99").body.at("accepted") == 0);
}

TEST_CASE(
    "simulator: the truth knows the peaks of live calls and of starts", "[simulator][truth]"
) {
    Bench bench({{"ring", "1m"}});
    for (auto i = 0; i < 3; ++i) {
        bench.placed({{"destination", "1212777345" + std::to_string(i)}});
    }
    const auto truth = bench.truth();
    CHECK(truth.at("live") == json{{"now", 3}, {"max", 3}});
    CHECK(truth.at("started").at("max_in_10s") == 3);
    CHECK(truth.at("domains").at("acme.cloudonix.net").at("live_max") == 3);
    CHECK(truth.at("domains").at("other.cloudonix.net").at("live_max") == 0);
    CHECK(truth.at("double_dials") == 0);
}

TEST_CASE(
    "simulator: a window's peak leaves out what fell out of the window", "[simulator][truth]"
) {
    simulator::WindowPeak peak(1s);
    const base::MonoTime zero{};
    for (const auto at : {0ms, 100ms, 1000ms, 1050ms, 2200ms}) {
        peak.add(zero + at);
    }
    CHECK(peak.max() == 3);
}

TEST_CASE("simulator: knobs are read and changed over the control API", "[simulator][control]") {
    Bench bench;
    const auto config = bench.ask("GET", "/control/config").body;
    CHECK(config.at("seed") == 7);
    CHECK(config.at("ring") == "5ms..5ms");
    CHECK(config.at("hangup-talk") == false);
    CHECK(config.at("domain").size() == 2);
    const json change = {{"ring", "1s..2500ms"}, {"cdr-drop", 0.25}, {"hangup-talk", true}};
    const auto changed = bench.ask("PATCH", "/control/config", change);
    CHECK(changed.status == 200);
    CHECK(changed.body.at("ring") == "1s..2500ms");
    CHECK(changed.body.at("cdr-drop") == 0.25);
}

TEST_CASE("simulator: a change with one bad knob is refused whole", "[simulator][control]") {
    Bench bench;
    const auto bad = GENERATE(
        json{{"ring", "2s..1s"}},
        json{{"ring", "5"}},
        json{{"cdr-drop", 1.5}},
        json{{"callbacks", 1}},
        json{{"outcomes", "answered=1,lost=1"}},
        json{{"outcomes", "answered=0"}},
        json{{"outcome-for", {"1212=gone"}}},
        json{{"requests", -1}},
        json{{"per", "0"}},
        json{{"url-method", "PUT"}},
        json{{"seed", 3}},
        json{{"colour", "red"}},
        json::array()
    );
    auto body = bad;
    if (body.is_object()) {
        body["cdr-nan"] = 1;
    }
    CHECK(bench.ask("PATCH", "/control/config", body).status == 400);
    CHECK(bench.ask("GET", "/control/config").body.at("cdr-nan") == 0);
}

TEST_CASE("simulator: calls are listed in pages and hung up by token", "[simulator][control]") {
    Bench bench({{"ring", "1m"}});
    std::vector<std::string> tokens;
    for (auto i = 0; i < 3; ++i) {
        tokens.push_back(bench.placed());
    }
    const auto first = bench.ask("GET", "/control/calls?limit=2").body;
    REQUIRE(first.at("calls").size() == 2);
    CHECK(first.at("more") == true);
    const auto last_id = first.at("calls").at(1).at("id").dump();
    const auto rest = bench.ask("GET", "/control/calls?after=" + last_id).body;
    REQUIRE(rest.at("calls").size() == 1);
    CHECK(rest.at("more") == false);
    CHECK(rest.at("calls").at(0).at("token") == tokens[2]);
    CHECK(bench.ask("POST", "/control/calls/" + tokens[2] + "/hangup").status == 204);
    CHECK(bench.ask("POST", "/control/calls/" + tokens[2] + "/hangup").status == 404);
    const auto ended = bench.ask("GET", "/control/calls?after=" + last_id).body.at("calls").at(0);
    CHECK(ended.at("ended") == true);
    CHECK(ended.at("outcome") == "CANCEL");
}

TEST_CASE("simulator: reset forgets calls and counters", "[simulator][control]") {
    Bench bench({{"ring", "1s"}});
    const auto token = bench.placed();
    CHECK(bench.ask("POST", "/control/reset").status == 204);
    CHECK(bench.truth().at("live") == json{{"now", 0}, {"max", 0}});
    CHECK(bench.truth().at("placements").at("received") == 0);
    const auto next = bench.placed();
    bench.cdr_of(next);
    for (const auto& cdr : bench.heard["/cdr"]) {
        CHECK(cdr.at("session").at("token") != token);
    }
}

TEST_CASE("simulator: only so many ended sessions are kept", "[simulator][control]") {
    Bench bench({{"keep-ended", "2"}});
    std::vector<std::string> tokens;
    for (auto i = 0; i < 4; ++i) {
        tokens.push_back(bench.placed());
        bench.cdr_of(tokens.back());
    }
    const std::string path = "/domains/self/sessions/";
    CHECK(bench.until([&] { return bench.ask("GET", path + tokens[1]).status == 404; }));
    CHECK(bench.ask("GET", path + tokens[3]).status == 200);
    CHECK(bench.ask("GET", "/control/calls").body.at("calls").size() == 2);
}

TEST_CASE("simulator: the command line sets every knob", "[simulator][control]") {
    const std::array arguments = {
        "cloudonix-sim",
        "--domain",
        "a.example",
        "--domain",
        "b.example",
        "--ring",
        "100ms..300ms",
        "--hangup-talk",
        "--callbacks",
        "false",
        "--cdr-drop",
        "0.5",
        "--seed",
        "12",
        "--outcomes",
        "answered=80,busy=20",
        "--die-with-parent"};
    const auto line =
        simulator::read_command_line(static_cast<int>(arguments.size()), arguments.data());
    REQUIRE(line.has_value());
    CHECK(line->options.domains == std::vector<std::string>{"a.example", "b.example"});
    CHECK(line->options.ring.max == 300ms);
    CHECK(line->options.hangup_talk);
    CHECK_FALSE(line->options.callbacks);
    CHECK(line->options.cdr_drop == 0.5);
    CHECK(line->options.seed == 12);
    CHECK(line->options.outcomes.size() == 2);
    CHECK(line->die_with_parent);
}

TEST_CASE("simulator: a bad command line says what is wrong", "[simulator][control]") {
    const auto bad = GENERATE("--ring=soon", "--cdr-drop=2", "--no-such-knob", "stray");
    const std::array arguments = {"cloudonix-sim", bad};
    const auto line = simulator::read_command_line(2, arguments.data());
    REQUIRE_FALSE(line.has_value());
    CHECK_FALSE(line.error().detail.empty());
}

TEST_CASE("simulator: help names every knob", "[simulator][control]") {
    const std::array arguments = {"cloudonix-sim", "--help"};
    const auto line = simulator::read_command_line(2, arguments.data());
    REQUIRE(line.has_value());
    for (const auto& knob : simulator::knobs()) {
        CHECK(line->message.find("--" + std::string(knob.name)) != std::string::npos);
    }
}

TEST_CASE("simulator: ISO times are read in their usual forms", "[simulator]") {
    const auto expected = simulator::parse_iso("2024-05-20T21:05:00.387Z");
    REQUIRE(expected.has_value());
    CHECK(simulator::to_iso(*expected) == "2024-05-20T21:05:00.387Z");
    CHECK(simulator::parse_iso("2024-05-20T23:05:00.387+02:00") == expected);
    CHECK(simulator::parse_iso("2024-05-20T16:05:00.387-0500") == expected);
    CHECK(simulator::parse_iso("2024-05-20T21:05:00") == *expected - 387ms);
    for (const auto* const bad :
         {"", "2024-05-20", "2024-13-20T21:05:00Z", "20240520T210500Z", "2024-05-20T21:05:00Zx"}) {
        CHECK_FALSE(simulator::parse_iso(bad).has_value());
    }
}
