#include "net/http_server.h"

#include "base/log.h"
#include "net/internal/connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <utility>
#include <vector>

namespace cxdial::net {

namespace {

using boost::system::error_code;

/// How long a client may take to close after its last answer.
constexpr std::chrono::milliseconds linger_max{1'000};
/// Before the next try when the system refuses a connection, which is when it is out of
/// descriptors.
constexpr std::chrono::milliseconds accept_retry{100};

base::Error listen_error(const HttpServer::Options& options, const error_code& error) {
    return {
        base::Errc::unavailable,
        "cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " +
            error.message()};
}

void open_acceptor(TcpAcceptor& acceptor, const HttpServer::Options& options, error_code& error) {
    const asio::ip::address address = asio::ip::make_address(options.address, error);
    if (error) {
        return;
    }
    const asio::ip::tcp::endpoint endpoint(address, options.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(TcpAcceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(TcpAcceptor::max_listen_connections, error);
    }
    if (!error) {
        acceptor.non_blocking(true, error);
    }
}

}  // namespace

struct Responder::Impl {
    Impl(std::weak_ptr<asio::io_context> loop_io, std::weak_ptr<Connection> client)
        : io(std::move(loop_io)), connection(std::move(client)) {}
    ~Impl() { answer({.status = 500, .headers = {}, .body = {}}); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    Impl(Impl&&) = delete;
    Impl& operator=(Impl&&) = delete;

    void answer(HttpResponse response) {
        if (answered.exchange(true)) {
            return;
        }
        if (const auto alive = io.lock()) {
            asio::dispatch(*alive, [client = connection, answer = std::move(response)]() mutable {
                if (const auto open = client.lock()) {
                    open->answer(std::move(answer));
                }
            });
        }
    }

    void break_off(std::string bytes) {
        if (answered.exchange(true)) {
            return;
        }
        if (const auto alive = io.lock()) {
            asio::dispatch(*alive, [client = connection, text = std::move(bytes)] {
                if (const auto open = client.lock()) {
                    open->break_off(text);
                }
            });
        }
    }

    // Weak, both: an answer may come after the server and the loop are gone, and neither a socket
    // nor the loop may be destroyed by the thread that brings it.
    std::weak_ptr<asio::io_context> io;
    std::weak_ptr<Connection> connection;
    std::atomic<bool> answered = false;
};

void Responder::answer(HttpResponse response) const {
    impl_->answer(std::move(response));
}

void Responder::break_off(std::string bytes) const {
    impl_->break_off(std::move(bytes));
}

Responder make_responder(std::weak_ptr<asio::io_context> io, std::weak_ptr<Connection> connection) {
    return Responder(std::make_shared<Responder::Impl>(std::move(io), std::move(connection)));
}

ServerCore::ServerCore(
    Loop& loop,
    HttpServer::Options server_options,
    HttpServer::Handler server_handler,
    Streaming server_streaming
)
    : options(std::move(server_options)),
      handler(std::move(server_handler)),
      streaming(std::move(server_streaming)),
      io(loop.impl().io),
      table(
          loop,
          {options.idle_timeout,
           options.request_timeout,
           options.request_timeout,
           std::chrono::milliseconds::zero(),
           options.write_timeout,
           linger_max}
      ) {}

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
    Impl(Loop& loop, Options options, Handler handler, Streaming streaming)
        : core(std::make_shared<ServerCore>(
              loop, std::move(options), std::move(handler), std::move(streaming)
          )),
          acceptor(loop.impl().io->get_executor()),
          retry(loop),
          grace(loop) {}

    void accept();
    void take(TcpSocket socket);
    void take_waiting();
    void finish();

    std::shared_ptr<ServerCore> core;
    TcpAcceptor acceptor;
    std::uint16_t port = 0;
    Timer retry;
    Timer grace;
    std::vector<std::function<void()>> stopped;
};

void HttpServer::Impl::accept() {
    acceptor.async_accept([weak = weak_from_this()](const error_code& error, TcpSocket socket) {
        const auto self = weak.lock();
        if (!self || !self->acceptor.is_open()) {
            return;
        }
        if (!error) {
            self->take(std::move(socket));
            self->accept();
            return;
        }
        base::log_warn("http_accept_failed", {{"why", error.message()}});
        self->retry.start(accept_retry, [self = self.get()] { self->accept(); });
    });
}

void HttpServer::Impl::take(TcpSocket socket) {
    if (core->table.size() >= core->options.connections_max) {
        return;
    }
    error_code error;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    const auto connection = make_connection(std::move(socket), core);
    core->table.add(connection);
    connection->start();
}

// The system has promised these clients a connection; closing the listener would reset them.
void HttpServer::Impl::take_waiting() {
    error_code error;
    while (!error) {
        TcpSocket socket = acceptor.accept(error);
        if (!error) {
            take(std::move(socket));
        }
    }
}

void HttpServer::Impl::finish() {
    core->on_empty = nullptr;
    core->table.close_all();
    const auto handlers = std::exchange(stopped, {});
    for (const auto& done : handlers) {
        done();
    }
}

base::Result<std::unique_ptr<HttpServer>> HttpServer::listen(
    Loop& loop, Options options, Handler handler, Streaming streaming
) {
    auto impl =
        std::make_shared<Impl>(loop, std::move(options), std::move(handler), std::move(streaming));
    error_code error;
    open_acceptor(impl->acceptor, impl->core->options, error);
    if (error) {
        return listen_error(impl->core->options, error);
    }
    impl->port = impl->acceptor.local_endpoint(error).port();
    impl->accept();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
    impl_->core->on_empty = nullptr;
    impl_->core->table.close_all();
}

std::uint16_t HttpServer::port() const {
    return impl_->port;
}

std::size_t HttpServer::connections() const {
    return impl_->core->table.size();
}

void HttpServer::stop(std::chrono::milliseconds grace, std::function<void()> done) {
    impl_->stopped.push_back(std::move(done));
    if (impl_->core->stopping) {
        return;
    }
    impl_->core->stopping = true;
    impl_->retry.cancel();
    impl_->take_waiting();
    error_code ignored;
    impl_->acceptor.close(ignored);
    // Through the timer, so that `done` is never called from inside `stop` or a connection.
    const auto finish = [weak = impl_->weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->finish();
        }
    };
    impl_->core->on_empty = [impl = impl_.get(), finish] { impl->grace.start({}, finish); };
    const bool is_empty = impl_->core->table.size() == 0;
    impl_->grace.start(is_empty ? std::chrono::milliseconds::zero() : grace, finish);
}

}  // namespace cxdial::net
