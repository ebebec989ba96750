#include "daemon/service.h"

#include "base/log.h"
#include "daemon/api_reader.h"
#include "daemon/api_writer.h"
#include "daemon/cloudonix_link.h"
#include "daemon/commands_support.h"
#include "daemon/inbound_desk.h"
#include "daemon/opbx_link.h"
#include "daemon/webhook_readers.h"
#include "dialer/ticker.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"
#include "webhook/api.h"
#include "webhook/endpoints.h"
#include "webhook/json_error.h"
#include "webhook/metrics.h"

#include <csignal>
#include <map>
#include <string>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr std::size_t inbox_capacity = 20'000;
constexpr base::Millis shutdown_settle_time{10'000};
constexpr base::Millis settle_check{50};
constexpr base::Millis server_grace{200};
constexpr int campaigns_page = 500;

dialer::EngineSettings engine_settings(
    const config::Config& config, const std::vector<config::CloudonixDomain>& domains
) {
    dialer::EngineSettings settings;
    settings.public_url = config.daemon.public_url;
    settings.poll_interval = config.daemon.poll_interval;
    settings.max_concurrent_calls = config.daemon.max_concurrent_calls;
    settings.calls_per_number = config.dialing.calls_per_number;
    settings.per_number_window = config.dialing.calls_per_number_window;
    settings.domains = limits_of(domains);
    settings.opbx_places = !config.opbx || config.opbx->placement == "opbx";
    if (config.opbx) {
        settings.opbx_in_doubt_limit = config.opbx->in_doubt_limit;
        settings.report_queue = config.opbx->report == "off" ? "" : OpbxState::report_queue;
    }
    return settings;
}

}  // namespace

std::vector<dialer::DomainLimits> limits_of(const std::vector<config::CloudonixDomain>& domains) {
    std::vector<dialer::DomainLimits> limits;
    limits.reserve(domains.size());
    for (const config::CloudonixDomain& domain : domains) {
        limits.push_back({
            .name = domain.domain,
            .requests = domain.requests,
            .per = domain.per,
            .max_concurrent_calls = domain.max_concurrent_calls,
            .in_doubt_limit = domain.in_doubt_limit,
        });
    }
    return limits;
}

struct Service::Impl {
    Impl(
        const base::Clock& clock_given,
        config::Config config_given,
        storage::Database database_given
    )
        : clock(clock_given),
          config(std::move(config_given)),
          database(std::move(database_given)),
          store(database),
          repository(database),
          http(loop, {}),
          inbox(inbox_capacity) {}

    // Members in the order in which they must outlive each other.
    const base::Clock& clock;
    config::Config config;
    storage::Database database;
    storage::SqliteStore store;
    storage::Repository repository;
    net::Loop loop;
    net::HttpClient http;
    CloudonixLink cloudonix{http, clock, [this](dialer::Input input) { reply(std::move(input)); }};
    Inbox inbox;
    webhook::Metrics metrics;
    std::unique_ptr<webhook::Endpoints> endpoints;
    std::unique_ptr<ApiReader> api_reader;
    std::unique_ptr<ApiWriter> api_writer;
    std::unique_ptr<webhook::Api> api;
    std::unique_ptr<OpbxLink> opbx;
    std::unique_ptr<InboundDesk> inbound;
    std::unique_ptr<net::HttpServer> server;
    std::unique_ptr<dialer::Ticker> ticker;
    std::unique_ptr<Worker> worker;
    Observers observers;
    net::Timer settle_timer{loop};
    std::vector<std::unique_ptr<net::Timer>> timers;
    bool stopping = false;

    using Documented = std::function<void(base::Result<std::string>)>;
    std::map<std::uint64_t, Documented> questions;  ///< answered calls that wait for their document
    std::uint64_t last_question = 0;

