#include "api_client/cloudonix_payload.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace std::chrono_literals;
using cxdial::api_client::read_callback;
using cxdial::api_client::read_cdr;
using cxdial::api_client::read_session;
using cxdial::api_client::read_session_update;
using cxdial::api_client::read_sessions;
using cxdial::base::from_millis;
using cxdial::campaign::Disposition;
using cxdial::dialer::Progress;
using cxdial::dialer::SessionReport;
using cxdial::dialer::WebhookReceived;

namespace {

constexpr std::string_view token = "3caa3541d5f8497e9c79ea30ef689677";
constexpr std::string_view other_token = "4caa3541d5f8497e9c79ea30ef689677";

std::string full_cdr(std::string_view disposition = "ANSWER") {
    return R"({"timestamp":1716239100,"domain":"nullDomain","subscriber":null,"cx_trunk_id":117,
        "application":null,"route":null,"from":"12125550100","to":"12127773456","duration":33,
        "billsec":31,"disposition":")" +
           std::string(disposition) +
           R"(","rated_cost":null,"vapp_server":"172.24.40.152",
        "call_id":"0b515a7c@172.24.40.152:5060","session":{"id":9812750,"domainId":755,
        "domain":null,"subscriberId":null,"destination":"12127773456","callerId":"12125550100",
        "direction":"outbound-api","token":"3caa3541d5f8497e9c79ea30ef689677","timeLimit":0,
        "callStartTime":1716239100387,"callAnswerTime":1716239102610,"callEndTime":1716239134343,
        "status":"connected","vappServer":"172.24.40.152","profile":{"cxdial-attempt":"4711"}},
        "owner":{"domain":{"uuid":"dd7a2a82","name":"acme.cloudonix.net"}},
        "qos":{"rtt":12.5,"rx_mos":"NaN","tx_mos":4.4,"ssrc":"1909495585"}})";
}

WebhookReceived cdr(const std::string& body, std::string_view hint = {}) {
    CAPTURE(body);
    auto events = read_cdr(body, hint);
    REQUIRE(events);
    REQUIRE(events->size() == 1);
    return events->front();
}

WebhookReceived update(const std::string& body) {
    CAPTURE(body);
    auto events = read_session_update(body);
    REQUIRE(events);
    REQUIRE(events->size() == 1);
    return events->front();
}

std::string session(const std::string& members) {
    return R"({"token":"3caa3541d5f8497e9c79ea30ef689677",)" + members + "}";
}

std::string raw_token(const SessionReport& report) {
    return report.token ? report.token->raw() : std::string();
}

}  // namespace

TEST_CASE("cdr: a full one is read field by field", "[api_client][cdr]") {
    const std::string body = full_cdr();
    const WebhookReceived event = cdr(body);
    CHECK(event.kind == WebhookReceived::Kind::cdr);
    CHECK(event.body == body);
    CHECK(event.domain.empty());
    CHECK(raw_token(event.report) == token);
    CHECK(event.report.attempt->raw() == 4711);
    CHECK(event.report.progress == Progress::ended);
    CHECK(event.report.disposition == Disposition::answered);
    CHECK(event.report.answered_at == from_millis(1716239102610));
    CHECK(event.report.ended_at == from_millis(1716239134343));
    CHECK(event.report.duration == 33s);
    CHECK(event.report.billsec == 31s);
}

TEST_CASE("cdr: every spelling of a disposition is understood", "[api_client][cdr]") {
    auto [text, meaning] = GENERATE(table<std::string, Disposition>({
        {"ANSWER", Disposition::answered},
        {"ANSWERED", Disposition::answered},
        {"CONNECTED", Disposition::answered},
        {"answer", Disposition::answered},
        {"BUSY", Disposition::busy},
        {"Busy", Disposition::busy},
        {"NOANSWER", Disposition::no_answer},
        {"NO ANSWER", Disposition::no_answer},
        {"NO_ANSWER", Disposition::no_answer},
        {"NO-ANSWER", Disposition::no_answer},
        {"CANCEL", Disposition::cancelled},
        {"CANCELLED", Disposition::cancelled},
        {"CANCELED", Disposition::cancelled},
        {"CONGESTION", Disposition::congestion},
        {"FAILED", Disposition::failed},
        {"ERROR", Disposition::failed},
        {"EXTERNAL", Disposition::failed},
        {"NOCREDIT", Disposition::no_credit},
    }));
    CAPTURE(text);
    CHECK(cdr(full_cdr(text)).report.disposition == meaning);
}

