#include "daemon/inbound_desk.h"

#include "base/rng.h"
#include "dialer/ticker.h"
#include "storage/contact_book.h"
#include "storage/sqlite_store.h"
#include "tests/storage/support.h"

#include <catch2/catch.hpp>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace cxdial::daemon {
namespace {

using storage::testing::expect;

constexpr const char* person = "+12125550199";
constexpr const char* our_number = "+14155550000";

/// Records of which one answers only once it is let go, however long that takes.
class HangingRecords final : public routing::Records {
public:
    HangingRecords(routing::Records& stored, std::shared_future<void> let_go, int& asked)
        : stored_(stored), let_go_(std::move(let_go)), asked_(asked) {}

    routing::Read<std::vector<routing::CampaignMatch>> open_destinations(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) override {
        return stored_.open_destinations(tenant, number, budget);
    }
    routing::Read<std::vector<routing::FollowUp>> active_follow_ups(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) override {
        let_go_.wait();
        ++asked_;
        return stored_.active_follow_ups(tenant, number, budget);
    }
    routing::Read<std::optional<routing::OutboundMatch>> last_outbound(
        const std::string& tenant, base::PhoneNumber number, base::WallTime since, Budget budget
    ) override {
        return stored_.last_outbound(tenant, number, since, budget);
    }
    routing::Read<routing::ContactMemory> memory(
        const std::string& tenant, base::PhoneNumber number, Budget budget
    ) override {
        return stored_.memory(tenant, number, budget);
    }

private:
    routing::Records& stored_;
    std::shared_future<void> let_go_;
    int& asked_;
};

/// A desk with a real database, and a real engine that ticks when something is submitted. The
/// person has a follow-up of anna's; our number's agent is desk.
struct Bench {
    Bench()
        : database(storage::testing::open(directory.file("t.db"))),
          store(database),
          repository(database),
          ticker(store, {}, base::Rng{1}) {
        for (const char* name : {"anna", "desk"}) {
            balancer::Assistant agent = storage::testing::sip_assistant(name);
            agent.phone_number = std::string("+1646555000") + (name[0] == 'a' ? '1' : '2');
            expect(repository.put(agent, now()));
        }
        expect(repository.put(storage::testing::dialed("main", our_number, "desk"), now()));
        const routing::FollowUp follow_up{
            .phone_number = base::PhoneNumber::parse(person).value(),
            .agent = "anna",
            .type = routing::FollowUpType::none};
        expect(storage::ContactBook(database).add(follow_up, now()));
    }

    void open(InboundResolver::Settings settings = {}) {
        settings.database_path = directory.file("t.db");
        desk = std::make_unique<InboundDesk>(
            loop,
            clock,
            std::move(settings),
            metrics,
            InboundDesk::Links{
                .submit =
                    [this](dialer::Input input, const Inbox::Done& done) {
                        loop.post([this, input = std::move(input), done] { tick(input, done); });
                        return has_room;
                    }}
        );
        desk->start();
    }
    void tick(const dialer::Input& input, const Inbox::Done& done) {
        if (!has_room) {
            return;
        }
        const dialer::TickResult result = ticker.tick(clock.now(), {{input, clock.now().mono}});
        if (done) {
            done(result.outcomes.at(0));
        }
        for (const dialer::Effect& effect : result.output.effects) {
            if (const auto* routed = std::get_if<dialer::RouteCall>(&effect)) {
                desk->on_routed(*routed);
            }
        }
    }
    std::string ask(const std::string& sid) {
        std::string answer;
        desk->ask(
            {.call_sid = sid, .session = sid, .from = person, .to = our_number, .domain = ""},
            [&](std::string document) {
                answer = std::move(document);
                loop.stop();
            }
        );
        loop.run();
        return answer;
    }
    /// What was submitted and is not taken yet.
    void settle() {
        loop.post([this] { loop.stop(); });
        loop.run();
    }
    storage::DecisionRecord decision(const std::string& sid) {
        return expect(storage::ContactBook(database).decision(sid));
    }
    [[nodiscard]] base::WallTime now() const { return clock.now().wall; }

    storage::testing::TempDirectory directory;
    base::SystemClock clock;
    storage::Database database;
    storage::SqliteStore store;
    storage::Repository repository;
    dialer::Ticker ticker;
    net::Loop loop;
    webhook::Metrics metrics;
    bool has_room = true;
    std::unique_ptr<InboundDesk> desk;
};

bool connects(const std::string& document, const std::string& agent) {
    return document.find(agent == "anna" ? "+16465550001" : "+16465550002") != std::string::npos;
}

TEST_CASE("inbound desk: a call is on disk before it is answered", "[daemon][inbound]") {
    Bench bench;
    bench.open();
    CHECK(connects(bench.ask("c1"), "anna"));
    CHECK(bench.decision("c1").agent == "anna");
    CHECK(connects(bench.ask("c1"), "anna"));  // though nothing is left to match
    CHECK(connects(bench.ask("c2"), "desk"));
}

TEST_CASE("inbound desk: a layer that hangs keeps nobody waiting", "[daemon][inbound]") {
    Bench bench;
    std::promise<void> let_go;
    int asked = 0;
    bench.open({.instead = [&](routing::Records& stored) {
        return std::make_unique<HangingRecords>(stored, let_go.get_future().share(), asked);
    }});
    CHECK(connects(bench.ask("c1"), "desk"));
    bench.settle();
    const storage::DecisionRecord decision = bench.decision("c1");
    CHECK(decision.agent == "desk");
    CHECK(decision.reason == routing::Layer::did_fallback);
    CHECK(
        bench.metrics.text().find(
            "inbound_routing_layer_timeout_total{layer=\"active_follow_up\"} 1"
        ) != std::string::npos
    );
    CHECK(connects(bench.ask("c3"), "desk"));
    let_go.set_value();
    // What comes too late changes nothing: the follow-up is still there for the next call.
    CHECK(connects(bench.ask("c2"), "anna"));
    CHECK(asked == 2);  // and what piled up meanwhile was passed over
}

TEST_CASE("inbound desk: without room for the decision the call is answered", "[daemon]") {
    Bench bench;
    bench.open();
    bench.has_room = false;
    CHECK(connects(bench.ask("c1"), "desk"));
    bench.has_room = true;
    CHECK(connects(bench.ask("c2"), "anna"));
}

TEST_CASE("inbound desk: the kill switch is told", "[daemon][inbound]") {
    Bench bench;
    bench.open({.force_legacy = true});
    CHECK(connects(bench.ask("c1"), "desk"));
    CHECK(bench.metrics.text().find("inbound_routing_forced_legacy 1") != std::string::npos);
}

TEST_CASE("inbound desk: an agent that was edited is the new one after the reload", "[daemon]") {
    Bench bench;
    bench.open();
    balancer::Assistant anna = storage::testing::sip_assistant("anna");
    anna.status = balancer::ResourceStatus::paused;
    expect(bench.repository.put(anna, bench.now()));
    bench.desk->reload([&] { bench.loop.stop(); });
    bench.loop.run();
    CHECK(connects(bench.ask("c1"), "desk"));
}

}  // namespace
}  // namespace cxdial::daemon
