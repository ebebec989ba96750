#include "api_client/opbx_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace cxdial::api_client {

namespace {

constexpr std::chrono::minutes window{1};

std::string campaign_path(campaign::OpbxCampaignId campaign, std::string_view rest) {
    return "/campaigns/" + std::to_string(campaign.raw()) + std::string(rest);
}

std::string call_path(campaign::OpbxSessionId session, std::string_view rest) {
    return "/calls/" + std::to_string(session.raw()) + std::string(rest);
}

base::Result<void> nothing(std::string_view /*body*/) {
    return {};
}

base::Result<std::string> whole(std::string_view body) {
    return std::string(body);
}

}  // namespace

OpbxClient::OpbxClient(net::HttpClient& http, const base::Clock& clock, Settings settings)
    : http_(http), clock_(clock), settings_(std::move(settings)) {
    while (!settings_.url.empty() && settings_.url.back() == '/') {
        settings_.url.pop_back();
    }
}

base::MonoTime OpbxClient::ready_at(Kind kind) const {
    const int limit =
        kind == Kind::call ? settings_.requests_per_minute : settings_.other_requests_per_minute;
    const auto most = static_cast<std::size_t>(limit);
    const std::deque<base::MonoTime>& sent = meter_->sent;
    const base::MonoTime by_window =
        sent.size() < most ? base::MonoTime{} : sent[sent.size() - most] + window;
    return std::max(by_window, meter_->blocked_until);
}

base::MonoTime OpbxClient::next_call_at() const {
    return ready_at(Kind::call);
}

net::HttpRequest OpbxClient::request(std::string method, const std::string& path, std::string body)
    const {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = settings_.url + "/api/v1/dialer/worker" + path;
    request.headers.add("Authorization", "Bearer " + settings_.token.reveal());
    request.headers.add("Accept", "application/json");
    if (!body.empty()) {
        request.headers.add("Content-Type", "application/json");
    }
    request.body = std::move(body);
    return request;
}

template <class Value, class Read>
void OpbxClient::ask(const net::HttpRequest& request, Read read, Done<Value> done, bool once) {
    const base::MonoTime now = clock_.now().mono;
    if (ready_at(Kind::other) > now) {
        done(base::Error{base::Errc::unavailable, "OPBX's request limit is used up"});
        return;
    }
    meter_->sent.push_back(now);
    while (meter_->sent.front() + window <= now) {
        meter_->sent.pop_front();
    }
    auto handler = [&clock = clock_, meter = meter_, read, done = std::move(done)](
                       const net::HttpOutcome& outcome
                   ) {
        if (const auto pause = opbx_retry_after(outcome, clock.now().wall)) {
            meter->blocked_until = clock.now().mono + *pause;
        }
        const base::Result<std::string> body = read_opbx_reply(outcome);
        done(body ? base::Result<Value>(read(*body)) : base::Result<Value>(body.error()));
    };
    if (once) {
        http_.send_once(request, std::move(handler));
    } else {
        http_.send(request, std::move(handler));
    }
}

void OpbxClient::health(Done<OpbxHealth> done) {
    ask<OpbxHealth>(request("GET", "/health", {}), read_opbx_health, std::move(done));
}

void OpbxClient::active_campaigns(Done<std::vector<OpbxCampaign>> done) {
    ask<std::vector<OpbxCampaign>>(
        request("GET", "/campaigns/active", {}), read_opbx_campaigns, std::move(done)
    );
}

void OpbxClient::pending(
    campaign::OpbxCampaignId campaign, int limit, Done<std::vector<OpbxDestination>> done
) {
    const std::string path =
        campaign_path(campaign, "/destinations/pending?limit=" + std::to_string(limit));
    ask<std::vector<OpbxDestination>>(
        request("GET", path, {}), read_opbx_destinations, std::move(done)
    );
}

void OpbxClient::due_retries(
    campaign::OpbxCampaignId campaign, int limit, Done<std::vector<OpbxDestination>> done
) {
    const std::string path =
        campaign_path(campaign, "/destinations/retry?limit=" + std::to_string(limit));
    ask<std::vector<OpbxDestination>>(
        request("GET", path, {}), read_opbx_destinations, std::move(done)
    );
}

void OpbxClient::pause(
    campaign::OpbxCampaignId campaign,
    std::string_view reason,
    std::optional<base::WallTime> resume_at,
    Done<void> done
) {
    std::string body = pause_body(reason, settings_.worker_id, resume_at);
    ask<void>(
        request("POST", campaign_path(campaign, "/pause"), std::move(body)),
        nothing,
        std::move(done)
    );
}

void OpbxClient::initiate(const OpbxInitiate& call, std::function<void(OpbxInitiated)> done) {
    const base::MonoTime now = clock_.now().mono;
    if (const base::MonoTime at = next_call_at(); at > now) {
        OpbxInitiated held{
            .delivery = dialer::NotSent{"OPBX's request limit is used up", true},
            .retry_after = std::chrono::ceil<base::Millis>(at - now)};
        done(std::move(held));
        return;
    }
    meter_->sent.push_back(now);
    http_.send_once(
        request("POST", "/calls/initiate", initiate_body(call, settings_.worker_id)),
        [&clock = clock_, meter = meter_, done = std::move(done)](const net::HttpOutcome& outcome) {
            const base::Now then = clock.now();
            OpbxInitiated initiated = read_opbx_initiated(outcome, then.wall);
            if (initiated.retry_after) {
                meter->blocked_until = then.mono + *initiated.retry_after;
            }
            done(std::move(initiated));
        }
    );
}

void OpbxClient::generate_cxml(
    campaign::OpbxCampaignId campaign,
    campaign::OpbxSessionId session,
    base::PhoneNumber number,
    std::string_view call_sid,
    Done<std::string> done
) {
    std::string body = generate_cxml_body(campaign, session, number, call_sid);
    ask<std::string>(
        request("POST", "/calls/generate-cxml", std::move(body)), read_opbx_cxml, std::move(done)
    );
}

void OpbxClient::set_status(
    campaign::OpbxSessionId session, const OpbxOutcome& outcome, Done<void> done
) {
    ask<void>(
        request("PATCH", call_path(session, "/status"), status_body(outcome)),
        nothing,
        std::move(done),
        true
    );
}

void OpbxClient::set_disposition(
    campaign::OpbxSessionId session, const OpbxOutcome& outcome, Done<void> done
) {
    ask<void>(
        request("POST", call_path(session, "/disposition"), disposition_body(outcome)),
        nothing,
        std::move(done),
        true
    );
}

void OpbxClient::persist_state(Done<void> done) {
    ask<void>(
        request("POST", "/state/persist", state_body(settings_.worker_id, clock_.now().wall)),
        nothing,
        std::move(done)
    );
}

void OpbxClient::load_state(Done<std::string> done) {
    ask<std::string>(
        request("GET", "/state/" + net::url_encode(settings_.worker_id), {}), whole, std::move(done)
    );
}

}  // namespace cxdial::api_client
