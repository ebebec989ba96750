#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "dialer/events.h"
#include "net/http_client.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cxdial::api_client {

/// What became of the request that creates a call.
///
/// - accepted: 2xx whose body has a session token (32 hex digits are documented; 8 to 128 letters,
///   digits, `-`, `_` are taken);
/// - refused: 4xx but 408, with the error text and `Retry-After` (seconds or an HTTP date, counted
///   from `now`; at most a day);
/// - not sent: no byte left this machine;
/// - unknown: all else. 5xx, 408, 3xx, 2xx without a token, a body that is no JSON or was cut, a
///   failure after sending: each may have created a call.
[[nodiscard]] dialer::Delivery classify(const net::HttpOutcome& outcome, base::WallTime now);

/// What a session's look-up answers. 404 and 410: Cloudonix knows no such session.
using LookUpAnswer =
    std::variant<dialer::SessionReport, dialer::SessionNotFound, dialer::LookUpFailed>;
[[nodiscard]] LookUpAnswer read_look_up(const net::HttpOutcome& outcome, base::WallTime now);

/// What a session list's request answers. Cloudonix answers 404 both for a domain without sessions
/// and for a domain it does not know: an empty list only when `domain_is_known`.
using SessionListAnswer = std::variant<std::vector<dialer::SessionReport>, dialer::LookUpFailed>;
[[nodiscard]] SessionListAnswer read_session_list(
    const net::HttpOutcome& outcome, base::WallTime now, bool domain_is_known
);

/// What a request that changes a session answers. `not_found`: no such session (404, 410);
/// `conflict`: 409; `unavailable`: not sent, or 429; `invalid_argument`: another 4xx;
/// `unknown_outcome`: all else.
[[nodiscard]] base::Result<void> read_control_reply(const net::HttpOutcome& outcome);

/// The reason in an error body, whose form is not documented: JSON `message`, else `error`, else
/// the text as it stands. One line, at most 200 bytes, telephone numbers masked.
[[nodiscard]] std::string error_text(std::string_view body);

}  // namespace cxdial::api_client
