#include "webhook/metrics.h"

#include "campaign/attempt.h"
#include "campaign/destination.h"
#include "campaign/disposition.h"
#include "routing/decision.h"

#include <array>
#include <map>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <utility>
#include <variant>

namespace cxdial::webhook {

namespace {

using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;
using prometheus::Histogram;

constexpr std::array<std::string_view, 4> delivery_kinds{
    "accepted", "refused", "not_sent", "unknown"};
/// What only answers a question is no request.
constexpr std::string_view answers;
constexpr std::array<std::string_view, 6> effect_kinds{
    "place_call", "look_up_session", "list_sessions", answers, answers, "end_session"};
static_assert(delivery_kinds.size() == std::variant_size_v<dialer::Delivery>);
static_assert(effect_kinds.size() == std::variant_size_v<dialer::Effect>);

double to_seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

/// Counters of a closed set of labels, all there from the start, so that a rate can see the first.
Counters& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return counters(registry, name, help).Add({});
}
prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}
const Histogram::BucketBoundaries layer_buckets{
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.2};

Histogram& seconds_histogram(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(
        {},
        Histogram::BucketBoundaries{
            0.0001,
            0.00025,
            0.0005,
            0.001,
            0.0025,
            0.005,
            0.01,
            0.025,
            0.05,
            0.1,
            0.25,
            0.5,
            1,
            2.5,
            5,
            10}
    );
}

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    Counters& attempts =
        counters(registry, "cxdial_attempts_total", "Attempts that came to a status, by status.");
    Counters& dispositions =
        counters(registry, "cxdial_dispositions_total", "Attempts that are over, by disposition.");
    Counters& destinations = counters(
        registry, "cxdial_destinations_total", "Destinations that came to a status, by status."
    );
    Counters& deliveries = counters(
        registry, "cxdial_deliveries_total", "Requests that create a call, by what became of them."
    );
    Counters& effects = counters(
        registry, "cxdial_cloudonix_requests_total", "Requests asked of Cloudonix, by kind."
    );
    Counters& webhooks = counters(
        registry, "cxdial_webhooks_total", "Webhooks answered, by endpoint and HTTP status."
    );
    Counters& handovers = counters(
        registry,
        "cxdial_outbox_handovers_total",
        "Messages handed over to others, or not, by queue and outcome."
    );
    Gauges& outbox = prometheus::BuildGauge()
                         .Name("cxdial_outbox_messages")
                         .Help("Messages for others that are kept, by queue and state.")
                         .Register(registry);
    Counters& rate_limited =
        counters(registry, "cxdial_rate_limited_total", "Replies 429 of Cloudonix, by domain.");
    Counters& holds = counters(
        registry,
        "cxdial_campaign_holds_total",
        "How often a campaign came to place no calls, or to place some again, by reason."
    );
    prometheus::Counter& orphans =
        counter(registry, "cxdial_orphan_cdrs_total", "CDRs kept that belong to no known call.");
    prometheus::Counter& ticks_lost =
        counter(registry, "cxdial_ticks_lost_total", "Ticks whose transaction was lost.");
    Gauges& live = prometheus::BuildGauge()
                       .Name("cxdial_live_attempts")
                       .Help("Attempts that hold a slot, by campaign.")
                       .Register(registry);
    prometheus::Gauge& in_doubt = gauge(
        registry, "cxdial_in_doubt_attempts", "Attempts of which nobody knows if there is a call."
    );
    prometheus::Gauge& inbox =
        gauge(registry, "cxdial_inbox_inputs", "Inputs that wait for a tick.");
    Counters& decisions = counters(
        registry,
        "inbound_routing_decisions_total",
        "Calls that came in, by the layer that decided, and whether anybody could take them."
    );
    Counters& layer_matches = counters(
        registry, "inbound_routing_layer_match_total", "Layers that matched a call, by layer."
    );
    Counters& layer_timeouts = counters(
        registry,
        "inbound_routing_layer_timeout_total",
        "Layers that were cut off at their budget, by layer."
    );
    prometheus::Family<Histogram>& layer_seconds = prometheus::BuildHistogram()
                                                       .Name("inbound_routing_layer_seconds")
                                                       .Help("How long a layer took, by layer.")
                                                       .Register(registry);
    Histogram& decision_seconds = seconds_histogram(
        registry, "inbound_routing_decision_seconds", "How long all layers of a call took."
    );
    prometheus::Gauge& forced_legacy = gauge(
        registry,
        "inbound_routing_forced_legacy",
        "1 while INBOUND_ROUTING_FORCE_LEGACY puts every tenant in legacy_did."
    );
    Histogram& refill = seconds_histogram(
        registry,
        "cxdial_slot_refill_seconds",
        "From the CDR that freed a slot to the next request leaving."
    );
    Histogram& tick =
        seconds_histogram(registry, "cxdial_tick_duration_seconds", "How long a tick took.");

    struct CampaignGauge {
        std::string name;
        prometheus::Gauge* gauge = nullptr;
    };
    std::mutex mutex;  ///< guards `campaigns` and their gauges; the library guards the rest
    std::map<campaign::CampaignId, CampaignGauge> campaigns;

    Impl();
    prometheus::Gauge& live_of(campaign::CampaignId id);
    void add_live(campaign::CampaignId id, int change);
    void on(const dialer::AttemptMoved& moved);
    void on(const dialer::DestinationMoved& moved);
    void on(const dialer::CampaignMoved& /*moved*/) {}
    void on(const dialer::CampaignHeld& held) {
        holds.Add({{"reason", std::string(to_string(held.hold.reason))}}).Increment();
    }
    void on(const dialer::OrphanKept& /*kept*/) { orphans.Increment(); }
    void on(const dialer::RateLimited& limited) {
        rate_limited.Add({{"domain", limited.domain}}).Increment();
    }
};

