#include "simulator/internal/call_request.h"

#include "simulator/internal/body_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

void read_routes(BodyReader& read) {
    const auto* const routes = read.find("routes");
    if (routes == nullptr || routes->is_object()) {
        return;
    }
    const auto is_route = [](const json& route) {
        return route.is_object() && route.contains("trunk") && route.contains("prefix");
    };
    if (!routes->is_array() || !std::all_of(routes->begin(), routes->end(), is_route)) {
        read.fail("routes", "must be an array of {trunk,prefix}");
    }
}

void read_recording(BodyReader& read) {
    (void)read.flag("record");
    (void)read.http_url("recordingStatusCallback");
    (void)read.one_of("recordingStatusCallbackMethod", {"POST", "GET"});
    (void)read.one_of("recordingStatusCallbackEvent", {"completed", "absent", "failed"});
    (void)read.one_of("trim", {"trim-silence", "do-not-trim"});
}

void read_machine_detection(BodyReader& read, CallRequest& call) {
    const auto mode = read.one_of("machineDetection", {"Enable", "DetectMessageEnd"});
    call.detect_machine = !mode.empty();
    call.waits_for_message_end = mode == "DetectMessageEnd";
    // Seconds. The platform's own limit is undocumented; this one tells milliseconds from seconds.
    constexpr int timeout_max_s = 300;
    const auto timeout = read.number_within("machineDetectionTimeout", 1, timeout_max_s);
    call.detect_timeout_s = timeout > 0 ? timeout : call.detect_timeout_s;
    // Milliseconds. The upper bounds are those of the vendor's own dialer; its API examples lie
    // below that dialer's lower ones.
    (void)read.number_within("machineDetectionSpeechThreshold", 1, 5'000);
    (void)read.number_within("machineDetectionSpeechEndThreshold", 1, 5'000);
    (void)read.number_within("machineDetectionSilenceTimeout", 1, 10'000);
    call.async_amd = read.flag("asyncAmd");
    call.async_amd_callback = read.http_url("asyncAmdStatusCallback");
    (void)read.one_of("asyncAmdStatusCallbackMethod", {"POST", "GET"});
}

void read_program(BodyReader& read, CallRequest& call) {
    call.application = read.name_or_id("application");
    call.url = read.text("url");
    call.cxml = read.text("cxml");
    const auto given = static_cast<int>(read.find("application") != nullptr) +
                       static_cast<int>(read.find("url") != nullptr) +
                       static_cast<int>(read.find("cxml") != nullptr);
    if (given != 1) {
        read.fail("application, url, cxml:", "exactly one must be given");
    }
    if (!call.url.empty() && !is_cxml_url(call.url)) {
        read.fail("url", "must be an absolute URL");
    }
}

}  // namespace

bool is_http_url(const std::string& url) {
    const auto has = [&](std::string_view scheme) {
        return url.size() > scheme.size() && url.compare(0, scheme.size(), scheme) == 0;
    };
    return has("http://") || has("https://");
}

bool is_cxml_url(const std::string& url) {
    return is_http_url(url) || url.rfind("cx:", 0) == 0 || url.rfind("service://", 0) == 0;
}

std::optional<json> normal_profile(const json& profile) {
    if (profile.is_null()) {
        return json::object();
    }
    if (profile.is_object()) {
        return profile;
    }
    if (!profile.is_array()) {
        return std::nullopt;
    }
    auto object = json::object();
    for (const auto& item : profile) {
        if (!item.is_object() || !item.contains("key") || !item["key"].is_string()) {
            return std::nullopt;
        }
        object[item["key"].get<std::string>()] = item.value("value", json());
    }
    return object;
}

base::Result<CallRequest> read_call_request(const json& body) {
    if (!body.is_object()) {
        return base::Error{base::Errc::invalid_argument, "body must be a JSON object"};
    }
    BodyReader read(body);
    CallRequest call;
    call.destination = read.text("destination");
    if (call.destination.empty()) {
        read.fail("destination", "is required");
    }
    call.caller_id = read.text("caller-id");
    if (call.caller_id.empty()) {
        read.fail("caller-id", "is required");
    }
    read_program(read, call);
    call.callback = read.http_url("callback");
    (void)read.text("send-digits");
    (void)read.text("trunk");
    call.timeout_s = read.number("timeout");
    call.time_limit_s = read.number("timeLimit");
    (void)read.one_of("execute", {"connected", "immediately"});
    call.schedule = read.time("schedule");
    call.deadline = read.time("deadline");
    read_routes(read);
    read_recording(read);
    read_machine_detection(read, call);
    if (const auto* const given = read.find("profile")) {
        if (auto profile = normal_profile(*given)) {
            call.profile = std::move(*profile);
        } else {
            read.fail("profile", "must be an object or an array of {key,value}");
        }
    }
    if (!read.problem().empty()) {
        return base::Error{base::Errc::invalid_argument, read.problem()};
    }
    return call;
}

}  // namespace cxdial::simulator