TEST_CASE("cdr: an unknown disposition is failed unless the call was answered", "[api_client]") {
    CHECK(cdr(R"({"disposition":"ODD","billsec":0})").report.disposition == Disposition::failed);
    CHECK(cdr(R"({"disposition":"ODD"})").report.disposition == Disposition::failed);
    CHECK(cdr(R"({"billsec":"7"})").report.disposition == Disposition::answered);
    CHECK(cdr(full_cdr("ODD")).report.disposition == Disposition::answered);
    CHECK(cdr(R"({"disposition":"BUSY","billsec":3})").report.disposition == Disposition::busy);
    CHECK(
        cdr(R"({"disposition":"","session":{"status":"nocredit"}})").report.disposition ==
        Disposition::no_credit
    );
}

TEST_CASE("cdr: the session is found wherever it stands", "[api_client][cdr]") {
    const std::string t(token);
    CHECK(raw_token(cdr(R"({"session":{"token":")" + t + "\"}}").report) == t);
    CHECK(raw_token(cdr(R"({"session":[{"token":")" + t + "\"}]}").report) == t);
    CHECK(raw_token(cdr(R"({"session":")" + t + "\"}").report) == t);
    CHECK(raw_token(cdr(R"({"session":null,"token":")" + t + "\"}").report) == t);
    CHECK(raw_token(cdr(R"({"disposition":"BUSY","session_id":")" + t + "\"}").report) == t);
    CHECK(raw_token(cdr(R"({"disposition":"BUSY","CallSid":")" + t + "\"}").report) == t);
    CHECK(raw_token(cdr(R"({"disposition":"BUSY","Session":")" + t + "\"}").report) == t);
    CHECK(raw_token(cdr(R"({"data":{"session":{"token":")" + t + "\"}}}").report) == t);
    CHECK(raw_token(cdr(R"({"data":[{"session":{"token":")" + t + "\"}}]}").report) == t);
    CHECK(raw_token(cdr(R"([{"session":{"token":")" + t + "\"}}]").report) == t);
}

TEST_CASE("cdr: a time out of shape is no time", "[api_client][cdr]") {
    const auto events = read_cdr(R"({"disposition":"ANSWER","session":{
        "token":"3caa3541d5f8497e9c79ea30ef689677","callEndTime":"2024-05-2020T15:34.343WER"}})");
    REQUIRE(events);
    REQUIRE(events->size() == 1);
    CHECK_FALSE(events->front().report.ended_at);
}

TEST_CASE("cdr: without a session it is read all the same", "[api_client][cdr]") {
    for (const std::string text : {"null", "\"\"", "\"some words\"", "[]", "7", "[1,2]"}) {
        const WebhookReceived event = cdr(R"({"disposition":"BUSY","session":)" + text + "}");
        CHECK(raw_token(event.report).empty());
        CHECK(event.report.progress == Progress::ended);
        CHECK(event.report.disposition == Disposition::busy);
    }
    CHECK(raw_token(cdr(R"({"disposition":"BUSY","CallSid":"B3tExKsH"})").report).empty());
    CHECK(raw_token(cdr(R"({"disposition":"BUSY"})", token).report) == token);
    CHECK(raw_token(cdr(R"({"disposition":"BUSY"})", "no token").report).empty());
    CHECK(raw_token(cdr(full_cdr(), other_token).report) == token);
}

