#include "simulator/internal/cxml_document.h"
#include "simulator/internal/cxml_player.h"
#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace cxdial;
using namespace cxdial::simulator::test;
using nlohmann::json;

TEST_CASE("simulator: CXML that the documentation forbids is refused", "[simulator][cxml]") {
    const auto document = GENERATE(
        as<std::string>{},
        "",
        "Response",
        "<Response>",
        "<response/>",
        "<Answer/>",
        "<Response/><Response/>",
        cxml("<hangup/>"),
        cxml("<Enqueue/>"),
        cxml("<Stream url=\"wss://a.example/\"/>"),
        cxml("<Dial/>"),
        cxml("<Dial>1<Number>2</Number></Dial>"),
        cxml("<Dial><Service>1</Service></Dial>"),
        cxml("<Dial><Service provider=\"vapi\"/></Dial>"),
        cxml("<Dial><Header name=\"Y\" value=\"1\"/><Number>1</Number></Dial>"),
        cxml("<Dial method=\"PUT\">1</Dial>"),
        cxml("<Dial timeout=\"long\">1</Dial>"),
        cxml("<Dial><Conference maxParticipants=\"251\"/></Dial>"),
        cxml("<Connect/>"),
        cxml("<Connect><Stream/></Connect>"),
        cxml("<Connect><Stream url=\"https://a.example/\"/></Connect>"),
        cxml("<Connect><Stream url=\"wss://a.example/\"><Parameter value=\"1\"/></Stream></Connect>"
        ),
        cxml("<Stop><Stream/></Stop>"),
        cxml("<Redirect/>"),
        cxml("<Reject reason=\"angry\"/>"),
        cxml("<Gather input=\"voice\"/>")
    );
    CAPTURE(document);
    CHECK_FALSE(simulator::parse_cxml(document).has_value());
}

