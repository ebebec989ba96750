#include "cxml/validate.h"

#include "cxml/grammar.h"
#include "cxml/providers.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace cxdial::cxml {

namespace {

std::vector<std::string> told(const std::string& document) {
    std::vector<std::string> out;
    for (const Finding& finding : validate(document)) {
        out.push_back(
            std::string(to_string(finding.severity)) + ": " + finding.path + ": " + finding.message
        );
    }
    return out;
}

std::vector<std::string> told_of(const std::string& inside) {
    return told("<Response>" + inside + "</Response>");
}

using Told = std::vector<std::string>;

std::string ill_formed(const std::string& what) {
    return "error: : not well-formed: " + what;
}

void check_fine(const std::string& inside) {
    CAPTURE(inside);
    CHECK(told_of(inside) == Told{});
}

void check_one(const std::string& inside, const std::string& finding) {
    CAPTURE(inside);
    CHECK(told_of(inside) == Told{finding});
}

}  // namespace

TEST_CASE("validator: right documents have no findings", "[cxml][validate]") {
    CHECK(told("<Response/>") == Told{});
    CHECK(told("<?xml version=\"1.0\"?>\n<Response>\n</Response>\n") == Told{});
    CHECK(told("<?xml version='1.0' encoding='utf-8'?><!-- a --><Response/><!-- b -->") == Told{});
    CHECK(told("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>") == Told{});
    check_fine("<Say>a <![CDATA[<b> & c]]> &lt; &#65; &#x1F4DE; &apos;</Say>");
    check_fine("<?app note?><Pause length='1'/>");
    check_fine("<Say>\xC3\xA9\xE2\x82\xAC\xF0\x9F\x93\x9E</Say>");
}

TEST_CASE("validator: what is not well-formed is an error", "[cxml][validate]") {
    const auto [document, message] = GENERATE(table<std::string, std::string>({
        {"<Response><Say>a & b</Say></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say>&nbsp;</Say></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say>&#0;</Say></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say>&#xD800;</Say></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say>&#99999999999;</Say></Response>",
         "& that begins no reference, written &amp;"},
        {"<Response><Say>&;</Say></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say>&#;</Say></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say voice='a&b'/></Response>", "& that begins no reference, written &amp;"},
        {"<Response><Say voice='a<b'/></Response>", "< inside an attribute"},
        {"<Response><Say <b></Response>", "< inside a tag"},
        {"<Response><Say>]]></Say></Response>", "]]> inside text"},
        {"<Response><!-- a -- b --></Response>", "-- inside a comment"},
        {"<Response><!-- a", "the document ends inside a comment"},
        {"<Response><![CDATA[ a", "the document ends inside a CDATA section"},
        {"<Response><?a", "the document ends inside a processing instruction"},
        {"<Response><Say voice='a", "the document ends inside an attribute"},
        {"<Response><Say", "the document ends inside a tag"},
        {"<Response></Response", "the document ends inside a tag"},
        {" <?xml version='1.0'?><Response/>", "the XML declaration is not at the beginning"},
        {"<!DOCTYPE Response><Response/>", "a document type declaration is not part of CXML"},
        {std::string("<Response>\0</Response>", 22), "character U+0000"},
        {"<Response><Say>\x08</Say></Response>", "character U+0008"},
        {"<Response><Say>\xEF\xBF\xBE</Say></Response>", "character U+FFFE"},
        {"<Response><Say>\xFF</Say></Response>", "invalid UTF-8"},
        {"<Response><Say>\xC0\xAF</Say></Response>", "invalid UTF-8"},
        {"<Response><Say>\xED\xA0\x80</Say></Response>", "invalid UTF-8"},
        {"<Response><Say>\xF4\x90\x80\x80</Say></Response>", "invalid UTF-8"},
        {"<Response><Say>\xE2\x82", "invalid UTF-8"},
    }));
    CHECK(told(document) == Told{ill_formed(message)});
}

