#include "balancer/resource_json.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace cxdial::balancer;
using cxdial::campaign::FieldError;
using cxdial::campaign::FieldErrors;

namespace {

using Reasons = std::map<std::string, std::string>;

template <class Resource>
Reasons reasons(const std::variant<Resource, FieldErrors>& read) {
    Reasons reasons;
    if (const auto* errors = std::get_if<FieldErrors>(&read)) {
        for (const FieldError& error : *errors) {
            reasons[error.path] = error.reason;
        }
    }
    return reasons;
}

constexpr std::string_view sip = R"({"kind":"assistant","name":"anna","protocol":"sip",
    "provider":"vapi","phone_number":"+12125550111","max_concurrent_calls":5,"status":"paused",
    "published":false})";
constexpr std::string_view websocket = R"({"name":"bert","tenant":"acme","protocol":"websocket",
    "url_template":"wss://bot.example/{bot_id}/{auth_token}/{lang}?s={session}&f={from}&t={to}",
    "bot_id":"b1","auth_token":"SECRET","parameters":{"lang":"de"}})";

}  // namespace

TEST_CASE("assistant JSON: a SIP assistant is read and written", "[balancer][json]") {
    const auto read = assistant_from_json(sip);
    REQUIRE(reasons(read).empty());
    const auto& anna = std::get<Assistant>(read);
    REQUIRE(anna.provider == "vapi");
    REQUIRE(anna.phone_number == "+12125550111");
    REQUIRE(anna.max_concurrent_calls == 5);
    REQUIRE(anna.status == ResourceStatus::paused);
    REQUIRE_FALSE(anna.published);
    REQUIRE(std::get<Assistant>(assistant_from_json(to_json(anna, Reveal::no))) == anna);
}

TEST_CASE("assistant JSON: a WebSocket assistant keeps its secret to itself", "[balancer][json]") {
    const auto read = assistant_from_json(websocket);
    REQUIRE(reasons(read).empty());
    const auto& bert = std::get<Assistant>(read);
    REQUIRE(bert.auth_token.reveal() == "SECRET");
    REQUIRE(bert.parameters == std::map<std::string, std::string>{{"lang", "de"}});
    REQUIRE(std::get<Assistant>(assistant_from_json(to_json(bert, Reveal::yes))) == bert);
    REQUIRE(to_json(bert, Reveal::no).find("SECRET") == std::string::npos);
}

TEST_CASE("assistant JSON: a placeholder without a value is refused by name", "[balancer][json]") {
    const auto template_error = [](const std::string& url) {
        return reasons(assistant_from_json(
            R"({"name":"x","protocol":"websocket","url_template":")" + url + "\"}"
        ))["url_template"];
    };
    REQUIRE(template_error("wss://a.example/{session}/{from}/{to}").empty());
    REQUIRE(template_error("wss://a.example/{colour}").find("colour") != std::string::npos);
    REQUIRE(template_error("wss://a.example/{bot_id}").find("bot_id") != std::string::npos);
    REQUIRE(template_error("wss://a.example/{auth_token}").find("auth_token") != std::string::npos);
    REQUIRE_FALSE(template_error("https://a.example/").empty());
    REQUIRE_FALSE(template_error("").empty());
}

TEST_CASE("assistant JSON: all that is wrong is listed", "[balancer][json]") {
    REQUIRE(
        reasons(assistant_from_json(
            R"({"protocol":"sip","phone_number":"+1 212","url_template":"wss://a","auth_token":["SECRET"],
                "max_concurrent_calls":-1,"status":"on","parameters":{"to":"x","a b":"c","n":1},"colour":1})"
        )) ==
        Reasons{
            {"name", "is required"},
            {"provider", "is required"},
            {"phone_number", "must not contain a blank"},
            {"url_template", "must be absent when the protocol is sip"},
            {"auth_token", "expected a string"},
            {"max_concurrent_calls", "expected a whole number from 0 to 100000"},
            {"status", "expected one of active, paused, archived"},
            {"parameters", "has a name that is not 1 to 64 letters, digits, `_`, `-` and `.`"},
            {"parameters.to", "is the name of a built-in placeholder"},
            {"parameters.n", "expected a string"},
            {"colour", "unknown field"},
        }
    );
    REQUIRE(
        reasons(assistant_from_json(R"({"name":"x","protocol":"carrier pigeon","provider":"p"})")
        ) == Reasons{{"protocol", "expected one of sip, websocket"}}
    );
    REQUIRE(reasons(assistant_from_json(R"({"name":"x"})")).count("protocol") == 1);
}

