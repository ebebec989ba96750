#include "daemon/opbx_state.h"

#include "api_client/opbx_events.h"
#include "api_client/opbx_request.h"
#include "base/log.h"
#include "campaign/attempt.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace cxdial::daemon {
namespace {

using storage::OpbxCall;
using storage::OutboxMessage;

constexpr std::string_view cdr_path = "/api/webhooks/cloudonix/cdr";
constexpr std::string_view worker_path = "/api/v1/dialer/worker";
constexpr std::string_view channel_name = "cdr:completed";
constexpr base::Millis look_every{1'000};

net::HttpRequest json_request(const std::string& url, std::string body, const std::string& bearer) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = url;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "application/json");
    if (!bearer.empty()) {
        request.headers.add("Authorization", bearer);
    }
    request.body = std::move(body);
    return request;
}

/// Whose end the message tells; nothing where it tells something else.
std::optional<campaign::AttemptId> attempt_of(const OutboxMessage& message) {
    constexpr std::string_view prefix = storage::end_report_key;
    const std::string_view key = message.key;
    if (key.substr(0, prefix.size()) != prefix) {
        return std::nullopt;
    }
    std::int64_t attempt = 0;
    std::from_chars(key.data() + prefix.size(), key.data() + key.size(), attempt);
    return campaign::AttemptId{attempt};
}

std::string outcome_of(const OpbxCall& call) {
    return api_client::disposition_body({
        .disposition = call.disposition.value_or(campaign::Disposition::failed),
        .next_retry_at = call.next_at,
        .attempt = std::max(1, call.destination_attempts),
        .duration = call.duration,
        .billsec = call.billsec,
        .completed_at = {},
    });
}

api_client::SharedCall shared(const OpbxCall& call) {
    return {.attempt = call.attempt, .campaign = call.campaign, .destination = call.destination};
}

}  // namespace

struct OpbxState::Impl : std::enable_shared_from_this<OpbxState::Impl> {
    Impl(
        net::Loop& loop_given,
        const base::Clock& clock_given,
        const config::Opbx& config_given,
        storage::Database database_given,
        Links links_given
    )
        : loop(loop_given),
          clock(clock_given),
          config(config_given),
          database(std::move(database_given)),
          repository(database),
          metrics(links_given.metrics),
          links(std::move(links_given)),
          http(loop, {}),
          timer(loop) {}

    net::Loop& loop;
    const base::Clock& clock;
    const config::Opbx& config;
    storage::Database database;
    storage::Repository repository;
    webhook::Metrics& metrics;
    Links links;
    net::HttpClient http;
    net::Timer timer;
    std::unique_ptr<OutboxSender> cdrs;
    std::unique_ptr<OutboxSender> reports;
    std::unique_ptr<api_client::OpbxSlots> slots;
    std::unique_ptr<net::RedisSubscriber> channel;
    std::map<campaign::AttemptId, api_client::SharedCall> leaving;       ///< their locks are held
    std::map<campaign::OpbxCampaignId, campaign::CampaignId> campaigns;  ///< that placed calls
    /// Campaigns whose domain refuses requests, and since when; empty: OPBX was told.
    std::map<campaign::CampaignId, std::optional<base::MonoTime>> backing_off;
    std::set<std::string> shown_queues;

    void start();
    void start_redis();
    [[nodiscard]] OutboxSender::Ports sender_ports();
    [[nodiscard]] net::HttpRequest cdr_request(const OutboxMessage& message) const;
    [[nodiscard]] net::HttpRequest report_request(const OutboxMessage& message) const;
    [[nodiscard]] base::Result<std::vector<OutboxMessage>> read_reports(
        std::string_view queue, base::WallTime now, int limit
    );
    [[nodiscard]] bool is_unheard(const OutboxMessage& message);
    void learn(campaign::OpbxCampaignId campaign, campaign::AttemptId attempt);
    void on_message(std::string_view message);
    void on_others(campaign::OpbxCampaignId campaign, int slots_held);
    void on_held(const dialer::CampaignHeld& held);
    void look();
    void pause(campaign::CampaignId id);
};

void OpbxState::Impl::start() {
    OutboxSender::Ports ports = sender_ports();
    ports.request = [this](const OutboxMessage& message) { return cdr_request(message); };
    cdrs = std::make_unique<OutboxSender>(
        loop, clock, OutboxSender::Options{.queue = std::string(cdr_queue)}, ports
    );
    ports.read = [this](std::string_view queue, base::WallTime now, int limit) {
        return read_reports(queue, now, limit);
    };
    ports.wanted = [this](const OutboxMessage& message) { return is_unheard(message); };
    ports.request = [this](const OutboxMessage& message) { return report_request(message); };
    reports = std::make_unique<OutboxSender>(
        loop,
        clock,
        OutboxSender::Options{.queue = std::string(report_queue), .hopeless = {400, 404, 422}},
        ports
    );
    if (!config.redis_url.empty()) {
        start_redis();
    }
    // What the database holds from an earlier life goes out by itself.
    cdrs->poke();
    reports->poke();
    look();
}

