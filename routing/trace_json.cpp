#include "routing/trace_json.h"

#include "campaign/json_fields.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <utility>

namespace cxdial::routing {
namespace {

using Json = nlohmann::json;
using Written = nlohmann::ordered_json;
using campaign::write_text;
using campaign::written;

Written to_value(const std::vector<TraceEntry>& trace) {
    Written json = Written::array();
    for (const TraceEntry& entry : trace) {
        json.push_back(
            {{"layer", to_string(entry.layer)},
             {"evaluated", entry.evaluated},
             {"matched", entry.matched},
             {"late", entry.late},
             {"why", entry.why},
             {"took_us", entry.took.count()}}
        );
    }
    return json;
}

/// Nothing: its layer is none. Throws where something else is wrong.
std::optional<TraceEntry> read_entry(const Json& json) {
    const auto layer = parse_layer(json.at("layer").get<std::string>());
    if (!layer) {
        return std::nullopt;
    }
    return TraceEntry{
        .layer = *layer,
        .evaluated = json.at("evaluated").get<bool>(),
        .matched = json.at("matched").get<bool>(),
        .why = json.at("why").get<std::string>(),
        .took = std::chrono::microseconds{json.at("took_us").get<std::int64_t>()},
        .late = json.at("late").get<bool>()};
}

template <class Id>
void write_id(Written& json, const char* key, const std::optional<Id>& id) {
    if (id) {
        json[key] = id->raw();
    }
}

Written matched_record(const Decision& decision) {
    Written json = Written::object();
    write_text(json, "campaign", decision.campaign_name);
    write_id(json, "campaign_id", decision.campaign);
    write_id(json, "destination_id", decision.destination);
    write_id(json, "follow_up_id", decision.follow_up);
    write_id(json, "attempt_id", decision.attempt);
    return json;
}

}  // namespace

std::string to_json(const std::vector<TraceEntry>& trace) {
    return written(to_value(trace));
}

base::Result<std::vector<TraceEntry>> trace_from_json(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        if (!json.is_array()) {
            return base::Error{base::Errc::invalid_argument, "a trace is a JSON array"};
        }
        std::vector<TraceEntry> trace;
        for (const Json& value : json) {
            std::optional<TraceEntry> entry = read_entry(value);
            if (!entry) {
                return base::Error{base::Errc::invalid_argument, "a layer that there is not"};
            }
            trace.push_back(std::move(*entry));
        }
        return trace;
    } catch (const Json::exception& problem) {
        return base::Error{
            base::Errc::invalid_argument, std::string("this is no trace: ") + problem.what()};
    }
}

std::string to_json(const RecordedDecision& record) {
    const Decision& decision = record.decision;
    Written json;
    write_id(json, "id", record.id);
    write_text(json, "call_sid", record.question.call_sid);
    write_text(json, "session_token", record.question.session_token);
    write_text(json, "domain", record.question.domain);
    json["from"] = record.question.from;
    json["caller"] = decision.caller ? Written(decision.caller->reveal()) : Written();
    json["to"] = record.question.to;
    json["tenant"] = decision.tenant;
    json["mode"] = to_string(decision.mode);
    json["routing_reason"] = to_string(decision.layer);
    json["agent"] = decision.agent.empty() ? Written() : Written(decision.agent);
    json["agent_version"] = decision.agent_version;
    json["matched"] = matched_record(decision);
    json["trace"] = to_value(decision.trace);
    json["took_us"] = decision.took.count();
    write_id(json, "voice_session_id", record.voice_session);
    if (record.decided_at) {
        json["decided_at"] = campaign::instant_text(*record.decided_at);
    }
    return written(json);
}

}  // namespace cxdial::routing
