#pragma once

#include "net/http_server.h"
#include "net/internal/loop_impl.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace cxdial::net {

class Connection;

/// What a connection waits for. All but `answer` end after a time that is fixed per server.
enum class Wait : std::size_t {
    first_byte,  ///< of the next request
    request,     ///< the rest of it
    body,        ///< the next piece of a streamed body
    answer,      ///< the program works on it
    write,       ///< the client reads the answer
    linger,      ///< the last answer is out; what the client still sends is thrown away
};
inline constexpr std::size_t wait_count = 6;

/// Owns a server's connections, and times them all with one timer. Each wait has one fixed limit,
/// so a list in order of arrival is in order of deadline, and moving a connection costs no
/// allocation.
class ConnectionTable {
public:
    struct Entry {
        std::shared_ptr<Connection> connection;
        std::chrono::steady_clock::time_point deadline;
    };
    struct Place {
        Wait wait = Wait::first_byte;
        std::list<Entry>::iterator entry;
    };
    /// Zero: no limit.
    using Limits = std::array<std::chrono::milliseconds, wait_count>;

    ConnectionTable(Loop& loop, Limits limits);

    void add(const std::shared_ptr<Connection>& connection);
    void move(Connection& connection, Wait to);
    /// May destroy the connection.
    void remove(Connection& connection);
    void close_all();
    [[nodiscard]] std::size_t size() const;

private:
    void set_deadline(const Place& place);
    void sweep();
    std::list<Entry>& list(Wait wait) { return lists_[static_cast<std::size_t>(wait)]; }

    std::array<std::list<Entry>, wait_count> lists_;
    Limits limits_;
    Timer timer_;
    std::chrono::steady_clock::time_point timer_due_ = std::chrono::steady_clock::time_point::max();
};

/// What the connections of one server share. Outlives the server while a cancelled operation of a
/// connection is still on its way.
struct ServerCore {
    ServerCore(
        Loop& loop,
        HttpServer::Options server_options,
        HttpServer::Handler server_handler,
        Streaming server_streaming
    );

    HttpServer::Options options;
    HttpServer::Handler handler;
    Streaming streaming;
    std::weak_ptr<asio::io_context> io;
    ConnectionTable table;
    bool stopping = false;
    std::function<void()> on_empty;
};

/// One client. Thread rule: the loop's thread.
class Connection {
public:
    virtual ~Connection() = default;

    /// Starts to read. The table owns the connection already.
    virtual void start() = 0;
    /// Does nothing unless a request waits for its answer.
    virtual void answer(HttpResponse response) = 0;
    /// Writes `bytes` and closes, or resets when there are none. Does nothing unless a request
    /// waits for its answer.
    virtual void break_off(const std::string& bytes) = 0;
    /// Called when the present wait took too long; leaves that wait.
    virtual void expired() = 0;
    virtual void close() = 0;

    ConnectionTable::Place place;
};

[[nodiscard]] std::shared_ptr<Connection> make_connection(
    TcpSocket socket, std::shared_ptr<ServerCore> core
);

[[nodiscard]] Responder make_responder(
    std::weak_ptr<asio::io_context> io, std::weak_ptr<Connection> connection
);

}  // namespace cxdial::net
