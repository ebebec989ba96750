#include "cxml/builder.h"

#include "cxml/validate.h"

#include <catch2/catch.hpp>

#include <utility>

namespace cxdial::cxml {

namespace {

std::string error_of(const Document& document) {
    const auto text = document.finish();
    return text ? "" : text.error().detail;
}

std::string body_of(const Document& document) {
    const auto text = document.finish();
    REQUIRE(text);
    const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";
    const std::string tail = "</Response>";
    REQUIRE(text->substr(0, head.size()) == head);
    return text->substr(head.size(), text->size() - head.size() - tail.size());
}

}  // namespace

TEST_CASE("builder: an empty response is a document", "[cxml][builder]") {
    CHECK(*Document().finish() == R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
}

TEST_CASE("builder: values of any type become attributes", "[cxml][builder]") {
    const Document document;
    document.add(Element::dial)
        .set("timeout", 25)
        .set("hangupOnStar", true)
        .set("forwardHeaders", false)
        .set("callerName", "A \"B\" & 'C'")
        .text("1005&1006");
    CHECK(
        body_of(document) == R"(<Dial timeout="25" hangupOnStar="true" forwardHeaders="false" )"
                             R"(callerName="A &quot;B&quot; &amp; 'C'">1005&amp;1006</Dial>)"
    );
}

TEST_CASE("builder: a value set again takes the place of the first", "[cxml][builder]") {
    const Document document;
    document.add(Element::pause).set("length", 1).set("answer", true).set("length", 2);
    CHECK(body_of(document) == R"(<Pause length="2" answer="true"/>)");
}

TEST_CASE("builder: white space that a reader would change is escaped", "[cxml][builder]") {
    const Document document;
    document.add(Element::say).set("voice", "a\tb\r\nc").text("d\te\r\nf");
    CHECK(body_of(document).find_first_of("\r\t") == std::string::npos);
    CHECK(validate(*document.finish()).empty());
}

TEST_CASE("builder: Stream and Parameter mean those of their parent", "[cxml][builder]") {
    const Document document;
    document.add(Element::stop).add(Element::stream).set("name", "x");
    const Node converse = document.add(Element::gather).add(Element::converse);
    const Node tool = converse.add(Element::tool).set("name", "t").set("url", "https://a.example");
    tool.add(Element::parameter).set("name", "p").set("type", "enum").set("values", "a,b");
    CHECK(
        body_of(document) ==
        R"(<Stop><Stream name="x"/></Stop><Gather><Converse><Tool name="t" )"
        R"(url="https://a.example">)"
        R"(<Parameter name="p" type="enum" values="a,b"/></Tool></Converse></Gather>)"
    );
}

TEST_CASE("builder: nodes outlive a move of their document", "[cxml][builder]") {
    Document first;
    const Node dial = first.add(Element::dial);
    Document second = std::move(first);
    dial.add(Element::number).text("1");
    CHECK(body_of(second) == "<Dial><Number>1</Number></Dial>");
}

TEST_CASE("builder: a document can be finished, continued and finished again", "[cxml][builder]") {
    const Document document;
    const Node connect = document.add(Element::connect);
    CHECK_FALSE(document.finish());
    connect.add(Element::stream).set("url", "wss://a.example");
    CHECK(document.finish());
}

TEST_CASE("builder: whatever is wrong is named", "[cxml][builder]") {
    const Document document;
    SECTION("an element in the wrong place") {
        document.add(Element::gather).add(Element::dial).text("1");
        CHECK(error_of(document) == "CXML Response/Gather/Dial: Dial may not stand in Gather");
    }
    SECTION("a response in a response") {
        document.add(Element::response);
        CHECK(error_of(document) == "CXML Response/Response: Response may not stand in Response");
    }
    SECTION("an attribute that the element does not have") {
        document.add(Element::hangup).set("reason", "busy");
        CHECK(error_of(document) == "CXML Response/Hangup: unknown attribute \"reason\"");
    }
    SECTION("an attribute in the wrong case") {
        document.add(Element::pause).set("Length", 1);
        CHECK(error_of(document) == "CXML Response/Pause: attribute \"Length\" is written length");
    }
    SECTION("a value that the attribute cannot take") {
        document.add(Element::pause).set("length", 1);
        document.add(Element::pause).set("length", "long");
        CHECK(
            error_of(document) ==
            "CXML Response/Pause[2]: attribute length: \"long\" is not a whole number"
        );
    }
    SECTION("a value that no callback can have, which the validator only warns of") {
        document.add(Element::gather).set("action", "not a url");
        CHECK(
            error_of(document) ==
            "CXML Response/Gather: attribute action: \"not a url\" is not a URL"
        );
    }
    SECTION("a missing attribute") {
        document.add(Element::dial).add(Element::service).text("1");
        CHECK(error_of(document) == "CXML Response/Dial/Service: attribute provider is missing");
    }
    SECTION("missing text") {
        document.add(Element::play);
        CHECK(error_of(document) == "CXML Response/Play: has no text");
    }
    SECTION("text where none may stand") {
        document.add(Element::hangup).text("now");
        CHECK(error_of(document) == "CXML Response/Hangup: may hold no text");
    }
    SECTION("a character that XML does not have") {
        document.add(Element::say).text("bell\a");
        CHECK(error_of(document) == "CXML Response/Say: text: character U+0007");
    }
    SECTION("bytes that are no UTF-8") {
        document.add(Element::say).set("voice", "\xC3");
        CHECK(error_of(document) == "CXML Response/Say: attribute \"voice\": invalid UTF-8");
    }
    SECTION("a name that XML does not have") {
        document.add(Element::say).set(std::string_view("voice\0", 6), "x");
        CHECK(error_of(document) == "CXML Response/Say: attribute \"voice?\": character U+0000");
    }
    SECTION("but not a password") {
        document.add(Element::dial).add(Element::sip).set("password", "hush\x01").text("a@b");
        CHECK(error_of(document).find("hush") == std::string::npos);
    }
    CHECK(document.finish().error().code == base::Errc::invalid_argument);
}

TEST_CASE("builder: what is only doubtful is built", "[cxml][builder]") {
    const Document document;
    document.add(Element::hangup);
    document.add(Element::gather).set("action", "http://plain.example").set("minDigits", 1);
    document.add(Element::connect)
        .set("action", "https://a.example")
        .add(Element::stream)
        .set("url", "ws://a.example");
    const auto text = document.finish();
    REQUIRE(text);
    CHECK(validate(*text).size() == 4);
    CHECK(is_valid(*text));
}

}  // namespace cxdial::cxml
