#pragma once

#include "base/clock.h"
#include "campaign/ids.h"
#include "dialer/effects.h"
#include "dialer/events.h"
#include "routing/decision.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cxdial::webhook {

/// What the program counts, as Prometheus reads it. Every name begins with `cxdial_`; names and
/// labels are an interface and change only together with their golden list. No label carries a
/// telephone number. Thread rule: any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    Metrics(Metrics&&) = delete;
    Metrics& operator=(Metrics&&) = delete;

    /// A committed tick: its effects and notes, and how long it took.
    void on_tick(const dialer::Output& output, std::chrono::nanoseconds took);
    /// A tick whose transaction was lost.
    void on_tick_lost();
    /// One thing that a tick changed; `on_tick` calls it for each. Keeps the gauges of live and
    /// in-doubt attempts.
    void on_note(const dialer::Note& note);
    /// What became of the request of a call.
    void on_delivery(const dialer::Delivery& delivery);
    /// A slot's time from the CDR that freed it to the next request leaving.
    void on_refill(std::chrono::nanoseconds took);
    /// A request to one of the webhooks, and how it was answered.
    void on_webhook(std::string_view endpoint, int status);

    /// The `campaign` label beside `campaign_id`; empty until it is told.
    void name_campaign(campaign::CampaignId id, const std::string& name);
    /// What the database held at the start, from which the gauges go on.
    void set_live_attempts(campaign::CampaignId id, std::size_t count);
    void set_in_doubt(std::size_t count);
    /// Inputs that wait for a tick.
    void set_inbox(std::size_t count);

    /// A call that came in was decided on.
    void on_inbound(const routing::Decision& decision);
    /// The kill switch of inbound routing.
    void set_forced_legacy(bool on);

    /// A message of the outbox was handed over, or was not, and how.
    void on_handover(const std::string& queue, std::string_view outcome);
    /// What a queue of the outbox holds.
    struct Outbox {
        std::int64_t waiting = 0;
        std::int64_t refused = 0;  ///< of those that wait: at least once
        std::int64_t dead = 0;
    };
    void set_outbox(const std::string& queue, const Outbox& held);

    /// The Prometheus text format, version 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::webhook
