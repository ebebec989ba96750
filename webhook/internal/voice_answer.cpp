#include "webhook/internal/voice_answer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::webhook::internal {

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr int retries_max = 2;
constexpr std::size_t text_max = 256;

std::string find(const Parameters& parameters, std::string_view name) {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [name](const auto& parameter) {
            return parameter.first == name;
        });
    return found == parameters.end() ? std::string() : found->second;
}

std::vector<std::string> find_all(const Parameters& parameters, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [key, value] : parameters) {
        if (key == name) {
            values.push_back(value);
        }
    }
    return values;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

Parameters parameters_of(const net::HttpRequest& request, const Parameters& query) {
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    Parameters parameters;
    if (body.is_object()) {
        for (const auto& [name, value] : body.items()) {
            if (value.is_string()) {
                parameters.emplace_back(name, value.get<std::string>());
            }
        }
    } else if (body.is_discarded()) {
        parameters = net::parse_form(request.body);
    }
    parameters.insert(parameters.end(), query.begin(), query.end());
    return parameters;
}

/// The token, where it has a token's form: it goes into URLs.
std::string session_of(const Parameters& parameters) {
    const auto is_fit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
    };
    std::string session = find(parameters, "Session");
    const bool is_token =
        session.size() <= 128 && std::all_of(session.begin(), session.end(), is_fit);
    return is_token ? std::move(session) : std::string();
}

/// `<Redirect>` takes no http; and what stands in the document must need no escape.
bool may_redirect_to(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    constexpr std::string_view special = "<>&\"'";
    return url.substr(0, scheme.size()) == scheme &&
           std::all_of(url.begin(), url.end(), [=](char c) {
               return c > ' ' && c < 0x7F && special.find(c) == std::string_view::npos;
           });
}

}  // namespace

std::optional<VoiceQuestion> read_voice_request(const net::HttpRequest& request) {
    const Parameters query = net::parse_form(request.query());
    const auto attempt = parse_number(find(query, "attempt"));
    if (!attempt || *attempt <= 0) {
        return std::nullopt;
    }
    const Parameters parameters = parameters_of(request, query);
    VoiceQuestion question;
    question.request = {
        .attempt = campaign::AttemptId{*attempt},
        .session = session_of(parameters),
        .from = find(parameters, "From"),
        .to = find(parameters, "To"),
        .call_status = find(parameters, "CallStatus"),
        .answered_by = find(parameters, "AnsweredBy"),
        .dial_status = find(parameters, "DialCallStatus"),
        .dialed = find_all(query, "dialed"),
        .domain = {}};
    const std::int64_t retries = parse_number(find(query, "retry")).value_or(0);
    question.retries = static_cast<int>(std::clamp<std::int64_t>(retries, 0, retries_max));
    return question;
}

std::optional<InboundRequest> read_inbound_request(const net::HttpRequest& request) {
    const Parameters parameters = parameters_of(request, net::parse_form(request.query()));
    const auto value = [&](std::string_view name, std::string_view header) {
        std::string found = find(parameters, name);
        return found.empty() ? std::string(request.headers.find(header).value_or("")) : found;
    };
    InboundRequest read{
        .call_sid = find(parameters, "CallSid"),
        .session = session_of(parameters),
        .from = value("From", "X-Cx-From"),
        .to = value("To", "X-Cx-To"),
        .domain = value("Domain", "X-Cx-Domain")};
    if (read.call_sid.empty()) {
        read.call_sid = read.session;
    }
    const bool is_sized = read.call_sid.size() <= text_max && read.from.size() <= text_max &&
                          read.to.size() <= text_max && read.domain.size() <= text_max;
    return read.call_sid.empty() || read.to.empty() || !is_sized ? std::nullopt
                                                                 : std::optional{std::move(read)};
}

net::HttpResponse cxml_response(std::string document) {
    net::HttpResponse response;
    response.headers.add("Content-Type", "application/xml");
    response.body = std::move(document);
    return response;
}

std::string fallback_document(
    const VoiceQuestion& question, const base::Error& error, const std::string& public_url
) {
    if (error.code != base::Errc::unavailable || question.retries >= retries_max ||
        !may_redirect_to(public_url)) {
        return R"(<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>)";
    }
    // The same question once more, with what it said of the dials before.
    std::string address =
        public_url + "/cloudonix/voice?attempt=" + std::to_string(question.request.attempt.raw());
    for (const std::string& assistant : question.request.dialed) {
        address += "&amp;dialed=" + net::url_encode(assistant);
    }
    if (!question.request.dial_status.empty()) {
        address += "&amp;DialCallStatus=" + net::url_encode(question.request.dial_status);
    }
    return R"(<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="1"/>)"
           R"(<Redirect method="POST">)" +
           address + "&amp;retry=" + std::to_string(question.retries + 1) +
           "</Redirect></Response>";
}

}  // namespace cxdial::webhook::internal
