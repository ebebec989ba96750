#include "net/redis.h"

#include "tests/net/redis_support.h"
#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cxdial::net::test {

TEST_CASE("redis: a URL names host, port and database", "[net]") {
    const RedisServer server = *parse_redis_url("redis://cache.example:6380/3");
    CHECK(server.host == "cache.example");
    CHECK(server.port == 6380);
    CHECK(server.database == 3);
    CHECK(parse_redis_url("redis://cache")->port == 6379);
    CHECK(parse_redis_url("redis://cache/")->database == 0);
    CHECK(parse_redis_url("redis://[::1]:7000")->host == "::1");
    CHECK(parse_redis_url("redis://[::1]")->port == 6379);
    for (const char* wrong :
         {"",
          "http://a",
          "redis://",
          "redis://:1",
          "redis://a:x",
          "redis://a:99999",
          "redis://a/x",
          "redis://a/-1"}) {
        INFO(wrong);
        CHECK_FALSE(parse_redis_url(wrong).has_value());
    }
}

TEST_CASE("redis: replies of each kind are read", "[net]") {
    RedisProcess redis;
    Loop loop;
    RedisClient client(loop, redis.server(), impatient());
    REQUIRE(comes_to(loop, client, true));
    CHECK(ask(loop, client, {"SET", "a b", std::string("x\0y", 3)})->text() == "OK");
    CHECK(ask(loop, client, {"GET", "a b"})->text() == std::string_view("x\0y", 3));
    CHECK(std::holds_alternative<std::monostate>(ask(loop, client, {"GET", "none"})->value));
    CHECK(ask(loop, client, {"INCR", "n"})->number() == 1);
    const RedisValue list = *ask(loop, client, {"EVAL", "return {7, {'deep', false}, 'end'}", "0"});
    CHECK(list.at(0).number() == 7);
    CHECK(list.at(1).at(0).text() == "deep");
    CHECK(list.at(2).text() == "end");
    CHECK(list.at(3).text().empty());
    const auto wrong = ask(loop, client, {"INCR", "a b"});
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == base::Errc::invalid_argument);
}

TEST_CASE("redis: commands sent together are answered in their order", "[net]") {
    RedisProcess redis;
    Loop loop;
    RedisClient client(loop, redis.server(), impatient());
    REQUIRE(comes_to(loop, client, true));
    std::vector<std::int64_t> found;
    std::vector<std::int64_t> expected;
    for (int i = 1; i <= 1'000; ++i) {
        expected.push_back(i);
        client.command({"INCR", "n"}, [&found](const base::Result<RedisValue>& reply) {
            found.push_back(reply->number());
        });
    }
    REQUIRE(run_until(loop, [&] { return found.size() == expected.size(); }));
    CHECK(found == expected);
}

TEST_CASE("redis: it greets with password and database", "[net]") {
    RedisProcess redis("hush");
    Loop loop;
    RedisServer server = redis.server();
    server.database = 5;
    RedisClient client(loop, server, impatient());
    REQUIRE(comes_to(loop, client, true));
    CHECK(ask(loop, client, {"SET", "k", "v"}).has_value());
    RedisClient elsewhere(loop, redis.server(), impatient());
    REQUIRE(comes_to(loop, elsewhere, true));
    CHECK(ask(loop, elsewhere, {"GET", "k"})->text().empty());
}

TEST_CASE("redis: without its password it is not connected", "[net]") {
    RedisProcess redis("hush");
    Loop loop;
    RedisServer server = redis.server();
    RedisClient good(loop, server, impatient());
    server.password = base::Secret{"wrong"};
    RedisClient bad(loop, server, impatient());
    REQUIRE(comes_to(loop, good, true));
    CHECK_FALSE(bad.connected());
    const auto reply = ask(loop, bad, {"GET", "k"});
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == base::Errc::unavailable);
}

TEST_CASE("redis: after a kill it is unreachable, and connected again by itself", "[net]") {
    RedisProcess redis;
    Loop loop;
    RedisClient client(loop, redis.server(), impatient());
    std::vector<bool> changes;
    client.on_change([&](bool connected) { changes.push_back(connected); });
    REQUIRE(comes_to(loop, client, true));
    std::optional<base::Result<RedisValue>> lost;
    client.command({"BLPOP", "never", "0"}, [&](base::Result<RedisValue> reply) {
        lost.emplace(std::move(reply));
    });
    redis.kill();
    REQUIRE(comes_to(loop, client, false));
    REQUIRE(lost.has_value());
    CHECK(lost->error().code == base::Errc::unknown_outcome);
    CHECK(ask(loop, client, {"PING"}).error().code == base::Errc::unavailable);
    redis.start();
    REQUIRE(comes_to(loop, client, true));
    CHECK(ask(loop, client, {"PING"})->text() == "PONG");
    CHECK(changes == std::vector{true, false, true});
}

TEST_CASE("redis: a command that is never answered gives the connection up", "[net]") {
    RedisProcess redis;
    Loop loop;
    RedisTimes times = impatient();
    times.reply = base::Millis{30};
    RedisClient client(loop, redis.server(), times);
    REQUIRE(comes_to(loop, client, true));
    CHECK(ask(loop, client, {"BLPOP", "never", "0"}).error().code == base::Errc::unknown_outcome);
    CHECK_FALSE(client.connected());
    REQUIRE(comes_to(loop, client, true));
}

TEST_CASE("redis: a subscriber hears its channel, also after Redis was away", "[net]") {
    RedisProcess redis;
    Loop loop;
    std::vector<std::string> heard;
    RedisSubscriber subscriber(
        loop,
        redis.server(),
        "app_cdr:completed",
        [&](std::string_view message) { heard.emplace_back(message); },
        impatient()
    );
    RedisClient client(loop, redis.server(), impatient());
    const auto hears = [&](const std::string& text) {
        if (!run_until(loop, [&] { return subscriber.listening() && client.connected(); })) {
            return false;
        }
        (void)ask(loop, client, {"PUBLISH", "cdr:completed", "of another application"});
        (void)ask(loop, client, {"PUBLISH", "app_cdr:completed", text});
        return run_until(loop, [&] { return !heard.empty() && heard.back() == text; });
    };
    CHECK(hears("one"));
    redis.kill();
    REQUIRE(run_until(loop, [&] { return !subscriber.listening() && !client.connected(); }));
    redis.start();
    CHECK(hears("two"));
    CHECK(heard == std::vector<std::string>{"one", "two"});
}

}  // namespace cxdial::net::test
