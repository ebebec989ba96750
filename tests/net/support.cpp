#include "tests/net/support.h"

#include "base/check.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace cxdial::net::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

const sockaddr* as_address(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// The port.
std::uint16_t bind(int fd) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    CHECK_INVARIANT(::bind(fd, as_address(address), size) == 0);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

std::uint16_t listen(int fd, int backlog) {
    const std::uint16_t port = bind(fd);
    CHECK_INVARIANT(::listen(fd, backlog) == 0);
    return port;
}

std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const std::size_t at = head.find(name);
    return at == std::string_view::npos
               ? 0
               : std::strtoul(std::string(head.substr(at + name.size())).c_str(), nullptr, 10);
}

}  // namespace

Peer Peer::connect(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    CHECK_INVARIANT(::connect(fd, as_address(address), sizeof address) == 0);
    const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Peer(fd);
}

bool Peer::send(std::string_view text) const {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Peer::read_more() {
    std::array<char, 65536> chunk{};
    const ssize_t size = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (size <= 0) {
        return false;
    }
    pending_.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
}

std::string Peer::read_header() {
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
        if (!read_more()) {
            return std::exchange(pending_, {});
        }
    }
    const std::string header = pending_.substr(0, end + 4);
    pending_.erase(0, end + 4);
    return header;
}

std::string Peer::read_message() {
    std::string message = read_header();
    const std::size_t size = content_length(message);
    while (pending_.size() < size && read_more()) {}
    message += pending_.substr(0, size);
    pending_.erase(0, size);
    return message;
}

std::string Peer::read_rest() {
    while (read_more()) {}
    return std::exchange(pending_, {});
}

void Peer::close() {
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

void Peer::reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

ScriptedServer::ScriptedServer(Script script)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(listen(listener_, 64)) {
    thread_ = std::thread([this, script = std::move(script)] {
        for (;;) {
            const int fd = ::accept(listener_, nullptr, nullptr);
            if (fd < 0) {
                return;
            }
            const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
            ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            Peer peer(fd);
            script(*this, peer);
        }
    });
}

ScriptedServer::~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

std::string ScriptedServer::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::string ScriptedServer::take_request(Peer& peer) {
    return remember(peer.read_message());
}

std::string ScriptedServer::take_header(Peer& peer) {
    return remember(peer.read_header());
}

std::string ScriptedServer::remember(std::string request) {
    if (!request.empty()) {
        const std::lock_guard<std::mutex> lock(mutex_);
        requests_.push_back(request);
    }
    return request;
}

std::vector<std::string> ScriptedServer::requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
}

int ScriptedServer::count(std::string_view start) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int>(std::count_if(
        requests_.begin(),
        requests_.end(),
        [start](const std::string& request) {
            return std::string_view(request).substr(0, start.size()) == start;
        }
    ));
}

ClosedPort::ClosedPort()
    : holder_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(bind(holder_)) {}

ClosedPort::~ClosedPort() {
    ::close(holder_);
}

FullListener::FullListener()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(listen(listener_, 0)) {
    for (int i = 0; i < 3; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const sockaddr_in address = loopback(port_);
        static_cast<void>(::connect(fd, as_address(address), sizeof address));
        fillers_.push_back(fd);
    }
}

FullListener::~FullListener() {
    for (const int fd : fillers_) {
        ::close(fd);
    }
    ::close(listener_);
}

bool answer(const Peer& peer, std::string_view body) {
    return peer.send(
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        std::string(body)
    );
}

ServerThread::ServerThread(
    HttpServer::Options options, HttpServer::Handler handler, Streaming streaming
) {
    server_ = thread_.call([&] {
        auto server = HttpServer::listen(
            thread_.loop(), std::move(options), std::move(handler), std::move(streaming)
        );
        return std::move(server).value();
    });
    port_ = server_->port();
}

ServerThread::~ServerThread() {
    thread_.call([this] { server_.reset(); });
}

std::size_t ServerThread::connections() {
    return thread_.call([this] { return server_->connections(); });
}

bool ServerThread::comes_to(std::size_t connections) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (this->connections() != connections) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

std::future<void> ServerThread::stop(
    std::chrono::milliseconds grace, const std::function<void()>& before
) {
    return thread_.call([&] {
        before();
        auto done = std::make_shared<std::promise<void>>();
        server_->stop(grace, [done] { done->set_value(); });
        return done->get_future();
    });
}

bool run_until(Loop& loop, const std::function<bool()>& done) {
    bool in_time = true;
    Timer limit(loop);
    limit.start(patience, [&] {
        in_time = false;
        loop.stop();
    });
    // Looks again after each round of handlers.
    std::function<void()> look = [&] { done() ? loop.stop() : loop.post(look); };
    loop.post(look);
    loop.run();
    return in_time;
}

HttpOutcome ask(Loop& loop, HttpClient& client, HttpRequest request, Sending sending) {
    const auto outcome = std::make_shared<std::optional<HttpOutcome>>();
    const auto take = [outcome](HttpOutcome taken) { *outcome = std::move(taken); };
    if (sending == Sending::once) {
        client.send_once(std::move(request), take);
    } else {
        client.send(std::move(request), take);
    }
    if (!run_until(loop, [&] { return outcome->has_value(); })) {
        return HttpFailure{.request_sent = true, .why = "no outcome"};
    }
    return **outcome;
}

}  // namespace cxdial::net::test
