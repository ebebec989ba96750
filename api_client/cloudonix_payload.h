#pragma once

#include "base/result.h"
#include "dialer/events.h"

#include <string_view>
#include <vector>

namespace cxdial::api_client {

// What Cloudonix sends and answers, read into the dialer's values. All of it is tolerant: an object
// or a list of them, under `data` or not; statuses and dispositions in any case and spelling; times
// as numbers, numeric strings, seconds, milliseconds or ISO 8601; `profile` as an object or a list
// of `{key,value}`; `NaN` and missing members anywhere. JSON nested deeper than 64 is refused.
// Thread rule: any thread.

/// What one webhook request reports: each event complete but for its `domain`. A request that holds
/// one event keeps its body as received; of a list, each event keeps its own element.
///
/// `session_hint` is the request's `X-Cx-Session` header, the token of an event that names none
/// itself (a CDR may come without its session); ignored for a list of several.
///
/// `invalid_argument`: not JSON, not an object of that kind, or a list of more than 256.
using WebhookEvents = std::vector<dialer::WebhookReceived>;

/// A CDR, one for each session at its end whatever its result: always `ended`. An unknown
/// disposition is `failed`, unless `billsec` or an answer time show that the call was answered. The
/// key is the session token; without one, a hash of the event.
[[nodiscard]] base::Result<WebhookEvents> read_cdr(
    std::string_view body, std::string_view session_hint = {}
);

/// A session update of the domain's `session-update-endpoint`. `connected` is answered; with an end
/// time, ended; the failure statuses end the session. A status that nobody knows moves nothing. The
/// key is a hash of token, status and `eventId`, or of the event's times where it has no id.
[[nodiscard]] base::Result<WebhookEvents> read_session_update(
    std::string_view body, std::string_view session_hint = {}
);

/// A session status sent to the `callback` of a call request: read as a session update.
[[nodiscard]] base::Result<WebhookEvents> read_callback(
    std::string_view body, std::string_view session_hint = {}
);

/// The session that `GET …/sessions/{token}` answers. `invalid_argument`: not a session.
[[nodiscard]] base::Result<dialer::SessionReport> read_session(std::string_view body);

/// The list that `GET …/sessions` answers; elements that are no sessions are left out.
/// `invalid_argument`: neither a list nor an object.
[[nodiscard]] base::Result<std::vector<dialer::SessionReport>> read_sessions(std::string_view body);

}  // namespace cxdial::api_client
