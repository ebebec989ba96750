#include "webhook/endpoints.h"

#include "tests/net/support.h"
#include "webhook/metrics.h"

#include <catch2/catch.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial;
using dialer::WebhookReceived;
using net::test::Peer;
using webhook::Endpoints;

namespace {

using Done = std::function<void(const base::Result<void>&)>;

/// A reader that takes `one`, `two`, … for an event with that key, several with `,` between.
webhook::EventReader reader(WebhookReceived::Kind kind) {
    return [kind](
               std::string_view body, std::string_view hint
           ) -> base::Result<std::vector<WebhookReceived>> {
        if (body.empty() || body.front() == '!') {
            return base::Error{base::Errc::invalid_argument, "not an event"};
        }
        std::vector<WebhookReceived> events(1);
        for (const char c : body) {
            if (c == ',') {
                events.emplace_back();
            } else {
                events.back().key.push_back(c);
            }
        }
        for (WebhookReceived& event : events) {
            event.kind = kind;
            event.body = std::string(hint);
        }
        return events;
    };
}

base::Result<webhook::Relayed> read_relay(std::string_view body) {
    if (body.front() == '!') {
        return base::Error{base::Errc::invalid_argument, "session_id: expected"};
    }
    webhook::Relayed relayed;
    relayed.event.key = body;
    relayed.session_id = "501";
    return relayed;
}

/// An engine's inbox that does with each event what the test says.
class Inbox {
public:
    enum class Mode { store_on_other_thread, store_at_once, fail, refuse, keep };

    explicit Inbox(Mode mode) : mode_(mode) {}
    ~Inbox() { join(); }
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;
    Inbox(Inbox&&) = delete;
    Inbox& operator=(Inbox&&) = delete;

    bool submit(dialer::Input input, const Done& done) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (mode_ == Mode::refuse) {
            return false;
        }
        events_.push_back(std::get<WebhookReceived>(std::move(input)));
        switch (mode_) {
            case Mode::store_on_other_thread:
                threads_.emplace_back([done] { done({}); });
                break;
            case Mode::store_at_once:
                done({});
                break;
            case Mode::fail:
                done(base::Error{base::Errc::unavailable, "disk full"});
                break;
            case Mode::keep:
                kept_.push_back(done);
                break;
            case Mode::refuse:
                break;
        }
        return true;
    }
    std::vector<WebhookReceived> events() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return events_;
    }
    std::vector<Done> kept() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return kept_;
    }
    void join() {
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

private:
    Mode mode_;
    std::mutex mutex_;
    std::vector<WebhookReceived> events_;
    std::vector<Done> kept_;
    std::vector<std::thread> threads_;
};

/// The endpoints behind a real server on loopback.
class Fixture {
public:
    explicit Fixture(Inbox::Mode mode, Endpoints::Settings settings = {})
        : inbox(mode),
          server_({}, [this](const net::HttpRequest& request, const net::Responder& responder) {
              endpoints_->handle(request, responder);
          }) {
        server_.thread().call([&] {
            endpoints_ = std::make_unique<Endpoints>(
                server_.thread().loop(), clock_, std::move(settings), ports(), metrics
            );
            return 0;
        });
    }
    ~Fixture() {
        inbox.join();
        server_.thread().call([&] {
            endpoints_.reset();
            return 0;
        });
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;
    Fixture(Fixture&&) = delete;
    Fixture& operator=(Fixture&&) = delete;

    /// The whole answer, on a connection of its own.
    std::string post(
        const std::string& target, const std::string& body, const std::string& headers = {}
    ) const {
        return ask("POST " + target, body, headers);
    }
    std::string get(const std::string& target) const { return ask("GET " + target, {}, {}); }
    std::string ask(const std::string& line, const std::string& body, const std::string& headers)
        const {
        Peer peer = Peer::connect(server_.port());
        peer.send(
            line + " HTTP/1.1\r\nHost: x\r\n" + headers +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
        );
        return peer.read_message();
    }
    /// Waits until the inbox keeps that many events.
    bool comes_to_keep(std::size_t count) {
        const auto end = std::chrono::steady_clock::now() + net::test::patience;
        while (inbox.kept().size() != count) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            std::this_thread::yield();
        }
        return true;
    }
    std::uint16_t port() const { return server_.port(); }
    std::size_t pending() {
        return server_.thread().call([&] { return endpoints_->pending(); });
    }

