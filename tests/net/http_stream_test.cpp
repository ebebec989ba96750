#include "net/http_server.h"
#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial::net;
using namespace cxdial::net::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

/// Takes what is sent to `/stream` and answers with its size; asks for more only when told to.
class Taker {
public:
    enum class Manner { eager, reluctant, refusing };

    explicit Taker(Manner manner) : manner_(manner) {}

    [[nodiscard]] Streaming streaming() {
        return {
            .wants = [](const HttpRequest& head) { return head.path() == "/stream"; },
            .begin = [this](
                         const HttpRequest& head, const Responder& responder
                     ) { return begin(head, responder); },
        };
    }
    /// The bytes so far, once there are `count`, or what there is after `patience`.
    std::size_t wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return bytes_ >= count; });
        return bytes_;
    }
    /// Whether the body was whole; nothing when its end did not come.
    std::optional<bool> wait_for_end() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return whole_.has_value(); });
        return whole_;
    }
    void ask_for_more() {
        const std::lock_guard lock(mutex_);
        more_();
    }

private:
    BodySink begin(const HttpRequest& head, const Responder& responder) {
        REQUIRE(head.body.empty());
        if (manner_ == Manner::refusing) {
            responder.answer({401, {}, "no"});
            return {};
        }
        return {
            .on_bytes = [this](
                            const std::string& bytes, std::function<void()> more
                        ) { take(bytes, std::move(more)); },
            .on_end =
                [this, responder](bool whole) {
                    const std::lock_guard lock(mutex_);
                    whole_ = whole;
                    responder.answer({200, {}, std::to_string(bytes_)});
                    changed_.notify_all();
                },
        };
    }
    void take(const std::string& bytes, std::function<void()> more) {
        const std::lock_guard lock(mutex_);
        bytes_ += bytes.size();
        more_ = std::move(more);
        if (manner_ == Manner::eager) {
            more_();
        }
        changed_.notify_all();
    }

    Manner manner_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> more_;
    std::size_t bytes_ = 0;
    std::optional<bool> whole_;
};

void echo(const HttpRequest& request, const Responder& responder) {
    responder.answer({200, {}, "whole " + request.body});
}

std::string head(std::string_view path, const std::string& fields) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n\r\n";
}

std::string length(std::size_t bytes) {
    return "Content-Length: " + std::to_string(bytes);
}

}  // namespace

TEST_CASE("stream: a body far beyond the limit passes through, and only there", "[net][stream]") {
    Taker taker(Taker::Manner::eager);
    ServerThread server({.body_bytes_max = 1000}, echo, taker.streaming());
    constexpr std::size_t size = 3'000'000;
    Peer peer = Peer::connect(server.port());
    REQUIRE(peer.send(head("/stream", length(size)) + std::string(size, 'x')));
    CHECK_THAT(peer.read_message(), StartsWith("HTTP/1.1 200") && EndsWith("3000000"));
    CHECK(taker.wait_for_end() == true);
    REQUIRE(peer.send(head("/other", length(4)) + "body"));
    CHECK_THAT(peer.read_message(), EndsWith("whole body"));
    REQUIRE(peer.send(head("/other", length(1001))));
    CHECK_THAT(peer.read_message(), StartsWith("HTTP/1.1 413"));
}

TEST_CASE("stream: a chunked body and an empty one are taken too", "[net][stream]") {
    Taker taker(Taker::Manner::eager);
    ServerThread server({}, echo, taker.streaming());
    Peer peer = Peer::connect(server.port());
    REQUIRE(peer.send(head("/stream", "Transfer-Encoding: chunked") + "5\r\nabcde\r\n"));
    CHECK(taker.wait_for(5) == 5);
    REQUIRE(peer.send("3\r\nfgh\r\n0\r\n\r\n"));
    CHECK_THAT(peer.read_message(), EndsWith("8"));
    REQUIRE(peer.send(head("/stream", length(0))));
    CHECK_THAT(peer.read_message(), EndsWith("8"));
}

TEST_CASE("stream: nothing more is read until the sink asks for it", "[net][stream]") {
    Taker taker(Taker::Manner::reluctant);
    ServerThread server({.request_timeout = 200ms}, echo, taker.streaming());
    Peer peer = Peer::connect(server.port());
    REQUIRE(peer.send(head("/stream", length(6)) + "abc"));
    CHECK(taker.wait_for(3) == 3);
    REQUIRE(peer.send("def"));
    // Another request's whole time-out goes by meanwhile: a sink may take its time.
    Peer slow = Peer::connect(server.port());
    REQUIRE(slow.send("POST /other HTTP/1.1\r\n"));
    CHECK_THAT(slow.read_message(), StartsWith("HTTP/1.1 408"));
    CHECK(taker.wait_for(3) == 3);
    taker.ask_for_more();
    CHECK(taker.wait_for(6) == 6);
    taker.ask_for_more();
    CHECK_THAT(peer.read_message(), StartsWith("HTTP/1.1 200") && EndsWith("6"));
}

TEST_CASE("stream: a client that makes no progress is cut off", "[net][stream][slow]") {
    Taker taker(Taker::Manner::eager);
    ServerThread server({.request_timeout = 100ms}, echo, taker.streaming());
    Peer peer = Peer::connect(server.port());
    REQUIRE(peer.send(head("/stream", length(6)) + "abc"));
    CHECK(taker.wait_for_end() == false);
    CHECK_THAT(peer.read_message(), StartsWith("HTTP/1.1 408"));
}

TEST_CASE("stream: a client that leaves ends the body unwhole", "[net][stream]") {
    Taker taker(Taker::Manner::eager);
    ServerThread server({}, echo, taker.streaming());
    {
        const Peer peer = Peer::connect(server.port());
        REQUIRE(peer.send(head("/stream", length(6)) + "abc"));
        CHECK(taker.wait_for(3) == 3);
    }
    CHECK(taker.wait_for_end() == false);
    CHECK(server.comes_to(0));
}

TEST_CASE("stream: a broken chunk gets 400", "[net][stream]") {
    Taker taker(Taker::Manner::eager);
    ServerThread server({}, echo, taker.streaming());
    Peer peer = Peer::connect(server.port());
    REQUIRE(peer.send(head("/stream", "Transfer-Encoding: chunked") + "xyz\r\n"));
    CHECK(taker.wait_for_end() == false);
    CHECK_THAT(peer.read_message(), StartsWith("HTTP/1.1 400"));
}

TEST_CASE("stream: an answer before the end is sent and closes", "[net][stream]") {
    Taker taker(Taker::Manner::refusing);
    ServerThread server({}, echo, taker.streaming());
    Peer peer = Peer::connect(server.port());
    REQUIRE(peer.send(head("/stream", length(1000)) + "abc"));
    const std::string answer = peer.read_message();
    CHECK_THAT(answer, StartsWith("HTTP/1.1 401") && Contains("Connection: close"));
    peer.close();
    CHECK(server.comes_to(0));
}
