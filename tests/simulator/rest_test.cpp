#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace cxdial;
using namespace cxdial::simulator::test;
using nlohmann::json;

namespace {

const std::string sessions = "/customers/self/domains/acme.cloudonix.net/sessions";
const std::string short_sessions = "/calls/acme.cloudonix.net/sessions";

net::HttpRequest raw_placement(const std::string& key, const std::string& body) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/calls/acme.cloudonix.net/application";
    if (!key.empty()) {
        request.headers.add("Authorization", key);
    }
    request.body = body;
    return request;
}

}  // namespace

TEST_CASE("simulator: a placement is answered with a token of 32 hex digits", "[simulator][rest]") {
    Bench bench;
    const auto answer = bench.place(good_placement());
    CHECK(answer.status == 200);
    const auto token = answer.body.at("token").get<std::string>();
    CHECK(token.size() == 32);
    CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(answer.body.at("direction") == "outbound-api");
    CHECK(answer.body.at("destination") == "12127773456");
    CHECK(answer.body.at("domainId").is_number_integer());
    CHECK(answer.body.at("subscriberId").is_null());
}

TEST_CASE("simulator: a missing or wrong key is 401", "[simulator][rest]") {
    Bench bench;
    const auto body = good_placement().dump();
    CHECK(bench.ask_raw(raw_placement("", body)).status == 401);
    CHECK(bench.ask_raw(raw_placement("Bearer XIother", body)).status == 401);
    CHECK(bench.ask_raw(raw_placement("Basic XIkey", body)).status == 401);
    CHECK(bench.ask_raw(raw_placement("bearer XIkey", body)).status == 200);
}

TEST_CASE("simulator: an unknown domain, path or application is 404", "[simulator][rest]") {
    Bench bench;
    CHECK(
        bench.ask("POST", "/calls/none.cloudonix.net/application", good_placement()).status == 404
    );
    CHECK(bench.ask("GET", "/customers/self/domains/none").status == 404);
    CHECK(bench.ask("GET", "/customers/9/domains/acme.cloudonix.net").status == 404);
    CHECK(bench.ask("GET", "/nothing").status == 404);
    auto body = good_placement();
    body.erase("cxml");
    body["application"] = "main";
    CHECK(bench.place(body).status == 404);
}

TEST_CASE("simulator: a body that is wrong is 400 and makes no call", "[simulator][rest]") {
    Bench bench;
    CHECK(bench.ask_raw(raw_placement("Bearer XIkey", "{\"destination\":")).status == 400);
    CHECK(bench.ask_raw(raw_placement("Bearer XIkey", "[]")).status == 400);
    const auto [key, value] = GENERATE(table<std::string, json>({
        {"destination", nullptr},
        {"destination", 12127773456},
        {"caller-id", nullptr},
        {"cxml", nullptr},
        {"url", "http://app.example/cxml"},
        {"timeout", "30"},
        {"timeLimit", 1.5},
        {"record", "true"},
        {"execute", "later"},
        {"machineDetection", "Enabled"},
        {"deadline", "tomorrow"},
        {"deadline", "2020-01-01T00:00:00Z"},
        {"schedule", 12},
        {"callback", "not a url"},
        {"profile", "text"},
        {"profile", json::array({{{"value", "no key"}}})},
        {"routes", json::array({{{"trunk", "a"}}})},
    }));
    CAPTURE(key, value);
    auto body = good_placement();
    body[key] = value;
    const auto answer = bench.place(body);
    CHECK(answer.status == 400);
    CHECK(answer.body.at("status") == false);
    CHECK(answer.body.at("message").is_string());
    CHECK(bench.truth().at("placements").at("accepted") == 0);
}

TEST_CASE("simulator: a profile of keys and values becomes an object", "[simulator][rest]") {
    Bench bench;
    const json pairs = json::array({{{"key", "cxdial-attempt"}, {"value", "K7"}}});
    const auto token = bench.placed({{"profile", pairs}});
    CHECK(bench.session(token).at("profile") == json{{"cxdial-attempt", "K7"}});
    CHECK(bench.ask("GET", "/control/truth?attempt=K7").body.at("accepted") == 1);
}

TEST_CASE("simulator: unknown keys of a placement are tolerated", "[simulator][rest]") {
    Bench bench;
    bench.placed({{"workflow_id", 3}, {"deadline", "2099-01-01T00:00:00.000+02:00"}});
}

