#include "net/http_client.h"

#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial::net;
using namespace cxdial::net::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

HttpRequest get(std::string url) {
    HttpRequest request;
    request.target = std::move(url);
    return request;
}

HttpRequest post(std::string url, std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(url);
    request.body = std::move(body);
    return request;
}

HttpFailure failure_of(const HttpOutcome& outcome) {
    REQUIRE(std::holds_alternative<HttpFailure>(outcome));
    return std::get<HttpFailure>(outcome);
}

HttpResponse response_of(const HttpOutcome& outcome) {
    if (const auto* failure = std::get_if<HttpFailure>(&outcome)) {
        FAIL(failure->why);
    }
    return std::get<HttpResponse>(outcome);
}

/// A server on the same loop.
struct LocalServer {
    LocalServer(Loop& loop, HttpServer::Options options, HttpServer::Handler handler)
        : server(HttpServer::listen(loop, std::move(options), std::move(handler)).value()) {}

    [[nodiscard]] std::string url(std::string_view path) const {
        return "http://127.0.0.1:" + std::to_string(server->port()) + std::string(path);
    }
    std::unique_ptr<HttpServer> server;
};

void echo(HttpRequest request, const Responder& responder) {
    HttpResponse response;
    response.headers.add("X-Method", request.method);
    response.body = std::move(request.body);
    responder.answer(std::move(response));
}

/// Takes each request and never answers.
void never_answer(ScriptedServer& server, Peer& peer) {
    while (!server.take_request(peer).empty()) {}
}

/// A server that answers each request with the same bytes.
ScriptedServer::Script always(std::string bytes) {
    return [bytes = std::move(bytes)](ScriptedServer& server, Peer& peer) {
        while (!server.take_request(peer).empty()) {
            peer.send(bytes);
        }
    };
}

}  // namespace

TEST_CASE("client: a connection is kept for the next request", "[net][client]") {
    Loop loop;
    LocalServer local(loop, {}, echo);
    HttpClient client(loop, {});
    for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(i);
        const auto sending = i % 2 == 0 ? Sending::once : Sending::as_often_as_needed;
        CHECK(response_of(ask(loop, client, post(local.url("/"), body), sending)).body == body);
    }
    CHECK(local.server->connections() == 1);
}

TEST_CASE("client: every method goes out as itself, with its body", "[net][client]") {
    Loop loop;
    LocalServer local(loop, {}, echo);
    HttpClient client(loop, {});
    const auto sending = GENERATE(Sending::once, Sending::as_often_as_needed);
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
        for (const char* body : {"", "some body"}) {
            HttpRequest request = post(local.url("/"), body);
            request.method = method;
            const HttpResponse response = response_of(ask(loop, client, request, sending));
            CHECK(response.headers.find("x-method") == method);
            CHECK(response.body == body);
        }
    }
    HttpRequest head = get(local.url("/"));
    head.method = "HEAD";
    CHECK(response_of(ask(loop, client, head, sending)).headers.find("X-Method") == "HEAD");
}

TEST_CASE("client: it sends what it is given and little else", "[net][client]") {
    ScriptedServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    Loop loop;
    HttpClient::Options options;
    options.user_agent = "cxdial/1";
    HttpClient client(loop, options);
    HttpRequest request = post(server.url("/a?b=c"), std::string(2U << 20U, 'x'));
    request.headers.add("Authorization", "Bearer abc");
    request.headers.add("X-Empty", "");
    response_of(ask(loop, client, request));
    CHECK(server.count("POST /a?b=c HTTP/1.1\r\n") == 1);
    const std::string sent = server.requests().front();
    CHECK_THAT(sent, Contains("\r\nAuthorization: Bearer abc\r\n") && Contains("\r\nX-Empty:"));
    CHECK_THAT(sent, Contains("\r\nUser-Agent: cxdial/1\r\n"));
    CHECK_THAT(sent, !Contains("Expect") && !Contains("Content-Type"));
}

