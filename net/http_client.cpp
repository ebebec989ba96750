#include "net/http_client.h"

#include "base/check.h"
#include "net/internal/curl_shard.h"
#include "net/internal/curl_transfer.h"

#include <csignal>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cxdial::net {

namespace {

void start_curl() {
    static const bool is_started = [] {
        // A TLS connection that the other side has closed must fail, not end the program; libcurl
        // leaves this to the program.
        std::signal(SIGPIPE, SIG_IGN);
        return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }();
    CHECK_INVARIANT(is_started);
}

}  // namespace

struct HttpClient::Impl final : ShardOwner, std::enable_shared_from_this<HttpClient::Impl> {
    Impl(Loop& the_loop, Options the_options) : loop(the_loop), options(std::move(the_options)) {}

    void send(std::unique_ptr<Transfer> transfer);
    void progressed(CurlShard& shard) override;
    void cancel_all();
    void abandon();

    void start(std::unique_ptr<Transfer> transfer);
    void start_waiting();
    CurlShard& free_shard();
    EasyHandle easy_handle();
    void finish(const CurlShard::Done& done);
    void fail_later(Transfer& transfer, std::string_view why);
    void deliver();

    struct Finished {
        Handler handler;
        HttpOutcome outcome;
    };

    Loop& loop;
    Options options;
    std::vector<std::unique_ptr<CurlShard>> shards;
    std::unordered_map<std::uint64_t, std::unique_ptr<Transfer>> under_way;
    std::deque<std::unique_ptr<Transfer>> waiting;
    std::deque<Finished> finished;
    std::vector<EasyHandle> spare;
    std::uint64_t last_id = 0;
};

void HttpClient::Impl::send(std::unique_ptr<Transfer> transfer) {
    if (const auto refusal = transfer->refusal()) {
        fail_later(*transfer, *refusal);
        return;
    }
    if (under_way.size() >= options.in_flight_max) {
        waiting.push_back(std::move(transfer));
        return;
    }
    start(std::move(transfer));
}

void HttpClient::Impl::start(std::unique_ptr<Transfer> transfer) {
    const std::uint64_t id = ++last_id;
    const CURLcode code = transfer->prepare(easy_handle(), id, options);
    if (code != CURLE_OK) {
        fail_later(*transfer, curl_easy_strerror(code));
        return;
    }
    CurlShard& shard = free_shard();
    if (!shard.add(transfer->easy())) {
        fail_later(*transfer, "libcurl does not take the request");
        return;
    }
    transfer->shard = &shard;
    under_way.emplace(id, std::move(transfer));
}

void HttpClient::Impl::start_waiting() {
    while (!waiting.empty() && under_way.size() < options.in_flight_max) {
        std::unique_ptr<Transfer> transfer = std::move(waiting.front());
        waiting.pop_front();
        start(std::move(transfer));
    }
}

// The first with room: the fewer shards are in use, the more of their connections are warm.
CurlShard& HttpClient::Impl::free_shard() {
    for (const auto& shard : shards) {
        if (shard->load() < CurlShard::load_max) {
            return *shard;
        }
    }
    shards.push_back(std::make_unique<CurlShard>(loop, weak_from_this()));
    return *shards.back();
}

EasyHandle HttpClient::Impl::easy_handle() {
    if (spare.empty()) {
        EasyHandle fresh(curl_easy_init());
        CHECK_INVARIANT(fresh != nullptr);
        return fresh;
    }
    EasyHandle used = std::move(spare.back());
    spare.pop_back();
    return used;
}

void HttpClient::Impl::progressed(CurlShard& shard) {
    while (const auto done = shard.next_done()) {
        finish(*done);
    }
    start_waiting();
    deliver();
}

void HttpClient::Impl::finish(const CurlShard::Done& done) {
    void* id = nullptr;
    curl_easy_getinfo(done.easy, CURLINFO_PRIVATE, &id);
    const auto found = under_way.find(reinterpret_cast<std::uintptr_t>(id));
    CHECK_INVARIANT(found != under_way.end());
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    under_way.erase(found);
    transfer->shard->remove(done.easy);
    HttpOutcome outcome = transfer->outcome(done.code);
    finished.push_back({transfer->release_handler(), std::move(outcome)});
    // After an error a handle can keep failing; such a one is not used again.
    if (done.code == CURLE_OK) {
        EasyHandle easy = transfer->release_easy();
        curl_easy_reset(easy.get());
        spare.push_back(std::move(easy));
    }
}

void HttpClient::Impl::fail_later(Transfer& transfer, std::string_view why) {
    finished.push_back({transfer.release_handler(), transfer.not_sent(why)});
    loop.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->deliver();
        }
    });
}

// A handler may send, cancel everything, or destroy the client, which empties the queue.
void HttpClient::Impl::deliver() {
    while (!finished.empty()) {
        Finished next = std::move(finished.front());
        finished.pop_front();
        next.handler(std::move(next.outcome));
    }
}

void HttpClient::Impl::cancel_all() {
    for (const auto& entry : under_way) {
        Transfer& transfer = *entry.second;
        HttpFailure failure = transfer.cancelled();
        transfer.shard->remove(transfer.easy());
        finished.push_back({transfer.release_handler(), std::move(failure)});
    }
    under_way.clear();
    for (const auto& transfer : waiting) {
        finished.push_back({transfer->release_handler(), transfer->cancelled()});
    }
    waiting.clear();
    deliver();
}

void HttpClient::Impl::abandon() {
    for (const auto& entry : under_way) {
        entry.second->shard->remove(entry.second->easy());
    }
    under_way.clear();
    waiting.clear();
    finished.clear();
}

HttpClient::HttpClient(Loop& loop, Options options) {
    start_curl();
    impl_ = std::make_shared<Impl>(loop, std::move(options));
}

HttpClient::~HttpClient() {
    impl_->abandon();
}

void HttpClient::send(HttpRequest request, Handler handler) {
    impl_->send(std::make_unique<Transfer>(std::move(request), std::move(handler), false));
}

void HttpClient::send_once(HttpRequest request, Handler handler) {
    impl_->send(std::make_unique<Transfer>(std::move(request), std::move(handler), true));
}

std::size_t HttpClient::pending() const {
    return impl_->under_way.size() + impl_->waiting.size() + impl_->finished.size();
}

void HttpClient::cancel_all() {
    const auto self = impl_;
    self->cancel_all();
}

}  // namespace cxdial::net