TEST_CASE("cdr: times are computed where they were not told", "[api_client][cdr]") {
    const SessionReport report = cdr(R"({"timestamp":"1716239100","duration":"33.9","billsec":31,
                                         "session":null,"disposition":"ANSWER"})")
                                     .report;
    CHECK(report.duration == 33s);
    CHECK(report.ended_at == from_millis(1716239133000));
    CHECK(report.answered_at == from_millis(1716239102000));

    const SessionReport none = cdr(R"({"timestamp":"NaN","duration":"NaN","billsec":-5,
                                       "disposition":"BUSY"})")
                                   .report;
    CHECK_FALSE(none.duration);
    CHECK_FALSE(none.billsec);
    CHECK_FALSE(none.ended_at);
    CHECK_FALSE(none.answered_at);
}

TEST_CASE("cdr: the key is the session, so that a second one changes nothing", "[api_client]") {
    CHECK(cdr(full_cdr()).key == cdr(full_cdr("CONNECTED")).key);
    CHECK(cdr(full_cdr()).key == cdr(R"({"disposition":"X"})", token).key);
    CHECK(cdr(full_cdr()).key != cdr(R"({"session":")" + std::string(other_token) + "\"}").key);
    const std::string orphan = R"({"disposition":"BUSY","to":"1"})";
    CHECK(cdr(orphan).key == cdr(R"({"to":"1", "disposition":"BUSY"})").key);
    CHECK(cdr(orphan).key != cdr(R"({"disposition":"BUSY","to":"2"})").key);
}

TEST_CASE("session: the attempt is found in every form of the profile", "[api_client]") {
    const auto attempt = [](const std::string& profile) {
        const auto id = update(session("\"profile\":" + profile)).report.attempt;
        return id ? id->raw() : 0;
    };
    CHECK(attempt(R"({"cxdial-attempt":"9007199254740991"})") == 9007199254740991);
    CHECK(attempt(R"({"cxdial-attempt":42})") == 42);
    CHECK(attempt(R"([{"key":"x","value":1},{"key":"cxdial-attempt","value":"42"}])") == 42);
    CHECK(attempt(R"([{"key":"cxdial-attempt","value":42}])") == 42);
    CHECK(attempt(R"({"cxdial-attempt":"9007199254740992"})") == 0);
    CHECK(attempt(R"({"cxdial-attempt":"-1"})") == 0);
    CHECK(attempt(R"({"cxdial-attempt":"42x"})") == 0);
    CHECK(attempt(R"({"cxdial-attempt":""})") == 0);
    CHECK(attempt(R"({"cxdial-attempt":{"a":1}})") == 0);
    CHECK(attempt(R"([["cxdial-attempt",42],7,null])") == 0);
    CHECK(attempt("null") == 0);
    CHECK(attempt("\"cxdial-attempt\"") == 0);
}

TEST_CASE("session update: each status has its meaning, whatever its case", "[api_client]") {
    using Row = std::tuple<std::string, Progress, std::optional<Disposition>>;
    auto [status, progress, disposition] = GENERATE(values<Row>({
        {"new", Progress::created, std::nullopt},
        {"NEW", Progress::created, std::nullopt},
        {"processing", Progress::created, std::nullopt},
        {"Ringing", Progress::ringing, std::nullopt},
        {"connected", Progress::answered, std::nullopt},
        {"CONNECTED", Progress::answered, std::nullopt},
        {"answer", Progress::answered, std::nullopt},
        {"noanswer", Progress::ended, Disposition::no_answer},
        {"busy", Progress::ended, Disposition::busy},
        {"cancel", Progress::ended, Disposition::cancelled},
        {"nocredit", Progress::ended, Disposition::no_credit},
        {"congestion", Progress::ended, Disposition::congestion},
        {"failed", Progress::ended, Disposition::failed},
        {"error", Progress::ended, Disposition::failed},
        {"external", Progress::ended, Disposition::failed},
        {"completed", Progress::ended, Disposition::answered},
        {"something new", Progress::created, std::nullopt},
        {"", Progress::created, std::nullopt},
    }));
    CAPTURE(status);
    const SessionReport report = update(session("\"status\":\"" + status + "\"")).report;
    CHECK(report.progress == progress);
    CHECK(report.disposition == disposition);
}

