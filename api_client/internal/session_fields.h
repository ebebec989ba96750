#pragma once

#include "campaign/disposition.h"
#include "campaign/ids.h"
#include "dialer/events.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cxdial::api_client::internal {

/// Whether a text can be a session token: 8 to 128 letters, digits, `-` and `_`. Wider than the 32
/// lower-case hex digits that are documented, narrow enough for a path and a log line.
[[nodiscard]] bool is_token(std::string_view text);

/// What a CDR's `disposition` says, however it is spelt; nothing when it is unknown or empty.
[[nodiscard]] std::optional<campaign::Disposition> parse_disposition_text(std::string_view text);

/// Upper-case, letters alone: the form in which statuses and dispositions are compared.
[[nodiscard]] std::string letters_of(std::string_view text);

/// The session token of an object, by any of its names: `token`, `session_id`, `session_token`,
/// `Session`, and `CallSid` where it has the token's form, for it may be a SIP Call-ID.
[[nodiscard]] std::optional<campaign::SessionToken> token_of(const nlohmann::json& object);

/// `profile["cxdial-attempt"]`: `profile` an object or a list of `{key,value}`, the value a string
/// or a number.
[[nodiscard]] std::optional<campaign::AttemptId> attempt_of(const nlohmann::json& object);

/// What a session object says. A status that nobody knows moves nothing.
[[nodiscard]] dialer::SessionReport report_of_session(const nlohmann::json& session);

}  // namespace cxdial::api_client::internal
