// The product's webhook endpoints with nothing behind them: every event is acknowledged at once and
// stored nowhere. What durability costs is measured against it.
// Prints one JSON object, {"port": …}, then serves until it is ended.

#include "api_client/cloudonix_payload.h"
#include "base/clock.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "webhook/endpoints.h"
#include "webhook/metrics.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

int main() {
    using namespace cxdial;
    const base::SystemClock clock;
    net::Loop loop;
    webhook::Metrics metrics;
    webhook::Ports ports;
    ports.readers = {
        .cdr = api_client::read_cdr,
        .session_update = api_client::read_session_update,
        .callback = api_client::read_callback,
    };
    ports.submit = [](const dialer::Input&, base::MonoTime, const auto& done) {
        done(base::Result<void>());
        return true;
    };
    ports.document = [](const webhook::VoiceRequest&, const auto& done) {
        done(base::Error{base::Errc::not_found, "there are no calls here"});
    };
    ports.readiness = [] { return webhook::Readiness(); };
    webhook::Endpoints endpoints(loop, clock, {}, std::move(ports), metrics);
    auto server = net::HttpServer::listen(
        loop,
        {},
        [&](const net::HttpRequest& request, const net::Responder& responder) {
            endpoints.handle(request, responder);
        }
    );
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().detail.c_str());
        return 1;
    }
    loop.on_signals({SIGTERM, SIGINT}, [&](int) { loop.stop(); });
    std::printf("{\"port\": %u}\n", static_cast<unsigned>((*server)->port()));
    std::fflush(stdout);
    loop.run();
    return 0;
}