TEST_CASE(
    "simulator: good CXML is read in order, with unknown attributes let pass", "[simulator][cxml]"
) {
    const auto verbs = simulator::parse_cxml(
        cxml("<Say voice=\"woman\"> Hi &amp; bye </Say><Dial shade=\"blue\" trunks=\"a,b\">"
             "<Header name=\"X-A\" value=\"1\"/><Service provider=\"vapi\">+1212</Service></Dial>"
             "<Play digits=\"1ww2\"/><Dial><Conference/></Dial><Hangup/>")
    );
    REQUIRE(verbs.has_value());
    REQUIRE(verbs->size() == 5);
    CHECK(verbs->at(0).text == "Hi & bye");
    CHECK(verbs->at(1).attribute("trunks") == "a,b");
    CHECK(verbs->at(1).children.at(1).text == "+1212");
    CHECK(simulator::parse_cxml("<Response/>")->empty());
    const std::string deep(200'000, '<');
    CHECK_FALSE(simulator::parse_cxml(deep).has_value());
    std::string nested;
    for (auto i = 0; i < 50'000; ++i) {
        nested += "<Say>";
    }
    for (auto i = 0; i < 50'000; ++i) {
        nested += "</Say>";
    }
    CHECK_FALSE(simulator::parse_cxml(cxml(nested)).has_value());
}

TEST_CASE("simulator: an action's URL is resolved against its document", "[simulator][cxml]") {
    using simulator::resolve_url;
    CHECK(resolve_url("http://a.example/x/y?z", "http://b.example/") == "http://b.example/");
    CHECK(resolve_url("http://a.example:8/x/y?z", "/next") == "http://a.example:8/next");
    CHECK(resolve_url("", "/next").empty());
    CHECK(resolve_url("http://a.example/", "next").empty());
}

TEST_CASE("simulator: broken CXML fails the call and is counted", "[simulator][cxml]") {
    Bench bench;
    const auto [key, value] = GENERATE(table<std::string, std::string>({
        {"cxml", "<Response><Hang"},
        {"cxml", cxml("<Redirect>next</Redirect>")},
        {"cxml", cxml("<Gather action=\"menu\"/>")},
        {"url", "/missing"},
        {"url", "/html"},
        {"url", "/garbage"},
        {"url", "http://127.0.0.1:1/refused"},
    }));
    CAPTURE(key, value);
    bench.documents["/garbage"] = "<Answer/>";
    const json extra = {{key, value.front() == '/' ? bench.url(value) : value}};
    const auto cdr = bench.cdr_of(bench.placed(extra));
    CHECK(cdr.at("disposition") == "FAILED");
    CHECK(cdr.at("session").at("callAnswerTime").is_number());
    CHECK(cdr.at("session").at("error").is_string());
    CHECK(bench.truth().at("cxml_errors") == 1);
    CHECK(bench.truth().at("voice_requests") == (key == "url" ? 1 : 0));
    if (value.front() == '/') {
        CHECK(bench.requests[value].size() == 1);
    }
}

TEST_CASE(
    "simulator: a document runs to its end and the call ends as answered", "[simulator][cxml]"
) {
    Bench bench;
    const auto verbs = GENERATE(
        as<std::string>{},
        "",
        "<Hangup/>",
        "<Reject reason=\"busy\"/>",
        "<Say>Hello</Say>",
        "<Say loop=\"0\">Hello</Say>",
        "<Play loop=\"2\">https://a.example/a.wav</Play>",
        "<Pause length=\"0\"/>",
        "<Dial><Number>1212</Number></Dial>",
        "<Dial><Service provider=\"retell\">+12125550111</Service></Dial>",
        "<Dial><Sip>sip:a@b.example</Sip></Dial>",
        "<Dial><Conference>room</Conference></Dial>",
        "<Connect><Stream url=\"wss://a.example/\"/></Connect>",
        "<Start><Stream name=\"a\" url=\"wss://a.example/\"/></Start><Stop><Stream "
        "name=\"a\"/></Stop>",
        "<Converse/>",
        "<Record/>",
        "<Redirect>cx://hosted-app/menu</Redirect>",
        "<Gather numDigits=\"1\"><Say>Press</Say></Gather>"
    );
    CAPTURE(verbs);
    const auto cdr = bench.cdr_of(bench.placed({{"cxml", cxml(verbs)}}));
    CHECK(cdr.at("disposition") == "ANSWER");
    CHECK(bench.truth().at("cxml_errors") == 0);
}

TEST_CASE("simulator: a Hangup document can be kept up for a talk time", "[simulator][cxml]") {
    Bench bench({{"hangup-talk", "true"}, {"talk", "1m"}});
    const auto token = bench.placed();
    CHECK(bench.until([&] { return bench.session(token).at("status") == "connected"; }));
    bench.ask("POST", "/control/calls/" + token + "/hangup");
    CHECK(bench.cdr_of(token).at("disposition") == "ANSWER");
}

TEST_CASE(
    "simulator: the url of a call is asked by GET with everything in its query", "[simulator][cxml]"
) {
    Bench bench;
    bench.documents["/voice"] = cxml("<Hangup/>");
    const auto token = bench.placed({{"url", bench.url("/voice?k=1")}});
    bench.cdr_of(token);
    const auto& request = bench.requests["/voice"].at(0);
    CHECK(request.method == "GET");
    std::map<std::string, std::string> query;
    for (auto& [name, value] : net::parse_form(request.query())) {
        query[name] = value;
    }
    CHECK(query["k"] == "1");
    CHECK(query["Session"] == token);
    CHECK(query["CallSid"] == token);
    CHECK(query["From"] == "12127773456");
    CHECK(query["To"] == "12125550100");
    CHECK(query["Direction"] == "outbound-api");
    CHECK(query["CallStatus"] == "in-progress");
    CHECK(query["Domain"] == "acme.cloudonix.net");
    CHECK(query.count("AnsweredBy") == 0);
    CHECK(request.headers.find("X-Cx-Stageid")->size() == 16);
}

TEST_CASE("simulator: the url of a call can be asked by POST with JSON", "[simulator][cxml]") {
    Bench bench({{"url-method", "POST"}, {"answered-by", "machine_start"}});
    bench.documents["/voice"] = cxml("<Hangup/>");
    const auto token = bench.placed({{"url", bench.url("/voice")}, {"machineDetection", "Enable"}});
    bench.cdr_of(token);
    const auto& body = bench.heard["/voice"].at(0);
    CHECK(body.at("Session") == token);
    CHECK(body.at("SessionData").at("token") == token);
    CHECK(body.at("SessionData").at("profile").at("cxdial-attempt") == "17");
    CHECK(body.at("Application").at("url") == bench.url("/voice"));
    CHECK(body.at("AnsweredBy") == "machine_start");
    CHECK(bench.truth().at("voice_requests") == 1);
}

TEST_CASE(
    "simulator: an asynchronous machine verdict goes to its own callback", "[simulator][cxml]"
) {
    Bench bench({{"answered-by", "human"}});
    bench.placed({
        {"cxml", cxml("<Pause length=\"60\"/>")},
        {"machineDetection", "Enable"},
        {"asyncAmd", true},
        {"asyncAmdStatusCallback", bench.url("/amd")},
    });
    CHECK(bench.until([&] { return !bench.heard["/amd"].empty(); }));
    CHECK(bench.heard["/amd"].at(0).at("AnsweredBy") == "human");
}

TEST_CASE("simulator: Dial follows its action with the outcome", "[simulator][cxml]") {
    Bench bench;
    const auto outcome = GENERATE("completed", "busy", "no-answer", "failed", "canceled");
    bench.set("dial-outcomes", outcome);
    bench.documents["/after"] = cxml("<Hangup/>");
    const auto dial =
        "<Dial action=\"" + bench.url("/after") + "\"><Number>1212</Number></Dial><Say>never</Say>";
    const auto cdr = bench.cdr_of(bench.placed({{"cxml", cxml(dial)}}));
    CHECK(bench.heard["/after"].at(0).at("DialCallStatus") == outcome);
    CHECK(cdr.at("disposition") == "ANSWER");
}

TEST_CASE("simulator: an action by GET and with a path alone works too", "[simulator][cxml]") {
    Bench bench;
    bench.documents["/voice"] = cxml("<Dial action=\"/after?x=1\" method=\"GET\">1212</Dial>");
    bench.documents["/after"] = cxml("<Hangup/>");
    bench.cdr_of(bench.placed({{"url", bench.url("/voice")}}));
    CHECK(bench.requests["/after"].at(0).query().find("x=1&") == 0);
    CHECK(
        bench.requests["/after"].at(0).query().find("DialCallStatus=completed") != std::string::npos
    );
}

TEST_CASE(
    "simulator: a callee that hangs up ends the call before the action", "[simulator][cxml]"
) {
    Bench bench({{"callee-hangs-up", "1"}});
    bench.documents["/after"] = cxml("<Hangup/>");
    const auto dial = "<Dial action=\"" + bench.url("/after") + "\">1212</Dial>";
    CHECK(bench.cdr_of(bench.placed({{"cxml", cxml(dial)}})).at("disposition") == "ANSWER");
    CHECK(bench.heard["/after"].empty());
}

TEST_CASE("simulator: Redirect abandons the rest of its document", "[simulator][cxml]") {
    Bench bench;
    bench.documents["/next"] = cxml("<Hangup/>");
    const auto redirect = "<Redirect>" + bench.url("/next") + "</Redirect><Pause length=\"60\"/>";
    bench.cdr_of(bench.placed({{"cxml", cxml(redirect)}}));
    CHECK(bench.requests["/next"].at(0).method == "POST");
}

TEST_CASE("simulator: documents that redirect for ever fail the call", "[simulator][cxml]") {
    Bench bench;
    bench.documents["/again"] = cxml("<Redirect>/again</Redirect>");
    const auto cdr = bench.cdr_of(bench.placed({{"url", bench.url("/again")}}));
    CHECK(cdr.at("disposition") == "FAILED");
}

TEST_CASE("simulator: Gather sends its digits to the action", "[simulator][cxml]") {
    Bench bench({{"digits", "4711"}});
    bench.documents["/menu"] = cxml("<Hangup/>");
    const auto action = " action=\"" + bench.url("/menu") + "\"";

    SECTION("no more than numDigits") {
        bench.cdr_of(bench.placed({{"cxml", cxml("<Gather numDigits=\"2\"" + action + "/>")}}));
        CHECK(bench.heard["/menu"].at(0).at("Digits") == "47");
    }
    SECTION("nothing entered: the next verb") {
        bench.set("gather-empty", 1);
        bench.cdr_of(bench.placed({{"cxml", cxml("<Gather timeout=\"0\"" + action + "/>")}}));
        CHECK(bench.heard["/menu"].empty());
    }
    SECTION("nothing entered, but asked to tell") {
        bench.set("gather-empty", 1);
        const auto gather = "<Gather timeout=\"0\" actionOnEmptyResult=\"true\"" + action + "/>";
        bench.cdr_of(bench.placed({{"cxml", cxml(gather)}}));
        CHECK(bench.heard["/menu"].at(0).at("Digits") == "");
    }
    SECTION("without an action: the document's own URL") {
        bench.documents["/self"] = cxml("<Gather numDigits=\"1\"/>");
        const auto token = bench.placed({{"url", bench.url("/self")}});
        CHECK(bench.until([&] { return bench.requests["/self"].size() > 2; }));
        CHECK(bench.heard["/self"].at(1).at("Digits") == "4");
        bench.ask("POST", "/control/calls/" + token + "/hangup");
    }
}

TEST_CASE("simulator: Record sends its recording to the action", "[simulator][cxml]") {
    Bench bench;
    bench.documents["/after"] = cxml("<Hangup/>");
    const auto record = "<Record action=\"" + bench.url("/after") + "\"/>";
    bench.cdr_of(bench.placed({{"cxml", cxml(record)}}));
    CHECK(
        bench.heard["/after"].at(0).at("RecordingUrl").get<std::string>().rfind("https://", 0) == 0
    );
}

TEST_CASE("simulator: a stream tells its status callback", "[simulator][cxml]") {
    Bench bench;
    const auto connect = "<Connect><Stream url=\"wss://a.example/\" statusCallback=\"" +
                         bench.url("/stream") + "\"/></Connect>";
    bench.placed({{"cxml", cxml(connect)}});
    CHECK(bench.until([&] { return bench.heard["/stream"].size() == 2; }));
    CHECK(bench.heard["/stream"].at(0).at("StreamEvent") == "stream-started");
}
