#include "daemon/opbx_state.h"

#include "storage/sqlite_store.h"
#include "tests/net/redis_support.h"
#include "tests/net/support.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::daemon {
namespace {

using campaign::AttemptStatus;
using campaign::OpbxCampaignId;
using campaign::OpbxDestinationId;
using campaign::OpbxSessionId;
using storage::testing::expect;
using storage::testing::in_transaction;

/// A database with one call of OPBX's campaign 12 that is in doubt, and an OPBX that takes
/// everything.
struct Bench {
    explicit Bench(std::string redis_url = {})
        : database(storage::testing::open(directory.file("t.db"))),
          store(database),
          repository(database) {
        config.redis_url = std::move(redis_url);
        config.url = opbx.url("");
        campaign::Campaign campaign = storage::testing::hangup_campaign("opbx-12");
        expect(repository.put_external(campaign, OpbxCampaignId{12}, "", now()));
        campaign_id = expect(repository.campaign("default", "opbx-12")).id;
        const std::vector<storage::OfferedDestination> rows{
            {.id = OpbxDestinationId{9}, .row = storage::testing::destination(1)}};
        expect(repository.take_offer(campaign_id, rows, false));
        attempt = in_transaction(store, [&] {
            const auto queued = store.claim(campaign_id, now(), 1);
            dialer::NewAttempt intent = storage::testing::attempt_of(campaign_id, queued.front());
            intent.by_opbx = true;
            const campaign::AttemptId id = store.record_intent(intent);
            dialer::AttemptChange doubt{.to = AttemptStatus::in_doubt};
            doubt.external_id = OpbxSessionId{501};
            CHECK(store.move_attempt(id, AttemptStatus::intent, doubt));
            return id;
        });
    }

    void open() {
        state = expect(OpbxState::open(
            loop,
            clock,
            config,
            directory.file("t.db"),
            {.run =
                 [this](const Inbox::Job& job) {
                     loop.post([this, job] {
                         if (const Inbox::Written written = job(repository); written.answer) {
                             written.answer();
                         }
                     });
                     return true;
                 },
             .tell =
                 [this](dialer::Input input, const Inbox::Done& /*done*/) {
                     told.push_back(std::move(input));
                 },
             .post = [this](std::function<void()> task) { loop.post(std::move(task)); },
             .on_redis = [this](bool is_reachable) { has_redis = is_reachable; },
             .metrics = metrics}
        ));
    }
    void end(AttemptStatus to) {
        in_transaction(store, [&] {
            dialer::AttemptChange change{.to = to};
            change.disposition = campaign::Disposition::failed;
            CHECK(store.move_attempt(attempt, AttemptStatus::in_doubt, change));
            store.report_end(attempt, std::string(OpbxState::report_queue), now(), now());
        });
        dialer::AttemptMoved moved{
            .attempt = attempt,
            .campaign = campaign_id,
            .destination = campaign::DestinationId{1},
            .phone_number = storage::testing::number(1),
            .from = AttemptStatus::in_doubt,
            .to = to,
            .disposition = {},
            .why = {}};
        if (state) {
            state->on_notes({moved});
        }
    }
    bool until(const std::function<bool()>& done) { return net::test::run_until(loop, done); }
    [[nodiscard]] base::WallTime now() const { return clock.now().wall; }
    [[nodiscard]] bool owes_nothing() { return expect(repository.outbox_counts()).empty(); }

    base::SystemClock clock;
    storage::testing::TempDirectory directory;
    storage::Database database;
    storage::SqliteStore store;
    storage::Repository repository;
    webhook::Metrics metrics;
    config::Opbx config;
    net::Loop loop;
    net::test::ScriptedServer opbx{[](net::test::ScriptedServer& server, net::test::Peer& peer) {
        while (!server.take_request(peer).empty()) {
            net::test::answer(peer, "{}");
        }
    }};
    campaign::CampaignId campaign_id;
    campaign::AttemptId attempt;
    std::vector<dialer::Input> told;
    std::optional<bool> has_redis;
    std::unique_ptr<OpbxState> state;
};

dialer::PlaceCall call_of(campaign::AttemptId attempt, const dialer::ExternalCall& external) {
    return {
        .attempt = attempt,
        .domain = "acme",
        .request = {.destination = storage::testing::number(1)},
        .external = external,
        .slot_freed_at = {}};
}

}  // namespace

TEST_CASE("opbx state: a call's end is told as it stands in the database", "[daemon][opbx]") {
    Bench bench;
    SECTION("of a call that ends now") {
        bench.open();
        bench.end(AttemptStatus::abandoned);
    }
    SECTION("of one that ended in an earlier life, of which nobody has seen more than the row") {
        bench.end(AttemptStatus::abandoned);
        bench.open();
    }
    REQUIRE(bench.until([&] { return bench.opbx.count("POST ") == 1; }));
    const std::string request = bench.opbx.requests().front();
    CHECK(request.rfind("POST /api/v1/dialer/worker/calls/501/disposition HTTP/1.1\r\n", 0) == 0);
    CHECK(request.find(R"("disposition":"failed")") != std::string::npos);
    REQUIRE(bench.until([&] { return bench.owes_nothing(); }));
}

