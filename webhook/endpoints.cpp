#include "webhook/endpoints.h"

#include "base/log.h"
#include "webhook/internal/authentication.h"
#include "webhook/internal/signature.h"
#include "webhook/internal/voice_answer.h"
#include "webhook/json_error.h"
#include "webhook/metrics.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <date/date.h>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cxdial::webhook {

namespace {

struct Route {
    std::string_view path;
    std::string_view name;
    bool has_get;
    bool has_post;
};

constexpr std::array routes{
    Route{"/cloudonix/cdr", "cdr", false, true},
    Route{"/cloudonix/session-update", "session_update", false, true},
    Route{"/cloudonix/callback", "callback", false, true},
    Route{"/cloudonix/voice", "voice", true, true},
    Route{"/voice/inbound", "inbound", true, true},
    Route{"/webhooks/cdr", "opbx_cdr", false, true},
    Route{"/webhooks/health", "opbx_health", true, false},
    Route{"/healthz", "healthz", true, false},
    Route{"/readyz", "readyz", true, false},
    Route{"/metrics", "metrics", true, false},
};

const Route* route_of(std::string_view path) {
    const auto* const found = std::find_if(
        routes.begin(), routes.end(), [path](const Route& route) { return route.path == path; }
    );
    return found == routes.end() ? nullptr : found;
}

net::HttpResponse method_not_allowed(const Route& route) {
    net::HttpResponse response = error_response(405, "this path has no such method");
    std::string allowed = route.has_get ? "GET" : "POST";
    if (route.has_get && route.has_post) {
        allowed = "GET, POST";
    }
    response.headers.add("Allow", allowed);
    return response;
}

net::HttpResponse try_again(std::string_view why) {
    net::HttpResponse response = error_response(503, why);
    response.headers.add("Retry-After", "1");
    return response;
}

net::HttpResponse unauthorized() {
    net::HttpResponse response = error_response(401, "a bearer token of a known domain is needed");
    response.headers.add("WWW-Authenticate", "Bearer");
    return response;
}

net::HttpResponse readiness_response(const Readiness& readiness) {
    const bool ready = readiness.reasons.empty();
    const nlohmann::ordered_json body = {
        {"status", ready ? "ready" : "not ready"}, {"reasons", readiness.reasons}};
    return json_response(
        ready ? 200 : 503, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
    );
}

net::HttpResponse metrics_response(const Metrics& metrics) {
    net::HttpResponse response;
    response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = metrics.text();
    return response;
}

}  // namespace

struct Endpoints::Impl : std::enable_shared_from_this<Endpoints::Impl> {
    /// A webhook request whose events are on their way into the database.
    struct Pending {
        Pending(net::Loop& loop, net::Responder responder_given, std::string_view route_given)
            : responder(std::move(responder_given)), route(route_given), deadline(loop) {}

        net::Responder responder;
        std::string_view route;
        std::size_t events_left = 0;
        net::HttpResponse when_stored = json_response(200, R"({"status":"stored"})");
        net::Timer deadline;
    };

    Impl(
        net::Loop& loop_given,
        const base::Clock& clock_given,
        Settings settings_given,
        Ports ports_given,
        Metrics& metrics_given
    )
        : loop(loop_given),
          clock(clock_given),
          settings(std::move(settings_given)),
          ports(std::move(ports_given)),
          metrics(metrics_given) {}

    /// A call that was answered, and waits for its document.
    struct PendingVoice {
        PendingVoice(
            net::Loop& loop, net::Responder responder_given, internal::VoiceQuestion question_given
        )
            : responder(std::move(responder_given)),
              question(std::move(question_given)),
              deadline(loop) {}

        net::Responder responder;
        internal::VoiceQuestion question;
        net::Timer deadline;
    };

    net::Loop& loop;
    const base::Clock& clock;
    Settings settings;
    Ports ports;
    Metrics& metrics;
    std::unordered_map<std::uint64_t, Pending> pending;
    std::unordered_map<std::uint64_t, PendingVoice> pending_voices;
    std::uint64_t last_id = 0;

    [[nodiscard]] const EventReader& reader_of(const Route& route) const;
    void take_voice(
        const net::HttpRequest& request, const net::Responder& responder, std::string domain
    );
    void answer_voice(std::uint64_t id, base::Result<std::string> document);
    void take_inbound(
        const net::HttpRequest& request, const net::Responder& responder, const std::string& domain
    );
    [[nodiscard]] net::HttpResponse health() const;
    [[nodiscard]] net::HttpResponse worker_health() const;
    void take_webhook(
        const Route& route, const net::HttpRequest& request, const net::Responder& responder
    );
    void take_relay(
        const Route& route, const net::HttpRequest& request, const net::Responder& responder
    );
    [[nodiscard]] std::uint64_t wait(
        const Route& route, const net::Responder& responder, std::size_t events
    );
    void submit(std::uint64_t id, std::vector<dialer::WebhookReceived> events);
    void stored(std::uint64_t id, bool ok);
    void settle(std::uint64_t id, net::HttpResponse response);
    void answer(std::string_view route, const net::Responder& responder, net::HttpResponse response)
        const;
};

