#include "api_client/opbx_events.h"

#include "api_client/internal/digest.h"
#include "api_client/internal/json_read.h"
#include "api_client/internal/session_fields.h"

#include <utility>

namespace cxdial::api_client {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using dialer::Progress;
using dialer::WebhookReceived;
using internal::integer_of;
using internal::member;
using internal::text_of;
using nlohmann::json;

std::optional<std::chrono::seconds> seconds_of(const json& object, const char* name) {
    constexpr std::int64_t year = 366LL * 24 * 3600;
    const auto number = integer_of(member(object, name));
    return number && *number >= 0 && *number <= year ? std::optional{std::chrono::seconds{*number}}
                                                     : std::nullopt;
}

Progress progress_of(const std::string& status, bool has_disposition) {
    if (status == "COMPLETED" || status == "FAILED" || (status.empty() && has_disposition)) {
        return Progress::ended;
    }
    if (status == "ANSWERED") {
        return Progress::answered;
    }
    return status == "RINGING" ? Progress::ringing : Progress::created;
}

/// What both forms have in common; `event.key` is still without its end.
Result<WebhookReceived> read_event(std::string_view body, const json& document) {
    const auto session = integer_of(member(document, "session_id"));
    if (!document.is_object() || !session || *session <= 0) {
        return Error{Errc::invalid_argument, "session_id: expected the id of a call"};
    }
    WebhookReceived event;
    event.body = std::string(body);
    event.report.external_id = campaign::OpbxSessionId{*session};
    event.key = opbx_event_key(*event.report.external_id);
    event.report.disposition =
        internal::parse_disposition_text(text_of(member(document, "disposition")));
    event.report.duration = seconds_of(document, "duration");
    event.report.billsec = seconds_of(document, "billsec");
    return event;
}

void end(WebhookReceived& event) {
    event.kind = WebhookReceived::Kind::cdr;
    event.report.progress = Progress::ended;
    if (!event.report.disposition) {
        const bool talked = event.report.billsec && event.report.billsec->count() > 0;
        event.report.disposition =
            talked ? campaign::Disposition::answered : campaign::Disposition::failed;
    }
}

}  // namespace

std::string opbx_event_key(campaign::OpbxSessionId session) {
    return "opbx:" + std::to_string(session.raw()) + ":";
}

Result<OpbxRelay> read_opbx_relay(std::string_view body) {
    const json document = internal::parse_json(body);
    if (document.is_discarded()) {
        return Error{Errc::invalid_argument, "not JSON"};
    }
    Result<WebhookReceived> event = read_event(body, document);
    if (!event) {
        return event.error();
    }
    const std::string status = internal::letters_of(text_of(member(document, "status")));
    event->key += internal::sha256_hex(body);
    event->kind = WebhookReceived::Kind::callback;
    event->report.progress = progress_of(status, event->report.disposition.has_value());
    event->report.ended_at = internal::time_of(member(document, "completed_at"));
    if (event->report.progress == Progress::ended) {
        end(*event);
    } else {
        event->report.disposition.reset();
        event->report.ended_at.reset();
    }
    return OpbxRelay{std::move(event).value(), text_of(member(document, "session_id"))};
}

Result<WebhookReceived> read_opbx_completed(std::string_view message) {
    const json document = internal::parse_json(message);
    if (document.is_discarded()) {
        return Error{Errc::invalid_argument, "not JSON"};
    }
    Result<WebhookReceived> event = read_event(message, document);
    if (!event) {
        return event.error();
    }
    const std::string token = text_of(member(document, "session_token"));
    if (internal::is_token(token)) {
        event->report.token = campaign::SessionToken{token};
    }
    event->key += token.empty() ? internal::sha256_hex(message) : token;
    event->report.ended_at = internal::time_of(member(document, "timestamp"));
    end(*event);
    return event;
}

}  // namespace cxdial::api_client
