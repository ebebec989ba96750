#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <string>
#include <variant>

using namespace cxdial::net;
using namespace cxdial::net::test;

namespace {

/// What the server does with a call's request.
enum class Death {
    close,             ///< reads it whole, closes
    reset,             ///< reads it whole, resets
    close_in_status,   ///< begins the status line, closes
    close_in_header,   ///< begins the header, closes
    reset_in_header,   ///< begins the header, resets
    close_in_body,     ///< promises a body, closes within it
    reset_before_body  ///< reads only the header, resets
};

void die(Death death, Peer& peer) {
    switch (death) {
        case Death::close:
            peer.close();
            return;
        case Death::reset:
        case Death::reset_before_body:
            peer.reset();
            return;
        case Death::close_in_status:
            peer.send("HTTP/1.");
            peer.close();
            return;
        case Death::close_in_header:
            peer.send("HTTP/1.1 200 OK\r\nCont");
            peer.close();
            return;
        case Death::reset_in_header:
            peer.send("HTTP/1.1 200 OK\r\nCont");
            peer.reset();
            return;
        case Death::close_in_body:
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"token\":");
            peer.close();
            return;
    }
}

/// Answers everything but the first request for /dial; there it dies. So a request that is sent
/// again by somebody would look like a success.
ScriptedServer::Script dies_at_first_dial(Death death) {
    return [death, has_died = false](ScriptedServer& server, Peer& peer) mutable {
        for (;;) {
            const bool header_only = death == Death::reset_before_body;
            const std::string request =
                header_only ? server.take_header(peer) : server.take_request(peer);
            if (request.empty()) {
                return;
            }
            if (request.find(" /dial ") != std::string::npos && !has_died) {
                has_died = true;
                die(death, peer);
                return;
            }
            answer(peer, "ok");
        }
    };
}

HttpRequest dial(const ScriptedServer& server, std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.target = server.url("/dial");
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    return request;
}

/// Has the client keep a connection to the server.
void warm_up(Loop& loop, HttpClient& client, const ScriptedServer& server) {
    HttpRequest request;
    request.target = server.url("/warm");
    REQUIRE(std::holds_alternative<HttpResponse>(ask(loop, client, request)));
}

/// When it returns, the server has read all that the client ever sent: the server takes one
/// connection after the other.
void let_server_read_all(std::unique_ptr<HttpClient> client, const ScriptedServer& server) {
    client.reset();
    Peer fence = Peer::connect(server.port());
    REQUIRE(fence.send("GET /fence HTTP/1.1\r\nHost: x\r\n\r\n"));
    REQUIRE_FALSE(fence.read_message().empty());
}

}  // namespace

TEST_CASE("send_once: the request leaves once, however the connection dies", "[net][send_once]") {
    const auto death = GENERATE(
        Death::close,
        Death::reset,
        Death::close_in_status,
        Death::close_in_header,
        Death::reset_in_header,
        Death::close_in_body,
        Death::reset_before_body
    );
    const bool is_reused = GENERATE(false, true);
    const std::string body = GENERATE(
        std::string(), std::string(R"({"destination":"1000"})"), std::string(1U << 20U, 'x')
    );
    CAPTURE(static_cast<int>(death), is_reused, body.size());
    ScriptedServer server(dies_at_first_dial(death));
    Loop loop;
    auto client = std::make_unique<HttpClient>(loop, HttpClient::Options{});
    if (is_reused) {
        warm_up(loop, *client, server);
    }

    const HttpOutcome outcome = ask(loop, *client, dial(server, body));
    let_server_read_all(std::move(client), server);

    CHECK(server.count("POST /dial ") == 1);
    REQUIRE(std::holds_alternative<HttpFailure>(outcome));
    const auto& failure = std::get<HttpFailure>(outcome);
    CAPTURE(failure.why);
    CHECK(failure.request_sent);
}

TEST_CASE("send_once: a reply that came whole counts, though its server dies", "[net][send_once]") {
    const bool is_reused = GENERATE(false, true);
    const bool is_reset = GENERATE(false, true);
    ScriptedServer server([&](ScriptedServer& self, Peer& peer) {
        std::string request = self.take_request(peer);
        if (request.find(" /warm ") != std::string::npos) {
            answer(peer, "ok");
            request = self.take_request(peer);
        }
        answer(peer, "token");
        if (is_reset) {
            // The client reads the reply first: a reset may overtake it.
            static_cast<void>(self.take_request(peer));
            peer.reset();
        }
    });
    Loop loop;
    auto client = std::make_unique<HttpClient>(loop, HttpClient::Options{});
    if (is_reused) {
        warm_up(loop, *client, server);
    }
    const HttpOutcome outcome = ask(loop, *client, dial(server, "{}"));
    let_server_read_all(std::move(client), server);
    CHECK(server.count("POST /dial ") == 1);
    REQUIRE(std::holds_alternative<HttpResponse>(outcome));
    CHECK(std::get<HttpResponse>(outcome).body == "token");
}

TEST_CASE(
    "send_once: after a failure the next request goes out, on a new connection", "[net][send_once]"
) {
    ScriptedServer server(dies_at_first_dial(Death::close));
    Loop loop;
    auto client = std::make_unique<HttpClient>(loop, HttpClient::Options{});
    warm_up(loop, *client, server);
    CHECK(std::holds_alternative<HttpFailure>(ask(loop, *client, dial(server, "first"))));
    CHECK(std::holds_alternative<HttpResponse>(ask(loop, *client, dial(server, "second"))));
    CHECK(std::holds_alternative<HttpResponse>(ask(loop, *client, dial(server, "third"))));
    let_server_read_all(std::move(client), server);
    CHECK(server.count("POST /dial ") == 3);
}

TEST_CASE(
    "send_once: a connection the server closed while idle is not used, so nothing is lost",
    "[net][send_once]"
) {
    ScriptedServer server([](ScriptedServer& self, Peer& peer) {
        if (!self.take_request(peer).empty()) {
            answer(peer, "ok");
        }
    });
    Loop loop;
    auto client = std::make_unique<HttpClient>(loop, HttpClient::Options{});
    warm_up(loop, *client, server);
    // The script is done with the first connection, and has closed it, when it takes the next.
    Peer fence = Peer::connect(server.port());
    REQUIRE(fence.send("GET /fence HTTP/1.1\r\nHost: x\r\n\r\n"));
    REQUIRE_FALSE(fence.read_rest().empty());
    CHECK(std::holds_alternative<HttpResponse>(ask(loop, *client, dial(server, "{}"))));
    let_server_read_all(std::move(client), server);
    CHECK(server.count("POST /dial ") == 1);
}

// The trap itself. Were it gone from libcurl, the cases above would prove nothing.
TEST_CASE(
    "send: libcurl posts twice, and reports success, when a reused connection dies",
    "[net][send_once]"
) {
    const auto death = GENERATE(Death::close, Death::reset);
    const std::string body = GENERATE(std::string(), std::string(R"({"destination":"1000"})"));
    CAPTURE(static_cast<int>(death), body);
    ScriptedServer server(dies_at_first_dial(death));
    Loop loop;
    auto client = std::make_unique<HttpClient>(loop, HttpClient::Options{});
    warm_up(loop, *client, server);

    const HttpOutcome outcome = ask(loop, *client, dial(server, body), Sending::as_often_as_needed);
    let_server_read_all(std::move(client), server);

    CHECK(server.count("POST /dial ") == 2);
    CHECK(std::holds_alternative<HttpResponse>(outcome));
}
