#pragma once

#include "api_client/cloudonix_client.h"
#include "base/clock.h"
#include "dialer/effects.h"
#include "dialer/events.h"
#include "net/http_client.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace cxdial::daemon {

/// What the engine wants of Cloudonix, by the domain that it is about; what became of it goes back
/// as an input. Thread rule: the loop's thread.
class CloudonixLink {
public:
    /// `http` and `clock` must outlive it. `reply` takes what must not be lost.
    CloudonixLink(
        net::HttpClient& http, const base::Clock& clock, std::function<void(dialer::Input)> reply
    )
        : http_(http), clock_(clock), reply_(std::move(reply)) {}

    /// Adds a domain, or replaces how it is reached.
    void connect(const api_client::CloudonixClient::Settings& settings);
    /// Null: no such domain is configured.
    [[nodiscard]] api_client::CloudonixClient* client(const std::string& domain);
    [[nodiscard]] bool empty() const { return clients_.empty(); }

    /// `done` is called once, later; at once where the domain is not known.
    void place(const dialer::PlaceCall& call, std::function<void(dialer::PlacementReply)> done);
    void look_up(const dialer::LookUpSession& look_up);
    void list(const dialer::ListSessions& list);
    /// A failure is logged, and the engine asks again when it finds the call alive.
    void hang_up(const dialer::EndSession& end);

private:
    net::HttpClient& http_;
    const base::Clock& clock_;
    std::function<void(dialer::Input)> reply_;
    std::map<std::string, std::unique_ptr<api_client::CloudonixClient>> clients_;
};

}  // namespace cxdial::daemon
