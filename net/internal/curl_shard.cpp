#include "net/internal/curl_shard.h"

#include "base/check.h"
#include "base/log.h"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace cxdial::net {

namespace {

using boost::system::error_code;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

}  // namespace

/// One socket. It stays registered with the loop from its first use until libcurl closes it,
/// through all requests of a kept connection; between them only the interest is empty.
struct CurlShard::Watch {
    Watch(CurlShard& shard_of, curl_socket_t socket, bool opened_here)
        : shard(&shard_of),
          fd(socket),
          is_ours(opened_here),
          descriptor(shard_of.io_->get_executor()) {}

    CurlShard* shard;  ///< null once the socket is closed
    curl_socket_t fd;
    bool is_ours;
    int interest = 0;  ///< CURL_CSELECT_IN, CURL_CSELECT_OUT
    int listening = 0;
    Descriptor descriptor;
};

/// The way back from a posted task to a shard that may be gone by then.
struct CurlShard::Pulse {
    CurlShard* shard;
    bool is_posted = false;
};

CurlShard::CurlShard(Loop& loop, std::weak_ptr<ShardOwner> owner)
    : owner_(std::move(owner)),
      io_(loop.impl().io),
      multi_(curl_multi_init()),
      timer_(loop),
      pulse_(std::make_shared<Pulse>(Pulse{this})) {
    CHECK_INVARIANT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlShard::on_interest);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlShard::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(load_max));
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

CurlShard::~CurlShard() {
    curl_multi_cleanup(multi_);
    while (!watches_.empty()) {
        forget(watches_.begin()->first);
    }
    pulse_->shard = nullptr;
}

bool CurlShard::add(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlShard::on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlShard::on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK) {
        return false;
    }
    ++load_;
    arm();
    return true;
}

void CurlShard::remove(CURL* easy) {
    curl_multi_remove_handle(multi_, easy);
    --load_;
    arm();
}

std::optional<CurlShard::Done> CurlShard::next_done() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) {
            return Done{.easy = message->easy_handle, .code = message->data.result};
        }
    }
    return std::nullopt;
}

int CurlShard::on_interest(
    CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*unused*/
) {
    static_cast<CurlShard*>(self)->set_interest(fd, what);
    return 0;
}

int CurlShard::on_timer(CURLM* /*multi*/, long delay, void* self) {
    auto& shard = *static_cast<CurlShard*>(self);
    if (delay < 0) {
        shard.wanted_.reset();
    } else {
        shard.wanted_ = SteadyClock::now() + std::chrono::milliseconds(delay);
    }
    return 0;
}

curl_socket_t CurlShard::on_open(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto& shard = *static_cast<CurlShard*>(self);
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) {
        return CURL_SOCKET_BAD;
    }
    shard.forget(fd);
    shard.watches_[fd] = std::make_shared<Watch>(shard, fd, true);
    return fd;
}

int CurlShard::on_close(void* self, curl_socket_t fd) {
    static_cast<CurlShard*>(self)->forget(fd);
    return ::close(fd);
}

void CurlShard::set_interest(curl_socket_t fd, int what) {
    std::shared_ptr<Watch>& watch = watches_[fd];
    if (!watch) {
        watch = std::make_shared<Watch>(*this, fd, false);
    }
    if (what == CURL_POLL_REMOVE) {
        watch->interest = 0;
        // The resolver's own descriptors are closed without a word, and their numbers come again.
        if (!watch->is_ours) {
            forget(fd);
        }
        return;
    }
    watch->interest = ((what & CURL_POLL_IN) != 0 ? CURL_CSELECT_IN : 0) |
                      ((what & CURL_POLL_OUT) != 0 ? CURL_CSELECT_OUT : 0);
    if (!watch->descriptor.is_open()) {
        error_code error;
        watch->descriptor.assign(fd, error);
        if (error) {
            // The transfer then ends by its time limit.
            base::log_error("http_client_socket_not_watched", {{"why", error.message()}});
            return;
        }
    }
    listen(watch);
}

void CurlShard::listen(const std::shared_ptr<Watch>& watch) {
    const auto listen_for = [&watch](int event, Descriptor::wait_type type) {
        if ((watch->interest & event) == 0 || (watch->listening & event) != 0) {
            return;
        }
        watch->listening |= event;
        watch->descriptor.async_wait(type, [watch, event](const error_code& error) {
            watch->listening &= ~event;
            if (watch->shard != nullptr && (watch->interest & event) != 0) {
                watch->shard->act(watch->fd, error ? CURL_CSELECT_ERR : event);
            }
        });
    };
    listen_for(CURL_CSELECT_IN, Descriptor::wait_read);
    listen_for(CURL_CSELECT_OUT, Descriptor::wait_write);
}

void CurlShard::forget(curl_socket_t fd) {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) {
        return;
    }
    found->second->shard = nullptr;
    if (found->second->descriptor.is_open()) {
        found->second->descriptor.release();
    }
    watches_.erase(found);
}

void CurlShard::act(curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, fd, events, &running);
    const auto found = watches_.find(fd);
    if (found != watches_.end() && found->second->descriptor.is_open()) {
        listen(found->second);
    }
    arm();
    // Last: it may destroy this shard.
    if (const auto owner = owner_.lock()) {
        owner->progressed(*this);
    }
}

// libcurl changes its mind about the time several times per request. The timer is only brought
// forward here; when it fires too early, `check_time` sets it again.
void CurlShard::arm() {
    if (!wanted_) {
        return;
    }
    const SteadyClock::time_point now = SteadyClock::now();
    if (*wanted_ <= now) {
        if (!std::exchange(pulse_->is_posted, true)) {
            asio::post(*io_, [pulse = pulse_] {
                pulse->is_posted = false;
                if (pulse->shard != nullptr) {
                    pulse->shard->check_time();
                }
            });
        }
        return;
    }
    if (*wanted_ < timer_due_) {
        timer_due_ = *wanted_;
        timer_.start(*wanted_ - now, [this] {
            timer_due_ = SteadyClock::time_point::max();
            check_time();
        });
    }
}

void CurlShard::check_time() {
    if (wanted_ && *wanted_ <= SteadyClock::now()) {
        wanted_.reset();
        act(CURL_SOCKET_TIMEOUT, 0);
    } else {
        arm();
    }
}

}  // namespace cxdial::net