TEST_CASE("client: nothing of one request is left in the next", "[net][client]") {
    ScriptedServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    Loop loop;
    HttpClient client(loop, {});
    HttpRequest first = post(server.url("/first"), "body");
    first.headers.add("Authorization", "Bearer abc");
    first.method = "PATCH";
    response_of(ask(loop, client, first));
    response_of(ask(loop, client, get(server.url("/second")), Sending::as_often_as_needed));
    const std::string sent = server.requests().back();
    CHECK_THAT(sent, StartsWith("GET /second HTTP/1.1\r\n"));
    CHECK_THAT(sent, !Contains("Bearer") && !Contains("body") && !Contains("Content-Length"));
}

TEST_CASE("client: the reply's fields are those of the last header", "[net][client]") {
    ScriptedServer server(
        always("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
               "HTTP/1.1 429 Too Many Requests\r\nRetry-After:  7 \r\nX-Empty:\r\n"
               "Content-Length: 4\r\n\r\nbusy")
    );
    Loop loop;
    HttpClient client(loop, {});
    const HttpResponse response = response_of(ask(loop, client, get(server.url("/"))));
    CHECK(response.status == 429);
    CHECK(response.body == "busy");
    CHECK(response.headers.find("retry-after") == "7");
    CHECK(response.headers.find("x-empty") == "");
    CHECK_FALSE(response.headers.find("X-Early"));
}

TEST_CASE("client: a redirect is an answer like any other", "[net][client]") {
    ScriptedServer server(
        always("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
    );
    Loop loop;
    HttpClient client(loop, {});
    CHECK(response_of(ask(loop, client, get(server.url("/")))).status == 302);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("client: a proxy named by the environment is not used", "[net][client]") {
    ScriptedServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    Loop loop;
    HttpClient client(loop, {});
    const HttpOutcome outcome = ask(loop, client, get(server.url("/")));
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
    CHECK(response_of(outcome).status == 200);
}

TEST_CASE("client: hundreds of requests are under way at once", "[net][client]") {
    constexpr std::size_t count = 500;
    Loop loop;
    std::vector<std::pair<std::string, Responder>> held;
    LocalServer local(loop, {}, [&](HttpRequest request, Responder responder) {
        held.emplace_back(std::move(request.body), std::move(responder));
        if (held.size() == count) {
            for (const auto& [body, waiting] : held) {
                waiting.answer({200, {}, body});
            }
            held.clear();
        }
    });
    HttpClient client(loop, {});
    for (int round = 0; round < 3; ++round) {
        std::map<std::string, int> answers;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string body = std::to_string(i);
            client.send_once(
                post(local.url("/"), body),
                [&answers, body](const HttpOutcome& outcome) {
                    if (const auto* response = std::get_if<HttpResponse>(&outcome)) {
                        answers[body] += response->body == body ? 1 : 1000;
                    }
                }
            );
        }
        REQUIRE(run_until(loop, [&] { return client.pending() == 0; }));
        REQUIRE(answers.size() == count);
        CHECK(std::all_of(answers.begin(), answers.end(), [](const auto& answer) {
            return answer.second == 1;
        }));
    }
    CHECK(local.server->connections() <= count);
}

TEST_CASE(
    "client: requests over in_flight_max wait, in order, and have not been sent", "[net][client]"
) {
    Loop loop;
    std::vector<std::pair<std::string, Responder>> held;
    LocalServer local(loop, {}, [&](HttpRequest request, Responder responder) {
        held.emplace_back(request.target, std::move(responder));
    });
    HttpClient::Options options;
    options.in_flight_max = 2;
    HttpClient client(loop, options);
    std::map<int, HttpOutcome> outcomes;
    for (int i = 0; i < 5; ++i) {
        client.send_once(
            post(local.url("/" + std::to_string(i)), "x"),
            [&, i](HttpOutcome outcome) { outcomes[i] = std::move(outcome); }
        );
    }
    CHECK(client.pending() == 5);
    REQUIRE(run_until(loop, [&] { return held.size() == 2; }));
    held[0].second.answer({});
    REQUIRE(run_until(loop, [&] { return held.size() == 3; }));
    CHECK(held[2].first == "/2");
    CHECK(outcomes.size() == 1);
    CHECK(client.pending() == 4);

    client.cancel_all();
    CHECK(client.pending() == 0);
    REQUIRE(outcomes.size() == 5);
    CHECK(failure_of(outcomes[1]).request_sent);
    CHECK(failure_of(outcomes[2]).request_sent);
    CHECK_FALSE(failure_of(outcomes[3]).request_sent);
    CHECK_FALSE(failure_of(outcomes[4]).request_sent);
}

TEST_CASE("client: a refused connection means not sent", "[net][client][failure]") {
    const ClosedPort closed;
    const std::string url = "http://127.0.0.1:" + std::to_string(closed.port()) + "/";
    Loop loop;
    HttpClient client(loop, {});
    CHECK_FALSE(failure_of(ask(loop, client, post(url, "x"))).request_sent);
}

TEST_CASE(
    "client: an unknown name means not sent, a known one is found", "[net][client][failure]"
) {
    ScriptedServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    Loop loop;
    HttpClient::Options options;
    options.connect_timeout = 10s;
    HttpClient client(loop, options);
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(failure_of(ask(loop, client, get("http://no-such-host.invalid/"))).request_sent
        );
        const std::string url = "http://localhost:" + std::to_string(server.port()) + "/";
        CHECK(response_of(ask(loop, client, get(url))).status == 200);
    }
}

