#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <string>

using namespace cxdial::simulator::test;
using nlohmann::json;

namespace {

json accepted(Bench& bench) {
    return bench.truth().at("placements").at("accepted");
}

}  // namespace

TEST_CASE("simulator: faults without effect make no call", "[simulator][fault]") {
    const auto [fault, status] = GENERATE(table<std::string, int>(
        {{"drop-before", 0}, {"refuse-429", 429}, {"refuse-402", 402}, {"error-500", 500}}
    ));
    CAPTURE(fault);
    Bench bench({{fault, "1"}});
    CHECK(bench.place(good_placement()).status == status);
    CHECK(accepted(bench) == 0);
    const auto counter = status == 0 ? "reset" : std::to_string(status);
    CHECK(bench.truth().at("placements").at("answers") == json{{counter, 1}});
}

TEST_CASE("simulator: faults with effect make the call and hide it", "[simulator][fault]") {
    const auto [fault, status] = GENERATE(table<std::string, int>(
        {{"error-500-with-effect", 500}, {"lost-reply-after-create", 0}, {"reply-cut", 0}}
    ));
    CAPTURE(fault);
    Bench bench({{fault, "1"}});
    CHECK(bench.place(good_placement()).status == status);
    CHECK(accepted(bench) == 1);
    CHECK(bench.until([&] { return bench.heard["/cdr"].size() == 1; }));
}

TEST_CASE("simulator: a call can be accepted after its connection is gone", "[simulator][fault]") {
    Bench bench({{"accept-late", "1"}, {"accept-late-delay", "1500ms"}});
    CHECK(bench.place(good_placement()).status == 0);
    CHECK(accepted(bench) == 0);
    CHECK(bench.until([&] { return bench.heard["/cdr"].size() == 1; }));
    CHECK(accepted(bench) == 1);
}

TEST_CASE("simulator: a reply can come long after the call was made", "[simulator][fault]") {
    Bench bench({{"slow-reply", "1"}, {"slow-reply-delay", "1500ms"}});
    const auto answer = bench.place(good_placement());
    CHECK(answer.status == 200);
    // The whole call took less time than the reply to its placement.
    CHECK(bench.heard["/cdr"].size() == 1);
    CHECK(bench.heard["/cdr"].at(0).at("session").at("token") == answer.body.at("token"));
}

TEST_CASE("simulator: asking for sessions can fail", "[simulator][fault]") {
    Bench bench({{"ring", "1m"}});
    const std::string sessions = "/customers/self/domains/acme.cloudonix.net/sessions";
    const auto one = sessions + "/" + bench.placed();
    bench.set("session-get-404", 1);
    CHECK(bench.ask("GET", one).status == 404);
    bench.set("session-get-500", 1);
    CHECK(bench.ask("GET", one).status == 500);
    CHECK(bench.ask("GET", sessions).status == 200);
    bench.set("session-list-500", 1);
    CHECK(bench.ask("GET", sessions).status == 500);
    CHECK(bench.ask("DELETE", one).status == 204);
}

TEST_CASE("simulator: a CDR can be lost, doubled and late", "[simulator][fault]") {
    Bench bench;
    SECTION("lost") {
        bench.set("cdr-drop", 1);
        const auto token = bench.placed();
        CHECK(bench.until([&] { return bench.session(token).at("callEndTime").is_number(); }));
        bench.set("cdr-drop", 0);
        bench.cdr_of(bench.placed());
        CHECK(bench.heard["/cdr"].size() == 1);
    }
    SECTION("doubled") {
        bench.set("cdr-duplicate", 1);
        bench.placed();
        CHECK(bench.until([&] { return bench.heard["/cdr"].size() == 2; }));
        CHECK(bench.heard["/cdr"].at(0) == bench.heard["/cdr"].at(1));
    }
    SECTION("late") {
        bench.set("cdr-delay", "1500ms");
        bench.set("cdr-delay-chance", 1);
        const auto late = bench.placed();
        CHECK(bench.until([&] { return bench.session(late).at("callEndTime").is_number(); }));
        CHECK(bench.heard["/cdr"].empty());
        bench.cdr_of(late);
    }
}

TEST_CASE("simulator: a CDR can have any of the shapes seen in the field", "[simulator][fault]") {
    Bench bench;
    const auto cdr_with = [&](const std::string& fault) {
        bench.set(fault, 1);
        bench.placed();
        REQUIRE(bench.until([&] { return bench.heard["/cdr"].size() == 1; }));
        return bench.heard["/cdr"].at(0);
    };
    SECTION("no session") {
        CHECK(cdr_with("cdr-null-session").at("session").is_null());
    }
    SECTION("session in a list") {
        CHECK(cdr_with("cdr-session-list").at("session").at(0).at("token").is_string());
    }
    SECTION("no domain") {
        CHECK(cdr_with("cdr-null-domain").at("domain") == "nullDomain");
    }
    SECTION("another spelling") {
        CHECK(cdr_with("cdr-disposition-variant").at("disposition") != "ANSWER");
    }
    SECTION("NaN") {
        CHECK(cdr_with("cdr-nan").at("qos").at("rx_mos") == "NaN");
    }
    SECTION("status in capitals") {
        CHECK(cdr_with("status-case").at("session").at("status") == "CONNECTED");
    }
}

TEST_CASE(
    "simulator: updates can be lost, doubled, listed and out of order", "[simulator][fault]"
) {
    Bench bench;
    SECTION("lost") {
        bench.set("update-drop", 1);
        bench.cdr_of(bench.placed());
        CHECK(bench.heard["/updates"].empty());
    }
    SECTION("doubled") {
        bench.set("update-duplicate", 1);
        bench.placed();
        CHECK(bench.until([&] { return bench.heard["/updates"].size() == 10; }));
    }
    SECTION("listed") {
        bench.set("update-list", 1);
        bench.placed();
        CHECK(bench.until([&] { return !bench.heard["/updates"].empty(); }));
        CHECK(bench.heard["/updates"].at(0).at(0).at("token").is_string());
    }
    SECTION("out of order") {
        bench.set("update-reorder", 1);
        // A slow machine may need longer for a call than its updates are held back.
        auto is_overtaken = false;
        for (auto calls = 0U; !is_overtaken && calls < 50; ++calls) {
            bench.cdr_of(bench.placed());
            is_overtaken = bench.heard["/updates"].size() == calls * 5;
            REQUIRE(bench.until([&] { return bench.heard["/updates"].size() == calls * 5 + 5; }));
        }
        CHECK(is_overtaken);
    }
}