const EventReader& Endpoints::Impl::reader_of(const Route& route) const {
    if (route.name == "cdr") {
        return ports.readers.cdr;
    }
    return route.name == "callback" ? ports.readers.callback : ports.readers.session_update;
}

void Endpoints::Impl::answer(
    std::string_view route, const net::Responder& responder, net::HttpResponse response
) const {
    metrics.on_webhook(route, response.status);
    responder.answer(std::move(response));
}

void Endpoints::Impl::take_voice(
    const net::HttpRequest& request, const net::Responder& responder, std::string domain
) {
    std::optional<internal::VoiceQuestion> question = internal::read_voice_request(request);
    if (!question) {
        answer("voice", responder, error_response(400, "the query names no attempt"));
        return;
    }
    question->request.domain = std::move(domain);
    const std::uint64_t id = ++last_id;
    PendingVoice& waiting =
        pending_voices.try_emplace(id, loop, responder, *std::move(question)).first->second;
    waiting.deadline.start(settings.voice_timeout, [this, id] {
        answer_voice(id, base::Error{base::Errc::unavailable, "it was not decided in time"});
    });
    ports.document(
        waiting.question.request,
        [weak = weak_from_this(), id](base::Result<std::string> document) {
            if (const auto impl = weak.lock()) {
                impl->answer_voice(id, std::move(document));
            }
        }
    );
}

void Endpoints::Impl::answer_voice(std::uint64_t id, base::Result<std::string> document) {
    const auto found = pending_voices.find(id);
    if (found == pending_voices.end()) {
        return;
    }
    const internal::VoiceQuestion question = std::move(found->second.question);
    const net::Responder responder = std::move(found->second.responder);
    pending_voices.erase(found);
    if (document) {
        answer("voice", responder, internal::cxml_response(std::move(document).value()));
        return;
    }
    base::log_warn(
        "voice_document_missing",
        {{"attempt", question.request.attempt.raw()}, {"why", document.error().detail}}
    );
    if (document.error().code == base::Errc::not_found) {
        answer("voice", responder, error_response(404, "no such attempt"));
        return;
    }
    const std::string fallback =
        internal::fallback_document(question, document.error(), settings.public_url);
    answer("voice", responder, internal::cxml_response(fallback));
}

void Endpoints::Impl::take_inbound(
    const net::HttpRequest& request, const net::Responder& responder, const std::string& domain
) {
    std::optional<InboundRequest> read = internal::read_inbound_request(request);
    if (!read) {
        answer("inbound", responder, error_response(400, "CallSid or Session, and To are needed"));
        return;
    }
    if (!domain.empty()) {
        read->domain = domain;
    }
    ports.inbound(*read, [weak = weak_from_this(), responder](std::string document) {
        if (const auto impl = weak.lock()) {
            impl->answer("inbound", responder, internal::cxml_response(std::move(document)));
        }
    });
}

net::HttpResponse Endpoints::Impl::health() const {
    const nlohmann::ordered_json body = {
        {"status", "ok"},
        {"version", settings.version},
        {"inbound_routing", ports.forced_legacy ? "forced_legacy" : "by_tenant"}};
    return json_response(200, body.dump());
}

net::HttpResponse Endpoints::Impl::worker_health() const {
    const bool ready = ports.readiness().reasons.empty();
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(clock.now().wall.time_since_epoch());
    const nlohmann::ordered_json body = {
        {"status", ready ? "healthy" : "degraded"},
        {"timestamp", date::format("%FT%TZ", date::sys_seconds{now})}};
    return json_response(200, body.dump());
}

void Endpoints::Impl::take_webhook(
    const Route& route, const net::HttpRequest& request, const net::Responder& responder
) {
    std::optional<std::string> domain = internal::authenticate(settings.keys, request.headers);
    if (!domain) {
        base::log_warn("webhook_unauthorized", {{"endpoint", route.name}});
        answer(route.name, responder, unauthorized());
        return;
    }
    if (route.name == "voice") {
        take_voice(request, responder, std::move(*domain));
        return;
    }
    if (route.name == "inbound") {
        take_inbound(request, responder, *domain);
        return;
    }
    const std::string_view hint = request.headers.find("X-Cx-Session").value_or(std::string_view{});
    base::Result<std::vector<dialer::WebhookReceived>> events =
        reader_of(route)(request.body, hint);
    if (!events) {
        base::log_warn(
            "webhook_unreadable", {{"endpoint", route.name}, {"why", events.error().detail}}
        );
        answer(route.name, responder, error_response(400, events.error().detail));
        return;
    }
    for (dialer::WebhookReceived& event : *events) {
        event.domain = *domain;
        if (route.name == "cdr" && !settings.cdrs_pass_on_to.empty()) {
            const auto bearer = request.headers.find("Authorization").value_or(std::string_view{});
            event.pass_on =
                dialer::PassOn{settings.cdrs_pass_on_to, base::Secret{std::string(bearer)}};
        }
    }
    const std::uint64_t id = wait(route, responder, events->size());
    submit(id, std::move(events).value());
}