TEST_CASE("client: a failed TLS handshake means not sent", "[net][client][failure]") {
    ScriptedServer server([](ScriptedServer& /*self*/, Peer& peer) {
        peer.send("no TLS here\r\n\r\n");
    });
    Loop loop;
    HttpClient client(loop, {});
    const std::string url = "https" + server.url("/").substr(4);
    CHECK_FALSE(failure_of(ask(loop, client, post(url, "x"))).request_sent);
}

TEST_CASE("client: a time-out while connecting means not sent", "[net][client][failure]") {
    const FullListener full;
    Loop loop;
    HttpClient::Options options;
    options.connect_timeout = 100ms;
    HttpClient client(loop, options);
    const std::string url = "http://127.0.0.1:" + std::to_string(full.port()) + "/";
    CHECK_FALSE(failure_of(ask(loop, client, post(url, "x"))).request_sent);
}

TEST_CASE(
    "client: a server that never answers ends in a time-out, and may have acted",
    "[net][client][failure]"
) {
    ScriptedServer server(never_answer);
    Loop loop;
    HttpClient::Options options;
    options.timeout = 100ms;
    HttpClient client(loop, options);
    // On a slow machine the time may be up before the request has left.
    std::size_t sent = 0;
    const auto end = std::chrono::steady_clock::now() + patience;
    while (sent < 2 && std::chrono::steady_clock::now() < end) {
        const HttpFailure failure = failure_of(ask(loop, client, post(server.url("/"), "x")));
        sent += failure.request_sent ? 1 : 0;
        CHECK_THAT(failure.why, Contains("imed out"));
    }
    CHECK(sent == 2);
    client.cancel_all();
    CHECK(server.requests().size() <= 2);
}

TEST_CASE(
    "client: a reply over the limit is a failure, and may have been acted on",
    "[net][client][failure]"
) {
    HttpClient::Options options;
    options.response_bytes_max = 1000;
    const std::string bytes = GENERATE(
        "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x'),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') +
            "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\nContent-Length: 0\r\n\r\n"
    );
    ScriptedServer server(always(bytes));
    Loop loop;
    HttpClient client(loop, options);
    const HttpFailure failure = failure_of(ask(loop, client, post(server.url("/"), "x")));
    CHECK(failure.request_sent);
    CHECK_THAT(failure.why, Contains("longer than 1000 bytes"));
}

