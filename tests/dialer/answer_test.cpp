#include "dialer/answer.h"

#include "cxml/validate.h"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using namespace cxdial;
using namespace cxdial::dialer;
using balancer::Assistant;
using balancer::Protocol;

namespace {

const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";
const std::string tail = "</Response>";

}  // namespace

TEST_CASE("answer: each kind of agent is reached in its own way", "[dialer][answer]") {
    const auto [agent, body] = GENERATE(table<Assistant, std::string>({
        {{.name = "anna", .provider = "vapi", .phone_number = "+12125550111"},
         R"(<Dial><Service provider="vapi">+12125550111</Service></Dial>)"},
        {{.name = "bert", .protocol = Protocol::websocket, .url_template = "wss://a.example/{to}"},
         R"(<Connect><Stream url="wss://a.example/%2B12125550100"/></Connect>)"},
        {{.name = "rosa", .protocol = Protocol::number, .phone_number = "+12125550133"},
         "<Dial><Number>+12125550133</Number></Dial>"},
        {{.name = "sam", .protocol = Protocol::subscriber, .phone_number = "1004"},
         "<Dial><Number>1004</Number></Dial>"},
    }));
    const auto text = answer_document(&agent, {.to = "+12125550100"});
    REQUIRE(text);
    CHECK(*text == head + body + tail);
    CHECK(cxml::validate(*text).empty());
}

TEST_CASE("answer: a person's call may be asked about once it has ended", "[dialer][answer]") {
    const Assistant rosa{
        .name = "rosa", .protocol = Protocol::number, .phone_number = "+12125550133"};
    const auto text = answer_document(&rosa, {.after_dial = "https://app.example/after"});
    REQUIRE(text);
    CHECK(
        *text == head +
                     R"(<Dial action="https://app.example/after" method="POST">)"
                     "<Number>+12125550133</Number></Dial>" +
                     tail
    );
}

TEST_CASE("answer: a stream is told more than its own parameters", "[dialer][answer]") {
    const Assistant bert{
        .name = "bert",
        .protocol = Protocol::websocket,
        .url_template = "wss://a.example/{lang}",
        .parameters = {{"lang", "de"}}};
    const auto text = answer_document(
        &bert, {.parameters = {{"memory.pet", "cat & dog"}, {"lang", "not this one"}}}
    );
    REQUIRE(text);
    CHECK(
        *text == head +
                     R"(<Connect><Stream url="wss://a.example/de">)"
                     R"(<Parameter name="lang" value="de"/>)"
                     R"(<Parameter name="memory.pet" value="cat &amp; dog"/></Stream></Connect>)" +
                     tail
    );
    CHECK(cxml::validate(*text).empty());
}
