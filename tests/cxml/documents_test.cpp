#include "cxml/documents.h"

#include "cxml/builder.h"
#include "cxml/url_template.h"
#include "cxml/validate.h"

#include <catch2/catch.hpp>

#include <array>

namespace cxdial::cxml {
using std::chrono_literals::operator""s;
using Catch::Contains;

namespace {

const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?>)";

std::string error_of(const base::Result<std::string>& result) {
    return result ? "" : result.error().detail;
}

}  // namespace

TEST_CASE("documents: a hangup is the document of the hangup destination", "[cxml][documents]") {
    CHECK(hangup_document() == head + "<Response><Hangup/></Response>");
    const Document document;
    document.add(Element::hangup);
    CHECK(*document.finish() == hangup_document());
    CHECK(validate(hangup_document()).empty());
}

TEST_CASE("documents: a call that nobody can take is refused as busy", "[cxml][documents]") {
    CHECK(busy_document() == head + R"(<Response><Reject reason="busy"/></Response>)");
    CHECK(validate(busy_document()).empty());
}

TEST_CASE("documents: any text can be made one that a document holds", "[cxml][documents]") {
    CHECK(legal_text("plain\n\ttext \u00e9", 100) == "plain\n\ttext \u00e9");
    CHECK(legal_text(std::string("a\0b\x1b", 4), 100) == "a b ");
    CHECK(legal_text("a\xffz\xc3", 100) == "a z ");
    CHECK(legal_text("\u00e9\u00e9", 3) == "\u00e9");
    CHECK(legal_text("abc", 0).empty());
}

TEST_CASE("documents: a person is dialed by the number", "[cxml][documents]") {
    const auto text = dial_number_document(
        {.number = "+12125550133", .options = {.action = "https://app.example/after"}}
    );
    REQUIRE(text);
    CHECK(
        *text == head + R"(<Response><Dial action="https://app.example/after" method="POST">)"
                        "<Number>+12125550133</Number></Dial></Response>"
    );
    CHECK(validate(*text).empty());
    CHECK_FALSE(dial_number_document({.number = ""}));
}

TEST_CASE("documents: a SIP assistant is dialed as a service", "[cxml][documents]") {
    const auto text = dial_service_document({.provider = "vapi", .number = "+12125550111"});
    REQUIRE(text);
    CHECK(
        *text == head + R"(<Response><Dial><Service provider="vapi">+12125550111</Service></Dial>)"
                        "</Response>"
    );
    CHECK(validate(*text).empty());
}

TEST_CASE("documents: a WebSocket assistant is connected to a stream", "[cxml][documents]") {
    const auto text = connect_stream_document({.url = "wss://agent.example/ws/bot?a=1&b=2"});
    REQUIRE(text);
    CHECK(
        *text == head +
                     R"(<Response><Connect><Stream url="wss://agent.example/ws/bot?a=1&amp;b=2"/>)"
                     "</Connect></Response>"
    );
    CHECK(validate(*text).empty());
}

TEST_CASE("documents: a filled template goes into a stream unharmed", "[cxml][documents]") {
    const auto url = UrlTemplate::parse("wss://agent.example/{bot_id}?s={session}&from={from}");
    REQUIRE(url);
    const std::array values{
        NameValue{"bot_id", "a/b"},
        NameValue{"session", "16a7"},
        NameValue{"from", "+12125550100"}};
    const auto filled = url->fill(values);
    REQUIRE(filled);
    CHECK(
        *connect_stream_document({.url = *filled}) ==
        head + R"(<Response><Connect><Stream url="wss://agent.example/a%2Fb?s=16a7&amp;)"
               R"(from=%2B12125550100"/></Connect></Response>)"
    );
}

TEST_CASE("documents: every option of a dialed service is written", "[cxml][documents]") {
    const std::array headers{NameValue{"X-Campaign", "spring & summer"}, NameValue{"X-Empty", ""}};
    const auto text = dial_service_document(
        {.provider = "retell-tls",
         .number = "agent_1",
         .username = "u",
         .password = base::Secret("p\"w"),
         .options =
             {.caller_id = "12125550100",
              .timeout = 25s,
              .time_limit = 600s,
              .action = "https://app.example/after?a=1&b=2",
              .record = true,
              .headers = headers}}
    );
    REQUIRE(text);
    CHECK(
        *text ==
        head +
            R"(<Response><Dial callerId="12125550100" timeout="25" timeLimit="600" )"
            R"(action="https://app.example/after?a=1&amp;b=2" method="POST" )"
            R"(record="record-from-answer">)"
            R"(<Header name="X-Campaign" value="spring &amp; summer"/><Header name="X-Empty" )"
            R"(value=""/>)"
            R"(<Service provider="retell-tls" username="u" password="p&quot;w">agent_1</Service>)"
            R"(</Dial></Response>)"
    );
    CHECK(validate(*text).empty());
}

TEST_CASE("documents: every option of a stream is written", "[cxml][documents]") {
    const std::array parameters{NameValue{"campaign", "a<b"}, NameValue{"empty", ""}};
    const auto text = connect_stream_document(
        {.url = "ws://agent.example:8080",
         .name = "main",
         .status_callback = "https://app.example/stream",
         .parameters = parameters}
    );
    REQUIRE(text);
    CHECK(
        *text ==
        head + R"(<Response><Connect><Stream url="ws://agent.example:8080" name="main" )"
               R"(statusCallback="https://app.example/stream" statusCallbackMethod="POST">)"
               R"(<Parameter name="campaign" value="a&lt;b"/><Parameter name="empty" value=""/>)"
               R"(</Stream></Connect></Response>)"
    );
    CHECK(validate(*text).empty());
}

TEST_CASE("documents: a provider that is not listed is dialed", "[cxml][documents]") {
    const auto text = dial_service_document({.provider = "our-own", .number = "1"});
    REQUIRE(text);
    CHECK(is_valid(*text));
}

TEST_CASE("documents: what cannot be dialed is refused by name", "[cxml][documents]") {
    CHECK_THAT(
        error_of(dial_service_document({.provider = "", .number = "1"})),
        Contains("Response/Dial/Service: attribute provider is blank")
    );
    CHECK_THAT(
        error_of(dial_service_document({.provider = "vapi", .number = " "})),
        Contains("Response/Dial/Service: has no text")
    );
    CHECK_THAT(
        error_of(
            dial_service_document({.provider = "vapi", .number = "1", .options = {.timeout = -1s}})
        ),
        Contains("attribute timeout: \"-1\" is not from 0 to")
    );
    const std::array headers{NameValue{"Campaign", "1"}};
    CHECK_THAT(
        error_of(dial_service_document(
            {.provider = "vapi", .number = "1", .options = {.headers = headers}}
        )),
        Contains("Response/Dial/Header: attribute name: \"Campaign\" does not begin with X-")
    );
    const std::array injected{NameValue{"X-A", "1\r\nX-B: 2"}};
    CHECK_THAT(
        error_of(dial_service_document(
            {.provider = "vapi", .number = "1", .options = {.headers = injected}}
        )),
        Contains("is not one line")
    );
}

TEST_CASE("documents: a refused stream does not give its URL away", "[cxml][documents]") {
    for (const std::string_view url :
         {"", "https://agent.example/s3cret", "wss://", "wss:///s3cret", "wss://a/s3cret {x}"}) {
        CAPTURE(url);
        const std::string error = error_of(connect_stream_document({.url = url}));
        CHECK_THAT(error, Contains("Response/Connect/Stream: attribute url"));
        CHECK_THAT(error, !Contains("s3cret"));
    }
}

}  // namespace cxdial::cxml
