#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "cxml/name_value.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cxdial::cxml {

/// What may be said of a `<Dial>`. Empty and absent: the attribute is left out and Cloudonix's
/// default holds.
struct DialOptions {
    std::string_view caller_id = {};
    std::optional<std::chrono::seconds> timeout = {};     ///< how long to ring
    std::optional<std::chrono::seconds> time_limit = {};  ///< how long to talk
    /// Called by POST with `DialCallStatus` when the dialed leg has ended; without it the call
    /// ends.
    std::string_view action = {};
    bool record = false;                      ///< from the answer on
    std::span<const NameValue> headers = {};  ///< SIP headers; each name begins with `X-`
};

/// A voice agent that is reached over SIP.
struct ServiceDial {
    std::string_view provider;  ///< see providers.h; one that is not listed is taken too
    std::string_view number;    ///< the number registered at the provider, or its agent's id
    std::string_view username = {};
    base::Secret password = {};
    DialOptions options = {};
};

/// A person: a phone number, or a subscriber of the domain by the MSISDN. Cloudonix looks among the
/// subscribers first.
struct NumberDial {
    std::string_view number;
    DialOptions options = {};
};

/// A voice agent that is reached over a WebSocket.
struct StreamConnect {
    std::string_view url;                        ///< absolute `ws://` or `wss://`, as filled in
    std::string_view name = {};                  ///< of the stream, for `<Stop>` and callbacks
    std::string_view status_callback = {};       ///< called by POST
    std::span<const NameValue> parameters = {};  ///< reach the agent as `start.customParameters`
};

/// A text as a document can hold it: blanks in place of what XML does not have, cut between
/// characters to at most `bytes_max` bytes.
[[nodiscard]] std::string legal_text(std::string_view text, std::size_t bytes_max);

/// `<Response><Hangup/></Response>`: answers and hangs up. The answer counts as a call; to refuse
/// an inbound call unanswered, build a `<Reject>`.
[[nodiscard]] std::string hangup_document();

/// `<Response><Reject reason="busy"/></Response>`: refuses a call that came in, unanswered and not
/// billed.
[[nodiscard]] std::string busy_document();

/// `<Response><Dial><Number>NUMBER</Number></Dial></Response>`. `invalid_argument` names the value
/// that CXML cannot hold.
[[nodiscard]] base::Result<std::string> dial_number_document(const NumberDial& dial);

/// `<Response><Dial><Service provider="P">NUMBER</Service></Dial></Response>`. `invalid_argument`
/// names the value that CXML cannot hold.
[[nodiscard]] base::Result<std::string> dial_service_document(const ServiceDial& dial);

/// `<Response><Connect><Stream url="wss://…"/></Connect></Response>`; the call ends with the
/// stream. `invalid_argument` names the value that CXML cannot hold, but never the URL, which
/// carries tokens.
[[nodiscard]] base::Result<std::string> connect_stream_document(const StreamConnect& connect);

}  // namespace cxdial::cxml
