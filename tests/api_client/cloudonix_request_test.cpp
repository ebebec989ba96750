#include "api_client/cloudonix_request.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace std::chrono_literals;
using cxdial::api_client::call_body;
using cxdial::api_client::CallOptions;
using cxdial::campaign::AttemptId;
using cxdial::dialer::CallRequest;
using nlohmann::json;

namespace {

CallRequest plain_request() {
    return {
        .destination = *cxdial::base::PhoneNumber::parse("+12127773456"),
        .caller_id = "+12125550100",
        .cxml = "<Response><Hangup/></Response>",
        .url = {},
        .callback = {},
        .timeout = 30s,
        .time_limit = 600s,
        .deadline = cxdial::base::from_millis(1716239134999),
        .record = false,
        .amd = {}};
}

}  // namespace

TEST_CASE("call body: a plain call holds what is needed and nothing else", "[api_client][golden]") {
    CHECK(
        call_body(AttemptId{4711}, plain_request()) ==
        R"({"destination":"+12127773456","caller-id":"+12125550100",)"
        R"("cxml":"<Response><Hangup/></Response>","timeout":30,"timeLimit":600,)"
        R"("deadline":"2024-05-20T21:05:34Z","profile":{"cxdial-attempt":"4711"}})"
    );
}

TEST_CASE("call body: every documented field has its name and unit", "[api_client][golden]") {
    CallRequest request = plain_request();
    request.cxml.clear();
    request.url = "https://dialer.example/cloudonix/voice?attempt=4711";
    request.callback = "https://dialer.example/cloudonix/callback";
    request.record = true;
    request.amd = {.mode = "DetectMessageEnd", .timeout = 20s, .on_machine = "hangup"};
    const CallOptions options{
        .application = {},
        .send_digits = "1ww2",
        .trunk = "carrier-a",
        .routes = {{.trunk = "carrier-b", .prefix = "9"}},
        .execute = "connected",
        .schedule = cxdial::base::from_millis(1716239000000),
        .recording_status_callback = "https://dialer.example/recording",
        .recording_status_callback_method = "POST",
        .recording_status_callback_event = "completed",
        .trim = "do-not-trim",
        .machine_detection_speech_threshold = 1500ms,
        .machine_detection_speech_end_threshold = 2500ms,
        .machine_detection_silence_timeout = 3500ms,
        .async_amd = true,
        .async_amd_status_callback = "https://dialer.example/amd",
        .async_amd_status_callback_method = "POST",
        .profile = {{"campaign", "spring"}, {"cxdial-attempt", "overridden"}}};
    const json golden = json::parse(R"({
        "destination":"+12127773456", "caller-id":"+12125550100",
        "url":"https://dialer.example/cloudonix/voice?attempt=4711",
        "callback":"https://dialer.example/cloudonix/callback",
        "timeout":30, "timeLimit":600,
        "schedule":"2024-05-20T21:03:20Z", "deadline":"2024-05-20T21:05:34Z",
        "profile":{"campaign":"spring","cxdial-attempt":"4711"},
        "send-digits":"1ww2", "trunk":"carrier-a",
        "routes":[{"trunk":"carrier-b","prefix":"9"}], "execute":"connected",
        "record":true, "recordingStatusCallback":"https://dialer.example/recording",
        "recordingStatusCallbackMethod":"POST", "recordingStatusCallbackEvent":"completed",
        "trim":"do-not-trim", "machineDetection":"DetectMessageEnd",
        "machineDetectionTimeout":20, "machineDetectionSpeechThreshold":1500,
        "machineDetectionSpeechEndThreshold":2500, "machineDetectionSilenceTimeout":3500,
        "asyncAmd":true, "asyncAmdStatusCallback":"https://dialer.example/amd",
        "asyncAmdStatusCallbackMethod":"POST"})");
    CHECK(json::parse(call_body(AttemptId{4711}, request, options)) == golden);
}

TEST_CASE("call body: a voice application takes the document's place", "[api_client]") {
    CallRequest request = plain_request();
    request.cxml.clear();
    const auto body = json::parse(call_body(AttemptId{1}, request, {.application = "main"}));
    CHECK(body["application"] == "main");
    CHECK_FALSE(body.contains("cxml"));
    CHECK_FALSE(body.contains("url"));
}

TEST_CASE("call body: bytes that are not UTF-8 are replaced", "[api_client]") {
    CallRequest request = plain_request();
    request.caller_id = "Caf\xe9";
    CHECK(json::parse(call_body(AttemptId{1}, request))["caller-id"] == "Caf\xef\xbf\xbd");
}
