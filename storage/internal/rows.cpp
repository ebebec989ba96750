#include "storage/internal/rows.h"

#include "storage/internal/routing_queries.h"

#include <algorithm>
#include <utility>

namespace cxdial::storage {
namespace {

std::optional<base::PhoneNumber> take_optional_phone(Query& row) {
    const std::optional<std::int64_t> digits = row.take_optional_integer();
    return digits ? base::PhoneNumber::from_digits(static_cast<std::uint64_t>(*digits))
                  : std::nullopt;
}

routing::Mode take_mode(Query& row) {
    const bool is_legacy = row.take_text() == to_string(routing::Mode::legacy_did);
    return is_legacy ? routing::Mode::legacy_did : routing::Mode::smart;
}

/// `id, campaign_id, destination_id, phone, domain, caller_id, assistant, campaign_revision,
/// status, token, disposition, detail, intent_at, placed_at, answered_at, ended_at, duration,
/// billsec, external_id`
AttemptRecord take_attempt(Query& row) {
    return {
        .id = row.take_id<campaign::AttemptId>(),
        .campaign = row.take_id<campaign::CampaignId>(),
        .destination = row.take_id<campaign::DestinationId>(),
        .phone_number = row.take_phone(),
        .domain = row.take_text(),
        .caller_id = row.take_text(),
        .assistant = row.take_text(),
        .campaign_revision = row.take_integer(),
        .status = row.take_enum<campaign::AttemptStatus>(),
        .token = take_token(row),
        .disposition = take_disposition(row),
        .detail = row.take_text(),
        .intent_at = row.take_time(),
        .placed_at = row.take_optional_time(),
        .answered_at = row.take_optional_time(),
        .ended_at = row.take_optional_time(),
        .duration = row.take_optional_seconds(),
        .billsec = row.take_optional_seconds(),
        .external_id = row.take_optional_id<campaign::OpbxSessionId>(),
    };
}

/// `id, tenant, call_sid, token, caller, did, phone, mode, reason, agent, agent_version,
/// campaign_id, destination_id, follow_up_id, attempt_id, voice_session_id, took, trace,
/// decided_at`
DecisionRecord take_decision(Query& row) {
    return {
        .id = row.take_id<campaign::DecisionId>(),
        .tenant = row.take_text(),
        .call_sid = row.take_text(),
        .token = take_token(row),
        .caller = row.take_text(),
        .did = row.take_text(),
        .phone_number = take_optional_phone(row),
        .mode = take_mode(row),
        .reason = routing::parse_layer(row.take_text()).value_or(routing::Layer::did_fallback),
        .agent = row.take_text(),
        .agent_version = row.take_integer(),
        .campaign = row.take_optional_id<campaign::CampaignId>(),
        .destination = row.take_optional_id<campaign::DestinationId>(),
        .follow_up = row.take_optional_id<campaign::FollowUpId>(),
        .attempt = row.take_optional_id<campaign::AttemptId>(),
        .voice_session = row.take_optional_id<campaign::VoiceSessionId>(),
        .took = std::chrono::microseconds{row.take_integer()},
        .trace = row.take_text(),
        .decided_at = row.take_time(),
    };
}

/// `id, tenant, domain, call_sid, token, phone, did, agent, campaign_id, live, disposition,
/// started_at, expires_at, answered_at, ended_at, duration, billsec`
VoiceSessionRecord take_voice_session(Query& row) {
    return {
        .id = row.take_id<campaign::VoiceSessionId>(),
        .tenant = row.take_text(),
        .domain = row.take_text(),
        .call_sid = row.take_text(),
        .token = take_token(row),
        .phone_number = take_optional_phone(row),
        .did = row.take_text(),
        .agent = row.take_text(),
        .campaign = row.take_optional_id<campaign::CampaignId>(),
        .is_live = row.take_optional_integer().has_value(),
        .disposition = take_disposition(row),
        .started_at = row.take_time(),
        .expires_at = row.take_time(),
        .answered_at = row.take_optional_time(),
        .ended_at = row.take_optional_time(),
        .duration = row.take_optional_seconds(),
        .billsec = row.take_optional_seconds(),
    };
}

/// `id, tenant, phone, kind, at, call_sid, voice_session_id, decision_id, destination_id,
/// follow_up_id, detail`
ContactEventRecord take_contact_event(Query& row) {
    return {
        .id = row.take_integer(),
        .tenant = row.take_text(),
        .phone_number = row.take_phone(),
        .kind = row.take_text(),
        .at = row.take_time(),
        .call_sid = row.take_text(),
        .voice_session = row.take_optional_id<campaign::VoiceSessionId>(),
        .decision = row.take_optional_id<campaign::DecisionId>(),
        .destination = row.take_optional_id<campaign::DestinationId>(),
        .follow_up = row.take_optional_id<campaign::FollowUpId>(),
        .detail = row.take_text(),
    };
}

template <class Record>
std::optional<Record> only_row(Query& query, Record (*take)(Query&)) {
    return query.next() ? std::optional(take(query)) : std::nullopt;
}

}  // namespace

std::optional<campaign::Disposition> take_disposition(Query& row) {
    return campaign::parse_disposition(row.take_optional_text().value_or(""));
}

std::optional<campaign::SessionToken> take_token(Query& row) {
    std::optional<std::string> token = row.take_optional_text();
    return token ? std::optional<campaign::SessionToken>(*std::move(token)) : std::nullopt;
}

routing::FollowUp take_follow_up(Query& row) {
    using routing::FollowUpType;
    return {
        .id = row.take_id<campaign::FollowUpId>(),
        .tenant = row.take_text(),
        .phone_number = row.take_phone(),
        .agent = row.take_text(),
        .type = routing::parse_follow_up_type(row.take_text()).value_or(FollowUpType::none),
        .campaign = row.take_text(),
        .status = row.take_enum<routing::FollowUpStatus>(),
        .reason = row.take_text(),
        .note = row.take_text(),
        .due_at = row.take_time(),
        .activated_at = row.take_time(),
        .closed_at = row.take_optional_time(),
        .destination = row.take_optional_id<campaign::DestinationId>(),
        .decision = row.take_optional_id<campaign::DecisionId>(),
    };
}

std::optional<AttemptRecord> read_attempt(Connection& connection, std::int64_t id) {
    Query query(
        connection,
        "SELECT id, campaign_id, destination_id, phone, domain, caller_id, assistant,"
        " campaign_revision, status, token, disposition, detail, intent_at, placed_at,"
        " answered_at, ended_at, duration, billsec, external_id FROM attempt WHERE id = ?"
    );
    return only_row(query.bind(id), take_attempt);
}

std::optional<routing::FollowUp> read_follow_up(Connection& connection, std::int64_t id) {
    Query query(
        connection,
        "SELECT id, tenant, phone, agent, type, campaign, status, reason, note, due_at,"
        " activated_at, closed_at, destination_id, decision_id FROM follow_up WHERE id = ?"
    );
    return only_row(query.bind(id), take_follow_up);
}

std::optional<DecisionRecord> read_decision(Connection& connection, std::int64_t id) {
    Query query(
        connection,
        "SELECT id, tenant, call_sid, token, caller, did, phone, mode, reason, agent,"
        " agent_version, campaign_id, destination_id, follow_up_id, attempt_id, voice_session_id,"
        " took, trace, decided_at FROM decision WHERE id = ?"
    );
    return only_row(query.bind(id), take_decision);
}

std::optional<VoiceSessionRecord> read_voice_session(Connection& connection, std::int64_t id) {
    Query query(
        connection,
        "SELECT id, tenant, domain, call_sid, token, phone, did, agent, campaign_id, live,"
        " disposition, started_at, expires_at, answered_at, ended_at, duration, billsec"
        " FROM voice_session WHERE id = ?"
    );
    return only_row(query.bind(id), take_voice_session);
}

std::optional<ContactEventRecord> read_contact_event(Connection& connection, std::int64_t id) {
    Query query(
        connection,
        "SELECT id, tenant, phone, kind, at, call_sid, voice_session_id, decision_id,"
        " destination_id, follow_up_id, detail FROM contact_event WHERE id = ?"
    );
    return only_row(query.bind(id), take_contact_event);
}

routing::ContactMemory read_memory(
    Connection& connection, std::string_view tenant, base::PhoneNumber number
) {
    Query query(connection, memory_query);
    query.bind(tenant, number, tenant, number);
    routing::ContactMemory memory;
    while (query.next()) {
        std::string agent = query.take_text();
        if (memory.empty() || memory.back().agent != agent) {
            memory.push_back({.agent = std::move(agent), .facts = {}, .summary = {}});
        }
        routing::AgentMemory& known = memory.back();
        std::string key = query.take_text();
        std::string text = query.take_text();
        if (key.empty()) {
            known.summary = std::move(text);
        } else {
            known.facts.insert_or_assign(std::move(key), std::move(text));
        }
        known.updated_at = std::max(known.updated_at, query.take_time());
    }
    return memory;
}

}  // namespace cxdial::storage
