#pragma once

#include "base/clock.h"
#include "campaign/ids.h"
#include "dialer/effects.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::api_client {

/// One step of an explicit routing plan.
struct Route {
    std::string trunk;
    std::string prefix;
};

/// The documented fields of a call that the dialer itself does not set. Empty and absent: the field
/// is left out and Cloudonix's default holds.
struct CallOptions {
    std::string application;  ///< name or id of a voice application, in place of `cxml` and `url`
    std::string send_digits;  ///< DTMF, played after the answer
    std::string trunk;        ///< by name; else the active outbound trunks are tried in order
    std::vector<Route> routes;
    std::string execute;  ///< when the application starts: `connected`, `immediately`
    std::optional<base::WallTime> schedule;  ///< start the call then, not now
    std::string recording_status_callback;
    std::string recording_status_callback_method;  ///< `POST`, `GET`
    std::string recording_status_callback_event;   ///< `completed`, `absent`, `failed`
    std::string trim;                              ///< `trim-silence`, `do-not-trim`
    std::optional<std::chrono::milliseconds> machine_detection_speech_threshold;
    std::optional<std::chrono::milliseconds> machine_detection_speech_end_threshold;
    std::optional<std::chrono::milliseconds> machine_detection_silence_timeout;
    bool async_amd = false;
    std::string async_amd_status_callback;
    std::string async_amd_status_callback_method;  ///< `POST`, `GET`
    std::map<std::string, std::string> profile;    ///< beside `cxdial-attempt`
};

/// The body of the request that creates a call (Cloudonix REST API, "outbound call from
/// application"). `profile["cxdial-attempt"]` carries the attempt, by which a call whose reply was
/// lost is found again; `deadline` is rounded down to the second. Times of machine detection are
/// milliseconds but for its `Timeout`, which is seconds, as the vendor's own dialer sends them.
/// Exactly one of `request.cxml`, `request.url` and `options.application` must be set. Bytes that
/// are not UTF-8 are replaced.
[[nodiscard]] std::string call_body(
    campaign::AttemptId attempt, const dialer::CallRequest& request, const CallOptions& options = {}
);

}  // namespace cxdial::api_client
