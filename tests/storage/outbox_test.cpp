#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

namespace cxdial::storage::testing {
namespace {

OutboxMessage message(const std::string& key, const std::string& queue = "reports") {
    OutboxMessage message;
    message.queue = queue;
    message.key = key;
    message.target = "/calls/" + key;
    message.body = "{}";
    return message;
}

dialer::WebhookReceived passed_on(const std::string& token) {
    dialer::WebhookReceived webhook = cdr(token, token);
    webhook.body = R"({"session":{"token":")" + token + R"("}, "n": 1.50})";
    webhook.pass_on = dialer::PassOn{"cdrs", base::Secret{"Bearer k1"}};
    return webhook;
}

std::vector<std::string> keys(const std::vector<OutboxMessage>& messages) {
    std::vector<std::string> found;
    for (const OutboxMessage& one : messages) {
        found.push_back(one.key);
    }
    return found;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("outbox: messages of a queue come in the order in which they were posted", "[storage]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    for (const char* key : {"b", "a", "c"}) {
        CHECK(expect(repository.post(message(key), at(1))));
    }
    CHECK(expect(repository.post(message("x", "others"), at(1))));
    CHECK(keys(expect(repository.outbox("reports", at(1), 10))) == Keys{"b", "a", "c"});
    CHECK(keys(expect(repository.outbox("reports", at(1), 2))) == Keys{"b", "a"});
    const OutboxMessage first = expect(repository.outbox("reports", at(1), 1)).front();
    CHECK(first.target == "/calls/b");
    CHECK(first.body == "{}");
    CHECK(first.added_at == at(1));
}

TEST_CASE("outbox: a queue keeps one message of a key, and a delivered one is gone", "[storage]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    CHECK(expect(repository.post(message("a"), at(1))));
    CHECK_FALSE(expect(repository.post(message("a"), at(2))));
    const std::array ids{expect(repository.outbox("reports", at(2), 1)).front().id};
    expect(repository.delivered(ids));
    CHECK(expect(repository.outbox("reports", at(2), 10)).empty());
    CHECK(expect(repository.outbox_counts()).empty());
}

TEST_CASE("outbox: a message that was put off waits for its time", "[storage]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    CHECK(expect(repository.post(message("a"), at(1))));
    CHECK(expect(repository.post(message("b"), at(1))));
    const std::int64_t id = expect(repository.outbox("reports", at(1), 1)).front().id;
    expect(repository.put_off(id, "500", at(50), true));
    CHECK(keys(expect(repository.outbox("reports", at(49), 10))) == Keys{"b"});
    const std::vector<OutboxMessage> due = expect(repository.outbox("reports", at(50), 10));
    CHECK(keys(due) == Keys{"a", "b"});
    CHECK(due.front().refusals == 1);
    CHECK(due.front().why == "500");
    CHECK(expect(repository.outbox_counts()).at("reports").waiting == 2);
    CHECK(expect(repository.outbox_counts()).at("reports").refused == 1);
}

TEST_CASE("outbox: a dead letter is listed, and goes out again when it is revived", "[storage]") {
    Fixture fixture;
    Repository& repository = fixture.repository;
    CHECK(expect(repository.post(message("a"), at(1))));
    CHECK(expect(repository.post(message("b"), at(1))));
    const std::int64_t id = expect(repository.outbox("reports", at(1), 1)).front().id;
    expect(repository.bury(id, "422 no such call", at(7)));
    CHECK(keys(expect(repository.outbox("reports", at(9), 10))) == Keys{"b"});
    const std::vector<OutboxMessage> dead = expect(repository.dead_letters({}));
    REQUIRE(keys(dead) == Keys{"a"});
    CHECK(dead.front().failed_at == at(7));
    CHECK(dead.front().why == "422 no such call");
    CHECK(expect(repository.dead_letters({.after = id})).empty());
    const auto counts = expect(repository.outbox_counts());
    CHECK(counts.at("reports").waiting == 1);
    CHECK(counts.at("reports").dead == 1);

    CHECK(expect(repository.revive(id)));
    CHECK_FALSE(expect(repository.revive(id)));
    CHECK(keys(expect(repository.outbox("reports", at(9), 10))) == Keys{"a", "b"});
}

TEST_CASE("outbox: a webhook is passed on byte for byte, with its authorization", "[storage]") {
    Fixture fixture;
    const dialer::WebhookReceived webhook = passed_on("t1");
    CHECK(in_transaction(fixture.store, [&] {
        return fixture.store.record_webhook(webhook, std::nullopt, at(5));
    }));
    const std::vector<OutboxMessage> waiting = expect(fixture.repository.outbox("cdrs", at(5), 9));
    REQUIRE(waiting.size() == 1);
    CHECK(waiting.front().body == webhook.body);
    CHECK(waiting.front().authorization.reveal() == "Bearer k1");
}

TEST_CASE("outbox: a webhook that comes twice is passed on once", "[storage]") {
    Fixture fixture;
    const auto receive = [&] {
        return in_transaction(fixture.store, [&] {
            return fixture.store.record_webhook(passed_on("t1"), std::nullopt, at(5));
        });
    };
    CHECK(receive());
    const std::array ids{expect(fixture.repository.outbox("cdrs", at(5), 9)).front().id};
    expect(fixture.repository.delivered(ids));
    CHECK_FALSE(receive());
    CHECK(expect(fixture.repository.outbox("cdrs", at(5), 9)).empty());
}

TEST_CASE("outbox: what a lost transaction received is not passed on", "[storage]") {
    Fixture fixture;
    fixture.store.begin();
    CHECK(fixture.store.record_webhook(passed_on("t1"), std::nullopt, at(5)));
    fixture.store.rollback();
    CHECK(expect(fixture.repository.outbox("cdrs", at(5), 9)).empty());
}

}  // namespace cxdial::storage::testing
