#include "net/internal/redis_link.h"

#include "base/log.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace cxdial::net {
namespace {

using boost::system::error_code;

/// What stands in a reply of hiredis, however deep.
RedisValue value_of(const redisReply& reply) {
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            return {static_cast<std::int64_t>(reply.integer)};
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            return {std::string(reply.str, reply.len)};
        case REDIS_REPLY_ARRAY: {
            RedisValue::Array elements;
            for (std::size_t i = 0; i < reply.elements; ++i) {
                elements.push_back(value_of(*reply.element[i]));
            }
            return {std::move(elements)};
        }
        default:
            return {};
    }
}

std::string encoded(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const std::string& word : words) {
        texts.push_back(word.data());
        lengths.push_back(word.size());
    }
    char* command = nullptr;
    const int size = redisFormatCommandArgv(
        &command, static_cast<int>(words.size()), texts.data(), lengths.data()
    );
    if (size < 0) {
        throw std::bad_alloc();
    }
    std::string bytes(command, static_cast<std::size_t>(size));
    redisFreeCommand(command);
    return bytes;
}

}  // namespace

template <class Handler>
auto RedisLink::current(Handler handler) {
    return [self = shared_from_this(),
            generation = generation_,
            handler = std::move(handler)](const error_code& error, auto&&... more) {
        if (generation == self->generation_) {
            handler(error, std::forward<decltype(more)>(more)...);
        }
    };
}

RedisLink::RedisLink(Loop& loop, RedisServer server, RedisTimes times)
    : server_(std::move(server)),
      times_(times),
      executor_(loop.impl().io->get_executor()),
      resolver_(executor_),
      pause_(loop),
      deadline_(loop) {}

void RedisLink::open(Events events) {
    events_ = std::move(events);
    pause_.start({}, [this] { connect(); });
}

void RedisLink::close() {
    closed_ = true;
    ++generation_;
    ready_ = false;
    events_ = {};
    pause_.cancel();
    deadline_.cancel();
    resolver_.cancel();
    socket_.reset();
}

void RedisLink::connect() {
    ++generation_;
    socket_.emplace(executor_);
    reader_.reset(redisReaderCreate());
    outgoing_.clear();
    leaving_.clear();
    deadline_.start(times_.connect, [this] { lose("no connection in time"); });
    const auto connected = [this](const error_code& error, const auto& /*endpoint*/) {
        if (error) {
            lose(error.message());
            return;
        }
        error_code ignored;
        socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
        greet();
    };
    const auto resolved = [this, connected](const error_code& error, const auto& addresses) {
        if (error) {
            lose(error.message());
        } else {
            asio::async_connect(*socket_, addresses, current(connected));
        }
    };
    resolver_.async_resolve(server_.host, std::to_string(server_.port), current(resolved));
}

/// A server that is still loading its data refuses the `PING`, and is asked again later.
void RedisLink::greet() {
    std::vector<std::vector<std::string>> greetings;
    if (!server_.password.empty()) {
        greetings.push_back({"AUTH", server_.password.reveal()});
    }
    if (server_.database != 0) {
        greetings.push_back({"SELECT", std::to_string(server_.database)});
    }
    greetings.push_back({"PING"});
    greetings_left_ = static_cast<int>(greetings.size());
    for (const std::vector<std::string>& greeting : greetings) {
        send(greeting);
    }
    read();
}

void RedisLink::send(const std::vector<std::string>& words) {
    outgoing_ += encoded(words);
    if (leaving_.empty()) {
        write();
    }
}

void RedisLink::write() {
    leaving_ = std::exchange(outgoing_, {});
    asio::async_write(
        *socket_,
        asio::buffer(leaving_),
        current([this](const error_code& error, std::size_t /*bytes*/) {
            leaving_.clear();
            if (error) {
                lose(error.message());
            } else if (!outgoing_.empty()) {
                write();
            }
        })
    );
}

void RedisLink::read() {
    socket_->async_read_some(
        asio::buffer(incoming_), current([this](const error_code& error, std::size_t bytes) {
            if (error) {
                lose(error.message());
                return;
            }
            redisReaderFeed(reader_.get(), incoming_.data(), bytes);
            take_replies();
        })
    );
}

void RedisLink::take_replies() {
    const std::uint64_t generation = generation_;
    while (true) {
        void* found = nullptr;
        if (redisReaderGetReply(reader_.get(), &found) != REDIS_OK) {
            lose("what came is not Redis's protocol");
            return;
        }
        if (found == nullptr) {
            break;
        }
        const std::unique_ptr<void, void (*)(void*)> reply(found, &freeReplyObject);
        const auto& read = *static_cast<const redisReply*>(reply.get());
        if (read.type == REDIS_REPLY_ERROR) {
            take(base::Error{base::Errc::invalid_argument, std::string(read.str, read.len)});
        } else {
            take(value_of(read));
        }
        if (generation != generation_) {
            return;  // closed, or lost, by what the reply led to
        }
    }
    read();
}

void RedisLink::take(RedisReply reply) {
    if (greetings_left_ == 0) {
        events_.on_reply(std::move(reply));
        return;
    }
    if (!reply) {
        lose(reply.error().detail);
        return;
    }
    if (--greetings_left_ == 0) {
        ready_ = true;
        failures_ = 0;
        deadline_.cancel();
        base::log_info("redis_connected", {{"host", server_.host}, {"port", server_.port}});
        events_.on_ready();
    }
}

void RedisLink::expect_reply(bool expected) {
    if (expected) {
        deadline_.start(times_.reply, [this] { lose("no reply in time"); });
    } else {
        deadline_.cancel();
    }
}

void RedisLink::lose(std::string why) {
    ++generation_;
    resolver_.cancel();
    socket_.reset();
    deadline_.cancel();
    if (failures_ == 0) {
        base::log_warn(
            "redis_lost", {{"host", server_.host}, {"port", server_.port}, {"why", why}}
        );
    }
    constexpr int doublings_max = 10;
    const base::Millis pause = times_.first_pause * (1 << std::min(failures_++, doublings_max));
    pause_.start(std::min(pause, times_.longest_pause), [this] { connect(); });
    if (std::exchange(ready_, false)) {
        events_.on_lost(std::move(why));
    }
}

}  // namespace cxdial::net