TEST_CASE("session update: times say what the status does not", "[api_client]") {
    const auto report = [](const std::string& members) { return update(session(members)).report; };
    const SessionReport over =
        report(R"("status":"connected","callAnswerTime":1716239102610,"callEndTime":1716239134343)"
        );
    CHECK(over.progress == Progress::ended);
    CHECK(over.disposition == Disposition::answered);
    CHECK(
        report(R"("status":"ringing","callAnswerTime":1716239102610)").progress ==
        Progress::answered
    );
    CHECK(report(R"("status":"new","ringing":true)").progress == Progress::ringing);
    CHECK(report(R"("status":"connected","ringing":true)").progress == Progress::answered);
    CHECK(
        report(R"("status":"ringing","callEndTime":1716239134343)").disposition ==
        Disposition::no_answer
    );
    CHECK(
        report(R"("status":"new","callEndTime":1716239134343)").disposition == Disposition::failed
    );
    CHECK(
        report(R"("status":"busy","callEndTime":1716239134343)").disposition == Disposition::busy
    );
}

TEST_CASE("session: a time may be written in many ways", "[api_client]") {
    auto [text, millis] = GENERATE(table<std::string, std::int64_t>({
        {"1716239134343", 1716239134343},
        {"\"1716239134343\"", 1716239134343},
        {"1716239134", 1716239134000},
        {"1716239134343.7", 1716239134343},
        {"\"2024-05-20T21:05:34.343Z\"", 1716239134343},
        {"\"2024-05-20T21:05:34.343999Z\"", 1716239134343},
        {"\"2024-05-20T21:05:34Z\"", 1716239134000},
        {"\"2024-05-20 21:05:34\"", 1716239134000},
        {"\"2024-05-20T23:05:34+02:00\"", 1716239134000},
        {"\"2024-05-20T16:05:34-0500\"", 1716239134000},
        {"null", 0},
        {"0", 0},
        {"-1", 0},
        {"1e300", 0},
        {"\"NaN\"", 0},
        {"\"2024-13-40T00:00:00Z\"", 0},
        {"\"2024-05-20T21:05:34+5\"", 0},
        {"true", 0},
        {"[1716239134343]", 0},
    }));
    CAPTURE(text);
    const auto ended = update(session("\"callEndTime\":" + text)).report.ended_at;
    CHECK((ended ? cxdial::base::to_millis(*ended) : 0) == millis);
}

TEST_CASE("session update: the same event has the same key, another has another", "[api_client]") {
    const auto key = [](const std::string& members) { return update(session(members)).key; };
    const std::string ringing = R"("status":"ringing","modifiedAt":"2024-05-20T21:05:01Z")";
    CHECK(key(ringing) == key(R"("modifiedAt":"2024-05-20T21:05:01Z","status":"RINGING","x":1)"));
    CHECK(key(ringing) != key(R"("status":"ringing","modifiedAt":"2024-05-20T21:05:02Z")"));
    CHECK(key(ringing) != key(R"("status":"busy","modifiedAt":"2024-05-20T21:05:01Z")"));
    CHECK(
        key(R"("eventId":"e1","status":"ringing")") ==
        key(R"("eventId":"e1","status":"ringing","modifiedAt":"2024-05-20T21:05:01Z")")
    );
    CHECK(key(R"("eventId":"e1","status":"new")") != key(R"("eventId":"e2","status":"new")"));
    CHECK(key(R"("eventId":1,"status":"new")") == key(R"("eventId":"1","status":"new")"));
    CHECK(
        key(R"("status":"connected")") != key(R"("status":"connected","callEndTime":1716239134)")
    );
    CHECK(key(ringing).size() < 100);
}