    void handle(const net::HttpRequest& request, const net::Responder& responder);
    void release(const Ticked& ticked);
    void perform(const dialer::PlaceCall& call);
    void on_placed(dialer::PlacementReply placed);
    [[nodiscard]] OpbxLink::Links opbx_links();
    void perform(const dialer::LookUpSession& look_up) { cloudonix.look_up(look_up); }
    void perform(const dialer::ListSessions& list) { cloudonix.list(list); }
    void perform(const dialer::Connect& answer) { document(answer.question, answer.document); }
    void perform(const dialer::RouteCall& routed) { inbound->on_routed(routed); }
    void perform(const dialer::EndSession& end) { cloudonix.hang_up(end); }
    void ask(const webhook::VoiceRequest& request, Documented done);
    void document(std::uint64_t question, const base::Result<std::string>& found);
    void reply(dialer::Input input);
    void wait_until_settled(base::MonoTime deadline);
    void finish();
    void open_inbound();
    [[nodiscard]] bool offer(dialer::Input input, Inbox::Done done) {
        return inbox.offer({{std::move(input), clock.now().mono}, std::move(done)});
    }
    [[nodiscard]] webhook::Ports ports();
    [[nodiscard]] Inbox::Done passing_on(Inbox::Done done);
    void seed_metrics();
    [[nodiscard]] webhook::Readiness readiness() const;
};

webhook::Ports Service::Impl::ports() {
    return {
        .readers = webhook_readers(),
        .submit =
            [this](dialer::Input input, base::MonoTime arrived, Inbox::Done done) {
                const auto* webhook = std::get_if<dialer::WebhookReceived>(&input);
                if (webhook != nullptr && webhook->pass_on) {
                    done = passing_on(std::move(done));
                }
                return inbox.offer({{std::move(input), arrived}, std::move(done)});
            },
        .document = [this](
                        const webhook::VoiceRequest& request, Documented done
                    ) { ask(request, std::move(done)); },
        .inbound = [this](
                       const webhook::InboundRequest& request, const InboundDesk::Done& done
                   ) { inbound->ask(request, done); },
        .readiness = [this] { return readiness(); },
        .forced_legacy = config.routing.force_legacy,
    };
}

/// The same, and what was stored goes on to OPBX.
Inbox::Done Service::Impl::passing_on(Inbox::Done done) {
    return [this, done = std::move(done)](const base::Result<void>& stored) {
        done(stored);
        loop.post([this] {
            if (opbx) {
                opbx->on_cdr_posted();
            }
        });
    };
}

/// The gauges go on from what the database holds. Before the worker's thread owns the connection.
void Service::Impl::seed_metrics() {
    std::int64_t in_doubt = 0;
    std::string after;
    while (true) {
        const auto page =
            repository.campaigns(default_tenant, {.after = after, .limit = campaigns_page});
        if (!page || page->empty()) {
            break;
        }
        for (const campaign::StoredCampaign& stored : *page) {
            after = stored.campaign.name;
            metrics.name_campaign(stored.id, stored.campaign.name);
            if (const auto statistics = repository.statistics(stored.id)) {
                in_doubt += statistics->in_doubt_calls;
                metrics.set_live_attempts(
                    stored.id, static_cast<std::size_t>(statistics->active_calls)
                );
            }
        }
    }
    metrics.set_in_doubt(static_cast<std::size_t>(in_doubt));
}

webhook::Readiness Service::Impl::readiness() const {
    webhook::Readiness readiness;
    if (!worker->healthy()) {
        readiness.reasons.emplace_back("the database cannot store");
    }
    if (cloudonix.empty() && !config.opbx) {
        readiness.reasons.emplace_back("no Cloudonix domain is configured");
    }
    if (stopping) {
        readiness.reasons.emplace_back("shutting down");
    }
    return readiness;
}

void Service::Impl::reply(dialer::Input input) {
    inbox.push({{std::move(input), clock.now().mono}, {}});
}

void Service::Impl::on_placed(dialer::PlacementReply placed) {
    metrics.on_delivery(placed.delivery);
    reply(std::move(placed));
}

OpbxLink::Links Service::Impl::opbx_links() {
    const auto tell = [this](dialer::Input input, Inbox::Done done) {
        inbox.push({{std::move(input), clock.now().mono}, std::move(done)});
    };
    return {
        .run = [this](Inbox::Job job) { return inbox.offer_job(std::move(job)); },
        .tell = tell,
        .post = [this](std::function<void()> task) { loop.post(std::move(task)); },
        .cloudonix = [this](const std::string& domain) { return cloudonix.client(domain); },
        .connect = [this](const api_client::CloudonixClient::Settings& settings
                   ) { cloudonix.connect(settings); },
    };
}

