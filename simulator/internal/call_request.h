#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace cxdial::simulator {

/// The body of an outbound call from application, checked.
/// Source: Cloudonix REST API, "outbound call from application".
struct CallRequest {
    std::string destination;
    std::string caller_id;
    std::string application;  ///< a name or an id
    std::string url;
    std::string cxml;
    std::string callback;
    nlohmann::json profile = nlohmann::json::object();
    int timeout_s = 0;
    int time_limit_s = 0;
    std::optional<base::WallTime> schedule;
    std::optional<base::WallTime> deadline;
    bool detect_machine = false;
    /// Time limit of the verdict.
    int detect_timeout_s = 30;
    bool waits_for_message_end = false;
    bool async_amd = false;
    std::string async_amd_callback;
};

/// Checks types, enumerations and that exactly one of `application`, `url`, `cxml` is there.
/// Unknown keys are tolerated. An error is the text of the 400.
[[nodiscard]] base::Result<CallRequest> read_call_request(const nlohmann::json& body);

/// An absolute http(s) URL, or one of the platform's own (`cx://`, `service://`).
[[nodiscard]] bool is_cxml_url(const std::string& url);
[[nodiscard]] bool is_http_url(const std::string& url);

/// A `profile` as an object: an array of `{key,value}` becomes one. Nothing when it is neither.
[[nodiscard]] std::optional<nlohmann::json> normal_profile(const nlohmann::json& profile);

}  // namespace cxdial::simulator