Metrics::Impl::Impl() {
    for (const campaign::AttemptStatus status : campaign::all_attempt_statuses) {
        attempts.Add({{"status", std::string(to_string(status))}});
    }
    for (const campaign::Disposition disposition : campaign::all_dispositions) {
        dispositions.Add({{"disposition", std::string(to_string(disposition))}});
    }
    for (const campaign::DestinationStatus status : campaign::all_destination_statuses) {
        destinations.Add({{"status", std::string(to_string(status))}});
    }
    for (const std::string_view kind : delivery_kinds) {
        deliveries.Add({{"delivery", std::string(kind)}});
    }
    for (const std::string_view kind : effect_kinds) {
        if (kind != answers) {
            effects.Add({{"kind", std::string(kind)}});
        }
    }
    for (const char* endpoint : {"cdr", "session_update", "callback", "voice"}) {
        webhooks.Add({{"endpoint", endpoint}, {"status", "200"}});
    }
}

/// The caller holds the mutex.
prometheus::Gauge& Metrics::Impl::live_of(campaign::CampaignId id) {
    CampaignGauge& campaign = campaigns[id];
    if (campaign.gauge == nullptr) {
        campaign.gauge =
            &live.Add({{"campaign", campaign.name}, {"campaign_id", std::to_string(id.raw())}});
    }
    return *campaign.gauge;
}

void Metrics::Impl::add_live(campaign::CampaignId id, int change) {
    const std::lock_guard<std::mutex> lock(mutex);
    live_of(id).Increment(change);
}

void Metrics::Impl::on(const dialer::AttemptMoved& moved) {
    using campaign::AttemptStatus;
    attempts.Add({{"status", std::string(to_string(moved.to))}}).Increment();
    if (moved.disposition) {
        dispositions.Add({{"disposition", std::string(to_string(*moved.disposition))}}).Increment();
    }
    const bool was_live = moved.from && !is_terminal(*moved.from);
    const bool is_live = !is_terminal(moved.to);
    add_live(moved.campaign, (is_live ? 1 : 0) - (was_live ? 1 : 0));
    in_doubt.Increment(
        (moved.to == AttemptStatus::in_doubt ? 1 : 0) -
        (moved.from == AttemptStatus::in_doubt ? 1 : 0)
    );
}