void Service::Impl::perform(const dialer::PlaceCall& call) {
    const auto done = [this](dialer::PlacementReply placed) { on_placed(std::move(placed)); };
    if (call.external && opbx) {
        opbx->place(call, done);
    } else if (call.external) {
        reply(dialer::PlacementReply{call.attempt, dialer::NotSent{"OPBX is not configured"}});
        return;
    } else if (cloudonix.client(call.domain) == nullptr) {
        reply(dialer::PlacementReply{call.attempt, dialer::NotSent{"no such domain is configured"}}
        );
        return;
    } else {
        cloudonix.place(call, done);
    }
    const base::MonoTime now = clock.now().mono;
    if (call.slot_freed_at) {
        metrics.on_refill(now - *call.slot_freed_at);
    }
    if (observers.on_request_sent) {
        observers.on_request_sent(call.slot_freed_at, now);
    }
}

void Service::Impl::ask(const webhook::VoiceRequest& request, Documented done) {
    dialer::CallAnswered asked{
        .question = ++last_question,
        .attempt = request.attempt,
        .token = {},
        .domain = request.domain,
        .answered_by = request.answered_by,
        .dial_status = request.dial_status,
        .dialed = request.dialed,
    };
    if (!request.session.empty()) {
        asked.token.emplace(request.session);
    }
    const std::uint64_t question = asked.question;
    questions.emplace(question, std::move(done));
    const auto lost = [this, question](const base::Result<void>& outcome) {
        if (!outcome) {
            loop.post([this, question, why = outcome.error()] { document(question, why); });
        }
    };
    if (!inbox.offer({{std::move(asked), clock.now().mono}, lost})) {
        document(question, base::Error{base::Errc::unavailable, "there is no room"});
    }
}

void Service::Impl::document(std::uint64_t question, const base::Result<std::string>& found) {
    if (auto waiting = questions.extract(question)) {
        waiting.mapped()(found);
    }
}

void Service::Impl::open_inbound() {
    inbound = std::make_unique<InboundDesk>(
        loop,
        clock,
        InboundResolver::Settings{
            .database_path = database.path(),
            .public_url = config.daemon.public_url,
            .force_legacy = config.routing.force_legacy},
        metrics,
        InboundDesk::Links{
            .submit = [this](
                          dialer::Input input, Inbox::Done done
                      ) { return offer(std::move(input), std::move(done)); }}
    );
    inbound->start();
}

void Service::Impl::handle(const net::HttpRequest& request, const net::Responder& responder) {
    if (api && webhook::Api::knows(request.path())) {
        api->handle(request, responder);
    } else if (webhook::Api::knows(request.path())) {
        responder.answer(webhook::error_response(403, "the API needs daemon.api_token to be set"));
    } else if (endpoints) {
        endpoints->handle(request, responder);
    }
}

void Service::Impl::release(const Ticked& ticked) {
    // First, so that the slots of calls that ended are there for those that take them.
    if (opbx && ticked.stored) {
        opbx->on_notes(ticked.output.notes);
    }
    for (const dialer::Effect& effect : ticked.output.effects) {
        std::visit([this](const auto& wanted) { perform(wanted); }, effect);
    }
    metrics.set_inbox(inbox.size());
    if (ticked.stored) {
        metrics.on_tick(ticked.output, ticked.took);
    } else {
        metrics.on_tick_lost();
    }
    if (observers.on_ticked) {
        observers.on_ticked(ticked);
    }
}

void Service::Impl::wait_until_settled(base::MonoTime deadline) {
    const std::size_t requests = http.pending() + (opbx ? opbx->pending() : 0);
    const bool settled = worker->live_attempts() == 0 && requests == 0;
    if (settled || clock.now().mono >= deadline) {
        finish();
        return;
    }
    settle_timer.start(settle_check, [this, deadline] { wait_until_settled(deadline); });
}

void Service::Impl::finish() {
    // Requests that still are under way are given up; their attempts are in doubt at the next
    // start.
    http.cancel_all();
    if (opbx) {
        opbx->cancel_all();
    }
    server->stop(server_grace, [this] { loop.stop(); });
}

Service::Service(const base::Clock& clock, config::Config config, storage::Database database)
    : impl_(std::make_unique<Impl>(clock, std::move(config), std::move(database))) {}

Service::~Service() {
    if (impl_->worker) {
        impl_->worker->stop();
    }
}

base::Result<std::uint16_t> Service::listen(const std::string& address, std::uint16_t port) {
    base::Result<std::unique_ptr<net::HttpServer>> server = net::HttpServer::listen(
        impl_->loop,
        {.address = address, .port = port},
        [this](const net::HttpRequest& request, const net::Responder& responder) {
            impl_->handle(request, responder);
        },
        {.wants = [this](const net::HttpRequest& head
                  ) { return impl_->api && webhook::Api::streams(head); },
         .begin = [this](
                      const net::HttpRequest& head, const net::Responder& responder
                  ) { return impl_->api->begin_stream(head, responder); }}
    );
    if (!server) {
        return server.error();
    }
    impl_->server = std::move(*server);
    return impl_->server->port();
}

