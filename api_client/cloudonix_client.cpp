#include "api_client/cloudonix_client.h"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace cxdial::api_client {

namespace {

using nlohmann::json;

std::string dump(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string_view to_string(HangUpReason reason) {
    switch (reason) {
        case HangUpReason::timeout:
            return "timeout";
        case HangUpReason::denied:
            return "denied";
        case HangUpReason::busy:
            return "busy";
        case HangUpReason::no_credit:
            return "nocredit";
    }
    return {};
}

json body_of(const std::variant<InlineDocument, RemoteDocument>& application) {
    if (const auto* const document = std::get_if<InlineDocument>(&application)) {
        return {{"cxml", document->cxml}};
    }
    const auto& remote = std::get<RemoteDocument>(application);
    return {{"url", remote.url}, {"method", remote.method}};
}

}  // namespace

CloudonixClient::CloudonixClient(net::HttpClient& http, const base::Clock& clock, Settings settings)
    : http_(http), clock_(clock), settings_(std::move(settings)) {
    while (!settings_.api_url.empty() && settings_.api_url.back() == '/') {
        settings_.api_url.pop_back();
    }
}

void CloudonixClient::place(
    campaign::AttemptId attempt,
    const dialer::CallRequest& call,
    std::function<void(dialer::Delivery)> handler,
    const CallOptions& options
) {
    http_.send_once(
        request("POST", calls_path() + "/application", call_body(attempt, call, options)),
        [&clock = clock_,
         known = domain_is_known_,
         handler = std::move(handler)](const net::HttpOutcome& outcome) {
            dialer::Delivery delivery = classify(outcome, clock.now().wall);
            if (std::holds_alternative<dialer::Accepted>(delivery)) {
                *known = true;
            }
            handler(std::move(delivery));
        }
    );
}

void CloudonixClient::get_session(
    const campaign::SessionToken& token, std::function<void(LookUpAnswer)> handler
) {
    http_.send(
        request("GET", sessions_path() + "/" + net::url_encode(token.raw())),
        [&clock = clock_,
         known = domain_is_known_,
         handler = std::move(handler)](const net::HttpOutcome& outcome) {
            LookUpAnswer answer = read_look_up(outcome, clock.now().wall);
            if (std::holds_alternative<dialer::SessionReport>(answer)) {
                *known = true;
            }
            handler(std::move(answer));
        }
    );
}

void CloudonixClient::list_sessions(
    std::function<void(SessionListAnswer)> handler, bool none_without_domain
) {
    http_.send(
        request("GET", sessions_path()),
        [&clock = clock_,
         known = domain_is_known_,
         none_without_domain,
         handler = std::move(handler)](const net::HttpOutcome& outcome) {
            SessionListAnswer answer =
                read_session_list(outcome, clock.now().wall, *known || none_without_domain);
            const auto* const sessions = std::get_if<std::vector<dialer::SessionReport>>(&answer);
            *known =
                *known || (sessions != nullptr && (!sessions->empty() || !none_without_domain));
            handler(std::move(answer));
        }
    );
}

void CloudonixClient::update_session(
    const campaign::SessionToken& token,
    const std::map<std::string, std::string>& profile,
    Done handler
) {
    http_.send(
        request(
            "PUT",
            sessions_path() + "/" + net::url_encode(token.raw()),
            dump({{"profile", json(profile)}})
        ),
        [handler = std::move(handler)](const net::HttpOutcome& outcome) {
            handler(read_control_reply(outcome));
        }
    );
}

void CloudonixClient::delete_session(
    const campaign::SessionToken& token, std::optional<HangUpReason> reason, Done handler
) {
    // Only the shorter path documents a reason, and only the longer one stands in the current API.
    std::string path = sessions_path() + "/" + net::url_encode(token.raw());
    if (reason) {
        path = calls_path() + "/sessions/" + net::url_encode(token.raw()) +
               "?reason=" + std::string(to_string(*reason));
    }
    http_.send(
        request("DELETE", path),
        [handler = std::move(handler)](const net::HttpOutcome& outcome) {
            base::Result<void> result = read_control_reply(outcome);
            const bool is_gone = !result && result.error().code == base::Errc::not_found;
            handler(is_gone ? base::Result<void>{} : std::move(result));
        }
    );
}

void CloudonixClient::switch_application(
    const campaign::SessionToken& token,
    const std::variant<InlineDocument, RemoteDocument>& application,
    Done handler
) {
    http_.send_once(
        request(
            "POST",
            calls_path() + "/sessions/" + net::url_encode(token.raw()) + "/application",
            dump(body_of(application))
        ),
        [handler = std::move(handler)](const net::HttpOutcome& outcome) {
            handler(read_control_reply(outcome));
        }
    );
}

net::HttpRequest CloudonixClient::request(
    std::string method, const std::string& path, std::string body
) const {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = settings_.api_url + path;
    request.headers.add("Authorization", "Bearer " + settings_.api_key.reveal());
    request.headers.add("Accept", "application/json");
    if (!body.empty()) {
        request.headers.add("Content-Type", "application/json");
    }
    request.body = std::move(body);
    return request;
}

std::string CloudonixClient::calls_path() const {
    return "/calls/" + net::url_encode(settings_.domain);
}

std::string CloudonixClient::sessions_path() const {
    return "/customers/self/domains/" + net::url_encode(settings_.domain) + "/sessions";
}

}  // namespace cxdial::api_client