    Inbox inbox;
    webhook::Metrics metrics;
    webhook::Readiness readiness;
    std::vector<webhook::VoiceRequest> asked;
    std::vector<webhook::InboundRequest> came_in;

private:
    webhook::Ports ports() {
        return {
            .readers =
                {.cdr = reader(WebhookReceived::Kind::cdr),
                 .session_update = reader(WebhookReceived::Kind::session_update),
                 .callback = reader(WebhookReceived::Kind::callback),
                 .opbx_relay = read_relay},
            .submit = [this](
                          dialer::Input input, base::MonoTime /*arrived*/, const Done& done
                      ) { return inbox.submit(std::move(input), done); },
            .document =
                [this](
                    const webhook::VoiceRequest& request,
                    const std::function<void(base::Result<std::string>)>& done
                ) {
                    asked.push_back(request);
                    if (request.attempt.raw() != 5) {  // nobody decides about this one
                        done(document(request));
                    }
                },
            .inbound =
                [this](
                    const webhook::InboundRequest& request,
                    const std::function<void(std::string)>& done
                ) {
                    came_in.push_back(request);
                    done("<Response><Hangup/></Response>");
                },
            .readiness = [this] { return readiness; }};
    }
    static base::Result<std::string> document(const webhook::VoiceRequest& request) {
        switch (request.attempt.raw()) {
            case 1:
                return std::string("<Response/>");
            case 2:
                return base::Error{base::Errc::not_found, "none"};
            case 3:
                return base::Error{base::Errc::unavailable, "busy"};
            default:
                return base::Error{base::Errc::conflict, "no assistant"};
        }
    }

    base::SystemClock clock_;
    std::unique_ptr<Endpoints> endpoints_;
    net::test::ServerThread server_;
};

int status_of(const std::string& answer) {
    return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Endpoints::Settings keyed() {
    Endpoints::Settings settings;
    settings.keys = {{"acme", base::Secret("sesame")}, {"other", base::Secret("open")}};
    return settings;
}

}  // namespace

TEST_CASE("webhooks: 200 once stored, and the event is what the reader read", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_on_other_thread);
    auto [path, kind] = GENERATE(table<std::string, WebhookReceived::Kind>({
        {"/cloudonix/cdr", WebhookReceived::Kind::cdr},
        {"/cloudonix/session-update", WebhookReceived::Kind::session_update},
        {"/cloudonix/callback", WebhookReceived::Kind::callback},
    }));
    const std::string answer = fixture.post(path + "?a=b", "key", "X-Cx-Session: token\r\n");
    CHECK(status_of(answer) == 200);
    CHECK(holds(answer, "Content-Type: application/json"));
    const auto events = fixture.inbox.events();
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == kind);
    CHECK(events[0].key == "key");
    CHECK(events[0].body == "token");
    CHECK(events[0].domain.empty());
}

TEST_CASE("webhooks: nothing is answered before it is stored", "[webhook]") {
    Fixture fixture(Inbox::Mode::keep, {.store_timeout = 1h});
    Peer peer = Peer::connect(fixture.port());
    peer.send("POST /cloudonix/cdr HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\none,two");
    REQUIRE(fixture.comes_to_keep(2));
    const auto kept = fixture.inbox.kept();
    kept[1]({});
    // Taking the count runs on the loop after what was posted to it: one event is still open.
    CHECK(fixture.pending() == 1);
    kept[0]({});
    CHECK(status_of(peer.read_message()) == 200);
    CHECK(fixture.pending() == 0);
    kept[0]({});
    CHECK(fixture.pending() == 0);
}