TEST_CASE("simulator: the bucket refuses the request after the last token", "[simulator][rest]") {
    Bench bench({{"requests", "3"}, {"per", "10m"}});
    for (auto i = 0; i < 3; ++i) {
        CHECK(bench.place(good_placement()).status == 200);
    }
    const auto refused = bench.place(good_placement());
    CHECK(refused.status == 429);
    CHECK_FALSE(refused.headers.find("Retry-After"));
    CHECK(bench.truth().at("placements").at("accepted") == 3);
    CHECK(bench.truth().at("placements").at("answers").at("429") == 1);

    SECTION("each domain has its own") {
        const auto other =
            bench.ask("POST", "/calls/other.cloudonix.net/application", good_placement());
        CHECK(other.status == 200);
    }
    SECTION("the bucket fills again") {
        bench.set("per", "30ms");
        CHECK(bench.until([&] { return bench.place(good_placement()).status == 200; }));
    }
    SECTION("Retry-After is sent when asked for") {
        bench.set("retry-after", "1500ms");
        const auto told = bench.place(good_placement());
        CHECK(told.headers.find("Retry-After") == "2");
    }
}

TEST_CASE("simulator: calls above the concurrency limit are 429", "[simulator][rest]") {
    Bench bench({{"ring", "1m"}});
    CHECK(
        bench.ask("PUT", "/customers/self/concurrency-limit", {{"limit", 1}}).body.at("limit") == 1
    );
    const auto token = bench.placed();
    CHECK(bench.place(good_placement()).status == 429);
    CHECK(bench.ask("DELETE", sessions + "/" + token).status == 204);
    CHECK(bench.place(good_placement()).status == 200);
    CHECK(bench.ask("DELETE", "/customers/self/concurrency-limit").status == 204);
    CHECK(bench.place(good_placement()).status == 200);
    CHECK(bench.ask("GET", "/customers/self/concurrency-limit").body.at("limit") == 0);
}

TEST_CASE("simulator: an empty session list is 404 unless told otherwise", "[simulator][rest]") {
    Bench bench;
    CHECK(bench.ask("GET", sessions).status == 404);
    CHECK(bench.ask("GET", short_sessions).status == 404);
    bench.set("empty-list-404", false);
    const auto empty = bench.ask("GET", sessions);
    CHECK(empty.status == 200);
    CHECK(empty.body == json::array());
}

TEST_CASE(
    "simulator: the long list shows ended sessions, the short one live ones", "[simulator][rest]"
) {
    Bench bench;
    const auto ended = bench.placed();
    bench.cdr_of(ended);
    bench.set("ring", "1m");
    const auto live = bench.placed();
    const auto all = bench.ask("GET", sessions).body;
    REQUIRE(all.size() == 2);
    CHECK(all[0].at("token") == live);
    CHECK(all[1].at("token") == ended);
    const auto active = bench.ask("GET", short_sessions).body;
    REQUIRE(active.size() == 1);
    CHECK(active[0].at("token") == live);
    CHECK(bench.ask("GET", "/domains/other.cloudonix.net/sessions").status == 404);
}

TEST_CASE("simulator: a session answers under each of its paths", "[simulator][rest]") {
    Bench bench({{"ring", "1m"}});
    const auto token = bench.placed();
    const auto path = GENERATE_COPY(
        "/customers/self/domains/acme.cloudonix.net/sessions/",
        "/customers/1/domains/755/sessions/",
        "/customers/self/domains/self/sessions/",
        "/domains/acme.cloudonix.net/sessions/",
        "/calls/acme.cloudonix.net/sessions/"
    );
    CHECK(bench.ask("GET", path + token).body.at("token") == token);
    CHECK(bench.ask("GET", path + std::string("1")).body.at("token") == token);
    CHECK(bench.ask("GET", path + std::string(32, 'f')).status == 404);
}

TEST_CASE("simulator: DELETE ends a session once", "[simulator][rest]") {
    Bench bench({{"ring", "1m"}});
    const auto path = GENERATE_COPY(sessions, short_sessions) + "/";

    SECTION("unanswered: cancelled") {
        const auto token = bench.placed();
        CHECK(bench.ask("DELETE", path + token).status == 204);
        CHECK(bench.ask("DELETE", path + token).status == 404);
        CHECK(bench.cdr_of(token).at("disposition") == "CANCEL");
        CHECK(bench.session(token).at("status") == "cancel");
    }
    SECTION("unanswered, with a reason") {
        const auto token = bench.placed();
        CHECK(bench.ask("DELETE", path + token + "?reason=busy").status == 204);
        CHECK(bench.cdr_of(token).at("disposition") == "BUSY");
    }
    SECTION("answered: ended") {
        bench.set("ring", "1ms");
        const auto token = bench.placed({{"cxml", cxml("<Pause length=\"60\"/>")}});
        CHECK(bench.until([&] { return bench.session(token).at("status") == "connected"; }));
        CHECK(bench.ask("DELETE", path + token).status == 204);
        CHECK(bench.ask("DELETE", path + token).status == 404);
        CHECK(bench.cdr_of(token).at("disposition") == "ANSWER");
    }
    SECTION("unknown") {
        CHECK(bench.ask("DELETE", path + std::string(32, '0')).status == 404);
    }
}

