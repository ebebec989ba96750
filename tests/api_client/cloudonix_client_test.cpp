#include "api_client/cloudonix_client.h"

#include "tests/net/support.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace cxdial;
using api_client::CloudonixClient;
using campaign::SessionToken;
using net::test::Peer;
using net::test::ScriptedServer;

namespace {

const SessionToken token{"16a7294c989b11e7b3d32b9edb8660c7"};

std::string message(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A client against a server that gives the scripted answers in turn, and what it was asked.
struct Fixture {
    explicit Fixture(std::vector<std::string> script)
        : answers(std::move(script)),
          server([this](ScriptedServer& self, Peer& peer) { serve(self, peer); }) {}

    void serve(ScriptedServer& self, Peer& peer) {
        for (std::string request; !(request = self.take_request(peer)).empty();) {
            {
                const std::lock_guard<std::mutex> lock(mutex);
                requests.push_back(request);
            }
            const std::string answer = next < answers.size() ? answers[next++] : std::string();
            if (answer.empty()) {
                return;
            }
            peer.send(answer);
        }
    }
    std::string request(std::size_t number) {
        const std::lock_guard<std::mutex> lock(mutex);
        return number < requests.size() ? requests[number] : std::string();
    }
    nlohmann::json request_body(std::size_t number) {
        const std::string text = request(number);
        return nlohmann::json::parse(text.substr(text.find("\r\n\r\n") + 4), nullptr, false);
    }
    /// Calls the client, and waits for the handler's value.
    template <class Value, class Call>
    Value wait_for(const Call& call) {
        std::optional<Value> result;
        call([&result](Value value) { result.emplace(std::move(value)); });
        REQUIRE_FALSE(result.has_value());
        REQUIRE(net::test::run_until(loop, [&] { return result.has_value(); }));
        return std::move(*result);
    }
    base::Result<void> wait_for_done(const std::function<void(CloudonixClient::Done)>& call) {
        return wait_for<base::Result<void>>(call);
    }

    std::vector<std::string> answers;
    std::size_t next = 0;
    std::mutex mutex;
    std::vector<std::string> requests;
    ScriptedServer server;
    net::Loop loop;
    base::SystemClock clock;
    net::HttpClient http{loop, {}};
    CloudonixClient client{
        http,
        clock,
        {.domain = "acme test", .api_url = server.url("/"), .api_key = base::Secret("XIKEY")}};
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

dialer::CallRequest call_request() {
    return {
        .destination = *base::PhoneNumber::parse("+12127773456"),
        .caller_id = "+12125550100",
        .cxml = "<Response><Hangup/></Response>",
        .url = {},
        .callback = {},
        .timeout = 60s,
        .time_limit = 3600s,
        .deadline = base::from_millis(1716239134000),
        .record = false,
        .amd = {}};
}

}  // namespace

TEST_CASE("client: a call is created with the domain's key and gets its token", "[api_client]") {
    Fixture fixture({message(200, R"({"token":"16a7294c989b11e7b3d32b9edb8660c7"})")});
    const auto delivery = fixture.wait_for<dialer::Delivery>([&](auto handler) {
        fixture.client.place(campaign::AttemptId{7}, call_request(), handler);
    });
    REQUIRE(std::holds_alternative<dialer::Accepted>(delivery));
    CHECK(std::get<dialer::Accepted>(delivery).token == token);
    const std::string request = fixture.request(0);
    CHECK(request.rfind("POST /calls/acme%20test/application HTTP/1.1\r\n", 0) == 0);
    CHECK(holds(request, "Authorization: Bearer XIKEY\r\n"));
    CHECK(holds(request, "Content-Type: application/json\r\n"));
    CHECK(fixture.request_body(0)["profile"]["cxdial-attempt"] == "7");
}

TEST_CASE(
    "client: a call whose connection dies is sent once and its fate is unknown", "[api_client]"
) {
    // The first answer leaves a connection to reuse, which dies under the second request.
    Fixture fixture({message(404, "{}"), ""});
    (void)fixture.wait_for<api_client::LookUpAnswer>([&](auto handler) {
        fixture.client.get_session(token, handler);
    });
    const auto delivery = fixture.wait_for<dialer::Delivery>([&](auto handler) {
        fixture.client.place(campaign::AttemptId{7}, call_request(), handler);
    });
    CHECK(std::holds_alternative<dialer::Unknown>(delivery));
    CHECK(fixture.server.count("POST ") == 1);
}

TEST_CASE("client: a server that is not there means not sent", "[api_client]") {
    net::Loop loop;
    net::HttpClient http(loop, {});
    const base::SystemClock clock;
    CloudonixClient client(
        http, clock, {.domain = "d", .api_url = "http://127.0.0.1:1", .api_key = {}}
    );
    std::optional<dialer::Delivery> delivery;
    client.place(campaign::AttemptId{7}, call_request(), [&](dialer::Delivery outcome) {
        delivery = std::move(outcome);
    });
    REQUIRE(net::test::run_until(loop, [&] { return delivery.has_value(); }));
    CHECK(std::holds_alternative<dialer::NotSent>(*delivery));
}

TEST_CASE(
    "client: sessions are looked up, listed and told from an unknown domain", "[api_client]"
) {
    const std::string session =
        R"({"token":"16a7294c989b11e7b3d32b9edb8660c7","status":"ringing"})";
    Fixture fixture(
        {message(404, ""),
         message(200, session),
         message(200, "[" + session + "]"),
         message(404, "")}
    );
    const auto list = [&] {
        return fixture.wait_for<api_client::SessionListAnswer>([&](auto handler) {
            fixture.client.list_sessions(handler);
        });
    };
    CHECK(std::holds_alternative<dialer::LookUpFailed>(list()));
    const auto found = fixture.wait_for<api_client::LookUpAnswer>([&](auto handler) {
        fixture.client.get_session(token, handler);
    });
    REQUIRE(std::holds_alternative<dialer::SessionReport>(found));
    CHECK(std::get<dialer::SessionReport>(found).progress == dialer::Progress::ringing);
    CHECK(std::get<std::vector<dialer::SessionReport>>(list()).size() == 1);
    CHECK(std::get<std::vector<dialer::SessionReport>>(list()).empty());
    const std::string path = "/customers/self/domains/acme%20test/sessions";
    CHECK(fixture.request(0).rfind("GET " + path + " HTTP/1.1\r\n", 0) == 0);
    CHECK(fixture.request(1).rfind("GET " + path + "/" + token.raw() + " HTTP/1.1\r\n", 0) == 0);
    CHECK(holds(fixture.request(0), "Authorization: Bearer XIKEY\r\n"));
}

TEST_CASE("client: a session is changed, switched and hung up", "[api_client]") {
    Fixture fixture({
        message(200, "{}"),
        message(200, "{}"),
        message(409, R"({"message":"not connected"})"),
        "HTTP/1.1 204 No Content\r\n\r\n",
        message(404, ""),
    });
    CloudonixClient& client = fixture.client;
    CHECK(fixture.wait_for_done([&](auto done) {
        client.update_session(token, {{"note", "x"}}, done);
    }));
    CHECK(fixture.wait_for_done([&](auto done) {
        client.switch_application(token, api_client::InlineDocument{"<Response/>"}, done);
    }));
    const auto refused = fixture.wait_for_done([&](auto done) {
        client.switch_application(
            token, api_client::RemoteDocument{.url = "https://x.example/v", .method = "GET"}, done
        );
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::Errc::conflict);
    CHECK(refused.error().detail == "409 not connected");
    CHECK(fixture.wait_for_done([&](auto done) { client.delete_session(token, std::nullopt, done); }
    ));
    CHECK(fixture.wait_for_done([&](auto done) {
        client.delete_session(token, api_client::HangUpReason::no_credit, done);
    }));

    const std::string session = "/customers/self/domains/acme%20test/sessions/" + token.raw();
    const std::string call = "/calls/acme%20test/sessions/" + token.raw();
    CHECK(fixture.request(0).rfind("PUT " + session + " ", 0) == 0);
    CHECK(fixture.request_body(0) == nlohmann::json{{"profile", {{"note", "x"}}}});
    CHECK(fixture.request(1).rfind("POST " + call + "/application ", 0) == 0);
    CHECK(fixture.request_body(1) == nlohmann::json{{"cxml", "<Response/>"}});
    CHECK(
        fixture.request_body(2) == nlohmann::json{{"url", "https://x.example/v"}, {"method", "GET"}}
    );
    CHECK(fixture.request(3).rfind("DELETE " + session + " ", 0) == 0);
    CHECK(fixture.request(4).rfind("DELETE " + call + "?reason=nocredit ", 0) == 0);
}
