#include "bench.h"
#include <catch2/catch.hpp>

#include <map>
#include <set>

namespace cxdial::dialer {
namespace {

using base::Millis;
using campaign::Disposition;
using campaign::RoutingDestinationType;

/// A campaign over a balancer with assistants a, b, … that are reached at +16465550001, …2, …
struct Pool {
    explicit Pool(int assistants, int destinations, bool has_public_url = true)
        : bench(destinations) {
        bench.settings.public_url = has_public_url ? "https://dialer.example" : "";
        bench.restart();
        balancer.name = "pool";
        for (int i = 1; i <= assistants; ++i) {
            const std::string name(1, static_cast<char>('a' + i - 1));
            put(assistant(name, "000" + std::to_string(i)));
            balancer::Member member;
            member.assistant = name;
            balancer.members.push_back(member);
        }
        save();
        bench.plan.routing_destination_type = RoutingDestinationType::ai_load_balancer;
        bench.plan.routing_destination = "pool";
        bench.plan.concurrent_active_calls = 100;
        bench.save();
    }
    void put(const balancer::Assistant& resource) {
        REQUIRE(bench.repository().put(resource, bench.now().wall));
    }
    void cap(const std::string& name, int calls) {
        balancer::Assistant resource = bench.repository().assistant("default", name).value();
        resource.max_concurrent_calls = calls;
        put(resource);
    }
    void save() { REQUIRE(bench.repository().put(balancer, bench.now().wall)); }

    /// What Cloudonix is told when it asks about the answered call.
    base::Result<std::string> ask(const PlaceCall& call, CallAnswered asked = {}) {
        asked.attempt = call.attempt;
        asked.token.emplace("s" + std::to_string(call.attempt.raw()));
        const TickResult result = bench.tick({asked});
        REQUIRE(result.stored);
        for (const Effect& effect : result.output.effects) {
            if (const auto* answer = std::get_if<Connect>(&effect)) {
                return answer->document;
            }
        }
        FAIL("the question was not answered");
        return base::Error{base::Errc::unavailable, ""};
    }
    /// The assistant that the document connects to: a, b …; `-` for a hang-up.
    static char connected_to(const std::string& document) {
        const std::size_t at = document.find("+1646555000");
        return at == std::string::npos ? '-' : static_cast<char>('a' + document[at + 11] - '1');
    }
    /// Where the document has Cloudonix ask when the dial has ended, as it is written there.
    static std::string action_of(const std::string& document) {
        const std::size_t at = document.find("action=\"");
        REQUIRE(at != std::string::npos);
        return document.substr(at + 8, document.find('"', at + 8) - at - 8);
    }
    static std::string address(const PlaceCall& call) {
        return "https://dialer.example/cloudonix/voice?attempt=" +
               std::to_string(call.attempt.raw());
    }
    /// What Cloudonix asks when the last of them could not be reached.
    static CallAnswered failed(const std::vector<char>& dialed) {
        CallAnswered asked;
        asked.dial_status = "failed";
        for (const char name : dialed) {
            asked.dialed.emplace_back(1, name);
        }
        return asked;
    }
    /// The call was answered, and ended after so long.
    std::vector<PlaceCall> end(const PlaceCall& call, Millis talked) {
        WebhookReceived ended = cdr(call, Disposition::answered, token_of(call));
        ended.report.answered_at = bench.now().wall - talked;
        ended.report.ended_at = bench.now().wall;
        return calls_of(bench.give(ended));
    }
    static std::string token_of(const PlaceCall& call) {
        return "s" + std::to_string(call.attempt.raw());
    }

