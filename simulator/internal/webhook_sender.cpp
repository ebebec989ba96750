#include "simulator/internal/webhook_sender.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace cxdial::simulator {
namespace {

net::HttpClient::Options client_options(const Options& options) {
    net::HttpClient::Options client;
    client.in_flight_max = 256;
    client.timeout = options.webhook_timeout;
    client.response_bytes_max = 1U << 20U;
    client.user_agent = "Cloudonix APP.Core/5.3.673";
    return client;
}

}  // namespace

WebhookSender::WebhookSender(
    net::Loop& loop, Schedule& schedule, Truth& truth, const Options& options
)
    : schedule_(schedule),
      truth_(truth),
      options_(options),
      client_(loop, client_options(options)) {}

void WebhookSender::send(const std::string& kind, net::HttpRequest request) {
    ++truth_.webhooks(kind).made;
    auto notice = std::make_shared<Notice>();
    notice->kind = kind;
    notice->request = std::move(request);
    notice->generation = generation_;
    try_once(notice);
}

void WebhookSender::try_once(const std::shared_ptr<Notice>& notice) {
    if (notice->generation != generation_) {
        return;
    }
    ++notice->tries;
    ++truth_.webhooks(notice->kind).sent;
    client_.send(notice->request, [this, notice](const net::HttpOutcome& outcome) {
        on_outcome(notice, outcome);
    });
}

void WebhookSender::on_outcome(
    const std::shared_ptr<Notice>& notice, const net::HttpOutcome& outcome
) {
    if (notice->generation != generation_) {
        return;
    }
    const auto* const reply = std::get_if<net::HttpResponse>(&outcome);
    if (reply != nullptr && reply->status / 100 == 2) {
        ++truth_.webhooks(notice->kind).acked;
        return;
    }
    if (notice->tries >= options_.webhook_tries) {
        ++truth_.webhooks(notice->kind).given_up;
        return;
    }
    constexpr std::uint64_t doublings_max = 8;
    const auto doublings = std::min(notice->tries - 1, doublings_max);
    schedule_.after(options_.webhook_backoff * (1LL << doublings), [this, notice] {
        try_once(notice);
    });
}

}  // namespace cxdial::simulator