TEST_CASE("webhooks: a delivery that is repeated is passed on with the same key", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    CHECK(status_of(fixture.post("/cloudonix/cdr", "same")) == 200);
    CHECK(status_of(fixture.post("/cloudonix/cdr", "same")) == 200);
    const auto events = fixture.inbox.events();
    REQUIRE(events.size() == 2);
    CHECK(events[0].key == events[1].key);
}

TEST_CASE("webhooks: 503 when there is no room or it could not be stored", "[webhook]") {
    const auto mode = GENERATE(Inbox::Mode::refuse, Inbox::Mode::fail);
    Fixture fixture(mode);
    const std::string answer = fixture.post("/cloudonix/cdr", "one,two");
    CHECK(status_of(answer) == 503);
    CHECK(holds(answer, "Retry-After: 1\r\n"));
    CHECK(holds(answer, R"({"error":{"code":"unavailable",)"));
    CHECK(fixture.pending() == 0);
}

TEST_CASE("webhooks: 503 when the store hangs, and a late commit does no harm", "[webhook]") {
    Fixture fixture(Inbox::Mode::keep, {.store_timeout = 20ms});
    CHECK(status_of(fixture.post("/cloudonix/cdr", "one")) == 503);
    CHECK(fixture.pending() == 0);
    fixture.inbox.kept().at(0)({});
    CHECK(fixture.pending() == 0);
    CHECK(holds(fixture.metrics.text(), R"(cxdial_webhooks_total{endpoint="cdr",status="503"} 1)"));
}