TEST_CASE("agent JSON: a person is read and written", "[balancer][json]") {
    const auto read = agent_from_json(R"({"kind":"agent","name":"rosa","protocol":"number",
        "phone_number":"+1 212 555 0133","max_concurrent_calls":2,"status":"paused"})");
    REQUIRE(reasons(read).empty());
    const auto& rosa = std::get<Assistant>(read);
    REQUIRE(rosa.protocol == Protocol::number);
    REQUIRE(rosa.phone_number == "+12125550133");
    REQUIRE(rosa.max_concurrent_calls == 2);
    REQUIRE(rosa.status == ResourceStatus::paused);
    REQUIRE(rosa.published);
    REQUIRE(std::get<Assistant>(agent_from_json(to_json(rosa, Reveal::yes))) == rosa);
    REQUIRE(to_json(rosa, Reveal::yes).starts_with(R"({"kind":"agent")"));
}

TEST_CASE("agent JSON: a subscriber takes one call unless more are said", "[balancer][json]") {
    const auto read =
        agent_from_json(R"({"name":"sam","protocol":"subscriber","phone_number":"1004"})");
    REQUIRE(reasons(read).empty());
    const auto& sam = std::get<Assistant>(read);
    REQUIRE(sam.protocol == Protocol::subscriber);
    REQUIRE(sam.phone_number == "1004");
    REQUIRE(sam.max_concurrent_calls == 1);
    REQUIRE(std::get<Assistant>(agent_from_json(to_json(sam, Reveal::no))) == sam);
}

TEST_CASE("agent JSON: all that is wrong is listed", "[balancer][json]") {
    REQUIRE(
        reasons(agent_from_json(
            R"({"protocol":"number","phone_number":"1004","bot_id":"b","parameters":{},"status":"on"})"
        )) ==
        Reasons{
            {"name", "is required"},
            {"phone_number", "is too short for its country"},
            {"bot_id", "unknown field"},
            {"parameters", "unknown field"},
            {"status", "expected one of active, paused, archived"},
        }
    );
    REQUIRE(
        reasons(agent_from_json(R"({"name":"x","protocol":"subscriber","phone_number":"1&2"})")) ==
        Reasons{
            {"phone_number", "is no subscriber: 1 to 64 letters, digits, `_`, `-`, `.` and `+`"}}
    );
    REQUIRE(reasons(agent_from_json(R"({"name":"x"})")) == Reasons{{"protocol", "is required"}});
}

TEST_CASE("agent JSON: people are no assistants, and assistants no people", "[balancer][json]") {
    REQUIRE(reasons(agent_from_json(sip))["protocol"] == "expected one of number, subscriber");
    REQUIRE(
        reasons(
            assistant_from_json(R"({"name":"sam","protocol":"subscriber","phone_number":"1004"})")
        ) == Reasons{{"protocol", "expected one of sip, websocket"}}
    );
}

TEST_CASE("balancer JSON: it is read and written", "[balancer][json]") {
    const auto read =
        balancer_from_json(R"({"kind":"ai_load_balancer","name":"team","strategy":"weighted",
        "members":[{"assistant":"anna","weight":60},{"assistant":"bert","weight":40,"priority":1,"status":"paused"}],
        "fallback":"hangup"})");
    REQUIRE(reasons(read).empty());
    const auto& team = std::get<Balancer>(read);
    REQUIRE(team.strategy == Strategy::weighted);
    REQUIRE(team.members.size() == 2);
    REQUIRE(team.members[0].weight == 60);
    REQUIRE(team.members[1].priority == 1);
    REQUIRE(team.members[1].status == ResourceStatus::paused);
    REQUIRE(team.fallback == hangup_fallback);
    REQUIRE(std::get<Balancer>(balancer_from_json(to_json(team))) == team);
}

TEST_CASE("balancer JSON: bad members are named by their place", "[balancer][json]") {
    REQUIRE(
        reasons(balancer_from_json(
            R"({"name":"t","strategy":"luck","members":[{"assistant":"a"},{"assistant":"a"},{"weight":-1,"assistant":"b"},7,{}]})"
        )) ==
        Reasons{
            {"strategy",
             "expected one of round_robin, least_connections, random, weighted, priority"},
            {"members[1].assistant", "is a member twice"},
            {"members[2].weight", "expected a whole number from 0 to 10000"},
            {"members[3]", "expected an object"},
            {"members[4].assistant", "is required"},
        }
    );
    REQUIRE(reasons(balancer_from_json(R"({"name":"t"})")) == Reasons{{"members", "is required"}});
    REQUIRE(
        reasons(balancer_from_json(R"({"name":"t","members":[]})")) ==
        Reasons{{"members", "needs at least one"}}
    );
}