TEST_CASE(
    "client: what cannot be a request fails unsent, and not from inside send",
    "[net][client][failure]"
) {
    Loop loop;
    HttpClient client(loop, {});
    HttpRequest request = post("http://127.0.0.1:1/", "x");
    SECTION("a line break in a header") {
        request.headers.add("X-Name", "a\r\nX-Other: b");
    }
    SECTION("a line break in a header's name") {
        request.headers.add("X-Name: a\r\nX-Other", "b");
    }
    SECTION("a method of two words") {
        request.method = "POST /other HTTP/1.1\r\nX:";
    }
    SECTION("no URL") {
        request.target = "/path";
    }
    SECTION("another protocol") {
        request.target = "file:///etc/passwd";
    }
    SECTION("a line break in the URL") {
        request.target = "http://127.0.0.1:1/ HTTP/1.1\r\nX: y";
    }
    std::optional<HttpOutcome> outcome;
    client.send(request, [&](HttpOutcome taken) { outcome = std::move(taken); });
    CHECK_FALSE(outcome.has_value());
    REQUIRE(run_until(loop, [&] { return outcome.has_value(); }));
    CHECK_FALSE(failure_of(*outcome).request_sent);
}

TEST_CASE("client: a failure's words hold no secret", "[net][client][failure]") {
    Loop loop;
    HttpClient client(loop, {});
    HttpRequest request = get("http://user:hidden1@127.0.0.1:1/path?token=hidden2#hidden3");
    request.headers.add("Authorization", "Bearer hidden4");
    const HttpFailure failure = failure_of(ask(loop, client, request));
    CHECK_THAT(failure.why, StartsWith("GET http://127.0.0.1:1/path: ") && !Contains("hidden"));
}

TEST_CASE("client: a long body goes up and comes down", "[net][client]") {
    Loop loop;
    HttpServer::Options options;
    options.body_bytes_max = 8U << 20U;
    LocalServer local(loop, options, echo);
    HttpClient client(loop, {});
    std::string body(5U << 20U, 'x');
    for (std::size_t i = 0; i < body.size(); i += 4096) {
        body[i] = static_cast<char>('a' + i / 4096 % 26);
    }
    const bool is_same = response_of(ask(loop, client, post(local.url("/"), body))).body == body;
    CHECK(is_same);
}

TEST_CASE(
    "client: a handler may send again, cancel the rest, or destroy the client", "[net][client]"
) {
    Loop loop;
    LocalServer local(loop, {}, echo);
    auto client = std::make_unique<HttpClient>(loop, HttpClient::Options{});
    int calls = 0;
    SECTION("send again") {
        std::function<void(HttpOutcome)> again = [&](const HttpOutcome&) {
            if (++calls < 5) {
                client->send(get(local.url("/")), again);
            }
        };
        client->send(get(local.url("/")), again);
        REQUIRE(run_until(loop, [&] { return client->pending() == 0; }));
        CHECK(calls == 5);
    }
    SECTION("cancel the rest") {
        for (int i = 0; i < 100; ++i) {
            client->send(get(local.url("/")), [&](const HttpOutcome&) {
                ++calls;
                client->cancel_all();
            });
        }
        REQUIRE(run_until(loop, [&] { return client->pending() == 0; }));
        CHECK(calls == 100);
    }
    SECTION("destroy the client") {
        for (int i = 0; i < 100; ++i) {
            client->send(get(local.url("/")), [&](const HttpOutcome&) {
                ++calls;
                client.reset();
            });
        }
        REQUIRE(run_until(loop, [&] { return client == nullptr; }));
        REQUIRE(run_until(loop, [&] { return local.server->connections() == 0; }));
        CHECK(calls == 1);
    }
}

TEST_CASE("client: destroyed with requests under way, it calls nobody", "[net][client]") {
    Loop loop;
    std::vector<Responder> held;
    LocalServer local(loop, {}, [&](const HttpRequest&, Responder responder) {
        held.push_back(std::move(responder));
    });
    bool called = false;
    HttpClient::Options options;
    options.in_flight_max = 70;
    auto client = std::make_unique<HttpClient>(loop, options);
    for (int i = 0; i < 100; ++i) {
        client->send(get(local.url("/")), [&](const HttpOutcome&) { called = true; });
    }
    REQUIRE(run_until(loop, [&] { return held.size() == 70; }));
    client.reset();
    held.clear();
    REQUIRE(run_until(loop, [&] { return local.server->connections() == 0; }));
    CHECK_FALSE(called);
}