    Bench bench;
    balancer::Balancer balancer;
};

TEST_CASE("balancer: chooses when somebody has answered, and is bound by it", "[dialer]") {
    Pool pool(2, 4);
    const std::vector<PlaceCall> calls = pool.bench.start();
    REQUIRE(calls.size() == 4);
    CHECK(calls[0].request.cxml.empty());
    CHECK(calls[0].request.url.starts_with("https://dialer.example/cloudonix/voice?attempt="));
    CHECK(pool.bench.attempt(calls[0].attempt).assistant.empty());
    std::multiset<char> chosen;
    for (const PlaceCall& call : calls) {
        chosen.insert(Pool::connected_to(pool.ask(call).value()));
    }
    CHECK(chosen == std::multiset<char>{'a', 'a', 'b', 'b'});
    // Asked again, the same call goes to the same assistant, in another life too.
    const char first = Pool::connected_to(pool.ask(calls[0]).value());
    CHECK(pool.bench.attempt(calls[0].attempt).assistant == std::string(1, first));
    pool.bench.restart();
    static_cast<void>(pool.bench.tick());
    CHECK(Pool::connected_to(pool.ask(calls[0]).value()) == first);
    CHECK(pool.bench.attempt(calls[0].attempt).status == campaign::AttemptStatus::answered);
}

TEST_CASE("balancer: inline, the assistant is bound when the call is placed", "[dialer]") {
    Pool pool(2, 2, false);
    const std::vector<PlaceCall> calls = pool.bench.start();
    REQUIRE(calls.size() == 2);
    CHECK(Pool::connected_to(calls[0].request.cxml) == 'a');
    CHECK(Pool::connected_to(calls[1].request.cxml) == 'b');
    CHECK(pool.bench.attempt(calls[0].attempt).assistant == "a");
}

TEST_CASE("balancer: no more calls are placed than the assistants can take", "[dialer]") {
    const bool has_public_url = GENERATE(true, false);
    Pool pool(2, 10, has_public_url);
    pool.cap("a", 1);
    pool.cap("b", 2);
    const std::vector<PlaceCall> calls = pool.bench.start();
    REQUIRE(calls.size() == 3);
    CHECK(pool.bench.hold().reason == HoldReason::assistants_full);
    if (has_public_url) {
        std::multiset<char> chosen;
        for (const PlaceCall& call : calls) {
            chosen.insert(Pool::connected_to(pool.ask(call).value()));
        }
        CHECK(chosen == std::multiset<char>{'a', 'b', 'b'});
    }
    CHECK(pool.end(calls[0], Millis{60'000}).size() == 1);
}

TEST_CASE("balancer: an assistant that two campaigns share is filled once", "[dialer]") {
    Pool pool(2, 10);
    pool.cap("a", 2);
    pool.cap("b", 2);
    CHECK(pool.bench.start().size() == 4);
    pool.bench.plan.name = "autumn";
    pool.bench.plan.routing_destination_type = RoutingDestinationType::ai_assistant;
    pool.bench.plan.routing_destination = "a";
    pool.bench.save();
    pool.bench.add_destination("+13125551000");
    CHECK(pool.bench.start().empty());
    CHECK(pool.bench.hold().reason == HoldReason::assistants_full);
}

TEST_CASE("balancer: who cannot take the call is left out, and the next one does", "[dialer]") {
    Pool pool(2, 1);
    const PlaceCall call = pool.bench.start().at(0);
    const std::string document = pool.ask(call).value();
    const char first = Pool::connected_to(document);
    CHECK(Pool::action_of(document) == Pool::address(call) + "&amp;dialed=" + first);
    const CallAnswered failed = Pool::failed({first});
    const std::string next = pool.ask(call, failed).value();
    const char second = Pool::connected_to(next);
    CHECK(second != '-');
    CHECK(second != first);
    CHECK(
        Pool::action_of(next) ==
        Pool::address(call) + "&amp;dialed=" + first + "&amp;dialed=" + second
    );
    CHECK(pool.bench.attempt(call.attempt).assistant == std::string(1, second));
    CallAnswered done;
    done.dial_status = "completed";
    CHECK(Pool::connected_to(pool.ask(call, done).value()) == '-');
    CHECK_FALSE(pool.ask(call, Pool::failed({first, second})));  // nobody is left
}

TEST_CASE("balancer: the same question gets the same answer, however often it comes", "[dialer]") {
    Pool pool(3, 1);
    const PlaceCall call = pool.bench.start().at(0);
    const char first = Pool::connected_to(pool.ask(call).value());
    const CallAnswered failed = Pool::failed({first});
    const std::string answer = pool.ask(call, failed).value();
    CHECK(pool.ask(call, failed).value() == answer);
    pool.bench.restart();
    static_cast<void>(pool.bench.tick());
    CHECK(pool.ask(call, failed).value() == answer);
    // What another life has seen fail is left out as well.
    const char second = Pool::connected_to(answer);
    const char third = Pool::connected_to(pool.ask(call, Pool::failed({first, second})).value());
    CHECK(std::set<char>{first, second, third} == std::set<char>{'a', 'b', 'c'});
}

TEST_CASE("balancer: an assistant whose calls end at once gets none for a while", "[dialer]") {
    Pool pool(2, 60);
    pool.bench.plan.concurrent_active_calls = 1;
    pool.bench.save();
    PlaceCall call = pool.bench.start().at(0);
    std::map<char, int> taken;
    for (int i = 0; i < 30; ++i) {
        const char chosen = Pool::connected_to(pool.ask(call).value());
        ++taken[chosen];
        pool.bench.advance(Millis{500});
        call = pool.end(call, chosen == 'a' ? Millis{100} : Millis{5'000}).at(0);
    }
    CHECK(taken['a'] == 3);
    CHECK(taken['b'] == 27);
    // It comes back, with one call first.
    pool.bench.advance(Millis{31'000});
    CHECK(Pool::connected_to(pool.ask(call).value()) == 'a');
}

TEST_CASE("balancer: without a usable assistant nothing is placed, and it says so", "[dialer]") {
    Pool pool(1, 3);
    pool.bench.plan.concurrent_active_calls = 1;
    pool.bench.save();
    const PlaceCall call = pool.bench.start().at(0);
    balancer::Assistant paused = pool.bench.repository().assistant("default", "a").value();
    paused.status = balancer::ResourceStatus::paused;
    pool.put(paused);
    static_cast<void>(pool.bench.give(CampaignEdited{pool.bench.id()}));
    CHECK(pool.end(call, Millis{5'000}).empty());
    CHECK(pool.bench.hold().reason == HoldReason::no_assistant);
    CHECK(pool.bench.campaign().status == campaign::CampaignStatus::active);
    paused.status = balancer::ResourceStatus::active;
    pool.put(paused);
    CHECK(calls_of(pool.bench.give(CampaignEdited{pool.bench.id()})).size() == 1);
}

TEST_CASE("amd: a machine is hung up on, and tried again by policy", "[dialer]") {
    Pool pool(1, 1);
    pool.bench.plan.amd.mode = "Enable";
    pool.bench.plan.max_dial_attempts = 2;
    pool.bench.plan.retry[Disposition::voicemail] = {Millis{60'000}};
    pool.bench.save();
    const PlaceCall call = pool.bench.start().at(0);
    CHECK(call.request.amd.mode == "Enable");
    CallAnswered asked;
    asked.answered_by = "machine_end_beep";
    CHECK(Pool::connected_to(pool.ask(call, asked).value()) == '-');
    static_cast<void>(pool.end(call, Millis{2'000}));
    CHECK(pool.bench.attempt(call.attempt).disposition == Disposition::voicemail);
    CHECK(
        pool.bench.destination(call.request.destination).status ==
        campaign::DestinationStatus::retry_pending
    );
}

TEST_CASE("amd: where it may go on, a machine is talked to", "[dialer]") {
    Pool pool(1, 1);
    pool.bench.plan.amd.mode = "Enable";
    pool.bench.plan.amd.on_machine = "continue";
    pool.bench.save();
    const PlaceCall call = pool.bench.start().at(0);
    CallAnswered asked;
    asked.answered_by = "machine_start";
    CHECK(Pool::connected_to(pool.ask(call, asked).value()) == 'a');
    static_cast<void>(pool.end(call, Millis{20'000}));
    CHECK(pool.bench.attempt(call.attempt).disposition == Disposition::voicemail);
    CHECK(
        pool.bench.destination(call.request.destination).status ==
        campaign::DestinationStatus::completed
    );
}

TEST_CASE("amd: cannot be had without a public URL", "[dialer]") {
    Pool pool(1, 1, false);
    pool.bench.plan.amd.mode = "Enable";
    pool.bench.save();
    const TickResult result =
        pool.bench.tick({ChangeCampaign{pool.bench.id(), campaign::Transition::start}});
    REQUIRE_FALSE(result.outcomes.at(0));
    CHECK(result.outcomes[0].error().detail.find("daemon.public_url") != std::string::npos);
}

TEST_CASE("voice: a question about an attempt that nobody knows is not answered", "[dialer]") {
    Pool pool(1, 1);
    const PlaceCall call = pool.bench.start().at(0);
    PlaceCall other = call;
    other.attempt = campaign::AttemptId{call.attempt.raw() + 7};
    CHECK(pool.ask(other).error().code == base::Errc::not_found);
    CallAnswered of_another_domain;
    of_another_domain.domain = "other.example";
    CHECK(pool.ask(call, of_another_domain).error().code == base::Errc::not_found);
    static_cast<void>(pool.end(call, Millis{5'000}));
    CHECK(Pool::connected_to(pool.ask(call).value()) == '-');
}

}  // namespace
}  // namespace cxdial::dialer
