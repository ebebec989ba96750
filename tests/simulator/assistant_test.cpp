#include "simulator/internal/assistant.h"

#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace cxdial;
using namespace cxdial::simulator::test;
using nlohmann::json;

namespace {

std::string service(const std::string& number, const std::string& attributes = "") {
    return cxml(
        "<Dial" + attributes + "><Service provider=\"vapi\">" + number + "</Service></Dial>"
    );
}

std::string stream(const std::string& url) {
    return cxml("<Connect><Stream url=\"" + url + "\"/></Connect>");
}

json assistant_of(Bench& bench, const std::string& name) {
    return bench.truth().at("assistants").at(name);
}

}  // namespace

TEST_CASE("simulator: calls are counted by assistant", "[simulator][assistant]") {
    Bench bench;
    bench.cdr_of(bench.placed({{"cxml", service("+100")}}));
    bench.cdr_of(bench.placed({{"cxml", service("+100")}}));
    bench.cdr_of(bench.placed({{"cxml", stream("wss://agent.example/ws/bot?session=7")}}));
    CHECK(assistant_of(bench, "vapi/+100").at("accepted") == 2);
    CHECK(assistant_of(bench, "vapi/+100").at("live") == 0);
    CHECK(assistant_of(bench, "vapi/+100").at("live_max") == 1);
    CHECK(assistant_of(bench, "agent.example/ws/bot").at("accepted") == 1);
    const auto one = bench.ask("GET", "/control/truth?assistant=vapi%2F%2B100").body;
    CHECK(one.at("while_dead") == 0);
    auto calls = 0;
    for (const auto& second : one.at("per_second")) {
        calls += second.get<int>();
    }
    CHECK(calls == 2);
}

TEST_CASE(
    "simulator: what belongs to one call is no part of an assistant's name",
    "[simulator][assistant]"
) {
    Bench bench({{"cdr-endpoint", ""}});
    bench.documents["/doc"] = stream("wss://a.example/ws/bot/12127773456/%2B12125550100?x=1");
    const auto token = bench.placed({{"url", bench.url("/doc")}});
    REQUIRE(bench.until([&] { return bench.truth().at("assistants").size() == 1; }));
    CHECK(bench.truth().at("assistants").contains("a.example/ws/bot/{to}/{from}"));
}

TEST_CASE(
    "simulator: a dead assistant fails the Dial at once and its action is asked",
    "[simulator][assistant]"
) {
    Bench bench({{"talk", "1m"}, {"dead", "vapi/+100"}});
    bench.documents["/after"] = cxml("<Hangup/>");
    const auto action = " action=\"" + bench.url("/after") + "\"";
    const auto cdr = bench.cdr_of(bench.placed({{"cxml", service("+100", action)}}));
    CHECK(cdr.at("disposition") == "ANSWER");
    CHECK(cdr.at("billsec") == 0);
    REQUIRE(bench.heard["/after"].size() == 1);
    CHECK(bench.heard["/after"][0].at("DialCallStatus") == "failed");
    CHECK(assistant_of(bench, "vapi/+100").at("while_dead") == 1);
    CHECK(assistant_of(bench, "vapi/+100").at("accepted") == 0);
}

TEST_CASE(
    "simulator: without an action a dead assistant leads to the next verb", "[simulator][assistant]"
) {
    Bench bench({{"dead", "vapi/*"}});
    const auto document = cxml(
        "<Dial><Service provider=\"vapi\">+100</Service></Dial>"
        "<Dial><Service provider=\"retell\">+200</Service></Dial>"
    );
    bench.cdr_of(bench.placed({{"cxml", document}}));
    CHECK(assistant_of(bench, "vapi/+100").at("while_dead") == 1);
    CHECK(assistant_of(bench, "retell/+200").at("accepted") == 1);
}

TEST_CASE(
    "simulator: a stream to a dead assistant ends the call as an answered one",
    "[simulator][assistant]"
) {
    Bench bench({{"talk", "1m"}, {"dead", "agent.example/ws"}});
    const auto document = cxml(
        "<Connect><Stream url=\"wss://agent.example/ws\" statusCallback=\"" + bench.url("/stream") +
        "\"/></Connect><Pause length=\"60\"/>"
    );
    const auto cdr = bench.cdr_of(bench.placed({{"cxml", document}}));
    CHECK(cdr.at("disposition") == "ANSWER");
    CHECK(cdr.at("billsec") == 0);
    CHECK(cdr.at("session").at("error") == "the stream could not connect");
    REQUIRE(bench.until([&] { return bench.heard["/stream"].size() == 1; }));
    CHECK(bench.heard["/stream"][0].at("StreamEvent") == "stream-error");
    CHECK(bench.truth().at("cxml_errors") == 0);
}