TEST_CASE(
    "simulator: PUT replaces a session's profile, PATCH sets its time limit", "[simulator][rest]"
) {
    Bench bench;
    const auto token = bench.placed({{"cxml", cxml("<Pause length=\"60\"/>")}});
    const auto changed = bench.ask("PUT", sessions + "/" + token, {{"profile", {{"a", "b"}}}});
    CHECK(changed.body.at("profile") == json{{"a", "b"}});
    CHECK(bench.ask("PUT", sessions + "/" + token, {{"profile", 3}}).status == 400);
    CHECK(bench.until([&] { return bench.session(token).at("status") == "connected"; }));
    CHECK(bench.ask("PATCH", short_sessions + "/" + token, {{"timeLimit", 1}}).status == 200);
    const auto cdr = bench.cdr_of(token);
    CHECK(cdr.at("billsec") >= 1);
    CHECK(cdr.at("billsec") < 30);
}

TEST_CASE("simulator: a connected session can be given another program", "[simulator][rest]") {
    Bench bench;
    const auto token = bench.placed({{"cxml", cxml("<Pause length=\"60\"/>")}});
    const auto path = short_sessions + "/" + token + "/application";
    CHECK(bench.until([&] { return bench.session(token).at("status") == "connected"; }));
    CHECK(bench.ask("POST", path, json::object()).status == 400);
    CHECK(bench.ask("POST", path, {{"cxml", "<x/>"}, {"url", bench.url("/a")}}).status == 400);
    bench.documents["/next"] = cxml("<Hangup/>");
    const auto switched = bench.ask("POST", path, {{"url", bench.url("/next")}, {"method", "GET"}});
    CHECK(switched.status == 200);
    CHECK(switched.body.at("remote") == "12127773456");
    bench.cdr_of(token);
    CHECK(bench.requests["/next"].at(0).method == "GET");
    CHECK(bench.ask("POST", path, {{"cxml", cxml("<Hangup/>")}}).status == 404);

    bench.set("ring", "1m");
    const auto ringing = short_sessions + "/" + bench.placed() + "/application";
    CHECK(bench.ask("POST", ringing, {{"cxml", cxml("<Hangup/>")}}).status == 409);
}

TEST_CASE("simulator: a domain's profile says where notices go", "[simulator][rest]") {
    Bench bench;
    const std::string domain = "/customers/self/domains/acme.cloudonix.net";
    const auto before = bench.ask("GET", domain);
    CHECK(before.body.at("profile").at("cdr-endpoint") == bench.url("/cdr"));
    const json profile = {{"cdr-endpoint", bench.url("/cdr2")}, {"authorization-api-key", "hush"}};
    CHECK(bench.ask("PATCH", domain, {{"profile", profile}}).status == 200);
    CHECK(bench.ask("PATCH", domain, {{"profile", "x"}}).status == 400);
    const auto after = bench.ask("GET", "/domains/755").body.at("profile");
    CHECK(after.at("session-update-endpoint") == bench.url("/updates"));
    bench.placed();
    CHECK(bench.until([&] { return !bench.heard["/cdr2"].empty(); }));
    CHECK(bench.requests["/cdr2"].at(0).headers.find("Authorization") == "Bearer hush");
    CHECK(bench.heard["/cdr"].empty());
    CHECK(bench.ask("PUT", domain, {{"profile", json::object()}}).body.at("profile").empty());
    CHECK(bench.ask("GET", "/domains").body.size() == 2);
}

TEST_CASE(
    "simulator: applications are made, found by name or id, changed and run", "[simulator][rest]"
) {
    Bench bench;
    const std::string path = "/domains/acme.cloudonix.net/applications";
    CHECK(bench.ask("GET", path).status == 404);
    json wanted = {
        {"name", "main"}, {"type", "cxml"}, {"url", bench.url("/a")}, {"method", "POST"}};
    const auto made = bench.ask("POST", path, wanted);
    REQUIRE(made.status == 200);
    CHECK(bench.ask("POST", path, wanted).status == 409);
    wanted.erase("url");
    CHECK(bench.ask("POST", path, wanted).status == 400);
    const auto id = made.body.at("id").dump();
    CHECK(bench.ask("GET", path + "/" + id).body == bench.ask("GET", path + "/main").body);
    const auto changed = bench.ask("PUT", path + "/main", {{"url", bench.url("/b")}});
    CHECK(changed.body.at("url") == bench.url("/b"));

    bench.documents["/b"] = cxml("<Hangup/>");
    bench.cdr_of(bench.placed({{"application", made.body.at("id")}}));
    CHECK(bench.heard["/b"].at(0).at("ApplicationSid") == made.body.at("uuid"));
    CHECK(bench.ask("DELETE", path + "/main").status == 204);
    CHECK(bench.ask("GET", path + "/main").status == 404);
}
