#pragma once

#include "net/internal/loop_impl.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <curl/curl.h>
#include <memory>
#include <optional>
#include <unordered_map>

namespace cxdial::net {

class CurlShard;

/// Who started a shard's transfers.
class ShardOwner {
public:
    virtual ~ShardOwner() = default;
    /// Some of the shard's transfers may be over. May destroy the shard.
    virtual void progressed(CurlShard& shard) = 0;
};

/// One multi handle on the loop. libcurl searches all of a multi handle's connections for each
/// request, so its load is kept small and there are several of them. libcurl's callbacks only
/// record; libcurl is called from the loop afterwards, since it refuses calls from inside its
/// callbacks.
class CurlShard {
public:
    static constexpr std::size_t load_max = 64;

    CurlShard(Loop& loop, std::weak_ptr<ShardOwner> owner);
    ~CurlShard();
    CurlShard(const CurlShard&) = delete;
    CurlShard& operator=(const CurlShard&) = delete;
    CurlShard(CurlShard&&) = delete;
    CurlShard& operator=(CurlShard&&) = delete;

    /// Starts a transfer; its handle must have all its options but those of the sockets.
    [[nodiscard]] bool add(CURL* easy);
    void remove(CURL* easy);
    [[nodiscard]] std::size_t load() const { return load_; }

    struct Done {
        CURL* easy;
        CURLcode code;
    };
    [[nodiscard]] std::optional<Done> next_done();

private:
    struct Watch;
    struct Pulse;
    using SteadyClock = std::chrono::steady_clock;

    static int on_interest(CURL* easy, curl_socket_t fd, int what, void* self, void* unused);
    static int on_timer(CURLM* multi, long delay, void* self);
    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
    static int on_close(void* self, curl_socket_t fd);

    void set_interest(curl_socket_t fd, int what);
    static void listen(const std::shared_ptr<Watch>& watch);
    void forget(curl_socket_t fd);
    void act(curl_socket_t fd, int events);
    void arm();
    void check_time();

    std::weak_ptr<ShardOwner> owner_;
    std::shared_ptr<asio::io_context> io_;
    CURLM* multi_;
    std::size_t load_ = 0;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::optional<SteadyClock::time_point> wanted_;
    Timer timer_;
    SteadyClock::time_point timer_due_ = SteadyClock::time_point::max();
    std::shared_ptr<Pulse> pulse_;
};

}  // namespace cxdial::net