TEST_CASE(
    "simulator: an assistant that dies ends its talks and can come back", "[simulator][assistant]"
) {
    Bench bench({{"talk", "1m"}});
    const auto talking = [&] { return assistant_of(bench, "vapi/+100").at("live") == 1; };
    const auto token = bench.placed({{"cxml", service("+100")}});
    REQUIRE(bench.until([&] { return bench.truth().at("assistants").contains("vapi/+100"); }));
    CHECK(talking());
    bench.set("dead", json::array({"vapi/+100"}));
    CHECK(bench.cdr_of(token).at("disposition") == "ANSWER");
    CHECK_FALSE(talking());
    bench.set("dead", json::array());
    bench.placed({{"cxml", service("+100")}});
    REQUIRE(bench.until(talking));
}

TEST_CASE("simulator: patterns fit by their beginning, their end or whole", "[simulator]") {
    CHECK(simulator::fits("+1999*", "19995550100"));
    CHECK(simulator::fits("*00", "+19995550100"));
    CHECK(simulator::fits("19995550100", "+19995550100"));
    CHECK_FALSE(simulator::fits("+1999", "+19995550100"));
    CHECK_FALSE(simulator::fits("*01", "+19995550100"));
    CHECK_FALSE(simulator::fits("*19995550100", "00"));
    CHECK(simulator::value_of_rule({"+1*=busy", "*=failed"}, "12") == "busy");
    CHECK(simulator::value_of_rule({"+1*=busy"}, "22").empty());
}

TEST_CASE("simulator: machines are told by the number called", "[simulator][amd]") {
    Bench bench({{"answered-by", "human"}, {"answered-by-for", "*9=machine_start"}});
    bench.documents["/doc"] = service("+100");
    const auto asked = [&](const char* mode, const char* number) {
        bench.heard["/doc"].clear();
        bench.requests["/doc"].clear();
        bench.cdr_of(bench.placed(
            {{"destination", number}, {"url", bench.url("/doc")}, {"machineDetection", mode}}
        ));
        return bench.requests["/doc"].at(0).target;
    };
    CHECK(asked("Enable", "12127770001").find("AnsweredBy=human") != std::string::npos);
    CHECK(asked("Enable", "12127770009").find("AnsweredBy=machine_start") != std::string::npos);
    CHECK(
        asked("DetectMessageEnd", "12127770009").find("AnsweredBy=machine_end_beep") !=
        std::string::npos
    );
    CHECK(
        bench.truth().at("answered_by") ==
        json{{"human", 1}, {"machine_end_beep", 1}, {"machine_start", 1}}
    );
    CHECK(assistant_of(bench, "vapi/+100").at("machines") == 2);
}

TEST_CASE("simulator: detection that takes too long knows nothing", "[simulator][amd]") {
    Bench bench({{"answered-by", "human"}, {"amd-delay", "1m"}});
    bench.documents["/doc"] = cxml("<Hangup/>");
    const auto cdr = bench.cdr_of(bench.placed(
        {{"url", bench.url("/doc")}, {"machineDetection", "Enable"}, {"machineDetectionTimeout", 1}}
    ));
    CHECK(bench.requests["/doc"].at(0).target.find("AnsweredBy=unknown") != std::string::npos);
    CHECK(cdr.at("billsec") >= 1);
    CHECK(cdr.at("billsec") < 30);
}

TEST_CASE(
    "simulator: times of machine detection in the wrong unit are refused", "[simulator][amd]"
) {
    Bench bench;
    const auto bad = GENERATE(
        json{{"machineDetectionTimeout", 30'000}},
        json{{"machineDetectionTimeout", 0}},
        json{{"machineDetectionSpeechThreshold", 5'001}},
        json{{"machineDetectionSpeechEndThreshold", 0}},
        json{{"machineDetectionSilenceTimeout", 20'000}},
        json{{"machineDetection", "Enabled"}},
        json{{"asyncAmd", "yes"}}
    );
    auto body = good_placement();
    body.update(bad);
    CHECK(bench.place(body).status == 400);
}
