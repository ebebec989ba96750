#pragma once

#include "net/internal/loop_impl.h"
#include "net/redis.h"

#include <boost/asio/ip/basic_resolver.hpp>

#include <array>
#include <hiredis/hiredis.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::net {

/// A reply as it came: a value, or what Redis said against the command.
using RedisReply = base::Result<RedisValue>;

/// A connection to Redis that greets, reads replies and comes back by itself. It knows nothing of
/// whose reply is whose.
class RedisLink : public std::enable_shared_from_this<RedisLink> {
public:
    struct Events {
        std::function<void()> on_ready;            ///< greeted: commands may be sent
        std::function<void(RedisReply)> on_reply;  ///< one, in the order of the commands
        std::function<void(std::string)> on_lost;  ///< it was ready, and is no more
    };

    RedisLink(Loop& loop, RedisServer server, RedisTimes times);

    /// Connects. The events must stay valid until `close`.
    void open(Events events);
    /// For good; no event comes any more.
    void close();

    [[nodiscard]] bool ready() const { return ready_; }
    /// Writes a command; the link must be ready.
    void send(const std::vector<std::string>& words);
    /// From now on a reply is due within the time for replies; `false`: none is.
    void expect_reply(bool expected);

private:
    struct ReaderFree {
        void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
    };
    using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

    void connect();
    void greet();
    void write();
    void read();
    void take_replies();
    void take(RedisReply reply);
    void lose(std::string why);
    /// A handler that does nothing once the connection it was made for is gone.
    template <class Handler>
    auto current(Handler handler);

    RedisServer server_;
    RedisTimes times_;
    Events events_;
    Executor executor_;
    Resolver resolver_;
    std::optional<TcpSocket> socket_;
    std::unique_ptr<redisReader, ReaderFree> reader_;
    Timer pause_;
    Timer deadline_;
    std::array<char, 16U << 10U> incoming_{};
    std::string outgoing_;
    std::string leaving_;  ///< what is being written
    std::uint64_t generation_ = 0;
    int greetings_left_ = 0;
    int failures_ = 0;
    bool ready_ = false;
    bool closed_ = false;
};

}  // namespace cxdial::net
