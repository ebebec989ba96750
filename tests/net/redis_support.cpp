#include "tests/net/redis_support.h"

#include "tests/net/support.h"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <spawn.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace cxdial::net::test {
namespace {

/// A port that was free a moment ago.
std::uint16_t free_port() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const bool bound =
        ::bind(descriptor, generic, size) == 0 && ::getsockname(descriptor, generic, &size) == 0;
    ::close(descriptor);
    if (!bound) {
        throw std::runtime_error("no free port");
    }
    return ntohs(address.sin_port);
}

}  // namespace

RedisProcess::RedisProcess(std::string password, std::uint16_t port)
    : password_(std::move(password)), port_(port == 0 ? free_port() : port) {
    start();
}

void RedisProcess::start() {
    const std::string port = std::to_string(port_);
    process_ = ::fork();
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execlp(
            "redis-server",
            "redis-server",
            "--port",
            port.c_str(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--logfile",
            "/dev/null",
            "--dir",
            "/tmp",
            "--requirepass",
            password_.c_str(),
            nullptr
        );
        ::_exit(127);
    }
    if (process_ < 0) {
        throw std::runtime_error("redis-server cannot be started");
    }
}

void RedisProcess::kill() {
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(std::exchange(process_, -1), nullptr, 0);
    }
}

RedisServer RedisProcess::server() const {
    return {.host = "127.0.0.1", .port = port_, .password = base::Secret{password_}, .database = 0};
}

RedisTimes impatient() {
    using namespace std::chrono_literals;
    return {.connect = 1'000ms, .reply = 1'000ms, .first_pause = 5ms, .longest_pause = 20ms};
}

base::Result<RedisValue> ask(Loop& loop, RedisClient& client, std::vector<std::string> words) {
    std::optional<base::Result<RedisValue>> found;
    client.command(std::move(words), [&found](base::Result<RedisValue> reply) {
        found.emplace(std::move(reply));
    });
    if (!run_until(loop, [&] { return found.has_value(); })) {
        throw std::runtime_error("no reply");
    }
    return *found;
}

bool comes_to(Loop& loop, const RedisClient& client, bool connected) {
    return run_until(loop, [&] { return client.connected() == connected; });
}

}  // namespace cxdial::net::test
