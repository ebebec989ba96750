#include "net/http_server.h"

#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial::net;
using namespace cxdial::net::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

void echo(HttpRequest request, const Responder& responder) {
    responder.answer({200, {}, request.method + " " + request.target + " " + request.body});
}

std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

/// Keeps the right to answer for a later moment. Thread rule: any thread.
class Desk {
public:
    void put(Responder responder) {
        const std::lock_guard<std::mutex> lock(mutex_);
        waiting_.push_back(std::move(responder));
    }
    /// All so far, once there are `count`; empty after `patience`.
    std::vector<Responder> take(std::size_t count) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < end) {
            {
                const std::lock_guard<std::mutex> lock(mutex_);
                if (waiting_.size() >= count) {
                    return std::exchange(waiting_, {});
                }
            }
            std::this_thread::yield();
        }
        return {};
    }

private:
    std::mutex mutex_;
    std::vector<Responder> waiting_;
};

}  // namespace

TEST_CASE("server: a connection is kept for the next request", "[net][server]") {
    ServerThread server({}, echo);
    Peer client = Peer::connect(server.port());
    for (const char* body : {"one", "two", "three"}) {
        REQUIRE(client.send(post("/cdr?x=1", body)));
        const std::string answer = client.read_message();
        CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
        CHECK_THAT(answer, EndsWith(std::string("\r\n\r\nPOST /cdr?x=1 ") + body));
        CHECK_THAT(answer, !Contains("Content-Type"));
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("server: it hands over method, headers and body as sent", "[net][server]") {
    std::promise<HttpRequest> promise;
    ServerThread server({}, [&](HttpRequest request, const Responder& responder) {
        responder.answer({});
        promise.set_value(std::move(request));
    });
    Peer client = Peer::connect(server.port());
    REQUIRE(
        client.send("PATCH /a%20b HTTP/1.1\r\nHost: x\r\nX-Odd: 1\r\nx-odd: 2\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    );
    CHECK_THAT(client.read_message(), Contains("Content-Length: 0\r\n"));
    const HttpRequest request = promise.get_future().get();
    CHECK(request.method == "PATCH");
    CHECK(request.target == "/a%20b");
    CHECK(request.headers.find("x-odd") == "1");
    CHECK(request.headers.all().size() == 4);
    CHECK(request.body == "abcde");
}

TEST_CASE("server: pipelined requests are answered in order", "[net][server]") {
    ServerThread server({}, echo);
    Peer client = Peer::connect(server.port());
    std::string all;
    for (int i = 0; i < 50; ++i) {
        all += post("/" + std::to_string(i), std::string(static_cast<std::size_t>(i) * 20, 'x'));
    }
    REQUIRE(client.send(all));
    for (int i = 0; i < 50; ++i) {
        CHECK_THAT(client.read_message(), Contains("\r\n\r\nPOST /" + std::to_string(i) + " "));
    }
}

TEST_CASE("server: a request that comes byte by byte is understood", "[net][server]") {
    ServerThread server({}, echo);
    Peer client = Peer::connect(server.port());
    for (const char byte : post("/slow", "body")) {
        REQUIRE(client.send(std::string_view(&byte, 1)));
    }
    CHECK_THAT(client.read_message(), EndsWith("POST /slow body"));
}

TEST_CASE("server: the client's wish to close is respected", "[net][server]") {
    ServerThread server({}, echo);
    const std::string request = GENERATE(
        std::string("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\n\r\n")
    );
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(request));
    const std::string answer = client.read_rest();
    CHECK_THAT(answer, Contains(" 200 OK\r\n"));
    client.close();
    CHECK(server.comes_to(0));
}

TEST_CASE("server: HEAD and 204 get no body", "[net][server]") {
    ServerThread server({}, [](const HttpRequest& request, const Responder& responder) {
        responder.answer({request.method == "HEAD" ? 200 : 204, {}, "text"});
    });
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    CHECK_THAT(client.read_rest(), Contains("Content-Length: 4\r\n") && EndsWith("\r\n\r\n"));
    Peer other = Peer::connect(server.port());
    REQUIRE(other.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const std::string answer = other.read_rest();
    CHECK_THAT(answer, StartsWith("HTTP/1.1 204") && EndsWith("\r\n\r\n"));
    CHECK_THAT(answer, !Contains("Content-Length"));
}

TEST_CASE("server: a header line cannot be smuggled into an answer", "[net][server]") {
    ServerThread server({}, [](const HttpRequest&, const Responder& responder) {
        HttpResponse response;
        response.headers.add("Location", "/a\r\nSet-Cookie: x=1");
        response.headers.add("Content-Length", "99");
        response.headers.add("X-Good", "yes");
        responder.answer(std::move(response));
    });
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(get("/")));
    const std::string answer = client.read_message();
    CHECK_THAT(answer, !Contains("Set-Cookie") && !Contains("99") && Contains("X-Good: yes\r\n"));
}

TEST_CASE("server: a header over the limit gets 431 and is closed", "[net][server][limits]") {
    HttpServer::Options options;
    options.header_bytes_max = 1024;
    ServerThread server(options, echo);
    Peer client = Peer::connect(server.port());
    SECTION("in one line") {
        REQUIRE(client.send("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n"));
    }
    SECTION("in many lines, sent one by one") {
        std::string line = "X-Line: " + std::string(80, 'x') + "\r\n";
        bool open = client.send("GET / HTTP/1.1\r\n");
        for (int i = 0; i < 100 && open; ++i) {
            open = client.send(line);
        }
    }
    SECTION("in the target") {
        REQUIRE(client.send("GET /" + std::string(20000, 'x')));
    }
    CHECK_THAT(client.read_rest(), StartsWith("HTTP/1.1 431 ") && Contains("Connection: close"));
    client.close();
    CHECK(server.comes_to(0));
}

TEST_CASE("server: a body over the limit gets 413 and is closed", "[net][server][limits]") {
    HttpServer::Options options;
    options.body_bytes_max = 1000;
    ServerThread server(options, echo);
    Peer client = Peer::connect(server.port());
    SECTION("announced") {
        REQUIRE(client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"));
    }
    SECTION("announced, and sent all the same") {
        static_cast<void>(client.send(post("/", std::string(3'000'000, 'x'))));
    }
    SECTION("in chunks") {
        std::string request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (int i = 0; i < 20; ++i) {
            request += "64\r\n" + std::string(100, 'x') + "\r\n";
        }
        REQUIRE(client.send(request));
    }
    CHECK_THAT(client.read_rest(), StartsWith("HTTP/1.1 413 ") && Contains("Connection: close"));
}

TEST_CASE("server: a body at the limit passes", "[net][server][limits]") {
    HttpServer::Options options;
    options.body_bytes_max = 100'000;
    ServerThread server(options, echo);
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(post("/", std::string(100'000, 'x'))));
    CHECK(client.read_message().size() > 100'000);
}

TEST_CASE("server: what is not HTTP gets 400 and is closed", "[net][server][limits]") {
    ServerThread server({}, echo);
    const std::string garbage = GENERATE(
        std::string("\x16\x03\x01\x02\x01 tls hello\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    );
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(garbage));
    CHECK_THAT(client.read_rest(), StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("server: a request that takes too long is cut off with 408", "[net][server][slow]") {
    HttpServer::Options options;
    options.request_timeout = 100ms;
    ServerThread server(options, echo);
    Peer client = Peer::connect(server.port());
    const std::string part = GENERATE(
        std::string("G"),
        std::string("POST / HTTP/1.1\r\nHost: x\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
    );
    REQUIRE(client.send(part));
    CHECK_THAT(client.read_rest(), StartsWith("HTTP/1.1 408 "));
    client.close();
    CHECK(server.comes_to(0));
}

TEST_CASE("server: trickling bytes does not prolong the deadline", "[net][server][slow]") {
    HttpServer::Options options;
    options.request_timeout = 150ms;
    ServerThread server(options, echo);
    Peer slow = Peer::connect(server.port());
    Peer good = Peer::connect(server.port());
    REQUIRE(server.comes_to(2));
    REQUIRE(slow.send("GET / HTTP/1.1\r\n"));
    const auto start = std::chrono::steady_clock::now();
    bool open = true;
    // The good client's turns are the pauses between the slow one's bytes.
    while (open && std::chrono::steady_clock::now() < start + patience) {
        open = slow.send("x") && server.connections() == 2;
        REQUIRE(good.send(get("/good")));
        REQUIRE_THAT(good.read_message(), EndsWith("GET /good "));
    }
    CHECK_FALSE(open);
}

TEST_CASE("server: an idle connection is closed without a word", "[net][server][slow]") {
    HttpServer::Options options;
    options.idle_timeout = 50ms;
    ServerThread server(options, echo);
    Peer fresh = Peer::connect(server.port());
    CHECK(fresh.read_rest().empty());
    // A machine that is slower than the time-out may close a connection before its request comes.
    std::string answer;
    const auto end = std::chrono::steady_clock::now() + patience;
    while (answer.empty() && std::chrono::steady_clock::now() < end) {
        Peer used = Peer::connect(server.port());
        if (used.send(get("/"))) {
            answer = used.read_message();
            CHECK(used.read_rest().empty());
        }
    }
    CHECK_THAT(answer, EndsWith("GET / "));
    CHECK(server.comes_to(0));
}

TEST_CASE("server: a client that does not read its answer is closed", "[net][server][slow]") {
    HttpServer::Options options;
    options.write_timeout = 100ms;
    std::promise<void> answered;
    ServerThread server(options, [&](const HttpRequest&, const Responder& responder) {
        responder.answer({200, {}, std::string(64U << 20U, 'x')});
        answered.set_value();
    });
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(get("/")));
    REQUIRE(answered.get_future().wait_for(patience) == std::future_status::ready);
    CHECK(server.comes_to(0));
}

TEST_CASE("server: 100-continue is granted, unless the body would be refused", "[net][server]") {
    HttpServer::Options options;
    options.body_bytes_max = 10;
    ServerThread server(options, echo);
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    ));
    CHECK(client.read_message() == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE(client.send("body"));
    CHECK_THAT(client.read_message(), EndsWith("POST / body"));
    REQUIRE(client.send(
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"
    ));
    CHECK_THAT(client.read_rest(), StartsWith("HTTP/1.1 413 "));
}

TEST_CASE("server: connections over the maximum are closed at once", "[net][server][limits]") {
    HttpServer::Options options;
    options.connections_max = 2;
    ServerThread server(options, echo);
    Peer first = Peer::connect(server.port());
    Peer second = Peer::connect(server.port());
    REQUIRE(server.comes_to(2));
    Peer third = Peer::connect(server.port());
    CHECK(third.read_rest().empty());
    first.close();
    REQUIRE(server.comes_to(1));
    Peer fourth = Peer::connect(server.port());
    REQUIRE(fourth.send(get("/4")));
    CHECK_THAT(fourth.read_message(), EndsWith("GET /4 "));
}

TEST_CASE("responder: another thread may answer, and the first answer counts", "[net][server]") {
    Desk desk;
    ServerThread server({}, [&](const HttpRequest&, Responder responder) {
        desk.put(std::move(responder));
    });
    Peer client = Peer::connect(server.port());
    for (int i = 0; i < 20; ++i) {
        REQUIRE(client.send(get("/")));
        const std::vector<Responder> waiting = desk.take(1);
        REQUIRE(waiting.size() == 1);
        const Responder copy = waiting.front();
        copy.answer({200, {}, "first"});
        waiting.front().answer({200, {}, "second"});
        CHECK_THAT(client.read_message(), EndsWith("first"));
    }
}

TEST_CASE("responder: one that goes without an answer gives 500", "[net][server]") {
    Desk desk;
    ServerThread server({}, [&](const HttpRequest& request, Responder responder) {
        if (request.target == "/later") {
            desk.put(std::move(responder));
        }
    });
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(get("/now")));
    CHECK_THAT(client.read_message(), StartsWith("HTTP/1.1 500 "));
    REQUIRE(client.send(get("/later")));
    desk.take(1).clear();
    CHECK_THAT(client.read_message(), StartsWith("HTTP/1.1 500 "));
}

TEST_CASE(
    "responder: breaking off writes the bytes as they stand, and ends the connection",
    "[net][server]"
) {
    const std::string bytes = GENERATE(std::string(), std::string("HTTP/1.1 200 OK\r\nCont"));
    ServerThread server({}, [&](const HttpRequest&, const Responder& responder) {
        responder.break_off(bytes);
        responder.answer({});
    });
    Peer client = Peer::connect(server.port());
    REQUIRE(client.send(get("/")));
    CHECK(client.read_rest() == bytes);
    CHECK(server.comes_to(0));
}

TEST_CASE(
    "responder: an answer after client, server or loop are gone does nothing", "[net][server]"
) {
    Desk desk;
    std::vector<Responder> late;
    {
        ServerThread server({}, [&](const HttpRequest&, Responder responder) {
            desk.put(std::move(responder));
        });
        Peer gone = Peer::connect(server.port());
        REQUIRE(gone.send(get("/")));
        std::vector<Responder> waiting = desk.take(1);
        REQUIRE(waiting.size() == 1);
        gone.reset();
        waiting.front().answer({200, {}, std::string(1U << 20U, 'x')});
        CHECK(server.comes_to(0));
        Peer client = Peer::connect(server.port());
        REQUIRE(client.send(get("/")));
        late = desk.take(1);
        REQUIRE(late.size() == 1);
    }
    late.front().answer({});
}

TEST_CASE("server: hundreds of clients at once are all answered", "[net][server]") {
    Desk desk;
    ServerThread server({}, [&](const HttpRequest&, Responder responder) {
        desk.put(std::move(responder));
    });
    std::vector<Peer> clients;
    for (int i = 0; i < 400; ++i) {
        clients.push_back(Peer::connect(server.port()));
        REQUIRE(clients.back().send(get("/")));
    }
    const std::vector<Responder> waiting = desk.take(400);
    REQUIRE(waiting.size() == 400);
    std::thread helper([&] {
        for (std::size_t i = 0; i < 200; ++i) {
            waiting[i].answer({200, {}, "a"});
        }
    });
    for (std::size_t i = 200; i < 400; ++i) {
        waiting[i].answer({200, {}, "b"});
    }
    helper.join();
    for (Peer& client : clients) {
        CHECK_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
    }
}

TEST_CASE("server: a port in use is an error that names it", "[net][server]") {
    ServerThread server({}, echo);
    Loop loop;
    HttpServer::Options options;
    SECTION("in use") {
        options.port = server.port();
        const auto second = HttpServer::listen(loop, options, echo);
        REQUIRE_FALSE(second.has_value());
        CHECK_THAT(
            second.error().detail, Contains("127.0.0.1") && Contains(std::to_string(server.port()))
        );
    }
    SECTION("no address") {
        options.address = "not an address";
        CHECK_FALSE(HttpServer::listen(loop, options, echo).has_value());
    }
}

TEST_CASE(
    "stop: requests already in the sockets are answered, with Connection: close",
    "[net][server][stop]"
) {
    constexpr std::size_t count = 40;
    Desk desk;
    ServerThread server({}, [&](const HttpRequest& request, Responder responder) {
        if (request.target == "/work") {
            desk.put(std::move(responder));
        } else {
            responder.answer({200, {}, "ok"});
        }
    });
    std::vector<Peer> clients;
    for (std::size_t i = 0; i < count; ++i) {
        clients.push_back(Peer::connect(server.port()));
        REQUIRE(clients.back().send(get("/idle")));
        REQUIRE_THAT(clients.back().read_message(), EndsWith("ok"));
    }
    Peer working = Peer::connect(server.port());
    REQUIRE(working.send(get("/work")));
    const std::vector<Responder> waiting = desk.take(1);
    REQUIRE(waiting.size() == 1);

    // The loop does not read between these requests and the stop: they lie in the sockets.
    std::optional<Peer> unaccepted;
    const std::future<void> done = server.stop(1h, [&] {
        for (const Peer& client : clients) {
            client.send(get("/last"));
        }
        unaccepted.emplace(Peer::connect(server.port()));
        unaccepted->send(get("/last"));
    });

    for (Peer& client : clients) {
        CHECK_THAT(client.read_rest(), Contains("Connection: close\r\n") && EndsWith("ok"));
        client.close();
    }
    CHECK_THAT(unaccepted->read_rest(), Contains("Connection: close\r\n") && EndsWith("ok"));
    unaccepted->close();
    CHECK(done.wait_for(0s) != std::future_status::ready);
    waiting.front().answer({200, {}, "worked"});
    CHECK_THAT(working.read_rest(), EndsWith("worked"));
    working.close();
    // All are answered and gone: no need to sit out the grace.
    CHECK(done.wait_for(patience) == std::future_status::ready);
}

TEST_CASE("stop: idle clients are closed when the grace is over", "[net][server][stop]") {
    ServerThread server({}, echo);
    Peer idle = Peer::connect(server.port());
    REQUIRE(server.comes_to(1));
    const auto start = std::chrono::steady_clock::now();
    std::future<void> done = server.stop(100ms);
    CHECK(idle.read_rest().empty());
    REQUIRE(done.wait_for(patience) == std::future_status::ready);
    CHECK(std::chrono::steady_clock::now() - start >= 100ms);
    CHECK(server.connections() == 0);
}
