#include "api_client/cloudonix_reply.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cxdial::api_client::classify;
using cxdial::api_client::error_text;
using cxdial::api_client::read_control_reply;
using cxdial::api_client::read_look_up;
using cxdial::api_client::read_session_list;
using cxdial::base::Errc;
using cxdial::base::Millis;
using cxdial::net::HttpFailure;
using cxdial::net::HttpOutcome;
using cxdial::net::HttpResponse;
namespace dialer = cxdial::dialer;

namespace {

/// Sun, 06 Nov 1994 08:49:37 GMT
constexpr cxdial::base::WallTime now = cxdial::base::from_millis(784'111'777'000);

HttpOutcome reply(int status, std::string body = {}, const std::string& retry_after = {}) {
    HttpResponse response{.status = status, .headers = {}, .body = std::move(body)};
    if (!retry_after.empty()) {
        response.headers.add("retry-after", retry_after);
    }
    return response;
}

const std::string created =
    R"({"domainId":3,"subscriberId":null,"destination":"63121233333","direction":"outbound-api",
        "token":"16a7294c989b11e7b3d32b9edb8660c7"})";

std::string kind_of(const dialer::Delivery& delivery) {
    static const std::vector<std::string> kinds{"accepted", "refused", "not sent", "unknown"};
    return kinds.at(delivery.index());
}

}  // namespace

TEST_CASE("delivery: each reply and each failure is one of four things", "[api_client][delivery]") {
    auto [outcome, kind] = GENERATE(table<HttpOutcome, std::string>({
        {reply(200, created), "accepted"},
        {reply(201, created), "accepted"},
        {reply(200, "[" + created + "]"), "accepted"},
        {reply(200, "{\"data\":" + created + "}"), "accepted"},
        {reply(200, R"({"token":"with spaces in it"})"), "unknown"},
        {reply(200, R"({"token":""})"), "unknown"},
        {reply(200, R"({"token":null})"), "unknown"},
        {reply(200, R"({"token":["a"]})"), "unknown"},
        {reply(200, "{\"token\":\"" + std::string(200, 'a') + "\"}"), "unknown"},
        {reply(200, "{}"), "unknown"},
        {reply(200, ""), "unknown"},
        {reply(200, "<html>"), "unknown"},
        {reply(200, created.substr(0, 60)), "unknown"},
        {reply(204), "unknown"},
        {reply(302, created), "unknown"},
        {reply(400, R"({"message":"no"})"), "refused"},
        {reply(401), "refused"},
        {reply(402), "refused"},
        {reply(403), "refused"},
        {reply(404), "refused"},
        {reply(408), "unknown"},
        {reply(409), "refused"},
        {reply(422), "refused"},
        {reply(429), "refused"},
        {reply(500), "unknown"},
        {reply(502, created), "unknown"},
        {reply(503, "", "5"), "unknown"},
        {reply(504), "unknown"},
        {HttpFailure{false, "could not resolve host"}, "not sent"},
        {HttpFailure{true, "nothing was returned"}, "unknown"},
    }));
    if (const auto* response = std::get_if<HttpResponse>(&outcome)) {
        CAPTURE(response->status, response->body);
        CHECK(kind_of(classify(outcome, now)) == kind);
    } else {
        CHECK(kind_of(classify(outcome, now)) == kind);
    }
}

TEST_CASE("delivery: an accepted one names its session", "[api_client][delivery]") {
    const auto delivery = classify(reply(200, created), now);
    REQUIRE(std::holds_alternative<dialer::Accepted>(delivery));
    CHECK(std::get<dialer::Accepted>(delivery).token->raw() == "16a7294c989b11e7b3d32b9edb8660c7");
}

TEST_CASE("delivery: Retry-After is seconds or a date", "[api_client][delivery]") {
    using Row = std::tuple<std::string, std::optional<Millis>>;
    auto [header, pause] = GENERATE(values<Row>({
        {"", std::nullopt},
        {"7", 7s},
        {"0", 0s},
        {"-3", 0s},
        {"99999999", 24h},
        {"Sun, 06 Nov 1994 08:50:07 GMT", 30s},
        {"Sun, 06 Nov 1994 08:00:00 GMT", 0s},
        {"Sat, 06 Nov 2094 08:00:00 GMT", 24h},
        {"soon", std::nullopt},
        {"7s", std::nullopt},
    }));
    CAPTURE(header);
    const auto delivery = classify(reply(429, R"({"message":"slow down"})", header), now);
    const auto& refused = std::get<dialer::Refused>(delivery);
    CHECK(refused.status == 429);
    CHECK(refused.reason == "slow down");
    CHECK(refused.retry_after == pause);
}

