#include "api_client/cloudonix_payload.h"

#include "api_client/internal/digest.h"
#include "api_client/internal/json_read.h"
#include "api_client/internal/session_fields.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

namespace cxdial::api_client {

namespace {

using base::Errc;
using base::Error;
using base::Result;
using campaign::Disposition;
using dialer::Progress;
using dialer::SessionReport;
using dialer::WebhookReceived;
using internal::integer_of;
using internal::member;
using internal::parse_json;
using internal::text_of;
using internal::time_of;
using internal::token_of;
using nlohmann::json;
using std::chrono::seconds;

constexpr std::size_t events_max = 256;

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool has_any(const json& object, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) {
        return object.contains(name);
    });
}

/// The object itself, or what stands under `data` when nothing of the expected stands outside it.
const json& unwrapped(const json& value, std::initializer_list<const char*> names) {
    const json* const data = member(value, "data");
    return data != nullptr && data->is_structured() && !has_any(value, names) ? *data : value;
}

constexpr std::initializer_list<const char*> session_names{
    "token", "session_id", "session_token", "Session", "CallSid", "status"};
constexpr std::initializer_list<const char*> cdr_names{
    "session", "disposition", "call_id", "timestamp", "billsec", "token", "Session"};

/// The object that `session` is, or the one that a list of one holds; null for anything else.
const json* session_of(const json& cdr) {
    const json* session = member(cdr, "session");
    if (session != nullptr && session->is_array() && session->size() == 1) {
        session = &session->front();
    }
    return session != nullptr && session->is_object() ? session : nullptr;
}

std::optional<seconds> seconds_of(const json& object, const char* name) {
    constexpr std::int64_t year = 366LL * 24 * 3600;
    const auto number = integer_of(member(object, name));
    return number && *number >= 0 && *number <= year ? std::optional{seconds{*number}}
                                                     : std::nullopt;
}

Disposition cdr_disposition(const json& cdr, const SessionReport& report) {
    if (const auto told = internal::parse_disposition_text(text_of(member(cdr, "disposition")))) {
        return *told;
    }
    if (report.answered_at || (report.billsec && report.billsec->count() > 0)) {
        return Disposition::answered;
    }
    return report.disposition.value_or(Disposition::failed);
}

SessionReport report_of_cdr(const json& cdr) {
    SessionReport report;
    if (const json* const session = session_of(cdr)) {
        report = internal::report_of_session(*session);
    }
    if (!report.token) {
        report.token = token_of(cdr);
    }
    if (const std::string text = text_of(member(cdr, "session"));
        !report.token && internal::is_token(text)) {
        report.token = campaign::SessionToken{text};
    }
    if (!report.attempt) {
        report.attempt = internal::attempt_of(cdr);
    }
    report.duration = seconds_of(cdr, "duration");
    report.billsec = seconds_of(cdr, "billsec");
    report.disposition = cdr_disposition(cdr, report);
    report.progress = Progress::ended;
    if (!report.number) {
        report.number = base::PhoneNumber::parse(text_of(member(cdr, "to")));
    }
    if (report.caller_id.empty()) {
        report.caller_id = text_of(member(cdr, "from"));
    }
    // `timestamp` is the start of the call.
    const auto started = time_of(member(cdr, "timestamp"));
    report.started_at = report.started_at ? report.started_at : started;
    if (!report.ended_at && started && report.duration) {
        report.ended_at = *started + *report.duration;
    }
    if (!report.answered_at && report.ended_at && report.billsec && report.billsec->count() > 0) {
        report.answered_at = *report.ended_at - *report.billsec;
    }
    return report;
}

std::string cdr_key(const json& cdr, const SessionReport& report) {
    return report.token ? "cdr:" + report.token->raw()
                        : "cdr-body:" + internal::sha256_hex(dump(cdr));
}

std::string update_key(const json& update, const SessionReport& report) {
    const std::string status = internal::letters_of(text_of(member(update, "status")));
    json identity = json::array();
    identity.push_back(report.token ? report.token->raw() : std::string());
    identity.push_back(report.attempt ? report.attempt->raw() : 0);
    identity.push_back(status);
    if (const std::string id = text_of(member(update, "eventId")); !id.empty()) {
        identity.push_back(id);
    } else {
        for (const char* name : {"modifiedAt", "callAnswerTime", "callEndTime"}) {
            const json* const value = member(update, name);
            identity.push_back(value == nullptr ? std::string() : dump(*value));
        }
    }
    return "update:" + internal::sha256_hex(dump(identity));
}