void Metrics::Impl::on(const dialer::DestinationMoved& moved) {
    destinations.Add({{"status", std::string(to_string(moved.to))}}).Increment();
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::on_tick(const dialer::Output& output, std::chrono::nanoseconds took) {
    impl_->tick.Observe(to_seconds(took));
    for (const dialer::Effect& effect : output.effects) {
        if (effect_kinds.at(effect.index()) != answers) {
            impl_->effects.Add({{"kind", std::string(effect_kinds.at(effect.index()))}}
            ).Increment();
        }
    }
    for (const dialer::Note& note : output.notes) {
        on_note(note);
    }
}

void Metrics::on_tick_lost() {
    impl_->ticks_lost.Increment();
}

void Metrics::on_note(const dialer::Note& note) {
    std::visit([this](const auto& what) { impl_->on(what); }, note);
}

void Metrics::on_delivery(const dialer::Delivery& delivery) {
    impl_->deliveries.Add({{"delivery", std::string(delivery_kinds.at(delivery.index()))}}
    ).Increment();
}

void Metrics::on_refill(std::chrono::nanoseconds took) {
    impl_->refill.Observe(to_seconds(took));
}

void Metrics::on_webhook(std::string_view endpoint, int status) {
    impl_->webhooks.Add({{"endpoint", std::string(endpoint)}, {"status", std::to_string(status)}}
    ).Increment();
}

void Metrics::name_campaign(campaign::CampaignId id, const std::string& name) {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    Impl::CampaignGauge& campaign = impl_->campaigns[id];
    if (campaign.name == name) {
        return;
    }
    campaign.name = name;
    if (campaign.gauge != nullptr) {
        const double value = campaign.gauge->Value();
        impl_->live.Remove(campaign.gauge);
        campaign.gauge = nullptr;
        impl_->live_of(id).Set(value);
    }
}

void Metrics::set_live_attempts(campaign::CampaignId id, std::size_t count) {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->live_of(id).Set(static_cast<double>(count));
}

void Metrics::set_in_doubt(std::size_t count) {
    impl_->in_doubt.Set(static_cast<double>(count));
}

void Metrics::set_inbox(std::size_t count) {
    impl_->inbox.Set(static_cast<double>(count));
}

void Metrics::on_handover(const std::string& queue, std::string_view outcome) {
    impl_->handovers.Add({{"queue", queue}, {"outcome", std::string(outcome)}}).Increment();
}

void Metrics::set_outbox(const std::string& queue, const Outbox& held) {
    const auto set = [&](const char* state, std::int64_t count) {
        impl_->outbox.Add({{"queue", queue}, {"state", state}}).Set(static_cast<double>(count));
    };
    set("waiting", held.waiting);
    set("refused", held.refused);
    set("dead", held.dead);
}

void Metrics::on_inbound(const routing::Decision& decision) {
    for (const routing::TraceEntry& entry : decision.trace) {
        const prometheus::Labels layer{{"layer", std::string(routing::to_string(entry.layer))}};
        impl_->layer_matches.Add(layer).Increment(entry.matched ? 1 : 0);
        impl_->layer_timeouts.Add(layer).Increment(entry.late ? 1 : 0);
        impl_->layer_seconds.Add(layer, layer_buckets).Observe(to_seconds(entry.took));
    }
    impl_->decision_seconds.Observe(to_seconds(decision.took));
    impl_->decisions
        .Add(
            {{"reason", std::string(routing::to_string(decision.layer))},
             {"outcome", decision.agent.empty() ? "declined" : "connected"}}
        )
        .Increment();
}

void Metrics::set_forced_legacy(bool on) {
    impl_->forced_legacy.Set(on ? 1 : 0);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace cxdial::webhook
