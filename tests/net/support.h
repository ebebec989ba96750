#pragma once

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cxdial::net::test {

/// A test that waits longer than this has failed.
inline constexpr std::chrono::seconds patience{120};

/// A blocking TCP socket. Reading gives up after `patience`.
class Peer {
public:
    explicit Peer(int fd) : fd_(fd) {}
    static Peer connect(std::uint16_t port);
    ~Peer() { close(); }
    Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Peer& operator=(Peer&&) = delete;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// False when the other side is gone.
    bool send(std::string_view text) const;
    /// One message: the header, and as much as its Content-Length says. Shorter, or empty, when the
    /// other side closed before.
    [[nodiscard]] std::string read_message();
    /// The header alone; what follows stays to be read.
    [[nodiscard]] std::string read_header();
    /// All until the other side closes.
    [[nodiscard]] std::string read_rest();
    void close();
    /// Closes so that the other side gets a reset.
    void reset();

private:
    bool read_more();

    int fd_;
    std::string pending_;
};

/// A TCP server on its own thread that does to each connection what the script says.
class ScriptedServer {
public:
    /// Runs on the server's thread, one connection after the other; the peer is closed at its end.
    using Script = std::function<void(ScriptedServer& server, Peer& peer)>;

    explicit ScriptedServer(Script script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ScriptedServer(ScriptedServer&&) = delete;
    ScriptedServer& operator=(ScriptedServer&&) = delete;

    [[nodiscard]] std::string url(std::string_view path) const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Reads one request from the peer and remembers it. Empty when the client closed.
    std::string take_request(Peer& peer);
    /// Reads no further than the header.
    std::string take_header(Peer& peer);
    [[nodiscard]] std::vector<std::string> requests() const;
    /// How many requests beginning with `start` came.
    [[nodiscard]] int count(std::string_view start) const;

private:
    std::string remember(std::string request);

    int listener_;
    std::uint16_t port_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

/// A port that nobody listens on, and that nobody else gets: who connects is refused.
class ClosedPort {
public:
    ClosedPort();
    ~ClosedPort();
    ClosedPort(const ClosedPort&) = delete;
    ClosedPort& operator=(const ClosedPort&) = delete;
    ClosedPort(ClosedPort&&) = delete;
    ClosedPort& operator=(ClosedPort&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    int holder_;
    std::uint16_t port_;
};

/// Listens, but takes no more connections: who connects waits.
class FullListener {
public:
    FullListener();
    ~FullListener();
    FullListener(const FullListener&) = delete;
    FullListener& operator=(const FullListener&) = delete;
    FullListener(FullListener&&) = delete;
    FullListener& operator=(FullListener&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    int listener_;
    std::uint16_t port_;
    std::vector<int> fillers_;
};

/// Answers 200 with `body`.
bool answer(const Peer& peer, std::string_view body);

/// A loop that runs on its own thread.
class LoopThread {
public:
    LoopThread() : thread_([this] { loop_.run(); }) {}
    ~LoopThread() { join(); }
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;
    LoopThread(LoopThread&&) = delete;
    LoopThread& operator=(LoopThread&&) = delete;

    /// Runs `task` on the loop's thread and waits for its result.
    template <class Task>
    auto call(Task task) {
        std::packaged_task<decltype(task())()> packaged(std::move(task));
        auto result = packaged.get_future();
        loop_.post([&packaged] { packaged(); });
        return result.get();
    }
    [[nodiscard]] Loop& loop() { return loop_; }
    void join() {
        loop_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    Loop loop_;
    std::thread thread_;
};

/// A server on a loop of its own.
class ServerThread {
public:
    ServerThread(
        HttpServer::Options options, HttpServer::Handler handler, Streaming streaming = {}
    );
    ~ServerThread();
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;
    ServerThread(ServerThread&&) = delete;
    ServerThread& operator=(ServerThread&&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::size_t connections();
    /// Waits until the server has that many connections; false after `patience`.
    [[nodiscard]] bool comes_to(std::size_t connections);
    /// Runs `before` on the loop's thread and stops gracefully in the same breath; ready once the
    /// server says it is done.
    [[nodiscard]] std::future<void> stop(
        std::chrono::milliseconds grace, const std::function<void()>& before = [] {}
    );
    [[nodiscard]] LoopThread& thread() { return thread_; }

private:
    LoopThread thread_;
    std::unique_ptr<HttpServer> server_;
    std::uint16_t port_ = 0;
};

/// Runs the loop on this thread until `done` says so after some handler; false after `patience`.
[[nodiscard]] bool run_until(Loop& loop, const std::function<bool()>& done);

/// Sends the request, and runs the loop until its outcome is there; a failure "no outcome" when
/// none comes within `patience`.
enum class Sending { as_often_as_needed, once };
[[nodiscard]] HttpOutcome ask(
    Loop& loop, HttpClient& client, HttpRequest request, Sending sending = Sending::once
);

}  // namespace cxdial::net::test
