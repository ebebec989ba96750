#pragma once

#include "net/http.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "simulator/internal/schedule.h"
#include "simulator/internal/truth.h"
#include "simulator/options.h"

#include <cstdint>
#include <memory>
#include <string>

namespace cxdial::simulator {

/// Sends notices to the customer's endpoints. One that gets no 2xx is sent again, `webhook-tries`
/// times in all, with the pause doubled each time. The platform's own retry rule is undocumented:
/// this one is ours.
class WebhookSender {
public:
    WebhookSender(net::Loop& loop, Schedule& schedule, Truth& truth, const Options& options);

    /// `kind` is the counter it goes under.
    void send(const std::string& kind, net::HttpRequest request);
    /// Forgets what still waits to be sent again.
    void forget() { ++generation_; }

private:
    struct Notice {
        std::string kind;
        net::HttpRequest request;
        std::uint64_t tries = 0;
        std::uint64_t generation = 0;
    };
    void try_once(const std::shared_ptr<Notice>& notice);
    void on_outcome(const std::shared_ptr<Notice>& notice, const net::HttpOutcome& outcome);

    Schedule& schedule_;
    Truth& truth_;
    const Options& options_;
    std::uint64_t generation_ = 0;
    net::HttpClient client_;
};

}  // namespace cxdial::simulator
