#include "cxml/url_template.h"

#include "cxml/providers.h"

#include <catch2/catch.hpp>

#include <array>

namespace cxdial::cxml {
using Catch::Contains;

namespace {

const std::array all_values{
    NameValue{"session", "16a7294c989b11e7b3d32b9edb8660c7"},
    NameValue{"from", "+12125550100"},
    NameValue{"to", "+12127773456"},
    NameValue{"bot_id", "bot-1"},
    NameValue{"auth_token", "t/k=n&?#%"},
};

std::string parse_error(std::string_view text) {
    const auto parsed = UrlTemplate::parse(text);
    return parsed ? "" : parsed.error().detail;
}

UrlTemplate parsed(std::string_view text) {
    auto out = UrlTemplate::parse(text, {"region", "agent-id"});
    REQUIRE(out);
    return *out;
}

}  // namespace

TEST_CASE("template: each placeholder gets its value, encoded", "[cxml][template]") {
    const UrlTemplate url =
        parsed("wss://bot.example/ws/{bot_id}/{auth_token}?session={session}&from={from}&to={to}");
    CHECK(
        *url.fill(all_values) ==
        "wss://bot.example/ws/bot-1/t%2Fk%3Dn%26%3F%23%25?session=16a7294c989b11e7b3d32b9edb8660c7"
        "&from=%2B12125550100&to=%2B12127773456"
    );
    CHECK(
        url.names_used() ==
        std::vector<std::string>{"bot_id", "auth_token", "session", "from", "to"}
    );
}

TEST_CASE("template: a template without placeholders is its own URL", "[cxml][template]") {
    const UrlTemplate url = parsed("wss://agent.example/ws?a=%20b");
    CHECK(*url.fill({}) == "wss://agent.example/ws?a=%20b");
    CHECK(url.names_used().empty());
    CHECK(url.text() == "wss://agent.example/ws?a=%20b");
}

TEST_CASE("template: the assistant's parameters are placeholders too", "[cxml][template]") {
    const UrlTemplate url = parsed("wss://{region}.example/{agent-id}/{agent-id}{region}");
    const std::array values{NameValue{"region", "eu"}, NameValue{"agent-id", "7"}};
    CHECK(*url.fill(values) == "wss://eu.example/7/7eu");
    CHECK(url.names_used() == std::vector<std::string>{"region", "agent-id"});
    CHECK(url.uses("region"));
    CHECK_FALSE(url.uses("session"));
}

TEST_CASE("template: unreserved characters stay and all others are encoded", "[cxml][template]") {
    CHECK(percent_encoded("AZaz09-._~") == "AZaz09-._~");
    CHECK(percent_encoded(" +/?#&=%{}\"<>") == "%20%2B%2F%3F%23%26%3D%25%7B%7D%22%3C%3E");
    CHECK(percent_encoded("\xC3\xA9\xE2\x82\xAC") == "%C3%A9%E2%82%AC");
}

TEST_CASE("template: an unknown placeholder is refused by name", "[cxml][template]") {
    CHECK_THAT(
        parse_error("wss://a.example/{bot}"),
        Contains("unknown placeholder {bot}") && Contains("{session}, {from}, {to}, {bot_id}")
    );
    CHECK_THAT(parse_error("wss://a.example/{Session}"), Contains("{Session}"));
    CHECK_THAT(parse_error("wss://a.example/{region}"), Contains("{region}"));
}

TEST_CASE("template: braces without their partner are refused", "[cxml][template]") {
    CHECK_THAT(parse_error("wss://a.example/{from"), Contains("{ without }: \"{from\""));
    CHECK_THAT(parse_error("wss://a.example/{from/{to}"), Contains("{ without }"));
    CHECK_THAT(parse_error("wss://a.example/from}"), Contains("} without {"));
    CHECK_THAT(parse_error("wss://a.example/{}"), Contains("malformed placeholder \"{}\""));
    CHECK_THAT(parse_error("wss://a.example/{ to }"), Contains("malformed placeholder \"{ to }\""));
    CHECK_THAT(parse_error("wss://a.example/{{to}}"), Contains("{ without }"));
}

TEST_CASE("template: anything but a WebSocket URL is refused", "[cxml][template]") {
    for (const std::string_view text :
         {"",
          "https://a.example",
          "a.example/{to}",
          "wss://",
          "wss:///{to}",
          "{bot_id}/{to}",
          "wss://a.example/a b",
          "wss://a.example/\"{to}\""}) {
        CAPTURE(text);
        CHECK(parse_error(text) == "URL template: not an absolute ws:// or wss:// URL");
    }
    CHECK(parse_error("WSS://a.example").empty());
    CHECK(parse_error("ws://{bot_id}").empty());
    CHECK_THAT(parse_error("wss://a.example/\xFF"), Contains("invalid UTF-8"));
    CHECK_THAT(parse_error("wss://a.example/\x01"), Contains("character U+0001"));
}

TEST_CASE("template: a placeholder without a value is refused by name", "[cxml][template]") {
    const UrlTemplate url = parsed("wss://a.example/{bot_id}/{auth_token}");
    const std::array missing{NameValue{"bot_id", "1"}};
    CHECK(url.fill(missing).error().detail == "URL template: no value for {auth_token}");
    const std::array empty{NameValue{"bot_id", "1"}, NameValue{"auth_token", ""}};
    CHECK(url.fill(empty).error().detail == "URL template: no value for {auth_token}");
    CHECK(url.fill(empty).error().code == base::Errc::invalid_argument);
}

TEST_CASE("template: a value that is no text is refused and not repeated", "[cxml][template]") {
    const UrlTemplate url = parsed("wss://a.example/{auth_token}");
    const std::array values{NameValue{"auth_token", "hush\xFF"}};
    const auto filled = url.fill(values);
    REQUIRE_FALSE(filled);
    CHECK(filled.error().detail == "URL template: the value of {auth_token} is not text");
}

TEST_CASE("template: a value cannot bring in a placeholder of its own", "[cxml][template]") {
    const UrlTemplate url = parsed("wss://a.example/{bot_id}");
    const std::array values{NameValue{"bot_id", "{auth_token}"}, NameValue{"auth_token", "hush"}};
    CHECK(*url.fill(values) == "wss://a.example/%7Bauth_token%7D");
}

TEST_CASE("template: a campaign knows beforehand what will lack", "[cxml][template]") {
    const std::array assistant{
        NameValue{"bot_id", "1"}, NameValue{"auth_token", ""}, NameValue{"region", "eu"}};
    const auto lack = [&](std::string_view text, FilledIn filled_in) {
        const auto checked = parsed(text).check(assistant, filled_in);
        return checked ? "" : checked.error().detail;
    };
    SECTION("the call's own values come with the call") {
        CHECK(lack("wss://a.example/{from}/{to}/{bot_id}/{region}", FilledIn::when_placed) == "");
    }
    SECTION("every one that lacks is named") {
        CHECK(
            lack("wss://a.example/{auth_token}/{agent-id}/{to}", FilledIn::when_answered) ==
            "URL template: no value for {auth_token}, {agent-id}"
        );
    }
    SECTION("the session is known when the call was answered and not before") {
        CHECK(lack("wss://a.example/{session}", FilledIn::when_answered) == "");
        CHECK(
            lack("wss://a.example/{session}", FilledIn::when_placed) ==
            "URL template: no value for {session}; {session} is known only to CXML that is fetched "
            "when the call is answered"
        );
    }
}

TEST_CASE("template: the known WebSocket platforms have good templates", "[cxml][template]") {
    CHECK(stream_providers().size() == 4);
    for (const StreamProvider& provider : stream_providers()) {
        CAPTURE(provider.id);
        const auto url = UrlTemplate::parse(provider.url_template);
        REQUIRE(url);
        CHECK(url->fill(all_values));
    }
}

TEST_CASE("providers: they are found by their exact id", "[cxml][providers]") {
    CHECK(providers().size() == 42);
    for (const Provider& provider : providers()) {
        CHECK(find_provider(provider.id) == &provider);
    }
    CHECK(find_provider("vapi-udp")->family == "vapi");
    CHECK(find_provider("Vapi") == nullptr);
    CHECK(find_provider("") == nullptr);
    CHECK(find_provider("zzz") == nullptr);
}

}  // namespace cxdial::cxml
