#include "simulator/simulator.h"

#include "net/http_server.h"
#include "simulator/internal/control.h"
#include "simulator/internal/reply.h"
#include "simulator/internal/rest.h"
#include "simulator/internal/world.h"

#include <string_view>
#include <utility>

namespace cxdial::simulator {

struct Simulator::Impl {
    Impl(
        net::Loop& loop,
        const base::Clock& clock,
        Options options,
        std::function<void()> on_shutdown
    )
        : world(loop, clock, std::move(options)),
          rest(world),
          control(world, std::move(on_shutdown)) {}

    void handle(const net::HttpRequest& request, const net::Responder& responder) {
        constexpr std::string_view prefix = "/control/";
        if (request.path().substr(0, prefix.size()) == prefix) {
            control.handle(request, Reply(responder));
        } else {
            rest.handle(request, responder);
        }
    }

    World world;
    Rest rest;
    Control control;
    std::unique_ptr<net::HttpServer> server;
};

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Simulator::~Simulator() = default;

base::Result<std::unique_ptr<Simulator>> Simulator::start(
    net::Loop& loop, const base::Clock& clock, Options options, std::function<void()> on_shutdown
) {
    net::HttpServer::Options server;
    server.address = options.address;
    server.port = options.port;
    auto impl = std::make_unique<Impl>(loop, clock, std::move(options), std::move(on_shutdown));
    auto listening = net::HttpServer::listen(
        loop,
        server,
        [here = impl.get()](const net::HttpRequest& request, const net::Responder& responder) {
            here->handle(request, responder);
        }
    );
    if (!listening) {
        return listening.error();
    }
    impl->server = std::move(listening).value();
    return std::unique_ptr<Simulator>(new Simulator(std::move(impl)));
}

std::uint16_t Simulator::port() const {
    return impl_->server->port();
}

}  // namespace cxdial::simulator
