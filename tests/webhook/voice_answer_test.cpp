#include "webhook/internal/voice_answer.h"

#include <catch2/catch.hpp>

#include <string>

using namespace cxdial;
using webhook::internal::fallback_document;
using webhook::internal::read_voice_request;
using webhook::internal::VoiceQuestion;

namespace {

net::HttpRequest request(const std::string& query, const std::string& body = {}) {
    return {
        .method = body.empty() ? "GET" : "POST",
        .target = "/cloudonix/voice?" + query,
        .headers = {},
        .body = body};
}

std::string fallback(base::Errc code, int retries, const std::string& url) {
    VoiceQuestion question;
    question.request.attempt = campaign::AttemptId{42};
    question.retries = retries;
    return fallback_document(question, {code, "why"}, url);
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("voice request: query, JSON and form say the same", "[webhook][voice]") {
    const std::string token = "16a7294c989b11e7b3d32b9edb8660c7";
    const std::string form =
        "Session=" + token + "&From=%2B12127773456&To=100&CallStatus=in-progress&AnsweredBy=human";
    const std::string json = R"({"Session":")" + token +
                             R"(","From":"+12127773456","To":"100","CallStatus":"in-progress",
                                "AnsweredBy":"human","SessionData":{"id":1}})";
    for (const auto& asked :
         {request("attempt=42&" + form),
          request("attempt=42", json),
          request("attempt=42", form)}) {
        const auto question = read_voice_request(asked);
        REQUIRE(question);
        CHECK(question->request.attempt.raw() == 42);
        CHECK(question->request.session == token);
        CHECK(question->request.from == "+12127773456");
        CHECK(question->request.to == "100");
        CHECK(question->request.call_status == "in-progress");
        CHECK(question->request.answered_by == "human");
        CHECK(question->retries == 0);
    }
}

TEST_CASE("voice request: the attempt comes from the query alone", "[webhook][voice]") {
    for (const std::string query :
         {"",
          "attempt=",
          "attempt=x",
          "attempt=-1",
          "attempt=0",
          "attempt=1x",
          "Attempt=1",
          "attempt=99999999999999999999"}) {
        CAPTURE(query);
        CHECK_FALSE(read_voice_request(request(query, R"({"attempt":"42"})")));
    }
}

TEST_CASE("voice request: odd bodies and values do no harm", "[webhook][voice]") {
    CHECK(read_voice_request(request("attempt=1&Session=a/../b"))->request.session.empty());
    CHECK(read_voice_request(request("attempt=1", R"({"Session":7})"))->request.session.empty());
    CHECK(read_voice_request(request("attempt=1", "[1,2]"))->request.from.empty());
    CHECK(read_voice_request(request("attempt=1", std::string(100'000, '[')))->request.to.empty());
    CHECK(read_voice_request(request("attempt=1&retry=-5"))->retries == 0);
    CHECK(read_voice_request(request("attempt=1&retry=9999999999"))->retries == 2);
}

TEST_CASE("voice answer: what may work in a moment is asked for again, twice", "[webhook][voice]") {
    const std::string url = "https://dialer.example";
    const std::string again = fallback(base::Errc::unavailable, 0, url);
    CHECK(holds(again, "<Pause length=\"1\"/>"));
    CHECK(holds(
        again,
        "<Redirect method=\"POST\">https://dialer.example/cloudonix/voice?attempt=42&amp;retry=1"
        "</Redirect>"
    ));
    CHECK(holds(fallback(base::Errc::unavailable, 1, url), "retry=2"));
    for (const std::string& document :
         {fallback(base::Errc::unavailable, 2, url),
          fallback(base::Errc::conflict, 0, url),
          fallback(base::Errc::unavailable, 0, ""),
          fallback(base::Errc::unavailable, 0, "http://dialer.example"),
          fallback(base::Errc::unavailable, 0, "https://dialer.example/?a=1&b=2")}) {
        CHECK(holds(document, "<Response><Hangup/></Response>"));
    }
}
