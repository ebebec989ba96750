#pragma once

#include "base/result.h"
#include "simulator/internal/cxml_document.h"
#include "simulator/internal/domain.h"
#include "simulator/options.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::simulator {

/// People who call one of our numbers.
struct InboundRequest {
    std::string from;
    std::string to;
    std::string domain = "self";
    /// What is asked for the CXML. Without an URL: the domain's default application.
    Application application;
    int count = 1;
    /// Empty: the token; `sip`: the SIP Call-ID; else as it stands.
    std::string call_sid;
    /// `CallStatus` of the voice requests before the answer.
    std::string call_status = "in-progress";
    nlohmann::json profile = nlohmann::json::object();
    /// Further keys of every voice request.
    std::map<std::string, std::string> parameters;
    /// How long a talk lasts; without one: as the knob.
    std::optional<Range> talk;
    /// When the caller has had enough, counted from the beginning of the call.
    std::optional<Range> hang_up_after;
};

/// Reads `{"from","to","domain","url","method","count","talk","hang_up_after","call_sid",
/// "call_status","profile","parameters"}`, of which `from` and `to` are required. An error says
/// what is wrong; an unknown member is.
[[nodiscard]] base::Result<InboundRequest> read_inbound_request(const nlohmann::json& body);

/// What came back for one voice request.
struct VoiceAnswer {
    std::string url;
    bool is_repeat = false;
    /// 0: no answer came; `document` says why.
    int status = 0;
    double ms = 0;
    std::string document;
};

/// Whom the program tried to connect the caller to.
struct Connection {
    std::string kind;  ///< service, number, sip, conference, stream
    std::string provider;
    std::string to;
    /// `answered`, or why not, as in DialCallStatus; empty while it rings.
    std::string outcome;
};

/// What a call that came in has of its own.
struct InboundCall {
    InboundRequest request;
    std::string call_sid;
    std::vector<VoiceAnswer> answers;
    /// Answers that were too many to be kept.
    std::size_t answers_left_out = 0;
    std::vector<Connection> connections;

    /// Keeps the first of them, and of their documents the first part.
    void keep(VoiceAnswer answer);
    /// A Dial or Connect begins.
    void connecting(const CxmlElement& verb);
    /// The last Dial or Connect was taken (`answered`), or was not.
    void settled(const std::string& outcome);
    /// The last Dial or Connect still rings.
    [[nodiscard]] bool is_ringing() const;
};

struct Call;

/// The call's session and `from`, `to`, `call_sid`, `ended`, `outcome`, `documents`
/// (`[{"url","repeat","status","ms","document"}]`), `documents_left_out`, `voice_ms` (of the first
/// answer), `connections` (`[{"kind","provider","to","outcome"}]`) and `connected_to`: whom the
/// caller talked to last, or null.
[[nodiscard]] nlohmann::json inbound_json(const Call& call);

}  // namespace cxdial::simulator
