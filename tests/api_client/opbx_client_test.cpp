#include "api_client/opbx_client.h"

#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace cxdial;
using api_client::OpbxClient;
using api_client::OpbxInitiated;
using net::test::Peer;
using net::test::ScriptedServer;

namespace {

std::string message(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A client against a server that gives the scripted answers in turn.
struct Fixture {
    explicit Fixture(std::vector<std::string> script, int limit = 900)
        : answers(std::move(script)),
          server([this](ScriptedServer& self, Peer& peer) {
              while (!self.take_request(peer).empty() && next < answers.size()) {
                  peer.send(answers[next++]);
              }
          }),
          client(
              http,
              clock,
              {.url = server.url("/"),
               .token = base::Secret("worker-token"),
               .worker_id = "cxdial-1",
               .requests_per_minute = limit,
               .other_requests_per_minute = limit}
          ) {}

    template <class Value, class Call>
    Value wait_for(const Call& call) {
        std::optional<Value> result;
        call([&result](Value value) { result.emplace(std::move(value)); });
        REQUIRE(net::test::run_until(loop, [&] { return result.has_value(); }));
        return std::move(*result);
    }
    OpbxInitiated initiate() {
        const api_client::OpbxInitiate call{
            .campaign = campaign::OpbxCampaignId{12},
            .destination = campaign::OpbxDestinationId{901},
            .number = *base::PhoneNumber::parse("+14155550100"),
            .caller_id = {},
            .at = base::from_millis(0)};
        return wait_for<OpbxInitiated>([&](auto done) { client.initiate(call, done); });
    }

    std::vector<std::string> answers;
    std::size_t next = 0;
    ScriptedServer server;
    net::Loop loop;
    base::SystemClock clock;
    net::HttpClient http{loop, {}};
    OpbxClient client;
};

using Campaigns = base::Result<std::vector<api_client::OpbxCampaign>>;
using Rows = base::Result<std::vector<api_client::OpbxDestination>>;

}  // namespace

TEST_CASE("opbx client: campaigns are asked for with the worker's token", "[api_client][opbx]") {
    Fixture fixture({message(200, R"({"data":[{"id":12,"status":"active"}]})")});
    const auto campaigns =
        fixture.wait_for<Campaigns>([&](auto done) { fixture.client.active_campaigns(done); });
    REQUIRE(campaigns);
    CHECK(campaigns->size() == 1);
    const std::string request = fixture.server.requests().at(0);
    CHECK(request.starts_with("GET /api/v1/dialer/worker/campaigns/active HTTP/1.1\r\n"));
    CHECK(request.find("Authorization: Bearer worker-token\r\n") != std::string::npos);
    CHECK(request.find("Accept: application/json\r\n") != std::string::npos);
}

TEST_CASE("opbx client: each request has its route", "[api_client][opbx]") {
    Fixture fixture(
        {message(200, R"({"data":[]})"),
         message(200, R"({"data":[]})"),
         message(200, "{}"),
         message(200, "{}"),
         message(200, "{}")}
    );
    const campaign::OpbxCampaignId campaign{12};
    const campaign::OpbxSessionId session{501};
    const api_client::OpbxOutcome outcome;
    using Done = base::Result<void>;
    CHECK(fixture.wait_for<Rows>([&](auto done) { fixture.client.pending(campaign, 50, done); }));
    CHECK(fixture.wait_for<Rows>([&](auto done) { fixture.client.due_retries(campaign, 7, done); })
    );
    CHECK(fixture.wait_for<Done>([&](auto done) {
        fixture.client.pause(campaign, "no credit", std::nullopt, done);
    }));
    CHECK(fixture.wait_for<Done>([&](auto done) {
        fixture.client.set_disposition(session, outcome, done);
    }));
    CHECK(fixture.wait_for<Done>([&](auto done) {
        fixture.client.set_status(session, outcome, done);
    }));
    const std::string base = " /api/v1/dialer/worker";
    CHECK(fixture.server.count("GET" + base + "/campaigns/12/destinations/pending?limit=50 ") == 1);
    CHECK(fixture.server.count("GET" + base + "/campaigns/12/destinations/retry?limit=7 ") == 1);
    CHECK(fixture.server.count("POST" + base + "/campaigns/12/pause ") == 1);
    CHECK(fixture.server.count("POST" + base + "/calls/501/disposition ") == 1);
    CHECK(fixture.server.count("PATCH" + base + "/calls/501/status ") == 1);
}

TEST_CASE("opbx client: a call is asked for once, whatever becomes of the connection", "[opbx]") {
    // The first answer leaves a connection to reuse, which dies under the second request.
    Fixture fixture({message(201, R"({"data":{"session_id":501}})")});
    CHECK(std::holds_alternative<dialer::Accepted>(fixture.initiate().delivery));
    CHECK(std::holds_alternative<dialer::Unknown>(fixture.initiate().delivery));
    CHECK(fixture.server.count("POST /api/v1/dialer/worker/calls/initiate ") == 2);
}

TEST_CASE("opbx client: what finds no room within OPBX's limit is not sent", "[opbx]") {
    Fixture fixture({message(201, "{}"), message(201, "{}")}, 2);
    static_cast<void>(fixture.initiate());
    static_cast<void>(fixture.initiate());
    const OpbxInitiated held = fixture.initiate();
    CHECK(std::get<dialer::NotSent>(held.delivery).held_back);
    REQUIRE(held.retry_after);
    CHECK(*held.retry_after > base::Millis{50'000});
    CHECK_FALSE(fixture.wait_for<Campaigns>([&](auto done) {
        fixture.client.active_campaigns(done);
    }));
    CHECK(fixture.server.requests().size() == 2);
}

TEST_CASE("opbx client: after a 429 nothing is sent until its time", "[api_client][opbx]") {
    Fixture fixture({message(429, R"({"retry_after":30})")});
    CHECK(fixture.initiate().retry_after == base::Millis{30'000});
    const OpbxInitiated held = fixture.initiate();
    CHECK(std::holds_alternative<dialer::NotSent>(held.delivery));
    CHECK(held.retry_after);
    CHECK(fixture.server.requests().size() == 1);
}
