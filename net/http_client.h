#pragma once

#include "net/http.h"
#include "net/loop.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace cxdial::net {

/// No usable answer came.
struct HttpFailure {
    /// False: not one byte of the request left this machine (no such host, connection refused, TLS
    /// handshake failed, time-out while connecting). True: the other side may have acted on it.
    bool request_sent = true;
    /// Method, URL without its query, and libcurl's words. Never a header.
    std::string why;
};

using HttpOutcome = std::variant<HttpResponse, HttpFailure>;

/// HTTP/1.1 client on libcurl's multi interface. Keeps connections alive. Follows no redirect.
/// Destroying it gives up everything under way without calling handlers; that is allowed inside a
/// handler. Its first instance makes the process ignore SIGPIPE.
/// Thread rule: the loop's thread. Handlers are called on it, never from inside `send`.
class HttpClient {
public:
    struct Options {
        /// Transfers under way at one instant; more wait in order inside the client. A request that
        /// waits has not been sent.
        std::size_t in_flight_max = 1024;
        /// From the start of the transfer to its last byte.
        std::chrono::milliseconds timeout{30'000};
        std::chrono::milliseconds connect_timeout{5'000};
        /// A longer reply body ends the transfer as a failure.
        std::size_t response_bytes_max = 8U << 20U;
        std::string user_agent = "cxdial";
    };

    HttpClient(Loop& loop, Options options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    HttpClient(HttpClient&&) = delete;
    HttpClient& operator=(HttpClient&&) = delete;

    using Handler = std::function<void(HttpOutcome)>;

    /// Sends the request, as often as libcurl sees fit when a reused connection turns out dead.
    void send(HttpRequest request, Handler handler);

    /// Sends the request at most once, whatever happens to the connection: for the request that
    /// creates a call. libcurl re-sends a POST by itself when a reused connection dies before the
    /// first reply byte; a body that refuses to be rewound, and a refusal of every second start,
    /// prevent it, and the outcome is then a failure with `request_sent`.
    void send_once(HttpRequest request, Handler handler);

    /// Transfers under way and waiting.
    [[nodiscard]] std::size_t pending() const;

    /// Gives up everything under way: each handler gets a failure before this returns,
    /// `request_sent` as it really was.
    void cancel_all();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::net