/// A request that is answered once so many events are stored.
std::uint64_t Endpoints::Impl::wait(
    const Route& route, const net::Responder& responder, std::size_t events
) {
    const std::uint64_t id = ++last_id;
    Pending& waiting = pending.try_emplace(id, loop, responder, route.name).first->second;
    waiting.events_left = events;
    waiting.deadline.start(settings.store_timeout, [this, id] {
        base::log_warn("webhook_not_stored_in_time");
        settle(id, try_again("it could not be stored in time"));
    });
    return id;
}

void Endpoints::Impl::take_relay(
    const Route& route, const net::HttpRequest& request, const net::Responder& responder
) {
    const auto signature = request.headers.find("X-Webhook-Signature").value_or(std::string_view{});
    if (!internal::is_signed(settings.opbx_secret, request.body, signature)) {
        base::log_warn("webhook_unauthorized", {{"endpoint", route.name}});
        answer(route.name, responder, error_response(401, "X-Webhook-Signature does not fit"));
        return;
    }
    base::Result<Relayed> relayed = ports.readers.opbx_relay(request.body);
    if (!relayed) {
        answer(route.name, responder, error_response(400, relayed.error().detail));
        return;
    }
    const std::uint64_t id = wait(route, responder, 1);
    const nlohmann::ordered_json body = {
        {"status", "accepted"}, {"session_id", relayed->session_id}};
    pending.at(id).when_stored =
        json_response(202, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::vector<dialer::WebhookReceived> events;
    events.push_back(std::move(relayed->event));
    submit(id, std::move(events));
}

void Endpoints::Impl::submit(std::uint64_t id, std::vector<dialer::WebhookReceived> events) {
    const base::MonoTime arrived = clock.now().mono;
    for (dialer::WebhookReceived& event : events) {
        const auto done =
            [&loop = loop, weak = weak_from_this(), id](const base::Result<void>& result) {
                loop.post([weak, id, ok = result.has_value()] {
                    if (const auto impl = weak.lock()) {
                        impl->stored(id, ok);
                    }
                });
            };
        if (!ports.submit(std::move(event), arrived, done)) {
            settle(id, try_again("there is no room; try again"));
            return;
        }
    }
}

void Endpoints::Impl::stored(std::uint64_t id, bool ok) {
    const auto found = pending.find(id);
    if (found == pending.end()) {
        return;
    }
    if (!ok) {
        settle(id, try_again("it could not be stored; try again"));
    } else if (--found->second.events_left == 0) {
        settle(id, std::move(found->second.when_stored));
    }
}

void Endpoints::Impl::settle(std::uint64_t id, net::HttpResponse response) {
    const auto found = pending.find(id);
    if (found == pending.end()) {
        return;
    }
    answer(found->second.route, found->second.responder, std::move(response));
    pending.erase(found);
}

Endpoints::Endpoints(
    net::Loop& loop, const base::Clock& clock, Settings settings, Ports ports, Metrics& metrics
)
    : impl_(std::make_shared<Impl>(loop, clock, std::move(settings), std::move(ports), metrics)) {}

Endpoints::~Endpoints() = default;

bool Endpoints::knows(std::string_view path) {
    return route_of(path) != nullptr;
}

std::size_t Endpoints::pending() const {
    return impl_->pending.size() + impl_->pending_voices.size();
}

void Endpoints::handle(const net::HttpRequest& request, const net::Responder& responder) {
    const Route* const route = route_of(request.path());
    if (route == nullptr) {
        responder.answer(error_response(404, "no such path"));
        return;
    }
    const bool is_allowed = (route->has_get && request.method == "GET") ||
                            (route->has_post && request.method == "POST");
    if (!is_allowed) {
        impl_->answer(route->name, responder, method_not_allowed(*route));
    } else if (route->path == "/healthz") {
        responder.answer(impl_->health());
    } else if (route->path == "/webhooks/health") {
        responder.answer(impl_->worker_health());
    } else if (route->path == "/webhooks/cdr") {
        impl_->take_relay(*route, request, responder);
    } else if (route->path == "/readyz") {
        responder.answer(readiness_response(impl_->ports.readiness()));
    } else if (route->path == "/metrics") {
        responder.answer(metrics_response(impl_->metrics));
    } else {
        impl_->take_webhook(*route, request, responder);
    }
}

}  // namespace cxdial::webhook