TEST_CASE("validator: what the XML reader finds is an error", "[cxml][validate]") {
    for (const std::string document :
         {"<Response>",
          "<Response></Dial>",
          "<Response><Say></Response></Say>",
          "</Response>",
          "<Response a=1/>",
          "<Response a/>",
          "<Response a='1'b='2'/>",
          "<1/>",
          "<Response / >"}) {
        CAPTURE(document);
        const auto findings = validate(document);
        REQUIRE(findings.size() == 1);
        CHECK(findings[0].severity == Severity::error);
        CHECK(findings[0].message.substr(0, 16) == "not well-formed:");
    }
}

TEST_CASE("validator: the root is one Response", "[cxml][validate]") {
    CHECK(told("") == Told{"error: : there is no Response"});
    CHECK(told(" \n") == Told{"error: : there is no Response"});
    CHECK(told("<Dial>1</Dial>") == Told{"error: Dial: the root is \"Dial\", not Response"});
    CHECK(told("<response/>") == Told{"error: response: the root is \"response\", not Response"});
    CHECK(told("<Response/><Response/>") == Told{"error: Response[2]: a second root element"});
    CHECK(told("<Response/>x") == Told{"error: : text outside of Response"});
    CHECK(
        told("hello") == Told{"error: : text outside of Response", "error: : there is no Response"}
    );
    CHECK(told("<Response>x</Response>") == Told{"error: Response: may hold no text"});
}

TEST_CASE("validator: the declaration says XML 1.0 in UTF-8", "[cxml][validate]") {
    CHECK(
        told("<?xml version='1.1'?><Response/>") ==
        Told{"error: : the XML declaration does not say version 1.0"}
    );
    CHECK(
        told("<?xml version='1.0' encoding='ISO-8859-1'?><Response/>") ==
        Told{"error: : the encoding is \"ISO-8859-1\", not UTF-8"}
    );
}

TEST_CASE(
    "validator: unknown elements, wrong parents and wrong case are errors", "[cxml][validate]"
) {
    check_one("<Queue/>", "error: Response/Queue: unknown element \"Queue\"");
    check_one("<dial>1</dial>", "error: Response/dial: element \"dial\" is written Dial");
    check_one("<HANGUP/>", "error: Response/HANGUP: element \"HANGUP\" is written Hangup");
    check_one("<Number>1</Number>", "error: Response/Number: Number may not stand in Response");
    check_one(
        "<Gather><Hangup/></Gather>",
        "error: Response/Gather/Hangup: Hangup may not stand in Gather"
    );
    check_one(
        "<Play>https://a.example/x.wav<Say/></Play>",
        "error: Response/Play/Say: Say may not stand in Play"
    );
    check_one(
        "<Pause Length='1'/>", "error: Response/Pause: attribute \"Length\" is written length"
    );
    check_fine("<Gather><Say>a</Say><Play>https://a.example</Play><Pause/><Converse/></Gather>");
    check_fine("<Record><Say>a</Say><Play>https://a.example</Play><Pause/></Record>");
    check_fine("<Say>a<break strength='weak'/><say-as interpret-as='date'>1</say-as><audio/></Say>"
    );
    check_fine(
        "<Gather><Converse><System>a</System><User>b</User><Tool name='n' url='https://a.example'>"
        "<Description>c</Description><Parameter name='p' type='integer' required='true'/></Tool>"
        "<Speech/></Converse></Gather>"
    );
}

TEST_CASE("validator: every verb of the table stands in a response and nowhere else", "[cxml]") {
    for (const ElementRule& rule : grammar()) {
        const std::string inside = "<" + std::string(rule.name) + "/>";
        const bool is_verb = child_rule(rule_of(Element::response), rule.name) != nullptr;
        const auto findings = validate("<Response>" + inside + "</Response>");
        const bool misplaced =
            !findings.empty() && findings[0].message.find("may not stand") != std::string::npos;
        CAPTURE(rule.name);
        CHECK(misplaced != is_verb);
    }
}

TEST_CASE("validator: a stream needs an absolute WebSocket URL", "[cxml][validate]") {
    const std::string at = "error: Response/Connect/Stream: attribute url";
    const std::string wrong = at + ": the value is not an absolute ws:// or wss:// URL";
    const auto stream = [](const std::string& attributes) {
        return "<Connect><Stream " + attributes + "/></Connect>";
    };
    check_fine(stream("url='wss://agent.example/ws?a=1&amp;b=2'"));
    check_fine(stream("url='ws://agent.example:80'"));
    check_fine("<Start><Stream url='wss://a.example' track='both_tracks' name='n'/></Start>");
    check_one(stream(""), at + " is missing");
    check_one(stream("url=''"), at + " is blank");
    for (const std::string url :
         {"https://a.example",
          "/ws",
          "wss:a",
          "wss://",
          "wss:///ws",
          "wss://?a",
          "wss://a b",
          "wss://a/{bot_id}"}) {
        check_one(stream("url='" + url + "'"), wrong);
    }
}

