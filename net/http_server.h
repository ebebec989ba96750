#pragma once

#include "base/result.h"
#include "net/http.h"
#include "net/loop.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace cxdial::net {

/// The right to answer one request, once. Copies share the right: the first answer counts, later
/// ones do nothing. When the last copy goes without an answer, the client gets 500. Thread rule:
/// any thread; the answer is written on the loop's thread.
class Responder {
public:
    struct Impl;
    explicit Responder(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    void answer(HttpResponse response) const;
    /// Instead of an answer: writes `bytes` as they stand, if any, and ends the connection; without
    /// any, by a reset. For stand-ins that must misbehave.
    void break_off(std::string bytes = {}) const;

private:
    std::shared_ptr<Impl> impl_;
};

/// Who takes the body of one request piece by piece. Both are called on the loop's thread; when the
/// request is answered before its body is over, neither is called any more.
struct BodySink {
    /// The next bytes, never none. No further ones are read until `more` was called (any thread).
    std::function<void(std::string bytes, std::function<void()> more)> on_bytes;
    /// The body is over: whole, or (false) it never will be, since the client has left, made no
    /// progress or sent what is no HTTP; then no answer can reach it.
    std::function<void(bool whole)> on_end;
};

/// Which requests have their bodies streamed, and to whom. Such a body has no limit as a whole; its
/// client is cut off when for `request_timeout` nothing comes of what the sink is ready for.
struct Streaming {
    /// Asked once the header is read; the body is empty.
    std::function<bool(const HttpRequest& head)> wants;
    /// Takes the request, whose body is empty here; may answer at once.
    std::function<BodySink(HttpRequest head, Responder responder)> begin;
};

/// HTTP/1.1 server on Boost.Beast: keep-alive, a deadline for each request as a whole, limits on
/// what a client may send. Thread rule: the loop's thread.
class HttpServer {
public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;                     ///< 0: the system chooses; see `port()`
        std::size_t header_bytes_max = 16U << 10U;  ///< more: 431, connection closed
        std::size_t body_bytes_max = 1U << 20U;     ///< more: 413, connection closed
        std::size_t connections_max = 4096;         ///< more: accepted and closed at once
        /// From a request's first byte to its last. A client that is slower is cut off (408 where
        /// it can still be told).
        std::chrono::milliseconds request_timeout{10'000};
        /// How long a connection may stay open between requests.
        std::chrono::milliseconds idle_timeout{75'000};
        /// How long the client may take to read an answer.
        std::chrono::milliseconds write_timeout{30'000};
    };

    /// Called for each complete request. It must not throw.
    using Handler = std::function<void(HttpRequest, Responder)>;

    /// Binds and starts to listen. An error names address, port and reason. With `streaming`, the
    /// requests that it wants go there; all others are read whole and go to `handler`.
    [[nodiscard]] static base::Result<std::unique_ptr<HttpServer>> listen(
        Loop& loop, Options options, Handler handler, Streaming streaming = {}
    );
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    HttpServer(HttpServer&&) = delete;
    HttpServer& operator=(HttpServer&&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t connections() const;

    /// Graceful stop: takes no new connection, answers what was already sent to it (with
    /// `Connection: close`) for `grace`, then closes what is left and calls `done`.
    void stop(std::chrono::milliseconds grace, std::function<void()> done);

private:
    struct Impl;
    explicit HttpServer(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::net
