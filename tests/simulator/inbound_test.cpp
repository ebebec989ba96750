#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace cxdial;
using namespace cxdial::simulator::test;
using nlohmann::json;

namespace {

const std::string service = "<Service provider=\"vapi\">+15550001</Service>";

/// Somebody calls in and is answered with these verbs; gives the token.
std::string called_in(Bench& bench, const std::string& verbs, const json& extra = json::object()) {
    bench.documents["/voice"] = cxml(verbs);
    json body = {
        {"from", "+13105551212"},
        {"to", "+12125550100"},
        {"domain", "acme.cloudonix.net"},
        {"url", bench.url("/voice")}};
    body.update(extra);
    const auto answer = bench.ask("POST", "/control/inbound-calls", body);
    REQUIRE(answer.status == 200);
    return answer.body.at("calls").at(0).at("token").get<std::string>();
}

json inbound(Bench& bench, const std::string& token) {
    return bench.ask("GET", "/control/inbound-calls/" + token).body;
}

bool has_status(Bench& bench, const std::string& token, const std::string& status) {
    return bench.until([&] { return bench.session(token).at("status") == status; });
}

}  // namespace

TEST_CASE(
    "simulator: a call that comes in asks the voice application as a trunk's call does",
    "[simulator][inbound]"
) {
    Bench bench({{"webhook-key", "secret"}});
    const auto token = called_in(bench, "<Hangup/>", {{"parameters", {{"CallerName", "Ann"}}}});
    bench.cdr_of(token);
    const auto& request = bench.requests["/voice"].at(0);
    CHECK(request.method == "POST");
    CHECK(request.headers.find("Authorization") == "Bearer secret");
    CHECK(request.headers.find("X-Cx-Domain") == "acme.cloudonix.net");
    CHECK(request.headers.find("X-Cx-From") == "+13105551212");
    CHECK(request.headers.find("X-Cx-To") == "+12125550100");
    CHECK(request.headers.find("X-Cx-Session") == token);
    const auto& body = bench.heard["/voice"].at(0);
    CHECK(body.at("From") == "+13105551212");
    CHECK(body.at("To") == "+12125550100");
    CHECK(body.at("Direction") == "inbound");
    CHECK(body.at("CallSid") == token);
    CHECK(body.at("Session") == token);
    CHECK(body.at("CallStatus") == "in-progress");
    CHECK(body.at("CallerName") == "Ann");
    CHECK(body.at("Domain") == "acme.cloudonix.net");
    CHECK(body.at("SessionData").at("status") == "new");
    CHECK(body.at("SessionData").at("callerId") == "+13105551212");
    CHECK(body.at("SessionData").at("profile").at("inbound-trunk-id") == 0);
    CHECK(body.at("Application").at("uuid") == body.at("ApplicationSid"));
}

TEST_CASE("simulator: an inbound call can be asked about by GET", "[simulator][inbound]") {
    Bench bench;
    const json extra = {{"method", "GET"}, {"call_sid", "abc@host"}, {"call_status", "unknown"}};
    const auto token = called_in(bench, "<Hangup/>", extra);
    bench.cdr_of(token);
    std::map<std::string, std::string> query;
    for (auto& [name, value] : net::parse_form(bench.requests["/voice"].at(0).query())) {
        query[name] = value;
    }
    CHECK(query["From"] == "+13105551212");
    CHECK(query["CallSid"] == "abc@host");
    CHECK(query["CallStatus"] == "unknown");
    CHECK(query["Session"] == token);
    CHECK(inbound(bench, token).at("call_sid") == "abc@host");
}

TEST_CASE(
    "simulator: what a document does with an inbound call is what its CDR says",
    "[simulator][inbound]"
) {
    Bench bench({{"dead", "vapi/dead"}});
    const auto [verbs, disposition, is_answered] = GENERATE(table<std::string, std::string, bool>({
        {"<Hangup/>", "ANSWER", true},
        {"<Say>Hello</Say>", "ANSWER", true},
        {"<Say answer=\"false\">Hello</Say><Reject/>", "BUSY", false},
        {"<Dial>" + service + "</Dial>", "ANSWER", true},
        {"<Dial>+15550009</Dial>", "ANSWER", true},
        {"<Dial><Service provider=\"vapi\">dead</Service></Dial>", "FAILED", false},
        {"<Connect><Stream url=\"wss://a.example/\"/></Connect>", "ANSWER", true},
        {"<Gather timeout=\"0\" numDigits=\"1\"/>", "ANSWER", true},
        {"<Reject/>", "BUSY", false},
        {"<Reject reason=\"congestion\"/>", "CONGESTION", false},
        {"<Reject reason=\"failed\"/>", "FAILED", false},
        {"<Hang", "FAILED", false},
    }));
    CAPTURE(verbs);
    if (verbs.find("Gather") != std::string::npos) {
        bench.set("gather-empty", 1);
    }
    const auto token = called_in(bench, verbs);
    const auto cdr = bench.cdr_of(token);
    CHECK(cdr.at("disposition") == disposition);
    CHECK(cdr.at("from") == "+13105551212");
    CHECK(cdr.at("to") == "+12125550100");
    CHECK(cdr.at("session").at("direction") == "inbound");
    CHECK(cdr.at("session").at("callAnswerTime").is_number() == is_answered);
    CHECK(bench.truth().at("inbound").at("answered") == (is_answered ? 1 : 0));
    CHECK(bench.truth().at("inbound").at("outcomes").at(disposition) == 1);
}