TEST_CASE("validator: a service needs a provider and text", "[cxml][validate]") {
    const std::string at = "error: Response/Dial/Service: ";
    check_fine("<Dial><Service provider='vapi' username='u' password='p'>+1212</Service></Dial>");
    check_one("<Dial><Service>1</Service></Dial>", at + "attribute provider is missing");
    check_one("<Dial><Service provider=' '>1</Service></Dial>", at + "attribute provider is blank");
    check_one("<Dial><Service provider='vapi'/></Dial>", at + "has no text");
    check_one("<Dial><Service provider='vapi'> \n</Service></Dial>", at + "has no text");
}

TEST_CASE("validator: a header's name begins with X-", "[cxml][validate]") {
    const auto dial = [](const std::string& header) {
        return "<Dial><Header " + header + "/><Number>1</Number></Dial>";
    };
    const std::string at = "Response/Dial/Header: attribute ";
    check_fine(dial("name='X-Campaign' value='spring'"));
    check_fine(dial("name='X-Campaign' value=''"));
    check_one(dial("value='1'"), "error: " + at + "name is missing");
    check_one(dial("name='X-A'"), "error: " + at + "value is missing");
    check_one(
        dial("name='Campaign' value='1'"),
        "error: " + at + "name: \"Campaign\" does not begin with X-"
    );
    check_one(
        dial("name='x-campaign' value='1'"),
        "error: " + at + "name: \"x-campaign\" does not begin with X-"
    );
    check_one(
        dial("name='X-a b' value='1'"),
        "warning: " + at + "name: \"X-a b\" is not the name of a SIP header"
    );
    check_one(
        dial("name='X-' value='1'"),
        "warning: " + at + "name: \"X-\" is not the name of a SIP header"
    );
}

TEST_CASE("validator: what stands for an address needs its text", "[cxml][validate]") {
    check_fine("<Redirect>https://a.example/next</Redirect>");
    check_fine("<Redirect>\n  cx://hosted-app/menu\n</Redirect>");
    check_fine("<Redirect>service://x</Redirect>");
    check_fine("<Play>http://a.example/x.wav</Play>");
    check_fine("<Coach>16a7294c989b11e7b3d32b9edb8660c7</Coach>");
    check_fine("<Dial><Sip>sip:bob@pbx.example:5060;transport=tls</Sip></Dial>");
    check_fine("<Dial><Conference/></Dial>");
    check_one("<Redirect/>", "error: Response/Redirect: has no text");
    check_one("<Play> </Play>", "error: Response/Play: has no text");
    check_one("<Coach/>", "error: Response/Coach: has no text");
    check_one("<Dial><Sip/></Dial>", "error: Response/Dial/Sip: has no text");
    check_one("<Dial><Number/></Dial>", "error: Response/Dial/Number: has no text");
}

TEST_CASE("validator: a parameter needs a name", "[cxml][validate]") {
    const auto stream = [](const std::string& parameter) {
        return "<Connect><Stream url='wss://a.example'>" + parameter + "</Stream></Connect>";
    };
    check_fine(stream("<Parameter name='a' value='1'/><Parameter name='b'/>"));
    check_one(
        stream("<Parameter value='1'/>"),
        "error: Response/Connect/Stream/Parameter: attribute name is missing"
    );
    check_one(
        stream("<Parameter name='a'/><Parameter name='' value='1'/>"),
        "error: Response/Connect/Stream/Parameter[2]: attribute name is blank"
    );
    CHECK(
        told_of("<Converse><Tool name='n' url='https://a.example'><Parameter/></Tool></Converse>"
        ) == Told{"error: Response/Converse/Tool/Parameter: attribute name is missing"}
    );
}