Result<WebhookReceived> read_one_cdr(const json& element, std::string_view session_hint) {
    const json& cdr = unwrapped(element, cdr_names);
    if (!cdr.is_object() || !has_any(cdr, cdr_names)) {
        return Error{Errc::invalid_argument, "not a CDR"};
    }
    WebhookReceived event;
    event.kind = WebhookReceived::Kind::cdr;
    event.report = report_of_cdr(cdr);
    if (!event.report.token && internal::is_token(session_hint)) {
        event.report.token = campaign::SessionToken{std::string(session_hint)};
    }
    event.key = cdr_key(cdr, event.report);
    return event;
}

Result<WebhookReceived> read_one_update(
    const json& element, std::string_view session_hint, WebhookReceived::Kind kind
) {
    const json* update = &unwrapped(element, session_names);
    if (const json* const session = session_of(*update);
        session != nullptr && !has_any(*update, session_names)) {
        update = session;
    }
    if (!update->is_object()) {
        return Error{Errc::invalid_argument, "not a session"};
    }
    WebhookReceived event;
    event.kind = kind;
    event.report = internal::report_of_session(*update);
    if (!event.report.token && internal::is_token(session_hint)) {
        event.report.token = campaign::SessionToken{std::string(session_hint)};
    }
    if (!event.report.token && !event.report.attempt) {
        return Error{Errc::invalid_argument, "names no session"};
    }
    event.key = update_key(*update, event.report);
    return event;
}

/// Reads the one event, or each of the list, of a request.
template <class ReadOne>
Result<WebhookEvents> read_events(
    std::string_view body, std::string_view session_hint, const ReadOne& read_one
) {
    const json document = parse_json(body);
    if (document.is_discarded()) {
        return Error{Errc::invalid_argument, "not JSON"};
    }
    const json* const data = document.is_object() ? member(document, "data") : nullptr;
    const json& list = data != nullptr && data->is_array() ? *data : document;
    if (!list.is_array()) {
        Result<WebhookReceived> event = read_one(list, session_hint);
        if (!event) {
            return event.error();
        }
        event->body = std::string(body);
        return WebhookEvents{std::move(event).value()};
    }
    if (list.empty() || list.size() > events_max) {
        return Error{Errc::invalid_argument, "a list of none or too many"};
    }
    const bool is_single = list.size() == 1;
    WebhookEvents events;
    for (const json& element : list) {
        Result<WebhookReceived> event =
            read_one(element, is_single ? session_hint : std::string_view{});
        if (!event) {
            return event.error();
        }
        event->body = is_single ? std::string(body) : dump(element);
        events.push_back(std::move(event).value());
    }
    return events;
}

}  // namespace

Result<WebhookEvents> read_cdr(std::string_view body, std::string_view session_hint) {
    return read_events(body, session_hint, read_one_cdr);
}

Result<WebhookEvents> read_session_update(std::string_view body, std::string_view session_hint) {
    return read_events(body, session_hint, [](const json& element, std::string_view hint) {
        return read_one_update(element, hint, WebhookReceived::Kind::session_update);
    });
}

Result<WebhookEvents> read_callback(std::string_view body, std::string_view session_hint) {
    return read_events(body, session_hint, [](const json& element, std::string_view hint) {
        return read_one_update(element, hint, WebhookReceived::Kind::callback);
    });
}

Result<SessionReport> read_session(std::string_view body) {
    const json document = parse_json(body);
    if (document.is_discarded()) {
        return Error{Errc::invalid_argument, "not JSON"};
    }
    const json* session = &unwrapped(document, session_names);
    if (session->is_array() && session->size() == 1) {
        session = &session->front();
    }
    const json* const status = member(*session, "status");
    if (!token_of(*session) && (status == nullptr || !status->is_string())) {
        return Error{Errc::invalid_argument, "not a session"};
    }
    return internal::report_of_session(*session);
}

Result<std::vector<SessionReport>> read_sessions(std::string_view body) {
    const json document = parse_json(body);
    if (document.is_discarded()) {
        return Error{Errc::invalid_argument, "not JSON"};
    }
    const json* list = &unwrapped(document, session_names);
    if (const json* const sessions = member(*list, "sessions");
        sessions != nullptr && sessions->is_array()) {
        list = sessions;
    }
    if (!list->is_structured()) {
        return Error{Errc::invalid_argument, "not a list of sessions"};
    }
    std::vector<SessionReport> reports;
    const auto take = [&](const json& session) {
        if (session.is_object() && has_any(session, session_names)) {
            reports.push_back(internal::report_of_session(session));
        }
    };
    if (list->is_array()) {
        std::for_each(list->begin(), list->end(), take);
    } else {
        take(*list);
    }
    return reports;
}

}  // namespace cxdial::api_client
