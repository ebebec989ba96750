#include "net/redis.h"

#include "net/internal/redis_link.h"

#include <charconv>
#include <deque>
#include <limits>
#include <utility>

namespace cxdial::net {
namespace {

constexpr base::Millis subscriber_ping{10'000};

template <class Number>
bool read_number(std::string_view text, Number max, Number& target) {
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, target);
    return problem == std::errc{} && rest == end && target >= 0 && target <= max;
}

}  // namespace

base::Result<RedisServer> parse_redis_url(std::string_view url) {
    constexpr std::string_view scheme = "redis://";
    constexpr int databases_max = 1'000'000;
    const base::Error wrong{
        base::Errc::invalid_argument, "expected redis://host, redis://host:port or …/database"};
    if (url.substr(0, scheme.size()) != scheme) {
        return wrong;
    }
    url.remove_prefix(scheme.size());
    RedisServer server;
    const std::size_t slash = std::min(url.find('/'), url.size());
    std::string_view authority = url.substr(0, slash);
    const std::string_view database = url.substr(std::min(slash + 1, url.size()));
    if (!database.empty() && !read_number(database, databases_max, server.database)) {
        return wrong;
    }
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const std::string_view port = authority.substr(colon + 1);
        if (!read_number(port, std::numeric_limits<std::uint16_t>::max(), server.port)) {
            return wrong;
        }
        authority = authority.substr(0, colon);
    }
    if (!authority.empty() && authority.front() == '[' && authority.back() == ']') {
        authority = authority.substr(1, authority.size() - 2);
    }
    if (authority.empty()) {
        return wrong;
    }
    server.host = authority;
    return server;
}

std::int64_t RedisValue::number() const {
    const auto* found = std::get_if<std::int64_t>(&value);
    return found == nullptr ? 0 : *found;
}

std::string_view RedisValue::text() const {
    const auto* found = std::get_if<std::string>(&value);
    return found == nullptr ? std::string_view{} : *found;
}

const RedisValue& RedisValue::at(std::size_t index) const {
    static const RedisValue nil;
    const auto* found = std::get_if<Array>(&value);
    return found == nullptr || index >= found->size() ? nil : (*found)[index];
}

std::size_t RedisValue::size() const {
    const auto* found = std::get_if<Array>(&value);
    return found == nullptr ? 0 : found->size();
}

struct RedisClient::Impl : std::enable_shared_from_this<RedisClient::Impl> {
    Impl(Loop& loop_given, RedisServer server, RedisTimes times)
        : loop(loop_given), link(std::make_shared<RedisLink>(loop, std::move(server), times)) {}

    Loop& loop;
    std::shared_ptr<RedisLink> link;
    std::deque<Handler> waiting;  ///< for their replies, in the order of the commands
    std::function<void(bool)> on_change;

    void open();
    void answer(RedisReply reply);
    void lost(const std::string& why);
};

void RedisClient::Impl::open() {
    link->open({
        .on_ready =
            [this] {
                if (on_change) {
                    on_change(true);
                }
            },
        .on_reply = [this](RedisReply reply) { answer(std::move(reply)); },
        .on_lost = [this](const std::string& why) { lost(why); },
    });
}

void RedisClient::Impl::answer(RedisReply reply) {
    if (waiting.empty()) {
        return;
    }
    const Handler handler = std::move(waiting.front());
    waiting.pop_front();
    link->expect_reply(!waiting.empty());
    handler(std::move(reply));
}

void RedisClient::Impl::lost(const std::string& why) {
    for (const Handler& handler : std::exchange(waiting, {})) {
        handler(base::Error{base::Errc::unknown_outcome, "the connection to Redis broke: " + why});
    }
    if (on_change) {
        on_change(false);
    }
}

RedisClient::RedisClient(Loop& loop, RedisServer server, RedisTimes times)
    : impl_(std::make_shared<Impl>(loop, std::move(server), times)) {
    impl_->open();
}

RedisClient::~RedisClient() {
    impl_->link->close();
    impl_->waiting.clear();
}

void RedisClient::command(const std::vector<std::string>& words, Handler handler) {
    if (!impl_->link->ready()) {
        impl_->loop.post([weak = std::weak_ptr(impl_), handler = std::move(handler)] {
            if (weak.lock()) {
                handler(base::Error{base::Errc::unavailable, "Redis cannot be reached"});
            }
        });
        return;
    }
    impl_->waiting.push_back(std::move(handler));
    if (impl_->waiting.size() == 1) {
        impl_->link->expect_reply(true);
    }
    impl_->link->send(words);
}

bool RedisClient::connected() const {
    return impl_->link->ready();
}

void RedisClient::on_change(std::function<void(bool)> handler) {
    impl_->on_change = std::move(handler);
}

struct RedisSubscriber::Impl {
    Impl(
        Loop& loop,
        RedisServer server,
        std::string channel_given,
        std::function<void(std::string_view)> on_message_given,
        RedisTimes times
    )
        : channel(std::move(channel_given)),
          on_message(std::move(on_message_given)),
          link(std::make_shared<RedisLink>(loop, std::move(server), times)),
          ping(loop) {}

    std::string channel;
    std::function<void(std::string_view)> on_message;
    std::shared_ptr<RedisLink> link;
    Timer ping;
    bool confirmed = false;

    void open();
    void take(const RedisReply& reply);
    void watch();
};

void RedisSubscriber::Impl::open() {
    link->open({
        .on_ready =
            [this] {
                link->send({"SUBSCRIBE", channel});
                link->expect_reply(true);
            },
        .on_reply = [this](const RedisReply& reply) { take(reply); },
        .on_lost =
            [this](const std::string& /*why*/) {
                confirmed = false;
                ping.cancel();
            },
    });
}

void RedisSubscriber::Impl::take(const RedisReply& reply) {
    link->expect_reply(false);
    if (!reply) {
        return;  // it was not confirmed, and is not heard
    }
    if (reply->at(0).text() == "message") {
        on_message(reply->at(2).text());
    } else if (reply->at(0).text() == "subscribe") {
        confirmed = true;
    }
    watch();
}

/// A connection that died silently is noticed: nothing else would ever be written to it.
void RedisSubscriber::Impl::watch() {
    ping.start(subscriber_ping, [this] {
        link->send({"PING"});
        link->expect_reply(true);
    });
}

RedisSubscriber::RedisSubscriber(
    Loop& loop,
    RedisServer server,
    std::string channel,
    std::function<void(std::string_view)> on_message,
    RedisTimes times
)
    : impl_(std::make_shared<Impl>(
          loop, std::move(server), std::move(channel), std::move(on_message), times
      )) {
    impl_->open();
}

RedisSubscriber::~RedisSubscriber() {
    impl_->link->close();
}

bool RedisSubscriber::listening() const {
    return impl_->confirmed;
}

}  // namespace cxdial::net