TEST_CASE("validator: an enumeration has its values and no others", "[cxml][validate]") {
    check_fine("<Reject reason='congestion'/>");
    check_one(
        "<Reject reason='denied'/>",
        "error: Response/Reject: attribute reason: \"denied\" is none of rejected, busy, "
        "congestion, "
        "failed"
    );
    check_one(
        "<Redirect method='post'>https://a.example</Redirect>",
        "error: Response/Redirect: attribute method: \"post\" is none of GET, POST"
    );
    check_fine("<Pause answer='false'/>");
    check_one(
        "<Pause answer='yes'/>",
        "error: Response/Pause: attribute answer: \"yes\" is neither true nor false"
    );
    check_fine("<Gather input='dtmf speech'/>");
    check_one(
        "<Gather input='dtmf,voice'/>",
        "error: Response/Gather: attribute input: \"voice\" is none of dtmf, speech"
    );
    check_one(
        "<Gather input=''/>",
        "warning: Response/Gather: attribute input: \"\" names none of dtmf, speech"
    );
    check_fine("<Dial><Conference trim='do-no-trim'>a</Conference></Dial>");
    check_fine("<Dial><Conference trim='do-not-trim'>a</Conference></Dial>");
}

TEST_CASE("validator: a number is a whole number in its range", "[cxml][validate]") {
    const std::string at = "error: Response/Pause: attribute length: ";
    check_fine("<Pause length='0'/>");
    check_fine("<Pause length='2147483647'/>");
    for (const std::string value : {"", "a", "1.5", "1s", " 1", "+1", "0x10"}) {
        check_one(
            "<Pause length='" + value + "'/>", at + "\"" + value + "\" is not a whole number"
        );
    }
    for (const std::string value : {"-1", "2147483648", "99999999999999999999"}) {
        check_one(
            "<Pause length='" + value + "'/>", at + "\"" + value + "\" is not from 0 to 2147483647"
        );
    }
    check_fine("<Gather speechTimeout='auto'/>");
    check_fine("<Gather speechTimeout='3'/>");
    check_one(
        "<Gather speechTimeout='never'/>",
        "error: Response/Gather: attribute speechTimeout: \"never\" is not a whole number"
    );
    check_fine("<Converse temperature='0.7'/>");
    for (const std::string value : {"1.1", "-0.1", "nan", "inf", "", "hot", "0,5"}) {
        check_one(
            "<Converse temperature='" + value + "'/>",
            "error: Response/Converse: attribute temperature: \"" + value +
                "\" is not a number from 0 to 1"
        );
    }
}

TEST_CASE("validator: a conference has 1 to 250 participants", "[cxml][validate]") {
    const auto conference = [](const std::string& count) {
        return "<Dial><Conference maxParticipants='" + count + "'>room</Conference></Dial>";
    };
    check_fine(conference("1"));
    check_fine(conference("250"));
    for (const std::string count : {"0", "251"}) {
        check_one(
            conference(count),
            "error: Response/Dial/Conference: attribute maxParticipants: \"" + count +
                "\" is not from 1 to 250"
        );
    }
}

TEST_CASE("validator: a Dial holds either text or nouns", "[cxml][validate]") {
    check_fine("<Dial>12127773456</Dial>");
    check_fine("<Dial>1005&amp;1006</Dial>");
    check_fine("<Dial>\n  <Number>1</Number>\n  <Number>2</Number>\n</Dial>");
    check_fine("<Dial><Header name='X-A' value='1'/><Number>1</Number></Dial>");
    check_one(
        "<Dial>1<Number>2</Number></Dial>", "error: Response/Dial: holds both text and nouns"
    );
    check_one(
        "<Dial><Header name='X-A' value='1'/>1</Dial>",
        "error: Response/Dial: holds both text and nouns"
    );
    check_one("<Dial/>", "error: Response/Dial: holds neither text nor a noun");
    check_one("<Dial> \n </Dial>", "error: Response/Dial: holds neither text nor a noun");
    check_one(
        "<Dial><Header name='X-A' value='1'/></Dial>",
        "error: Response/Dial: holds neither text nor a noun"
    );
}