void OpbxState::Impl::start_redis() {
    auto server = net::parse_redis_url(config.redis_url);
    if (!server) {
        base::log_error("redis_url_unusable", {{"why", server.error().detail}});
        links.on_redis(false);
        return;
    }
    server->password = config.redis_password;
    api_client::OpbxSlots::Settings settings{.worker_id = config.worker_id};
    if (const auto calls = repository.live_opbx_calls()) {
        for (const OpbxCall& call : *calls) {
            settings.live.push_back(shared(call));
            learn(call.campaign, call.attempt);
        }
    }
    slots = std::make_unique<api_client::OpbxSlots>(
        loop,
        clock,
        *server,
        std::move(settings),
        api_client::OpbxSlots::Ports{
            .token_of = [this](campaign::AttemptId attempt
                        ) -> std::optional<campaign::SessionToken> {
                const auto call = repository.opbx_call(attempt);
                return call && *call ? (*call)->token : std::nullopt;
            },
            .on_others = [this](campaign::OpbxCampaignId id, int held) { on_others(id, held); },
            .on_reachable = links.on_redis,
        }
    );
    links.on_redis(false);
    channel = std::make_unique<net::RedisSubscriber>(
        loop,
        *server,
        config.redis_prefix + std::string(channel_name),
        [this](std::string_view message) { on_message(message); }
    );
}

OutboxSender::Ports OpbxState::Impl::sender_ports() {
    OutboxSender::Ports ports;
    ports.read = [this](std::string_view queue, base::WallTime now, int limit) {
        return repository.outbox(queue, now, limit);
    };
    ports.write = [this](const OutboxSender::Ports::Job& job, auto done) {
        return links.run([post = links.post, job, done](storage::Repository& writer) {
            return Inbox::Written{
                .inputs = {},
                .answer = [post,
                           done,
                           outcome = job(writer)] { post([done, outcome] { done(outcome); }); },
            };
        });
    };
    ports.send = [this](net::HttpRequest request, net::HttpClient::Handler handler) {
        http.send(std::move(request), std::move(handler));
    };
    ports.on_handover = [this](const OutboxMessage& message, const Judged& judged) {
        metrics.on_handover(message.queue, to_string(judged.handover));
    };
    return ports;
}

/// OPBX keeps its answers, its errors too, for a day by this key.
net::HttpRequest OpbxState::Impl::cdr_request(const OutboxMessage& message) const {
    net::HttpRequest request = json_request(
        config.url + std::string(cdr_path), message.body, message.authorization.reveal()
    );
    request.headers.add(
        "X-Idempotency-Key", "cxdial-" + message.key + "-" + std::to_string(message.refusals)
    );
    return request;
}

net::HttpRequest OpbxState::Impl::report_request(const OutboxMessage& message) const {
    return json_request(
        config.url + std::string(worker_path) + message.target,
        message.body,
        "Bearer " + config.token.reveal()
    );
}

/// What the settling tick posted says only whose end is to be told.
base::Result<std::vector<OutboxMessage>> OpbxState::Impl::read_reports(
    std::string_view queue, base::WallTime now, int limit
) {
    auto messages = repository.outbox(queue, now, limit);
    if (!messages) {
        return messages;
    }
    for (OutboxMessage& message : *messages) {
        const auto attempt = attempt_of(message);
        if (!attempt || !message.body.empty()) {
            continue;
        }
        const auto call = repository.opbx_call(*attempt);
        if (!call) {
            return call.error();
        }
        if (*call && (*call)->session) {
            const std::string session = std::to_string((*call)->session->raw());
            message.target = "/calls/" + session + "/disposition";
            message.body = outcome_of(**call);
        }
    }
    return messages;
}

/// A CDR may have come since the report was posted; then OPBX has heard, and must not twice.
bool OpbxState::Impl::is_unheard(const OutboxMessage& message) {
    const auto attempt = attempt_of(message);
    if (!attempt) {
        return true;
    }
    const auto call = repository.opbx_call(*attempt);
    return !call || (*call && !(*call)->has_cdr);
}

void OpbxState::Impl::on_message(std::string_view message) {
    auto event = api_client::read_opbx_completed(message);
    if (!event) {
        base::log_warn("opbx_message_unreadable", {{"why", event.error().detail}});
        return;
    }
    links.tell(std::move(event).value(), {});
}

/// What the engine calls a campaign of OPBX.
void OpbxState::Impl::learn(campaign::OpbxCampaignId campaign, campaign::AttemptId attempt) {
    if (campaigns.contains(campaign)) {
        return;
    }
    if (const auto record = repository.attempt(attempt)) {
        campaigns.emplace(campaign, record->campaign);
    }
}

void OpbxState::Impl::on_others(campaign::OpbxCampaignId campaign, int slots_held) {
    if (const auto known = campaigns.find(campaign); known != campaigns.end()) {
        links.tell(dialer::OthersHold{known->second, slots_held}, {});
    }
}

