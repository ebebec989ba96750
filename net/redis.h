#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cxdial::net {

/// Where a Redis is, and how it is greeted.
struct RedisServer {
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    base::Secret password;  ///< empty: none is sent
    int database = 0;
};

/// `redis://host[:port][/database]`. `invalid_argument` names what is wrong.
[[nodiscard]] base::Result<RedisServer> parse_redis_url(std::string_view url);

/// What Redis answers. An error within an array is its text.
struct RedisValue {
    using Array = std::vector<RedisValue>;
    std::variant<std::monostate, std::int64_t, std::string, Array> value;

    /// 0 when it is no number.
    [[nodiscard]] std::int64_t number() const;
    /// Empty when it is no text.
    [[nodiscard]] std::string_view text() const;
    /// The element at that place; a nil when there is none.
    [[nodiscard]] const RedisValue& at(std::size_t index) const;
    /// Elements of an array; 0 for all else.
    [[nodiscard]] std::size_t size() const;
};

/// How patient connections to Redis are.
struct RedisTimes {
    base::Millis connect{2'000};
    base::Millis reply{2'000};     ///< without any reply for so long the connection is given up
    base::Millis first_pause{50};  ///< before it connects again; doubled at each failure
    base::Millis longest_pause{2'000};
};

/// One connection to a Redis, made again whenever it breaks, with its commands pipelined in order.
/// Thread rule: the loop's thread. Handlers are called on it, never from inside `command`; none is
/// called once this is destroyed, which must not happen inside a handler.
class RedisClient {
public:
    using Handler = std::function<void(base::Result<RedisValue>)>;

    /// Connects by itself. `loop` must outlive this.
    RedisClient(Loop& loop, RedisServer server, RedisTimes times = {});
    ~RedisClient();
    RedisClient(const RedisClient&) = delete;
    RedisClient& operator=(const RedisClient&) = delete;
    RedisClient(RedisClient&&) = delete;
    RedisClient& operator=(RedisClient&&) = delete;

    /// Sends a command once. `unavailable`: there is no connection, and it did not happen;
    /// `unknown_outcome`: the connection broke before the reply; `invalid_argument`: what Redis
    /// said against it.
    void command(const std::vector<std::string>& words, Handler handler);
    /// Whether commands are taken at this moment.
    [[nodiscard]] bool connected() const;
    /// Called whenever `connected` changes. Set it before the loop turns.
    void on_change(std::function<void(bool connected)> handler);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

/// Listens to one channel of a Redis, on a connection of its own that is made again whenever it
/// breaks. What is published meanwhile is lost. Thread rule: as `RedisClient`.
class RedisSubscriber {
public:
    /// `on_message` gets each message of the channel.
    RedisSubscriber(
        Loop& loop,
        RedisServer server,
        std::string channel,
        std::function<void(std::string_view message)> on_message,
        RedisTimes times = {}
    );
    ~RedisSubscriber();
    RedisSubscriber(const RedisSubscriber&) = delete;
    RedisSubscriber& operator=(const RedisSubscriber&) = delete;
    RedisSubscriber(RedisSubscriber&&) = delete;
    RedisSubscriber& operator=(RedisSubscriber&&) = delete;

    /// Whether Redis has confirmed the subscription of this connection.
    [[nodiscard]] bool listening() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::net