TEST_CASE("validator: Connect, Start and Stop need a Stream", "[cxml][validate]") {
    for (const std::string verb : {"Connect", "Start", "Stop"}) {
        check_one("<" + verb + "/>", "error: Response/" + verb + ": holds no Stream");
        check_one(
            "<" + verb + ">x<Stream url='wss://a.example' name='n'/></" + verb + ">",
            "error: Response/" + verb + ": may hold no text"
        );
    }
}

TEST_CASE("validator: a stream is stopped by its name", "[cxml][validate]") {
    check_fine("<Stop><Stream name='x'/></Stop>");
    check_one("<Stop><Stream/></Stop>", "error: Response/Stop/Stream: attribute name is missing");
    check_one(
        "<Stop><Stream name=''/></Stop>", "error: Response/Stop/Stream: attribute name is blank"
    );
}

TEST_CASE("validator: an unknown attribute is a warning", "[cxml][validate]") {
    check_one("<Hangup after='1'/>", "warning: Response/Hangup: unknown attribute \"after\"");
    check_one(
        "<Dial><Number statusCallback='https://a.example'>1</Number></Dial>",
        "warning: Response/Dial/Number: unknown attribute \"statusCallback\""
    );
    CHECK(is_valid("<Response><Hangup after='1'/></Response>"));
}

TEST_CASE("validator: what only code was seen to use is a warning", "[cxml][validate]") {
    check_one(
        "<Gather maxDigits='4'/>",
        "warning: Response/Gather: attribute maxDigits is not in the documentation"
    );
    check_one(
        "<Dial record='record-from-answer-dual'>1</Dial>",
        "warning: Response/Dial: attribute record: \"record-from-answer-dual\" is not in the "
        "documentation"
    );
    check_fine("<Dial record='record-from-answer'>1</Dial>");
}

TEST_CASE("validator: an attribute twice is an error", "[cxml][validate]") {
    check_one(
        "<Pause length='1' length='2'/>",
        "error: Response/Pause: attribute \"length\" is there twice"
    );
}

TEST_CASE("validator: what follows the end of a document is never reached", "[cxml][validate]") {
    check_fine("<Say>a</Say><Hangup/>");
    check_fine("<Say>a</Say><Redirect>https://a.example</Redirect>");
    check_fine("<Reject/>");
    check_one("<Hangup/><Say>a</Say>", "warning: Response/Say: Say is never reached after Hangup");
    check_one("<Reject/><Say>a</Say>", "warning: Response/Say: Say is never reached after Reject");
    check_one(
        "<Redirect>https://a.example</Redirect><Say>a</Say><Pause/>",
        "warning: Response/Say: Say is never reached after Redirect"
    );
}

TEST_CASE("validator: mixed nouns are a warning", "[cxml][validate]") {
    check_fine("<Dial><Number>1</Number><Number>2</Number></Dial>");
    check_one(
        "<Dial><Number>1</Number><Sip>a@b.example</Sip></Dial>",
        "warning: Response/Dial/Sip: Sip is mixed with Number"
    );
}

TEST_CASE("validator: a Header goes before the nouns", "[cxml][validate]") {
    check_one(
        "<Dial><Number>1</Number><Header name='X-A' value='1'/></Dial>",
        "warning: Response/Dial/Header: Header is not before Number"
    );
}

TEST_CASE("validator: a Reject is the first verb", "[cxml][validate]") {
    check_one("<Pause/><Reject/>", "warning: Response/Reject: Reject is not before Pause");
}

TEST_CASE("validator: a callback over plain http is a warning", "[cxml][validate]") {
    check_fine("<Gather action='https://a.example'/>");
    check_fine("<Gather action='/menu?x=1'/>");
    check_one(
        "<Gather action='http://a.example'/>",
        "warning: Response/Gather: attribute action: \"http://a.example\" is called without "
        "encryption, use https"
    );
    check_one(
        "<Redirect>HTTP://a.example</Redirect>",
        "warning: Response/Redirect: text: \"HTTP://a.example\" is called without encryption, use "
        "https"
    );
    check_one(
        "<Redirect>/next</Redirect>",
        "warning: Response/Redirect: text: \"/next\" is not an https://, cx:// or service:// URL"
    );
}

