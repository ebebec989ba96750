#pragma once

#include "base/result.h"
#include "dialer/events.h"

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::api_client {

// What OPBX tells of calls unasked. Thread rule: any thread.

/// What one request to `POST /webhooks/cdr` reports, and the session it names, as it was written.
struct OpbxRelay {
    dialer::WebhookReceived event;
    std::string session_id;
};
/// Without a `status`, or with one that nobody knows, it is the call's end where it has a
/// disposition. `invalid_argument`: not JSON, or without a session id that is a number.
[[nodiscard]] base::Result<OpbxRelay> read_opbx_relay(std::string_view body);

/// What a message of the channel `cdr:completed` reports: a call of any worker that is over.
/// `invalid_argument`: not JSON, or without a session id that is a number.
[[nodiscard]] base::Result<dialer::WebhookReceived> read_opbx_completed(std::string_view message);

/// Where the keys of all that OPBX says of a call begin.
[[nodiscard]] std::string opbx_event_key(campaign::OpbxSessionId session);

}  // namespace cxdial::api_client
