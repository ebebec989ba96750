#pragma once

#include "net/http.h"
#include "webhook/endpoints.h"

#include <optional>
#include <string>

namespace cxdial::webhook::internal {

/// A voice request as it came. The attempt is in the query, where we put it; the rest in the query,
/// a JSON body or a form.
struct VoiceQuestion {
    VoiceRequest request;
    int retries = 0;  ///< how often the answer was "ask again" already
};

/// Nothing: the query names no attempt.
[[nodiscard]] std::optional<VoiceQuestion> read_voice_request(const net::HttpRequest& request);

/// Nothing: the request says not which call it is about, or which number was dialed.
[[nodiscard]] std::optional<InboundRequest> read_inbound_request(const net::HttpRequest& request);

/// 200 with a document.
[[nodiscard]] net::HttpResponse cxml_response(std::string document);

/// The document for a call whose own cannot be made: ask again in a second, or hang up.
[[nodiscard]] std::string fallback_document(
    const VoiceQuestion& question, const base::Error& error, const std::string& public_url
);

}  // namespace cxdial::webhook::internal