TEST_CASE("validator: a provider that is not listed is a warning", "[cxml][validate]") {
    check_one(
        "<Dial><Service provider='Retell'>1</Service></Dial>",
        "warning: Response/Dial/Service: attribute provider: \"Retell\" is not a provider known at "
        "Cloudonix"
    );
    for (const Provider& provider : providers()) {
        check_fine("<Dial><Service provider='" + std::string(provider.id) + "'>1</Service></Dial>");
    }
}

TEST_CASE("validator: trunks as a JSON array are a warning", "[cxml][validate]") {
    check_fine("<Dial trunks='carrier-a,carrier-b'>1</Dial>");
    check_one(
        "<Dial trunks='[1,2]'>1</Dial>",
        "warning: Response/Dial: attribute trunks: \"[1,2]\" is a JSON array, use a comma list"
    );
}

TEST_CASE("validator: values of a doubtful form are warnings", "[cxml][validate]") {
    check_fine("<Gather finishOnKey=''/>");
    check_fine("<Record finishOnKey='1234567890*#'/>");
    check_fine("<Play digits='1ww2'>https://a.example/x</Play>");
    check_one(
        "<Gather finishOnKey='any'/>",
        "warning: Response/Gather: attribute finishOnKey: \"any\" is not made of telephone keys"
    );
    check_one(
        "<Gather action='a b'/>", "warning: Response/Gather: attribute action: \"a b\" is not a URL"
    );
    check_one(
        "<Dial><Sip>bob</Sip></Dial>",
        "warning: Response/Dial/Sip: text: \"bob\" is not a SIP address, [sip:]user@host"
    );
}

TEST_CASE("validator: Speech is the last in a Converse inside a Gather", "[cxml][validate]") {
    check_one(
        "<Gather><Converse><Speech/><User>a</User></Converse></Gather>",
        "warning: Response/Gather/Converse/User: User follows Speech"
    );
    check_one(
        "<Converse><Speech/></Converse>",
        "warning: Response/Converse/Speech: means nothing outside of Gather"
    );
}

TEST_CASE("validator: a finding has the line of its tag", "[cxml][validate]") {
    const auto findings = validate(
        "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<Response>\n  <Say>a\nb</Say>\n"
        "  <Dial timeout='x'>1</Dial>\n\n  <Dial\n/>\n</Response>"
    );
    REQUIRE(findings.size() == 2);
    CHECK(
        to_string(findings[0]) ==
        "line 5: error: Response/Dial[1]: attribute timeout: \"x\" is not a whole number"
    );
    CHECK(
        to_string(findings[1]) == "line 7: error: Response/Dial[2]: holds neither text nor a noun"
    );
    const auto ill = validate("<Response>\n<Say>\n&</Say></Response>");
    REQUIRE(ill.size() == 1);
    CHECK(ill[0].line == 3);
    const auto cut = validate("<Response>\n<Say>\n</Dial></Response>");
    REQUIRE(cut.size() == 1);
    CHECK(cut[0].line == 3);
}

TEST_CASE("validator: passwords are not repeated", "[cxml][validate]") {
    for (const Finding& finding :
         validate("<Response><Connect><Stream url='https://a/hush'/></Connect></Response>")) {
        CHECK(finding.message.find("hush") == std::string::npos);
    }
}

TEST_CASE("validator: long and unreadable values are shown short", "[cxml][validate]") {
    const auto findings =
        validate("<Response><Pause length='" + std::string(5000, 'x') + "'/></Response>");
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].message.size() < 200);
}

TEST_CASE("validator: hostile documents stay within limits", "[cxml][validate]") {
    std::string deep;
    std::string many;
    std::string attributes;
    for (int i = 0; i < 20000; ++i) {
        deep += "<Gather>";
        many += "<x/>";
        attributes += " a" + std::to_string(i) + "='1'";
    }
    for (int i = 0; i < 20000; ++i) {
        deep += "</Gather>";
    }
    const auto nested = validate("<Response>" + deep + "</Response>");
    REQUIRE_FALSE(nested.empty());
    CHECK(nested.back().message == "is nested too deeply");
    CHECK(validate("<Response>" + many + "</Response>").size() == findings_max);
    const auto findings = validate("<Response" + attributes + "/>");
    REQUIRE_FALSE(findings.empty());
    CHECK(findings.back().severity == Severity::error);
}

}  // namespace cxdial::cxml