TEST_CASE("webhooks: a commit after the endpoints are gone does no harm", "[webhook]") {
    std::vector<Done> kept;
    base::SystemClock clock;
    webhook::Metrics metrics;
    std::unique_ptr<Endpoints> endpoints;
    net::test::ServerThread server(
        {},
        [&](const net::HttpRequest& request, const net::Responder& responder) {
            endpoints->handle(request, responder);
        }
    );
    std::promise<void> submitted;
    webhook::Ports ports{
        .readers = {reader(WebhookReceived::Kind::cdr), {}, {}},
        .submit =
            [&](dialer::Input /*input*/, base::MonoTime /*arrived*/, const Done& done) {
                kept.push_back(done);
                submitted.set_value();
                return true;
            },
        .document = {},
        .readiness = {}};
    server.thread().call([&] {
        endpoints = std::make_unique<Endpoints>(
            server.thread().loop(), clock, Endpoints::Settings{}, ports, metrics
        );
        return 0;
    });
    Peer peer = Peer::connect(server.port());
    peer.send("POST /cloudonix/cdr HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
    submitted.get_future().get();
    server.thread().call([&] {
        endpoints.reset();
        return 0;
    });
    // Nobody is left to answer: the server does.
    CHECK(status_of(peer.read_message()) == 500);
    kept.at(0)({});
    CHECK(server.thread().call([] { return true; }));
}

TEST_CASE("webhooks: 400 for what is no event, and nothing is stored", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    const std::string answer = fixture.post("/cloudonix/session-update", "!");
    CHECK(status_of(answer) == 400);
    CHECK(holds(answer, R"({"error":{"code":"bad_request","message":"not an event","fields":[]}})")
    );
    CHECK(fixture.inbox.events().empty());
}

TEST_CASE("webhooks: 413 beyond a mebibyte", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    Peer peer = Peer::connect(fixture.port());
    peer.send("POST /cloudonix/cdr HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
    CHECK(status_of(peer.read_message()) == 413);
    CHECK(status_of(fixture.post("/cloudonix/cdr", std::string(1U << 20U, 'x'))) == 200);
}

TEST_CASE("webhooks: the bearer is asked for and names the domain", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once, keyed());
    for (const std::string path :
         {"/cloudonix/cdr",
          "/cloudonix/session-update",
          "/cloudonix/callback",
          "/cloudonix/voice"}) {
        CAPTURE(path);
        const std::string answer = fixture.post(path, "key");
        CHECK(status_of(answer) == 401);
        CHECK(holds(answer, "WWW-Authenticate: Bearer\r\n"));
        CHECK(status_of(fixture.post(path, "key", "Authorization: Bearer wrong\r\n")) == 401);
    }
    CHECK(fixture.inbox.events().empty());
    CHECK(status_of(fixture.post("/cloudonix/cdr", "k", "Authorization: bearer open\r\n")) == 200);
    REQUIRE(fixture.inbox.events().size() == 1);
    CHECK(fixture.inbox.events()[0].domain == "other");
}

namespace {

// Signatures by another program.
constexpr const char* fox = "The quick brown fox jumps over the lazy dog";
constexpr const char* signed_fox =
    "X-Webhook-Signature: f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8\r\n";

Endpoints::Settings beside_opbx() {
    Endpoints::Settings settings = keyed();
    settings.opbx_secret = base::Secret("key");
    settings.cdrs_pass_on_to = "opbx_cdr";
    return settings;
}

}  // namespace

TEST_CASE("opbx relay: 202 with the session once stored", "[webhook][opbx]") {
    Fixture fixture(Inbox::Mode::store_on_other_thread, beside_opbx());
    const std::string answer = fixture.post("/webhooks/cdr", fox, signed_fox);
    CHECK(status_of(answer) == 202);
    CHECK(holds(answer, R"({"status":"accepted","session_id":"501"})"));
    REQUIRE(fixture.inbox.events().size() == 1);
    CHECK(fixture.inbox.events().front().key == fox);
    CHECK_FALSE(fixture.inbox.events().front().pass_on.has_value());
}

TEST_CASE("opbx relay: 503 when it could not be stored", "[webhook][opbx]") {
    Fixture fixture(Inbox::Mode::fail, beside_opbx());
    CHECK(status_of(fixture.post("/webhooks/cdr", fox, signed_fox)) == 503);
}

TEST_CASE(
    "opbx relay: 401 for a signature that does not fit, and nothing is stored", "[webhook][opbx]"
) {
    Fixture fixture(Inbox::Mode::store_at_once, beside_opbx());
    CHECK(status_of(fixture.post("/webhooks/cdr", fox)) == 401);
    CHECK(status_of(fixture.post("/webhooks/cdr", std::string(fox) + " ", signed_fox)) == 401);
    CHECK(status_of(fixture.post("/webhooks/cdr", fox, "X-Webhook-Signature: f7bc\r\n")) == 401);
    CHECK(fixture.inbox.events().empty());
}

TEST_CASE(
    "opbx relay: without a secret nothing is taken, however it is signed", "[webhook][opbx]"
) {
    Fixture fixture(Inbox::Mode::store_at_once);
    // The signature of the empty key.
    const std::string header =
        "X-Webhook-Signature: b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad\r\n";
    CHECK(status_of(fixture.post("/webhooks/cdr", "", header)) == 401);
    CHECK(fixture.inbox.events().empty());
}

TEST_CASE("opbx relay: 400 for what is no event", "[webhook][opbx]") {
    Fixture fixture(Inbox::Mode::store_at_once, beside_opbx());
    const std::string header =
        "X-Webhook-Signature: 88b7f5c5636bd56b5888dfee0ea4c3b0c18d397688aa9ee42544f219c1dc5bc2\r\n";
    CHECK(status_of(fixture.post("/webhooks/cdr", "!", header)) == 400);
}

TEST_CASE("opbx: a CDR is passed on with its authorization, an update is not", "[webhook][opbx]") {
    Fixture fixture(Inbox::Mode::store_at_once, beside_opbx());
    const std::string bearer = "Authorization: Bearer sesame\r\n";
    CHECK(status_of(fixture.post("/cloudonix/cdr", "one", bearer)) == 200);
    CHECK(status_of(fixture.post("/cloudonix/session-update", "two", bearer)) == 200);
    const std::vector<WebhookReceived> events = fixture.inbox.events();
    REQUIRE(events.size() == 2);
    REQUIRE(events[0].pass_on.has_value());
    CHECK(events[0].pass_on->queue == "opbx_cdr");
    CHECK(events[0].pass_on->authorization.reveal() == "Bearer sesame");
    CHECK_FALSE(events[1].pass_on.has_value());
}

TEST_CASE("opbx: the monitor page is told how the worker is", "[webhook][opbx]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    const std::string well = fixture.get("/webhooks/health");
    CHECK(status_of(well) == 200);
    CHECK(holds(well, R"({"status":"healthy","timestamp":"20)"));
    fixture.readiness.reasons = {"the database cannot store"};
    CHECK(holds(fixture.get("/webhooks/health"), R"("status":"degraded")"));
}

TEST_CASE("endpoints: another method is refused with those allowed", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    const std::string cdr = fixture.get("/cloudonix/cdr");
    CHECK(status_of(cdr) == 405);
    CHECK(holds(cdr, "Allow: POST\r\n"));
    const std::string voice = fixture.ask("PUT /cloudonix/voice", {}, {});
    CHECK(status_of(voice) == 405);
    CHECK(holds(voice, "Allow: GET, POST\r\n"));
    CHECK(holds(fixture.post("/metrics", ""), "Allow: GET\r\n"));
}

TEST_CASE("endpoints: another path is not found", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    for (const std::string path : {"/", "/cloudonix", "/cloudonix/cdr/", "/CLOUDONIX/CDR"}) {
        const std::string answer = fixture.post(path, "x");
        CHECK(status_of(answer) == 404);
        CHECK(holds(answer, R"("code":"not_found")"));
        CHECK_FALSE(Endpoints::knows(path));
    }
    CHECK(Endpoints::knows("/cloudonix/cdr"));
}

TEST_CASE("voice: the call's document is answered as XML", "[webhook][voice]") {
    Fixture fixture(Inbox::Mode::store_at_once);
    const std::string got = fixture.get("/cloudonix/voice?attempt=1&Session=abcdef0123");
    CHECK(status_of(got) == 200);
    CHECK(holds(got, "Content-Type: application/xml\r\n"));
    CHECK(holds(got, "\r\n\r\n<Response/>"));
    const std::string posted = fixture.post(
        "/cloudonix/voice?attempt=1&dialed=night%20shift&dialed=b",
        R"({"Session":"abcdef0123","AnsweredBy":"human","DialCallStatus":"failed"})"
    );
    CHECK(status_of(posted) == 200);
    REQUIRE(fixture.asked.size() == 2);
    CHECK(fixture.asked[0].session == "abcdef0123");
    CHECK(fixture.asked[1].session == "abcdef0123");
    CHECK(fixture.asked[1].answered_by == "human");
    CHECK(fixture.asked[0].dial_status.empty());
    CHECK(fixture.asked[1].dial_status == "failed");
    CHECK(fixture.asked[0].dialed.empty());
    CHECK(fixture.asked[1].dialed == std::vector<std::string>{"night shift", "b"});
}

TEST_CASE(
    "voice: a call whose document cannot be made is not left in silence", "[webhook][voice]"
) {
    Endpoints::Settings settings;
    settings.public_url = "https://dialer.example";
    settings.voice_timeout = base::Millis{50};
    Fixture fixture(Inbox::Mode::store_at_once, std::move(settings));
    CHECK(holds(fixture.get("/cloudonix/voice?attempt=5"), "retry=1</Redirect>"));
    CHECK(status_of(fixture.get("/cloudonix/voice")) == 400);
    CHECK(status_of(fixture.get("/cloudonix/voice?attempt=2")) == 404);
    CHECK(holds(fixture.get("/cloudonix/voice?attempt=3"), "retry=1</Redirect>"));
    CHECK(holds(fixture.get("/cloudonix/voice?attempt=3&retry=2"), "<Hangup/>"));
    CHECK(holds(
        fixture.get("/cloudonix/voice?attempt=3&dialed=a%20b&DialCallStatus=failed"),
        "attempt=3&amp;dialed=a%20b&amp;DialCallStatus=failed&amp;retry=1</Redirect>"
    ));
    const std::string gone = fixture.get("/cloudonix/voice?attempt=4");
    CHECK(status_of(gone) == 200);
    CHECK(holds(gone, "<Response><Hangup/></Response>"));
}

TEST_CASE(
    "inbound: a call that comes in is read from a query, a form, JSON or headers", "[webhook]"
) {
    Fixture fixture(Inbox::Mode::store_at_once);
    const std::string got = fixture.get(
        "/voice/inbound?CallSid=c1&Session=abcdef0123&From=%2B12125550199&To=%2B14155550000"
    );
    CHECK(status_of(got) == 200);
    CHECK(holds(got, "Content-Type: application/xml"));
    CHECK(holds(got, "<Hangup/>"));
    const std::string posted = fixture.post(
        "/voice/inbound", R"({"Session":"abcdef0124","From":"1004","To":"3000","Domain":"a.net"})"
    );
    CHECK(status_of(posted) == 200);
    REQUIRE(fixture.came_in.size() == 2);
    CHECK(fixture.came_in[0].call_sid == "c1");
    CHECK(fixture.came_in[0].session == "abcdef0123");
    CHECK(fixture.came_in[0].from == "+12125550199");
    CHECK(fixture.came_in[0].to == "+14155550000");
    CHECK(fixture.came_in[1].call_sid == "abcdef0124");
    CHECK(fixture.came_in[1].domain == "a.net");
    for (const std::string body : {R"({"To":"3000"})", R"({"CallSid":"c1"})", "[]", ""}) {
        CHECK(status_of(fixture.post("/voice/inbound", body)) == 400);
    }
    const std::string huge(300, 'a');
    CHECK(status_of(fixture.get("/voice/inbound?To=3000&CallSid=" + huge)) == 400);
    CHECK(fixture.came_in.size() == 2);
}

TEST_CASE("inbound: the bearer is asked for and names the domain", "[webhook]") {
    Fixture fixture(Inbox::Mode::store_at_once, keyed());
    CHECK(status_of(fixture.get("/voice/inbound?CallSid=c1&To=3000")) == 401);
    CHECK(fixture.came_in.empty());
}

TEST_CASE("health: alive, ready or not with the reasons, and metrics", "[webhook]") {
    Endpoints::Settings settings = keyed();
    settings.version = "0.1.0";
    Fixture fixture(Inbox::Mode::store_at_once, std::move(settings));
    const std::string health = fixture.get("/healthz");
    CHECK(status_of(health) == 200);
    CHECK(holds(health, R"({"status":"ok","version":"0.1.0","inbound_routing":"by_tenant"})"));
    const std::string ready = fixture.get("/readyz");
    CHECK(status_of(ready) == 200);
    CHECK(holds(ready, R"({"status":"ready","reasons":[]})"));
    fixture.readiness.reasons = {"database is read-only"};
    const std::string unready = fixture.get("/readyz");
    CHECK(status_of(unready) == 503);
    CHECK(holds(unready, R"({"status":"not ready","reasons":["database is read-only"]})"));
    const std::string metrics = fixture.get("/metrics");
    CHECK(status_of(metrics) == 200);
    CHECK(holds(metrics, "Content-Type: text/plain; version=0.0.4"));
    CHECK(holds(metrics, "\ncxdial_orphan_cdrs_total 0\n"));
}