TEST_CASE("session update: it may come as a list, and each element is an event", "[api_client]") {
    const std::string one = session(R"("status":"ringing")");
    const std::string two = R"({"token":"4caa3541d5f8497e9c79ea30ef689677","status":"busy"})";
    const auto single = read_session_update("[" + one + "]");
    REQUIRE(single);
    REQUIRE(single->size() == 1);
    CHECK(single->front().key == update(one).key);
    CHECK(single->front().body == "[" + one + "]");

    const auto both = read_session_update("[" + one + "," + two + "]", "abcdefgh");
    REQUIRE(both);
    REQUIRE(both->size() == 2);
    CHECK(both->at(0).key == update(one).key);
    CHECK(raw_token(both->at(1).report) == other_token);
    CHECK(update(both->at(1).body).key == both->at(1).key);
    CHECK(update("{\"data\":" + one + "}").key == update(one).key);
    CHECK(update("{\"session\":" + one + "}").key == update(one).key);
}

TEST_CASE("callback: it is read as a session update, and is another event", "[api_client]") {
    const auto events = read_callback(session(R"("status":"connected")"));
    REQUIRE(events);
    CHECK(events->front().kind == WebhookReceived::Kind::callback);
    CHECK(events->front().report.progress == Progress::answered);
}

TEST_CASE("webhooks: what is no event is refused with a reason", "[api_client]") {
    const std::string deep = std::string(65, '[') + std::string(65, ']');
    const std::string body = GENERATE_COPY(values<std::string>(
        {"",
         "x",
         "7",
         "null",
         "\"text\"",
         "[]",
         "[1]",
         "{}",
         "{\"a\":1}",
         "{\"data\":{}}",
         deep,
         "{\"status\":"}
    ));
    CAPTURE(body);
    REQUIRE_FALSE(read_cdr(body));
    REQUIRE_FALSE(read_session_update(body));
    REQUIRE_FALSE(read_callback(body));
    CHECK(read_cdr(body).error().code == cxdial::base::Errc::invalid_argument);
    CHECK_FALSE(read_callback(body).error().detail.empty());
}

TEST_CASE("webhooks: a list beyond every use is refused", "[api_client]") {
    std::string list = "[";
    for (int i = 0; i < 257; ++i) {
        list += (i == 0 ? "" : ",") + session(R"("status":"new")");
    }
    CHECK_FALSE(read_session_update(list + "]"));
}

TEST_CASE("webhooks: hostile JSON neither throws nor recurses", "[api_client]") {
    CHECK_FALSE(read_cdr(std::string(1U << 20U, '[')));
    std::string nested;
    for (int i = 0; i < 100'000; ++i) {
        nested += "{\"session\":";
    }
    CHECK_FALSE(read_cdr(nested));
    CHECK_FALSE(read_session_update("{\"token\":\"\xff\xfe\"}"));
    // Brackets inside of strings are text.
    const std::string brackets(500, '[');
    CHECK(read_cdr(R"({"disposition":"BUSY","x":"\")" + brackets + "\"}"));
}

TEST_CASE("session look-up: one session is read, in a list or not", "[api_client]") {
    const std::string one = session(R"("status":"connected","callEndTime":"1716239134343")");
    for (const std::string& body : {one, "[" + one + "]", "{\"data\":" + one + "}"}) {
        const auto report = read_session(body);
        REQUIRE(report);
        CHECK(report->progress == Progress::ended);
        CHECK(raw_token(*report) == token);
    }
    CHECK_FALSE(read_session("[]"));
    CHECK_FALSE(read_session("<html>"));
    CHECK_FALSE(read_session(R"({"status":false,"message":"no"})"));
}

TEST_CASE("session list: elements that are no sessions are left out", "[api_client]") {
    const std::string one = session(R"("status":"new","profile":{"cxdial-attempt":"5"})");
    const auto reports = read_sessions("[" + one + ",7,null,{}," + one + "]");
    REQUIRE(reports);
    REQUIRE(reports->size() == 2);
    CHECK(reports->front().attempt->raw() == 5);
    CHECK(read_sessions("[]")->empty());
    CHECK(read_sessions("{\"sessions\":[" + one + "]}")->size() == 1);
    CHECK(read_sessions("{\"data\":[" + one + "]}")->size() == 1);
    CHECK(read_sessions(one)->size() == 1);
    CHECK_FALSE(read_sessions("nothing"));
    CHECK_FALSE(read_sessions("7"));
}
