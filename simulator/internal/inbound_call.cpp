#include "simulator/internal/inbound_call.h"

#include "base/check.h"
#include "simulator/internal/body_reader.h"
#include "simulator/internal/call.h"
#include "simulator/internal/call_request.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t answers_max = 32;
constexpr std::size_t document_bytes_max = 8'192;
constexpr int count_max = 10'000;

void refuse_unknown(BodyReader& read, const json& body) {
    static const std::set<std::string, std::less<>> known = {
        "from",
        "to",
        "domain",
        "url",
        "method",
        "count",
        "talk",
        "hang_up_after",
        "call_sid",
        "call_status",
        "profile",
        "parameters"};
    for (const auto& [name, value] : body.items()) {
        if (known.count(name) == 0) {
            read.fail(name, "is unknown");
        }
    }
}

std::string required(BodyReader& read, const char* name) {
    auto value = read.text(name);
    if (value.empty()) {
        read.fail(name, "is required");
    }
    return value;
}

std::optional<Range> range(BodyReader& read, const char* name) {
    const auto text = read.text(name);
    if (text.empty()) {
        return std::nullopt;
    }
    const auto parsed = parse_range(text);
    if (!parsed) {
        read.fail(name, parsed.error().detail);
        return std::nullopt;
    }
    return *parsed;
}

void read_parameters(BodyReader& read, std::map<std::string, std::string>& parameters) {
    const auto* const given = read.find("parameters");
    if (given == nullptr) {
        return;
    }
    const auto are_texts = std::all_of(given->begin(), given->end(), [](const json& value) {
        return value.is_string();
    });
    if (!given->is_object() || !are_texts) {
        read.fail("parameters", "must be an object of texts");
        return;
    }
    parameters = given->get<std::map<std::string, std::string>>();
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

}  // namespace

base::Result<InboundRequest> read_inbound_request(const json& body) {
    if (!body.is_object()) {
        return base::Error{base::Errc::invalid_argument, "body must be a JSON object"};
    }
    BodyReader read(body);
    refuse_unknown(read, body);
    InboundRequest request;
    request.from = required(read, "from");
    request.to = required(read, "to");
    const auto or_else = [&](const char* name, std::string& value) {
        if (auto given = read.text(name); !given.empty()) {
            value = std::move(given);
        }
    };
    or_else("domain", request.domain);
    or_else("call_status", request.call_status);
    request.call_sid = read.text("call_sid");
    request.application.name = "inbound";
    request.application.url = read.http_url("url");
    const auto method = read.one_of("method", {"POST", "GET"});
    request.application.method = method.empty() ? "POST" : method;
    request.count = std::max(1, read.number_within("count", 1, count_max));
    request.talk = range(read, "talk");
    request.hang_up_after = range(read, "hang_up_after");
    read_parameters(read, request.parameters);
    if (const auto* const profile = read.find("profile"); profile != nullptr) {
        request.profile = *profile;
    }
    if (!request.profile.is_object()) {
        read.fail("profile", "must be an object");
    }
    if (!read.problem().empty()) {
        return base::Error{base::Errc::invalid_argument, read.problem()};
    }
    return request;
}

void InboundCall::keep(VoiceAnswer answer) {
    if (answers.size() >= answers_max) {
        ++answers_left_out;
        return;
    }
    answer.document.resize(std::min(answer.document.size(), document_bytes_max));
    answers.push_back(std::move(answer));
}

void InboundCall::connecting(const CxmlElement& verb) {
    Connection connection;
    connection.kind = "number";
    connection.to = verb.text;
    for (const auto& noun : verb.children) {
        if (noun.name == "Header") {
            continue;
        }
        connection.kind = lower(noun.name);
        connection.provider = noun.attribute("provider");
        const auto to = noun.name == "Stream" ? noun.attribute("url") : noun.text;
        // Several ring at once; a Dial's text joins them so.
        connection.to += (connection.to.empty() ? "" : "&") + to;
    }
    connections.push_back(std::move(connection));
}

void InboundCall::settled(const std::string& outcome) {
    CHECK_INVARIANT(!connections.empty());
    connections.back().outcome = outcome;
}

bool InboundCall::is_ringing() const {
    return !connections.empty() && connections.back().outcome.empty();
}

json inbound_json(const Call& call) {
    CHECK_INVARIANT(call.inbound != nullptr);
    const auto& inbound = *call.inbound;
    auto documents = json::array();
    json voice_ms;
    for (const auto& answer : inbound.answers) {
        if (voice_ms.is_null() && !answer.is_repeat) {
            voice_ms = answer.ms;
        }
        documents.push_back(
            {{"url", answer.url},
             {"repeat", answer.is_repeat},
             {"status", answer.status},
             {"ms", answer.ms},
             {"document", answer.document}}
        );
    }
    auto connections = json::array();
    json connected_to;
    for (const auto& each : inbound.connections) {
        connections.push_back(
            {{"kind", each.kind},
             {"provider", each.provider},
             {"to", each.to},
             {"outcome", each.outcome}}
        );
        if (each.outcome == "answered") {
            connected_to = each.to;
        }
    }
    auto shown = session_json(call);
    shown["from"] = call.request.caller_id;
    shown["to"] = call.request.destination;
    shown["call_sid"] = inbound.call_sid;
    shown["ended"] = call.is_ended;
    shown["outcome"] = call.is_ended ? json(disposition_of(call.status)) : json();
    shown["voice_ms"] = std::move(voice_ms);
    shown["documents"] = std::move(documents);
    shown["documents_left_out"] = inbound.answers_left_out;
    shown["connections"] = std::move(connections);
    shown["connected_to"] = std::move(connected_to);
    return shown;
}

}  // namespace cxdial::simulator
