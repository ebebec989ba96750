#include "callers.h"

#include "places.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace cxdial::sim {

using base::Millis;

namespace {

constexpr Millis budget{200};
constexpr Millis snapshot_age{10};
constexpr Millis longest_talk{90'000};
constexpr int asked_max = 4;
constexpr std::size_t latest = 6;

}  // namespace

base::PhoneNumber Callers::draw_number() {
    base::Rng& dice = parts_.world.dice();
    // Mostly whoever has seen or hears our call just now.
    const std::list<Call>& calls = parts_.cloudonix.calls();
    if (!calls.empty() && dice.chance(0.6)) {
        const std::size_t back = dice.below(std::min(calls.size(), latest));
        return std::next(calls.rbegin(), static_cast<std::ptrdiff_t>(back))->number;
    }
    const std::size_t place = setup_.inhabited[dice.below(setup_.inhabited.size())];
    return number_in(place, dice.below(setup_.numbers_each));
}

void Callers::call_at_random(int calls, Millis within) {
    for (; calls > 0; --calls) {
        parts_.world.after(parts_.world.up_to(within), [this] { call(draw_number()); });
    }
}

void Callers::call(base::PhoneNumber number) {
    Call& call = parts_.cloudonix.call_in(number, setup_.settings.domains.front().name);
    parts_.world.note("calls us", static_cast<std::int64_t>(number.digits()));
    callers_.push_back({.call = call, .sid = "sid-" + std::to_string(callers_.size())});
    ask(callers_.back());
}

dialer::InboundCall Callers::decide(const Caller& caller) {
    dialer::InboundCall call;
    call.tenant = "default";
    call.domain = caller.call.domain;
    call.call_sid = caller.sid;
    call.token = caller.call.token;
    call.caller = caller.call.number;
    call.mode = "smart";
    call.reason = "did_fallback";
    if (const auto open = parts_.ledger.open_destination(caller.call.number)) {
        call.reason = "active_campaign";
        call.destination = open->first;
        call.campaign = open->second;
    }
    std::vector<const balancer::Assistant*> able;
    for (const balancer::Assistant& assistant : setup_.assistants) {
        if (!caller.full.contains(assistant.name)) {
            able.push_back(&assistant);
        }
    }
    if (!able.empty()) {
        call.agent = able[parts_.world.dice().below(able.size())]->name;
        call.agent_cap = parts_.judge.pools().cap_of(call.agent);
    }
    return call;
}

void Callers::ask(Caller& caller) {
    base::Rng& dice = parts_.world.dice();
    ++caller.asked;
    if (!parts_.daemon.up()) {
        ask_again(caller);
        return;
    }
    const int life = parts_.daemon.lives();
    const dialer::InboundCall call = decide(caller);
    caller.agent = call.agent;
    caller.is_matched = call.destination.has_value();
    const auto submit = [this, call, life, &caller](std::uint64_t question) {
        questions_[question] = &caller;
        if (parts_.daemon.up() && parts_.daemon.lives() == life) {
            parts_.daemon.call_in(question, budget, call);
        }
    };
    const std::uint64_t question = questions_.size() + 1;
    questions_[question] = &caller;
    waiting_.insert(question);
    parts_.world.after(parts_.world.up_to(snapshot_age), [submit, question] { submit(question); });
    parts_.world.after(budget, [this, question, life] { on_time_up(question, life); });
    if (dice.chance(setup_.faults.webhook_duplicated)) {
        const std::uint64_t again = questions_.size() + 1;
        questions_[again] = &caller;
        parts_.world.after(parts_.world.up_to(Millis{5'000}), [submit, again] { submit(again); });
    }
}

void Callers::ask_again(Caller& caller) {
    if (caller.asked < asked_max && parts_.world.dice().chance(0.7)) {
        parts_.world.after(parts_.world.between(Millis{500}, Millis{3'000}), [this, &caller] {
            if (!caller.is_over && !caller.is_connected) {
                ask(caller);
            }
        });
    } else {
        end(caller);
    }
}

void Callers::on_time_up(std::uint64_t question, int life) {
    if (waiting_.erase(question) == 0) {
        return;
    }
    Caller& caller = *questions_.at(question);
    if (!parts_.daemon.up() || parts_.daemon.lives() != life) {
        ask_again(caller);
        return;
    }
    dialer::InboundCall fallback = decide(caller);
    fallback.reason = "did_fallback";
    fallback.destination.reset();
    fallback.campaign.reset();
    fallback.agent = setup_.assistants.front().name;
    fallback.is_late_fallback = true;
    parts_.world.note("answered by fallback");
    connect(caller, fallback.agent, true);
    parts_.daemon.call_in(0, budget, fallback);
}

void Callers::on_routed(const dialer::RouteCall& answer) {
    Caller& caller = *questions_.at(answer.question);
    const auto* routed = std::get_if<dialer::Routed>(&answer.result);
    if (routed != nullptr) {
        matched_ += !caller.decision && caller.is_matched ? 1 : 0;
        must(!caller.decision || caller.decision == routed->decision, [&] {
            return "S7 two decisions on call " + caller.sid;
        });
        caller.decision = routed->decision;
    }
    if (waiting_.erase(answer.question) == 0 || caller.is_over || caller.is_connected) {
        return;
    }
    if (routed == nullptr) {
        caller.full.insert(caller.agent);
        ask(caller);
    } else if (parts_.world.dice().chance(setup_.faults.question_lost)) {
        ask_again(caller);
    } else if (routed->agent.empty()) {
        end(caller);
    } else {
        connect(caller, routed->agent, false);
    }
}

void Callers::connect(Caller& caller, const std::string& agent, bool by_fallback) {
    caller.is_connected = true;
    parts_.judge.on_called(caller.sid, agent, by_fallback);
    parts_.cloudonix.answer_in(caller.call);
    parts_.world.after(parts_.world.up_to(longest_talk), [this, &caller] { end(caller); });
}

void Callers::end(Caller& caller) {
    if (!std::exchange(caller.is_over, true)) {
        parts_.judge.on_call_over(caller.sid);
        parts_.cloudonix.end_in(caller.call);
    }
}

}  // namespace cxdial::sim