void OpbxState::Impl::on_held(const dialer::CampaignHeld& held) {
    if (held.hold.reason == dialer::HoldReason::domain_backing_off) {
        backing_off.try_emplace(held.campaign, clock.now().mono);
    } else if (held.hold.reason == dialer::HoldReason::none) {
        backing_off.erase(held.campaign);
    }
}

void OpbxState::Impl::look() {
    timer.start(look_every, [this] { look(); });
    if (const auto counts = repository.outbox_counts()) {
        for (const std::string& queue : shown_queues) {
            if (!counts->contains(queue)) {
                metrics.set_outbox(queue, {});
            }
        }
        for (const auto& [queue, count] : *counts) {
            metrics.set_outbox(
                queue, {.waiting = count.waiting, .refused = count.refused, .dead = count.dead}
            );
            shown_queues.insert(queue);
        }
    }
    for (auto& [id, since] : backing_off) {
        const bool is_long = since && *since + config.pause_after <= clock.now().mono;
        if (is_long && config.pause_after.count() > 0) {
            since.reset();
            pause(id);
        }
    }
}

/// The domain refuses requests for so long that somebody should know: OPBX pauses the campaign.
void OpbxState::Impl::pause(campaign::CampaignId id) {
    const auto stored = repository.campaign(id);
    if (!stored || !stored->external_id) {
        return;
    }
    const base::WallTime now = clock.now().wall;
    const std::string opbx_id = std::to_string(stored->external_id->raw());
    OutboxMessage message;
    message.queue = report_queue;
    message.key = "pause:" + opbx_id;
    message.target = "/campaigns/" + opbx_id + "/pause";
    message.body =
        api_client::pause_body("cloudonix_rate_limit", config.worker_id, now + config.pause_after);
    const bool has_room = links.run([message, now](storage::Repository& writer) {
        if (const auto posted = writer.post(message, now); !posted) {
            base::log_error("pause_not_kept", {{"why", posted.error().detail}});
        }
        return Inbox::Written{};
    });
    if (!has_room) {
        base::log_error("pause_not_kept", {{"why", "there is no room"}});
    }
}

base::Result<std::unique_ptr<OpbxState>> OpbxState::open(
    net::Loop& loop,
    const base::Clock& clock,
    const config::Opbx& config,
    const std::string& database_path,
    Links links
) {
    storage::Database::Options options;
    options.access = storage::Database::Access::read_only;
    base::Result<storage::Database> database = storage::Database::open(database_path, options);
    if (!database) {
        return database.error();
    }
    auto impl =
        std::make_shared<Impl>(loop, clock, config, std::move(database).value(), std::move(links));
    impl->start();
    return std::unique_ptr<OpbxState>(new OpbxState(std::move(impl)));
}

OpbxState::OpbxState(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
OpbxState::~OpbxState() = default;

void OpbxState::admit(
    const dialer::PlaceCall& call, std::function<void(std::optional<dialer::NotSent>)> go
) {
    Impl& impl = *impl_;
    if (!impl.slots || !call.external) {
        go(std::nullopt);
        return;
    }
    const api_client::SharedCall shared{
        .attempt = call.attempt,
        .campaign = call.external->campaign,
        .destination = call.external->destination,
        .concurrent_active_calls = call.external->concurrent_active_calls,
    };
    impl.leaving.insert_or_assign(call.attempt, shared);
    impl.learn(shared.campaign, shared.attempt);
    // By then OPBX has shown, in one of its polls, what became of a destination that is locked.
    const base::Millis locked_for = 2 * impl.config.poll_interval + look_every;
    impl.slots->admit(shared, [go = std::move(go), locked_for](api_client::Admission admission) {
        if (admission == api_client::Admission::admitted) {
            go(std::nullopt);
            return;
        }
        dialer::NotSent refused{std::string(explain(admission)), true};
        if (admission == api_client::Admission::locked) {
            refused.retry_after = locked_for;
        }
        go(std::move(refused));
    });
}

void OpbxState::on_placed(const dialer::PlacementReply& reply) {
    const bool called = std::holds_alternative<dialer::Accepted>(reply.delivery) ||
                        std::holds_alternative<dialer::Unknown>(reply.delivery);
    if (auto left = impl_->leaving.extract(reply.attempt)) {
        impl_->slots->unlock(left.mapped(), called);
    }
}

void OpbxState::on_notes(const std::vector<dialer::Note>& notes) {
    for (const dialer::Note& note : notes) {
        if (const auto* moved = std::get_if<dialer::AttemptMoved>(&note)) {
            if (campaign::is_terminal(moved->to) && impl_->slots) {
                impl_->slots->ended(moved->attempt);
            }
        } else if (const auto* held = std::get_if<dialer::CampaignHeld>(&note)) {
            impl_->on_held(*held);
        }
    }
}

void OpbxState::on_cdr_posted() {
    impl_->cdrs->poke();
}

void OpbxState::stop() {
    impl_->cdrs->stop();
    impl_->reports->stop();
    impl_->http.cancel_all();
}

}  // namespace cxdial::daemon