TEST_CASE("error text: message, else error, else the text as it stands", "[api_client]") {
    CHECK(error_text(R"({"status":false,"message":"reason","error":"other"})") == "reason");
    CHECK(error_text(R"({"error":"other"})") == "other");
    CHECK(error_text(R"({"error":{"message":"inner"}})") == "inner");
    CHECK(error_text(R"({"message":["a"],"error":17})") == "17");
    CHECK(error_text("plain text") == "plain text");
    CHECK(error_text("") == "");
    CHECK(error_text("two\r\nlines") == "two  lines");
    CHECK(error_text("{}") == "{}");
}

TEST_CASE("error text: it is short, whole UTF-8, and shows no telephone number", "[api_client]") {
    CHECK(error_text(std::string(5000, 'x')).size() == 200);
    const std::string accents = "x" + [] {
        std::string text;
        for (int i = 0; i < 200; ++i) {
            text += "\xc3\xa9";
        }
        return text;
    }();
    CHECK(error_text(accents).size() == 199);
    CHECK(error_text("bad number +12127773456") == "bad number +1212*****56");
    CHECK(error_text("code 123456") == "code 123456");
    CHECK(
        std::get<dialer::NotSent>(classify(HttpFailure{false, "host 12127773456"}, now)).why ==
        "host 1212*****56"
    );
}

TEST_CASE("look-up: found, not found, or no answer", "[api_client]") {
    const auto found = read_look_up(
        reply(200, R"({"token":"16a7294c989b11e7b3d32b9edb8660c7","status":"busy"})"), now
    );
    REQUIRE(std::holds_alternative<dialer::SessionReport>(found));
    CHECK(std::get<dialer::SessionReport>(found).progress == dialer::Progress::ended);
    CHECK(std::holds_alternative<dialer::SessionNotFound>(read_look_up(reply(404), now)));
    CHECK(std::holds_alternative<dialer::SessionNotFound>(read_look_up(reply(410), now)));
    for (const HttpOutcome& outcome :
         {reply(200, "x"), reply(401), reply(500), HttpOutcome{HttpFailure{true, "cut"}}}) {
        const auto answer = read_look_up(outcome, now);
        REQUIRE(std::holds_alternative<dialer::LookUpFailed>(answer));
        CHECK_FALSE(std::get<dialer::LookUpFailed>(answer).why.empty());
        CHECK_FALSE(std::get<dialer::LookUpFailed>(answer).rate_limited);
    }
    const auto limited = read_look_up(reply(429, "", "9"), now);
    REQUIRE(std::holds_alternative<dialer::LookUpFailed>(limited));
    CHECK(std::get<dialer::LookUpFailed>(limited).rate_limited);
    CHECK(std::get<dialer::LookUpFailed>(limited).retry_after == Millis{9s});
}

TEST_CASE("session list: 404 is an empty list of a known domain only", "[api_client]") {
    const auto size = [](const cxdial::api_client::SessionListAnswer& answer) {
        const auto* reports = std::get_if<std::vector<dialer::SessionReport>>(&answer);
        return reports == nullptr ? -1 : static_cast<int>(reports->size());
    };
    const std::string one = R"({"token":"16a7294c989b11e7b3d32b9edb8660c7","status":"new"})";
    CHECK(size(read_session_list(reply(200, "[" + one + "]"), now, false)) == 1);
    CHECK(size(read_session_list(reply(200, "[]"), now, false)) == 0);
    CHECK(size(read_session_list(reply(204), now, false)) == 0);
    CHECK(size(read_session_list(reply(404), now, true)) == 0);
    CHECK(size(read_session_list(reply(404), now, false)) == -1);
    CHECK(size(read_session_list(reply(200, "oops"), now, true)) == -1);
    CHECK(size(read_session_list(reply(500), now, true)) == -1);
    CHECK(size(read_session_list(HttpFailure{false, "refused"}, now, true)) == -1);
}

TEST_CASE("control: what may have happened is told from what did not", "[api_client]") {
    CHECK(read_control_reply(reply(200)));
    CHECK(read_control_reply(reply(202)));
    CHECK(read_control_reply(reply(204)));
    auto [outcome, code] = GENERATE(table<HttpOutcome, Errc>({
        {reply(404), Errc::not_found},
        {reply(410), Errc::not_found},
        {reply(409), Errc::conflict},
        {reply(400), Errc::invalid_argument},
        {reply(429), Errc::unavailable},
        {HttpFailure{false, "x"}, Errc::unavailable},
        {HttpFailure{true, "x"}, Errc::unknown_outcome},
        {reply(408), Errc::unknown_outcome},
        {reply(500), Errc::unknown_outcome},
    }));
    const auto result = read_control_reply(outcome);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
}