TEST_CASE("opbx state: a call whose CDR came before its report left is not told", "[opbx]") {
    Bench bench;
    bench.end(AttemptStatus::ended);
    in_transaction(bench.store, [&] {
        dialer::WebhookReceived webhook = storage::testing::cdr("opbx:501:t", "t");
        CHECK(bench.store.record_webhook(webhook, bench.attempt, bench.now()));
    });
    bench.open();
    REQUIRE(bench.until([&] { return bench.owes_nothing(); }));
    CHECK(bench.opbx.count("POST ") == 0);
}

TEST_CASE("opbx state: a CDR goes to OPBX as it came, with a key of its own", "[daemon][opbx]") {
    Bench bench;
    bench.open();
    in_transaction(bench.store, [&] {
        dialer::WebhookReceived webhook = storage::testing::cdr("cdr:t1", "t1");
        webhook.body = R"({"call_id": "x",  "n":1.50})";
        webhook.pass_on =
            dialer::PassOn{std::string(OpbxState::cdr_queue), base::Secret{"Bearer k"}};
        CHECK(bench.store.record_webhook(webhook, std::nullopt, bench.now()));
    });
    bench.state->on_cdr_posted();
    REQUIRE(bench.until([&] { return bench.opbx.count("POST ") == 1; }));
    const std::string request = bench.opbx.requests().front();
    CHECK(request.rfind("POST /api/webhooks/cloudonix/cdr HTTP/1.1\r\n", 0) == 0);
    CHECK(request.find("\r\nAuthorization: Bearer k\r\n") != std::string::npos);
    CHECK(request.find("\r\nX-Idempotency-Key: cxdial-cdr:t1-0\r\n") != std::string::npos);
    CHECK(request.find("\r\n\r\n{\"call_id\": \"x\",  \"n\":1.50}") != std::string::npos);
    REQUIRE(bench.until([&] { return expect(bench.repository.outbox_counts()).empty(); }));
}

TEST_CASE(
    "opbx state: without Redis in the configuration a call may leave at once", "[daemon][opbx]"
) {
    Bench bench;
    bench.open();
    const dialer::PlaceCall call =
        call_of(bench.attempt, {OpbxCampaignId{12}, OpbxDestinationId{9}});
    std::optional<bool> may;
    bench.state->admit(call, [&](const auto& why_not) { may = !why_not.has_value(); });
    CHECK(may == true);
    CHECK_FALSE(bench.has_redis.has_value());
}

TEST_CASE(
    "opbx state: with Redis a full campaign's call is held back, and the engine hears",
    "[daemon][opbx]"
) {
    net::test::RedisProcess redis;
    Bench bench("redis://127.0.0.1:" + std::to_string(redis.server().port));
    bench.open();
    CHECK(bench.has_redis == false);
    REQUIRE(bench.until([&] { return bench.has_redis == true; }));
    net::RedisClient other(bench.loop, redis.server(), net::test::impatient());
    REQUIRE(net::test::comes_to(bench.loop, other, true));
    // One call is ours, live since before the start; three are another worker's.
    REQUIRE(net::test::ask(bench.loop, other, {"SET", "dialer:cac:12:active", "4"}).has_value());
    const dialer::PlaceCall call = call_of(
        campaign::AttemptId{77},
        {.campaign = OpbxCampaignId{12},
         .destination = OpbxDestinationId{10},
         .concurrent_active_calls = 4}
    );
    std::optional<dialer::NotSent> held;
    bench.state->admit(call, [&](std::optional<dialer::NotSent> why_not) { held = *why_not; });
    REQUIRE(bench.until([&] { return held.has_value(); }));
    CHECK(held->held_back);
    REQUIRE(bench.until([&] { return !bench.told.empty(); }));
    const auto& others = std::get<dialer::OthersHold>(bench.told.front());
    CHECK(others.campaign == bench.campaign_id);
    CHECK(others.slots == 3);
}

TEST_CASE("opbx state: a message of the channel reaches the engine", "[daemon][opbx]") {
    net::test::RedisProcess redis;
    Bench bench("redis://127.0.0.1:" + std::to_string(redis.server().port));
    bench.config.redis_prefix = "app_";
    bench.open();
    net::RedisClient publisher(bench.loop, redis.server(), net::test::impatient());
    REQUIRE(net::test::comes_to(bench.loop, publisher, true));
    while (bench.told.empty()) {
        const auto heard = net::test::ask(
            bench.loop,
            publisher,
            {"PUBLISH", "app_cdr:completed", R"({"session_id":501,"disposition":"BUSY"})"}
        );
        REQUIRE(heard.has_value());
    }
    const auto& event = std::get<dialer::WebhookReceived>(bench.told.front());
    CHECK(event.report.external_id == OpbxSessionId{501});
    CHECK(event.report.disposition == campaign::Disposition::busy);
}

}  // namespace cxdial::daemon
