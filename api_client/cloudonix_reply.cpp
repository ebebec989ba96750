#include "api_client/cloudonix_reply.h"

#include "api_client/cloudonix_payload.h"
#include "api_client/internal/json_read.h"
#include "api_client/internal/reply_text.h"
#include "api_client/internal/session_fields.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace cxdial::api_client {

namespace {

using base::Errc;
using base::Error;
using dialer::LookUpFailed;
using internal::error_text_max;
using internal::one_line;
using internal::retry_after;
using nlohmann::json;

std::string failure_text(const net::HttpResponse& response) {
    return std::to_string(response.status) + " " + error_text(response.body);
}

bool is_success(int status) {
    return status >= 200 && status < 300;
}

bool is_gone(int status) {
    return status == 404 || status == 410;
}

/// The token of a new call's session, where the reply has one.
std::optional<campaign::SessionToken> token_in(std::string_view body) {
    const json document = internal::parse_json(body);
    const json* result = &document;
    if (result->is_array() && result->size() == 1) {
        result = &result->front();
    }
    if (const json* const data = internal::member(*result, "data");
        data != nullptr && !result->contains("token")) {
        result = data;
    }
    return internal::token_of(*result);
}

LookUpFailed look_up_failed(const net::HttpOutcome& outcome, base::WallTime now) {
    if (const auto* const failure = std::get_if<net::HttpFailure>(&outcome)) {
        return {.why = one_line(failure->why)};
    }
    const auto& response = std::get<net::HttpResponse>(outcome);
    return {
        .why = failure_text(response),
        .rate_limited = response.status == 429,
        .retry_after = retry_after(response, now)};
}

}  // namespace

std::string error_text(std::string_view body) {
    const json document = internal::parse_json(body);
    for (const char* name : {"message", "error"}) {
        const json* value = internal::member(document, name);
        if (value != nullptr && value->is_object()) {
            value = internal::member(*value, "message");
        }
        if (const std::string text = internal::text_of(value); !text.empty()) {
            return one_line(text);
        }
    }
    return one_line(std::string(body.substr(0, error_text_max + 4)));
}

dialer::Delivery classify(const net::HttpOutcome& outcome, base::WallTime now) {
    if (const auto* const failure = std::get_if<net::HttpFailure>(&outcome)) {
        if (!failure->request_sent) {
            return dialer::NotSent{one_line(failure->why)};
        }
        return dialer::Unknown{one_line(failure->why)};
    }
    const auto& response = std::get<net::HttpResponse>(outcome);
    if (is_success(response.status)) {
        if (auto token = token_in(response.body)) {
            return dialer::Accepted{std::move(*token)};
        }
        return dialer::Unknown{std::to_string(response.status) + " without a session token"};
    }
    if (response.status >= 400 && response.status < 500 && response.status != 408) {
        return dialer::Refused{
            response.status, error_text(response.body), retry_after(response, now)};
    }
    return dialer::Unknown{failure_text(response)};
}

LookUpAnswer read_look_up(const net::HttpOutcome& outcome, base::WallTime now) {
    if (const auto* const response = std::get_if<net::HttpResponse>(&outcome)) {
        if (is_gone(response->status)) {
            return dialer::SessionNotFound{};
        }
        if (is_success(response->status)) {
            auto report = read_session(response->body);
            if (report) {
                return std::move(report).value();
            }
            return LookUpFailed{.why = report.error().detail};
        }
    }
    return look_up_failed(outcome, now);
}

SessionListAnswer read_session_list(
    const net::HttpOutcome& outcome, base::WallTime now, bool domain_is_known
) {
    if (const auto* const response = std::get_if<net::HttpResponse>(&outcome)) {
        if (response->status == 204 || (response->status == 404 && domain_is_known)) {
            return std::vector<dialer::SessionReport>{};
        }
        if (is_success(response->status)) {
            auto reports = read_sessions(response->body);
            if (reports) {
                return std::move(reports).value();
            }
            return LookUpFailed{.why = reports.error().detail};
        }
    }
    return look_up_failed(outcome, now);
}

base::Result<void> read_control_reply(const net::HttpOutcome& outcome) {
    if (const auto* const failure = std::get_if<net::HttpFailure>(&outcome)) {
        return Error{
            failure->request_sent ? Errc::unknown_outcome : Errc::unavailable,
            one_line(failure->why)};
    }
    const auto& response = std::get<net::HttpResponse>(outcome);
    if (is_success(response.status)) {
        return {};
    }
    Errc code = Errc::unknown_outcome;
    if (is_gone(response.status)) {
        code = Errc::not_found;
    } else if (response.status == 409) {
        code = Errc::conflict;
    } else if (response.status == 429) {
        code = Errc::unavailable;
    } else if (response.status >= 400 && response.status < 500 && response.status != 408) {
        code = Errc::invalid_argument;
    }
    return Error{code, failure_text(response)};
}

}  // namespace cxdial::api_client