TEST_CASE(
    "simulator: an inbound call rings until the Dial is taken, and says with whom it talks",
    "[simulator][inbound]"
) {
    Bench bench({{"ring", "20ms"}});
    const auto token = called_in(bench, "<Dial>" + service + "</Dial>", {{"talk", "1m"}});
    REQUIRE(has_status(bench, token, "connected"));
    const auto call = inbound(bench, token);
    CHECK(call.at("connected_to") == "+15550001");
    const auto& connection = call.at("connections").at(0);
    CHECK(connection.at("kind") == "service");
    CHECK(connection.at("provider") == "vapi");
    CHECK(connection.at("outcome") == "answered");
    CHECK(bench.truth().at("assistants").at("vapi/+15550001").at("live") == 1);
    std::vector<std::string> statuses;
    REQUIRE(bench.until([&] { return bench.heard["/updates"].size() == 4; }));
    for (const auto& update : bench.heard["/updates"]) {
        statuses.push_back(update.at("status"));
        CHECK(update.at("direction") == "incoming");
    }
    std::sort(statuses.begin(), statuses.end());
    CHECK(statuses == std::vector<std::string>{"connected", "new", "processing", "ringing"});
    CHECK(call.at("documents").at(0).at("document") == bench.documents["/voice"]);
    CHECK(call.at("documents").at(0).at("status") == 200);
    CHECK(call.at("voice_ms") > 0);
}

TEST_CASE(
    "simulator: a Dial that nobody takes goes on to its action with the caller still waiting",
    "[simulator][inbound]"
) {
    Bench bench({{"dead", "vapi/*"}});
    bench.documents["/after"] = cxml("<Connect><Stream url=\"wss://b.example/ws\"/></Connect>");
    const auto token = called_in(bench, "<Dial action=\"/after\">" + service + "</Dial>");
    bench.cdr_of(token);
    CHECK(bench.heard["/after"].at(0).at("DialCallStatus") == "failed");
    CHECK(bench.heard["/after"].at(0).at("SessionData").at("callAnswerTime").is_null());
    const auto call = inbound(bench, token);
    CHECK(call.at("connections").at(0).at("outcome") == "failed");
    CHECK(call.at("connected_to") == "wss://b.example/ws");
    CHECK(call.at("documents").size() == 2);
}

TEST_CASE(
    "simulator: an assistant that dies while it rings fails the Dial", "[simulator][inbound]"
) {
    Bench bench({{"ring", "50s"}});
    const auto token = called_in(bench, "<Dial>" + service + "</Dial>");
    REQUIRE(has_status(bench, token, "ringing"));
    bench.set("dead", "vapi/*");
    CHECK(bench.cdr_of(token).at("disposition") == "FAILED");
    CHECK(bench.truth().at("assistants").at("vapi/+15550001").at("live") == 0);
}

TEST_CASE("simulator: a Dial rings no longer than its timeout", "[simulator][inbound]") {
    Bench bench({{"ring", "1m"}});
    const auto token = called_in(bench, "<Dial timeout=\"0\">" + service + "</Dial>");
    CHECK(bench.cdr_of(token).at("disposition") == "NOANSWER");
    CHECK(inbound(bench, token).at("connected_to").is_null());
}

TEST_CASE("simulator: a caller gives up before and after the answer", "[simulator][inbound]") {
    Bench bench;
    const auto [ring, disposition] =
        GENERATE(table<std::string, std::string>({{"50s", "CANCEL"}, {"0", "ANSWER"}}));
    bench.set("ring", ring);
    const json extra = {{"talk", "50s"}, {"hang_up_after", "300ms"}};
    const auto token = called_in(bench, "<Dial>" + service + "</Dial>", extra);
    CHECK(bench.cdr_of(token).at("disposition") == disposition);
    const auto call = inbound(bench, token);
    CHECK(call.at("outcome") == disposition);
    CHECK(
        call.at("connections").at(0).at("outcome") ==
        (disposition == "CANCEL" ? "canceled" : "answered")
    );
}

TEST_CASE(
    "simulator: inbound calls are sessions that can be listed and deleted", "[simulator][inbound]"
) {
    Bench bench({{"talk", "1m"}});
    const auto token = called_in(bench, "<Dial>" + service + "</Dial>");
    const std::string sessions = "/customers/self/domains/acme.cloudonix.net/sessions";
    REQUIRE(has_status(bench, token, "connected"));
    const auto all = bench.ask("GET", sessions).body;
    REQUIRE(all.size() == 1);
    CHECK(all.at(0).at("direction") == "inbound");
    CHECK(bench.ask("DELETE", sessions + "/" + token).status == 204);
    CHECK(bench.cdr_of(token).at("disposition") == "ANSWER");
    CHECK(bench.ask("DELETE", sessions + "/" + token).status == 404);
}

