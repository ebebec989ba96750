#include "daemon/outbox_sender.h"

#include "tests/net/support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::daemon {
namespace {

using namespace std::chrono_literals;
using net::HttpFailure;
using net::HttpOutcome;
using net::HttpResponse;
using storage::OutboxMessage;

HttpOutcome status(int code) {
    return HttpResponse{.status = code, .headers = {}, .body = "{}"};
}
HttpOutcome nobody() {
    return HttpFailure{.request_sent = false, .why = "connection refused"};
}
HttpOutcome time_out() {
    return HttpFailure{.request_sent = true, .why = "timed out"};
}

/// A queue in a database, and an other side whose answers the test gives.
class Bench {
public:
    Bench()
        : repository_(database_),
          sender_(
              loop_,
              clock_,
              {.queue = "q",
               .first_pause = 1ms,
               .longest_pause = 4ms,
               .tries_in_place = 3,
               .longest_aside = 8ms,
               .refusals_max = 6,
               .idle_look = 1ms},
              ports()
          ) {}

    void post(const std::string& key) {
        OutboxMessage message;
        message.queue = "q";
        message.key = key;
        REQUIRE(repository_.post(message, clock_.now().wall));
    }

    /// Sends until everything is taken or dead, and nothing waits in the database.
    bool runs_dry() {
        return runs_until([this] { return waiting() == 0; });
    }
    bool runs_until(const std::function<bool()>& done) {
        sender_.poke();
        return net::test::run_until(loop_, done);
    }
    void revive(std::int64_t id) { REQUIRE(*repository_.revive(id)); }
    [[nodiscard]] std::int64_t waiting() {
        const auto counts = repository_.outbox_counts();
        const auto found = counts->find("q");
        return found == counts->end() ? 0 : found->second.waiting;
    }
    [[nodiscard]] std::vector<OutboxMessage> dead() { return *repository_.dead_letters({}); }

    /// What the other side answers to the next tries; then 200.
    std::vector<HttpOutcome> answers;
    /// `key#refusals` of each try.
    std::vector<std::string> tried;
    bool disk_is_full = false;
    int looks = 0;  ///< at the database

private:
    OutboxSender::Ports ports() {
        return {
            .read =
                [this](std::string_view queue, base::WallTime now, int limit) {
                    ++looks;
                    return repository_.outbox(queue, now, limit);
                },
            .write =
                [this](const OutboxSender::Ports::Job& job, auto done) {
                    loop_.post([this, job, done] {
                        done(
                            disk_is_full
                                ? base::Result<void>(base::Error{base::Errc::unavailable, "full"})
                                : job(repository_)
                        );
                    });
                    return true;
                },
            .request =
                [](const OutboxMessage& message) {
                    net::HttpRequest request;
                    request.target = message.key + "#" + std::to_string(message.refusals);
                    return request;
                },
            .send =
                [this](const net::HttpRequest& request, net::HttpClient::Handler handler) {
                    tried.push_back(request.target);
                    HttpOutcome answer = status(200);
                    if (!answers.empty()) {
                        answer = answers.front();
                        answers.erase(answers.begin());
                    }
                    loop_.post([handler = std::move(handler), answer] { handler(answer); });
                },
            .on_handover = {},
        };
    }

    base::SystemClock clock_;
    net::Loop loop_;
    storage::Database database_ = storage::Database::open(":memory:", {}).value();
    storage::Repository repository_;
    OutboxSender sender_;
};

using Tried = std::vector<std::string>;

}  // namespace

TEST_CASE("outbox sender: messages leave in their order, each once", "[daemon]") {
    Bench bench;
    Tried expected;
    for (int i = 0; i < 200; ++i) {
        bench.post(std::to_string(i));
        expected.push_back(std::to_string(i) + "#0");
    }
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == expected);
}

TEST_CASE("outbox sender: while the other side is away nothing passes the first one", "[daemon]") {
    Bench bench;
    bench.post("a");
    bench.post("b");
    bench.answers = {nobody(), status(503), nobody(), status(502), status(429), nobody()};
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "a#0", "a#0", "a#0", "a#0", "a#0", "a#0", "b#0"});
}

TEST_CASE("outbox sender: after an error the key is fresh, after a time-out the same", "[daemon]") {
    Bench bench;
    bench.post("a");
    bench.answers = {time_out(), status(500)};
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "a#0", "a#1"});
}

TEST_CASE("outbox sender: a message that is always refused lets the others pass", "[daemon]") {
    Bench bench;
    bench.post("a");
    bench.post("b");
    bench.answers = {status(500), status(500), status(500)};
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "a#1", "a#2", "b#0", "a#3"});
}

TEST_CASE("outbox sender: a message that is refused for days becomes a dead letter", "[daemon]") {
    Bench bench;
    bench.post("a");
    bench.post("b");
    for (int i = 0; i < 3; ++i) {
        bench.answers.push_back(status(500));
    }
    bench.answers.push_back(status(200));  // b, which passes
    for (int i = 0; i < 3; ++i) {
        bench.answers.push_back(status(500));
    }
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "a#1", "a#2", "b#0", "a#3", "a#4", "a#5"});
    REQUIRE(bench.dead().size() == 1);
    CHECK(bench.dead()[0].key == "a");
    CHECK(bench.dead()[0].refusals == 6);
    // Sent once more, it has one try.
    bench.answers = {status(500)};
    bench.revive(bench.dead().front().id);
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried.back() == "a#6");
    CHECK(bench.dead().size() == 1);
}

TEST_CASE(
    "outbox sender: by its own times a message is refused for more than two days", "[daemon]"
) {
    const OutboxSender::Options options;
    base::Millis waited{0};
    base::Millis pause = options.longest_pause;
    for (int refusals = options.tries_in_place; refusals < options.refusals_max; ++refusals) {
        waited += std::min(pause, options.longest_aside);
        pause *= 2;
    }
    CHECK(waited > 57h);
    CHECK(waited < 59h);
}

TEST_CASE("outbox sender: what is not acceptable becomes a dead letter at once", "[daemon]") {
    Bench bench;
    for (const char* key : {"a", "b", "c"}) {
        bench.post(key);
    }
    bench.answers = {status(422), status(400)};
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "b#0", "c#0"});
    const std::vector<OutboxMessage> dead = bench.dead();
    REQUIRE(dead.size() == 2);
    CHECK(dead[0].key == "a");
    CHECK(dead[0].why == "status 422: {}");
    CHECK(dead[1].key == "b");
}

TEST_CASE("outbox sender: what was taken is not sent again while the disk is full", "[daemon]") {
    Bench bench;
    bench.disk_is_full = true;
    bench.post("a");
    bench.post("b");
    REQUIRE(bench.runs_until([&] { return bench.looks > 5; }));
    CHECK(bench.waiting() == 2);
    bench.disk_is_full = false;
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "b#0"});
}

TEST_CASE("outbox sender: a dead letter that is revived goes out with a fresh key", "[daemon]") {
    Bench bench;
    bench.post("a");
    bench.answers = {status(422)};
    REQUIRE(bench.runs_dry());
    bench.revive(bench.dead().front().id);
    REQUIRE(bench.runs_dry());
    CHECK(bench.tried == Tried{"a#0", "a#1"});
    CHECK(bench.dead().empty());
}

}  // namespace cxdial::daemon
