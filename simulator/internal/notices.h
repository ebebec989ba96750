#pragma once

#include "base/rng.h"
#include "net/http.h"
#include "simulator/internal/call.h"
#include "simulator/internal/schedule.h"
#include "simulator/internal/webhook_sender.h"
#include "simulator/options.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace cxdial::simulator {

/// Makes session updates, callbacks and CDRs, lets the faults at them, and hands them to the
/// sender.
class Notices {
public:
    Notices(Schedule& schedule, WebhookSender& sender, const Options& options)
        : schedule_(schedule), sender_(sender), options_(options) {}

    /// The call's status changed: a session update, and the call's own callback when
    /// `with_callback`.
    void status_changed(Call& call, const std::string& action, bool with_callback = true);
    /// The call ended: its CDR.
    void ended(Call& call);
    /// A notice of another kind (`stream`, `amd`), without faults.
    void other(
        Call& call, const std::string& kind, const std::string& url, const nlohmann::json& body
    );

    /// The headers of every request of the platform for this call.
    [[nodiscard]] net::HttpRequest request_for(Call& call, std::string url) const;

private:
    void send_update(
        Call& call, const std::string& kind, const std::string& url, nlohmann::json body
    );
    void send_after(
        std::chrono::milliseconds delay, const std::string& kind, net::HttpRequest request
    );

    Schedule& schedule_;
    WebhookSender& sender_;
    const Options& options_;
    std::uint64_t events_ = 0;
};

/// The CDR of an ended call, faultless. Source: Cloudonix documentation, call detail records.
[[nodiscard]] nlohmann::json cdr_json(Call& call);

}  // namespace cxdial::simulator