void Service::serve_api() {
    Impl& impl = *impl_;
    impl.api_reader = std::make_unique<ApiReader>(impl.database.path(), impl.config, impl.clock);
    impl.api_writer = std::make_unique<ApiWriter>(
        ApiWriter::Links{
            .run = [&impl](Inbox::Job job) { return impl.inbox.offer_job(std::move(job)); },
            .submit = [&impl](
                          dialer::Input input, Inbox::Done done
                      ) { return impl.offer(std::move(input), std::move(done)); },
            .post = [&impl](std::function<void()> task) { impl.loop.post(std::move(task)); },
            .now = [&impl] { return impl.clock.now().wall; },
            .reload = [&impl](std::function<void()> done
                      ) { impl.inbound->reload(std::move(done)); },
        },
        *impl.api_reader
    );
    webhook::ApiPorts ports;
    impl.api_reader->connect(ports);
    impl.api_writer->connect(ports);
    impl.api = std::make_unique<webhook::Api>(impl.config.daemon.api_token, std::move(ports));
}

void Service::set_public_url(std::string url) {
    impl_->config.daemon.public_url = std::move(url);
}

void Service::start(const std::vector<config::CloudonixDomain>& domains, Observers observers) {
    Impl& impl = *impl_;
    impl.observers = std::move(observers);
    webhook::Keys keys;
    for (const config::CloudonixDomain& domain : domains) {
        impl.cloudonix.connect({domain.domain, domain.api_url, domain.api_key});
        keys.emplace(domain.domain, domain.webhook_key);
    }
    impl.endpoints = std::make_unique<webhook::Endpoints>(
        impl.loop,
        impl.clock,
        webhook::Endpoints::Settings{
            .keys = std::move(keys),
            .public_url = impl.config.daemon.public_url,
            .version = CXDIAL_VERSION,
            .opbx_secret = impl.config.opbx ? impl.config.opbx->webhook_secret : base::Secret{},
            .cdrs_pass_on_to = impl.config.opbx ? std::string(OpbxState::cdr_queue) : "",
        },
        impl.ports(),
        impl.metrics
    );
    impl.ticker = std::make_unique<dialer::Ticker>(
        impl.store, engine_settings(impl.config, domains), base::Rng{base::random_seed()}
    );
    impl.worker = std::make_unique<Worker>(
        impl.clock,
        impl.inbox,
        *impl.ticker,
        impl.repository,
        [&impl](Ticked ticked) {
            impl.loop.post([&impl, ticked = std::move(ticked)] { impl.release(ticked); });
        }
    );
    impl.seed_metrics();
    impl.open_inbound();
    impl.worker->start();
    if (impl.config.opbx) {
        impl.opbx = std::make_unique<OpbxLink>(
            impl.loop, impl.clock, *impl.config.opbx, domains, impl.opbx_links()
        );
        impl.opbx->share(impl.database.path(), impl.metrics);
        impl.loop.post([&impl] { impl.opbx->start(); });
    }
}

void Service::run() {
    impl_->loop.on_signals({SIGTERM, SIGINT}, [this](int) { stop(shutdown_settle_time); });
    impl_->loop.run();
    impl_->worker->stop();
}

void Service::stop(base::Millis settle_time) {
    if (std::exchange(impl_->stopping, true)) {
        return;
    }
    submit(dialer::Drain{}, [this, settle_time](const base::Result<void>&) {
        impl_->loop.post([this, settle_time] {
            impl_->wait_until_settled(impl_->clock.now().mono + settle_time);
        });
    });
}

void Service::on_reload(std::function<void()> handler) {
    impl_->loop.on_signals({SIGHUP}, [handler = std::move(handler)](int) { handler(); });
}

void Service::after(base::Millis delay, std::function<void()> handler) {
    impl_->timers.push_back(std::make_unique<net::Timer>(impl_->loop));
    impl_->timers.back()->start(delay, std::move(handler));
}

void Service::submit(dialer::Input input, Inbox::Done done) {
    impl_->inbox.push({{std::move(input), impl_->clock.now().mono}, std::move(done)});
}

}  // namespace cxdial::daemon