TEST_CASE(
    "simulator: inbound calls stand apart from those that were placed", "[simulator][inbound]"
) {
    Bench bench({{"ring", "1m"}});
    const auto placed = bench.placed();
    called_in(bench, "<Dial timeout=\"90\">" + service + "</Dial>", {{"count", 3}});
    const auto truth = bench.truth();
    CHECK(truth.at("live").at("now") == 1);
    CHECK(truth.at("double_dials") == 0);
    CHECK(truth.at("domains").at("acme.cloudonix.net").at("live") == 1);
    CHECK(truth.at("domains").at("acme.cloudonix.net").at("inbound_live") == 3);
    CHECK(truth.at("inbound").at("live_max") == 3);
    const auto calls = bench.ask("GET", "/control/calls").body;
    REQUIRE(calls.at("calls").size() == 1);
    CHECK(calls.at("calls").at(0).at("token") == placed);
    CHECK(calls.at("more") == false);
    const auto first = bench.ask("GET", "/control/inbound-calls?limit=2").body;
    REQUIRE(first.at("calls").size() == 2);
    CHECK(first.at("more") == true);
    const auto after = first.at("calls").at(1).at("id").dump();
    const auto rest = bench.ask("GET", "/control/inbound-calls?after=" + after).body;
    CHECK(rest.at("calls").size() == 1);
    CHECK(rest.at("more") == false);
}

TEST_CASE(
    "simulator: a voice request can come twice with the same CallSid", "[simulator][inbound]"
) {
    Bench bench({{"voice-repeat", "1"}, {"talk", "1m"}});
    bench.set("voice-repeat-when", GENERATE("during", "after"));
    const auto token = called_in(bench, "<Dial>" + service + "</Dial>");
    REQUIRE(bench.until([&] { return inbound(bench, token).at("documents").size() == 2; }));
    REQUIRE(has_status(bench, token, "connected"));
    CHECK(bench.heard["/voice"].at(1).at("CallSid") == token);
    CHECK(bench.heard["/voice"].at(0) == bench.heard["/voice"].at(1));
    auto repeats = 0;
    const auto call = inbound(bench, token);
    for (const auto& document : call.at("documents")) {
        repeats += document.at("repeat").get<bool>() ? 1 : 0;
    }
    CHECK(repeats == 1);
    CHECK(bench.truth().at("voice_requests") == 1);
    CHECK(bench.truth().at("voice_repeats") == 1);
    CHECK(call.at("connections").size() == 1);
}

TEST_CASE("simulator: the faults of notices meet inbound calls too", "[simulator][inbound]") {
    Bench bench({{"cdr-duplicate", "1"}, {"update-drop", "1"}});
    called_in(bench, "<Hangup/>");
    CHECK(bench.until([&] { return bench.heard["/cdr"].size() == 2; }));
    CHECK(bench.heard["/updates"].empty());
}

TEST_CASE(
    "simulator: a voice application that does not answer fails the call and is told",
    "[simulator][inbound]"
) {
    Bench bench;
    const auto token = called_in(bench, "", {{"url", "http://127.0.0.1:1/refused"}});
    CHECK(bench.cdr_of(token).at("disposition") == "FAILED");
    CHECK(inbound(bench, token).at("documents").at(0).at("status") == 0);
}

TEST_CASE(
    "simulator: without an url the domain's default application is asked", "[simulator][inbound]"
) {
    Bench bench;
    const std::string domain = "/customers/self/domains/acme.cloudonix.net";
    const json application = {
        {"name", "main"}, {"type", "cxml"}, {"url", bench.url("/voice")}, {"method", "GET"}};
    const auto id = bench.ask("POST", domain + "/applications", application).body.at("id");
    CHECK(bench.ask("PATCH", domain, {{"defaultApplication", id}}).status == 200);
    bench.cdr_of(called_in(bench, "<Hangup/>", {{"url", nullptr}}));
    CHECK(bench.requests["/voice"].at(0).method == "GET");
}

TEST_CASE("simulator: a wrong inbound call is refused", "[simulator][inbound]") {
    Bench bench;
    const auto [extra, status] = GENERATE(table<json, int>({
        {{{"from", ""}}, 400},
        {{{"to", 5}}, 400},
        {{{"domain", "nobody.example"}}, 404},
        {{{"url", "file:///etc"}}, 400},
        {{{"url", nullptr}}, 400},
        {{{"method", "PUT"}}, 400},
        {{{"count", 0}}, 400},
        {{{"talk", "long"}}, 400},
        {{{"hang_up_after", 5}}, 400},
        {{{"parameters", {{"a", 1}}}}, 400},
        {{{"profile", 1}}, 400},
        {{{"colour", "red"}}, 400},
    }));
    CAPTURE(extra);
    json body = {{"from", "1"}, {"to", "2"}, {"url", bench.url("/voice")}};
    body.update(extra);
    CHECK(bench.ask("POST", "/control/inbound-calls", body).status == status);
    CHECK(bench.truth().at("inbound").at("made") == 0);
}
