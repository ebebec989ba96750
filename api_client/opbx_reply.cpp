#include "api_client/opbx_reply.h"

#include "api_client/cloudonix_reply.h"
#include "api_client/internal/json_read.h"
#include "api_client/internal/opbx_campaign.h"
#include "api_client/internal/reply_text.h"
#include "api_client/internal/session_fields.h"
#include "campaign/phone.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace cxdial::api_client {

namespace {

using base::Errc;
using base::Error;
using base::Result;
using internal::integer_of;
using internal::member;
using internal::text_of;
using nlohmann::json;

constexpr base::Millis default_pause{60'000};

template <class Id>
std::optional<Id> id_of(const json* value) {
    const std::optional<std::int64_t> number = integer_of(value);
    return number && *number > 0 ? std::optional<Id>(*number) : std::nullopt;
}

/// The array under `data`, or the body itself.
Result<std::vector<json>> list_in(std::string_view body) {
    json document = internal::parse_json(body);
    const json* const data = member(document, "data");
    const json& list = data == nullptr ? document : *data;
    if (!list.is_array()) {
        return Error{Errc::invalid_argument, "OPBX answered no list"};
    }
    return std::vector<json>(list.begin(), list.end());
}

/// The object under `data`, or the body itself.
json object_in(std::string_view body) {
    json document = internal::parse_json(body);
    const json* const data = member(document, "data");
    return data != nullptr && data->is_object() ? *data : document;
}

int small_int(const json* value, int otherwise) {
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    const std::optional<std::int64_t> number = integer_of(value);
    return number ? static_cast<int>(std::clamp(*number, -most, most)) : otherwise;
}

OpbxDestination destination_of(const json& row, campaign::OpbxDestinationId id) {
    OpbxDestination destination{.id = id, .number = {}, .last_dialed_at = {}};
    if (const auto number = campaign::read_phone_number(text_of(member(row, "phone_number")))) {
        destination.number = *number;
    }
    destination.name = text_of(member(row, "name"));
    destination.status = text_of(member(row, "status"));
    destination.priority = small_int(member(row, "priority"), 1);
    destination.attempts = std::max(0, small_int(member(row, "dial_attempts"), 0));
    destination.last_dialed_at = internal::time_of(member(row, "last_dialed_at"));
    if (const json* metadata = member(row, "metadata");
        metadata != nullptr && metadata->is_object() && !metadata->empty()) {
        destination.metadata = metadata->dump(-1, ' ', false, json::error_handler_t::replace);
    }
    return destination;
}

/// Whether the reply's field that names what is wrong says something of it.
bool blames(const json& reply, const char* field) {
    const json* const errors = member(reply, "errors");
    const json* const said = errors == nullptr ? nullptr : member(*errors, field);
    return said != nullptr && !said->empty();
}

dialer::Delivery refusal_of(const net::HttpResponse& response) {
    const json reply = internal::parse_json(response.body);
    const bool is_about_destination =
        blames(reply, "destination_id") || blames(reply, "phone_number");
    dialer::Refused refused{response.status, "OPBX: " + error_text(response.body), std::nullopt};
    refused.is_about_campaign = !is_about_destination;
    return refused;
}

void read_placed(const std::string& body, OpbxInitiated& initiated) {
    const json data = object_in(body);
    dialer::Accepted accepted{
        std::nullopt, id_of<campaign::OpbxSessionId>(member(data, "session_id"))};
    for (const char* name : {"token", "session_token"}) {
        const std::string token = text_of(member(data, name));
        if (token.starts_with("sess-")) {
            initiated.kind = OpbxKind::creates_sessions;
        } else if (internal::is_token(token)) {
            initiated.kind = OpbxKind::places_calls;
            accepted.token = campaign::SessionToken{token};
        }
    }
    initiated.delivery = std::move(accepted);
}

}  // namespace

Result<std::vector<OpbxCampaign>> read_opbx_campaigns(std::string_view body) {
    const Result<std::vector<json>> list = list_in(body);
    if (!list) {
        return list.error();
    }
    std::vector<OpbxCampaign> campaigns;
    for (const json& row : *list) {
        if (const auto id = id_of<campaign::OpbxCampaignId>(member(row, "id"))) {
            campaigns.push_back(internal::opbx_campaign_of(row, *id));
        }
    }
    return campaigns;
}

Result<std::vector<OpbxDestination>> read_opbx_destinations(std::string_view body) {
    const Result<std::vector<json>> list = list_in(body);
    if (!list) {
        return list.error();
    }
    std::vector<OpbxDestination> destinations;
    for (const json& row : *list) {
        if (const auto id = id_of<campaign::OpbxDestinationId>(member(row, "id"))) {
            destinations.push_back(destination_of(row, *id));
        }
    }
    return destinations;
}

Result<OpbxHealth> read_opbx_health(std::string_view body) {
    const json data = object_in(body);
    if (!data.is_object()) {
        return Error{Errc::invalid_argument, "OPBX answered no object"};
    }
    return OpbxHealth{
        .status = text_of(member(data, "status")),
        .active_campaigns = integer_of(member(data, "active_campaigns")).value_or(0),
        .active_calls = integer_of(member(data, "active_calls")).value_or(0),
        .queue_depth = integer_of(member(data, "queue_depth")).value_or(0),
    };
}

Result<std::string> read_opbx_cxml(std::string_view body) {
    const json data = object_in(body);
    std::string cxml = text_of(member(data, "cxml"));
    if (cxml.empty()) {
        return Error{Errc::invalid_argument, "OPBX answered no document"};
    }
    return cxml;
}

std::optional<base::Millis> opbx_retry_after(const net::HttpOutcome& outcome, base::WallTime now) {
    const auto* const response = std::get_if<net::HttpResponse>(&outcome);
    if (response == nullptr || response->status != 429) {
        return std::nullopt;
    }
    if (const auto header = internal::retry_after(*response, now)) {
        return header;
    }
    const json reply = internal::parse_json(response->body);
    constexpr std::int64_t longest = 86'400;
    const auto seconds = integer_of(member(reply, "retry_after"));
    return seconds ? base::Millis{std::clamp<std::int64_t>(*seconds, 1, longest) * 1'000}
                   : default_pause;
}

OpbxInitiated read_opbx_initiated(const net::HttpOutcome& outcome, base::WallTime now) {
    OpbxInitiated initiated{.delivery = dialer::NotSent{}, .retry_after = {}};
    if (const auto* const failure = std::get_if<net::HttpFailure>(&outcome)) {
        if (failure->request_sent) {
            initiated.delivery = dialer::Unknown{internal::one_line(failure->why)};
        } else {
            initiated.delivery = dialer::NotSent{internal::one_line(failure->why), true};
            initiated.is_down = true;
        }
        return initiated;
    }
    const auto& response = std::get<net::HttpResponse>(outcome);
    const int status = response.status;
    if (status >= 200 && status < 300) {
        read_placed(response.body, initiated);
        return initiated;
    }
    const std::string text = "OPBX: " + std::to_string(status) + " " + error_text(response.body);
    initiated.retry_after = opbx_retry_after(outcome, now);
    const bool is_turned_away = status == 401 || status == 403 || status == 404 || status == 405;
    // 503 from the door says that it has no token; from a proxy, that OPBX may have been asked.
    const bool has_no_token = status == 503 && text.find("not configured") != std::string::npos;
    if (is_turned_away || has_no_token || initiated.retry_after) {
        initiated.delivery = dialer::NotSent{text, true};
        initiated.is_down = !initiated.retry_after;
    } else if (status == 400 || status == 422) {
        initiated.delivery = refusal_of(response);
    } else {
        initiated.delivery = dialer::Unknown{text};
    }
    return initiated;
}

Result<std::string> read_opbx_reply(const net::HttpOutcome& outcome) {
    if (const auto* const failure = std::get_if<net::HttpFailure>(&outcome)) {
        return Error{Errc::unavailable, internal::one_line(failure->why)};
    }
    const auto& response = std::get<net::HttpResponse>(outcome);
    if (response.status >= 200 && response.status < 300) {
        return response.body;
    }
    Errc code = Errc::unavailable;
    if (response.status == 404) {
        code = Errc::not_found;
    } else if (response.status == 400 || response.status == 422) {
        code = Errc::invalid_argument;
    }
    return Error{
        code, "OPBX: " + std::to_string(response.status) + " " + error_text(response.body)};
}

}  // namespace cxdial::api_client
