#include "api_client/cloudonix_request.h"

#include "api_client/internal/time_text.h"
#include "base/check.h"

#include <nlohmann/json.hpp>

namespace cxdial::api_client {

namespace {

using nlohmann::ordered_json;

void put(ordered_json& body, const char* name, const std::string& value) {
    if (!value.empty()) {
        body[name] = value;
    }
}

void put(
    ordered_json& body, const char* name, const std::optional<std::chrono::milliseconds>& value
) {
    if (value) {
        body[name] = value->count();
    }
}

void put_routing(ordered_json& body, const CallOptions& options) {
    put(body, "send-digits", options.send_digits);
    put(body, "trunk", options.trunk);
    for (const Route& route : options.routes) {
        body["routes"].push_back({{"trunk", route.trunk}, {"prefix", route.prefix}});
    }
    put(body, "execute", options.execute);
}

void put_recording(ordered_json& body, bool record, const CallOptions& options) {
    if (record) {
        body["record"] = true;
    }
    put(body, "recordingStatusCallback", options.recording_status_callback);
    put(body, "recordingStatusCallbackMethod", options.recording_status_callback_method);
    put(body, "recordingStatusCallbackEvent", options.recording_status_callback_event);
    put(body, "trim", options.trim);
}

void put_machine_detection(
    ordered_json& body, const campaign::Amd& amd, const CallOptions& options
) {
    if (amd.mode.empty()) {
        return;
    }
    body["machineDetection"] = amd.mode;
    body["machineDetectionTimeout"] = amd.timeout.count();
    put(body, "machineDetectionSpeechThreshold", options.machine_detection_speech_threshold);
    put(body, "machineDetectionSpeechEndThreshold", options.machine_detection_speech_end_threshold);
    put(body, "machineDetectionSilenceTimeout", options.machine_detection_silence_timeout);
    if (options.async_amd) {
        body["asyncAmd"] = true;
    }
    put(body, "asyncAmdStatusCallback", options.async_amd_status_callback);
    put(body, "asyncAmdStatusCallbackMethod", options.async_amd_status_callback_method);
}

}  // namespace

std::string call_body(
    campaign::AttemptId attempt, const dialer::CallRequest& request, const CallOptions& options
) {
    const int documents = (request.cxml.empty() ? 0 : 1) + (request.url.empty() ? 0 : 1) +
                          (options.application.empty() ? 0 : 1);
    CHECK_INVARIANT(documents == 1);

    ordered_json body = {
        {"destination", request.destination.reveal()}, {"caller-id", request.caller_id}};
    put(body, "cxml", request.cxml);
    put(body, "url", request.url);
    put(body, "application", options.application);
    put(body, "callback", request.callback);
    body["timeout"] = request.timeout.count();
    body["timeLimit"] = request.time_limit.count();
    if (options.schedule) {
        body["schedule"] = internal::to_iso_time(*options.schedule);
    }
    body["deadline"] = internal::to_iso_time(request.deadline);
    ordered_json profile = ordered_json::object();
    for (const auto& [key, value] : options.profile) {
        profile[key] = value;
    }
    profile["cxdial-attempt"] = std::to_string(attempt.raw());
    body["profile"] = profile;
    put_routing(body, options);
    put_recording(body, request.record, options);
    put_machine_detection(body, request.amd, options);
    return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace cxdial::api_client
