#include "simulator/internal/call_request.h"

#include "simulator/internal/iso_time.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

/// Reads members of an object by name and remembers the first thing that was wrong.
class Reader {
public:
    explicit Reader(const json& body) : body_(body) {}

    std::string text(const char* name) {
        const auto* const value = find(name);
        if (value == nullptr) {
            return {};
        }
        if (!value->is_string()) {
            fail(name, "must be a string");
            return {};
        }
        return value->get<std::string>();
    }
    std::string name_or_id(const char* name) {
        const auto* const value = find(name);
        if (value != nullptr && value->is_number_integer()) {
            return value->dump();
        }
        return text(name);
    }
    std::string http_url(const char* name) {
        auto value = text(name);
        if (!value.empty() && !is_http_url(value)) {
            fail(name, "must be an http(s) URL");
        }
        return value;
    }
    /// 0 when it is not there; else it must lie between the bounds, both included.
    int number_within(const char* name, int min, int max) {
        const auto value = number(name);
        if (find(name) != nullptr && (value < min || value > max)) {
            fail(name, "must be from " + std::to_string(min) + " to " + std::to_string(max));
        }
        return value;
    }
    int number(const char* name) {
        const auto* const value = find(name);
        if (value == nullptr) {
            return 0;
        }
        if (!value->is_number_integer() || value->get<std::int64_t>() < 0 ||
            value->get<std::int64_t>() > std::numeric_limits<int>::max()) {
            fail(name, "must be an integer, not negative");
            return 0;
        }
        return value->get<int>();
    }
    bool flag(const char* name) {
        const auto* const value = find(name);
        if (value == nullptr) {
            return false;
        }
        if (!value->is_boolean()) {
            fail(name, "must be a boolean");
            return false;
        }
        return value->get<bool>();
    }
    std::string one_of(const char* name, const std::vector<std::string_view>& allowed) {
        auto value = text(name);
        if (!value.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
            fail(name, "has an unknown value");
        }
        return value;
    }
    std::optional<base::WallTime> time(const char* name) {
        const auto value = text(name);
        if (value.empty()) {
            return std::nullopt;
        }
        const auto parsed = parse_iso(value);
        if (!parsed) {
            fail(name, "must be an ISO 8601 date-time");
        }
        return parsed;
    }
    const json* find(const char* name) const {
        const auto found = body_.find(name);
        return found == body_.end() || found->is_null() ? nullptr : &*found;
    }
    void fail(const std::string& name, const std::string& why) {
        if (problem_.empty()) {
            problem_ = name + " " + why;
        }
    }
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    const json& body_;
    std::string problem_;
};

void read_routes(Reader& read) {
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

void read_recording(Reader& read) {
    (void)read.flag("record");
    (void)read.http_url("recordingStatusCallback");
    (void)read.one_of("recordingStatusCallbackMethod", {"POST", "GET"});
    (void)read.one_of("recordingStatusCallbackEvent", {"completed", "absent", "failed"});
    (void)read.one_of("trim", {"trim-silence", "do-not-trim"});
}

void read_machine_detection(Reader& read, CallRequest& call) {
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

void read_program(Reader& read, CallRequest& call) {
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
    Reader read(body);
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
