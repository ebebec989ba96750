#pragma once

#include "net/redis.h"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace cxdial::net::test {

/// A Redis of the test's own, on a free port, without a file. Killed at the end.
class RedisProcess {
public:
    /// `port` 0: a free one.
    explicit RedisProcess(std::string password = {}, std::uint16_t port = 0);
    ~RedisProcess() { kill(); }
    RedisProcess(const RedisProcess&) = delete;
    RedisProcess& operator=(const RedisProcess&) = delete;
    RedisProcess(RedisProcess&&) = delete;
    RedisProcess& operator=(RedisProcess&&) = delete;

    [[nodiscard]] RedisServer server() const;
    void kill();
    /// Another one, empty, at the same port.
    void start();

private:
    std::string password_;
    std::uint16_t port_;
    pid_t process_ = -1;
};

/// Short times, for a test that breaks connections.
[[nodiscard]] RedisTimes impatient();

/// Sends the command, and runs the loop until it is answered.
[[nodiscard]] base::Result<RedisValue> ask(
    Loop& loop, RedisClient& client, std::vector<std::string> words
);
/// Runs the loop until the client is connected, or is not; false after `patience`.
[[nodiscard]] bool comes_to(Loop& loop, const RedisClient& client, bool connected);

}  // namespace cxdial::net::test
