#include "fake_cloudonix.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cxdial::sim {

using base::Millis;
using campaign::Disposition;
using dialer::WebhookReceived;

namespace {

constexpr Millis question_timeout{10'000};
constexpr Millis on_the_way{150};
/// Whoever is connected talks longer than a call takes to fail.
constexpr Millis shortest_talk{1'500};
constexpr Millis failing{300};

/// The text between two marks; empty: it is not there.
std::string_view between(std::string_view text, std::string_view from, std::string_view to) {
    const std::size_t start = text.find(from);
    if (start == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(start + from.size());
    return text.substr(0, text.find(to));
}

/// The values of `dialed` in an address that stands in a document.
std::vector<std::string> dialed_by(std::string_view address) {
    constexpr std::string_view name = "dialed=";
    std::vector<std::string> dialed;
    while ((address = between(address, name, "\"")).data() != nullptr) {
        dialed.emplace_back(address.substr(0, address.find('&')));
    }
    return dialed;
}

std::string draw_answered_by(base::Rng& dice, std::uint64_t machine_percent) {
    constexpr std::array people{"human", "human", "unknown"};
    constexpr std::array machines{"machine_start", "machine_end_beep", "fax"};
    const bool machine = dice.below(100) < machine_percent;
    return machine ? machines[dice.below(machines.size())] : people[dice.below(people.size())];
}

}  // namespace

const Call* FakeCloudonix::accept(const dialer::PlaceCall& wanted, base::MonoTime deadline) {
    if (world_.now() >= deadline) {
        world_.note("deadline passed", wanted.attempt.raw());
        return nullptr;
    }
    Call call{
        .attempt = wanted.attempt,
        .token = new_token(),
        .number = wanted.request.destination,
        .domain = wanted.domain,
        .request = wanted.request,
        .accepted = world_.now(),
    };
    call.anonymous = world_.dice().chance(faults_.webhook_anonymous);
    call.by_opbx = wanted.external && wanted.external->by_opbx;
    draw_person(call, deadline);
    world_.note("accepted", call.attempt.raw(), static_cast<std::int64_t>(call.number.digits()));
    Call& kept = calls_.emplace_back(std::move(call));
    by_token_[kept.token] = &kept;
    witness_.on_accepted(kept);
    begin(kept);
    return &kept;
}

void FakeCloudonix::draw_person(Call& call, base::MonoTime deadline) {
    base::Rng& dice = world_.dice();
    const Millis timeout{call.request.timeout};
    const base::MonoTime rings = world_.now() + world_.up_to(Millis{4'000});
    const auto kind = dice.below(100);
    if (dice.chance(faults_.no_credit)) {
        call.disposition = Disposition::no_credit;
        call.ended = rings;
    } else if (rings > deadline) {
        call.ended = deadline;  // too late to ring
    } else if (kind < people_.answer_percent) {
        call.disposition = Disposition::answered;
        call.ringing = rings;
        call.answered = rings + world_.up_to(std::min(Millis{25'000}, timeout));
        // Mostly short talks, a few up to the limit.
        const Millis limit{call.request.time_limit};
        const Millis longest = dice.chance(0.2) ? limit : limit / 4;
        call.talk = world_.up_to(people_.longest_talk > Millis{0} ? people_.longest_talk : longest);
        call.rings_until = *call.answered;
    } else if (kind < people_.answer_percent + 20) {
        call.disposition = Disposition::no_answer;
        call.ringing = rings;
        call.rings_until = rings + timeout;
        call.ended = call.rings_until;
    } else {
        constexpr std::array others{
            Disposition::busy, Disposition::busy, Disposition::congestion, Disposition::failed};
        call.disposition = others[dice.below(others.size())];
        call.ended = rings + world_.up_to(Millis{3'000});
    }
    if (call.answered && !call.request.amd.mode.empty()) {
        call.answered_by = draw_answered_by(dice, people_.machine_percent);
    }
}

void FakeCloudonix::begin(Call& call) {
    if (call.ringing) {
        world_.at(*call.ringing, [this, &call] {
            if (call.ringing && call.ended > world_.now()) {
                witness_.on_ringing(call);
            }
        });
    }
    if (call.answered) {
        world_.at(*call.answered, [this, &call] { on_answer(call); });
    } else {
        finish(call, call.ended);
    }
    if (!sends_updates_) {
        return;
    }
    if (call.ringing) {
        send_webhook(call, WebhookReceived::Kind::session_update, *call.ringing);
    }
    if (call.answered) {
        send_webhook(call, WebhookReceived::Kind::session_update, *call.answered);
        send_webhook(call, WebhookReceived::Kind::callback, *call.answered);
    }
}

void FakeCloudonix::on_answer(Call& call) {
    if (!call.answered) {
        return;  // it was hung up before
    }
    if (call.by_opbx) {
        // Its document is OPBX's own; what it connects is none of our business.
        finish(call, world_.now() + call.talk);
        return;
    }
    if (call.request.url.empty()) {
        follow(call, call.request.cxml);
        return;
    }
    must(call.request.url.ends_with("attempt=" + std::to_string(call.attempt.raw())), [&] {
        return "S5 attempt " + std::to_string(call.attempt.raw()) + " asks for another's document";
    });
    ask(call, {}, "");
}

void FakeCloudonix::ask(
    Call& call, const std::vector<std::string>& dialed, const std::string& dial_status
) {
    const std::uint64_t question = ++questions_;
    call.question = question;
    asked_[question] = &call;
    const dialer::CallAnswered asked{
        .question = question,
        .attempt = call.attempt,
        .token = call.token,
        .domain = call.domain,
        .answered_by = call.answered_by,
        .dial_status = dial_status,
        .dialed = dialed,
    };
    if (!world_.dice().chance(faults_.question_lost)) {
        world_.after(world_.up_to(on_the_way), [this, asked] { witness_.on_question(asked); });
    }
    if (world_.dice().chance(faults_.webhook_duplicated / 4)) {
        dialer::CallAnswered again = asked;
        again.question = ++questions_;
        world_.after(world_.up_to(Millis{5'000}), [this, again] { witness_.on_question(again); });
    }
    world_.after(question_timeout, [this, &call, question] {
        if (call.question == question) {
            call.question = 0;
            finish(call, world_.now() + world_.up_to(Millis{3'000}));
        }
    });
}

void FakeCloudonix::connect(std::uint64_t question, const base::Result<std::string>& document) {
    const auto found = asked_.find(question);
    if (found == asked_.end() || found->second->question != question) {
        return;  // nobody waits for it any more
    }
    Call& call = *found->second;
    asked_.erase(found);
    call.question = 0;
    if (!document) {
        world_.note("no document", call.attempt.raw());
        finish(call, world_.now() + world_.up_to(Millis{3'000}));
        return;
    }
    call.verdict_heard = true;
    world_.after(world_.up_to(on_the_way), [this, &call, text = *document] { follow(call, text); });
}

void FakeCloudonix::follow(Call& call, const std::string& document) {
    const std::string_view service = between(document, "<Service ", "</Service>");
    const std::size_t text = service.find('>');
    if (text == std::string_view::npos) {
        must(document.find("<Hangup") != std::string::npos, [&] {
            return "S5 a document that says nothing: " + document;
        });
        finish(call, world_.now() + world_.up_to(failing));
        return;
    }
    const auto known = assistants_.find(std::string(service.substr(text + 1)));
    must(known != assistants_.end(), [&] {
        return "S5 no assistant has this number: " + document;
    });
    dial(call, known->second, dialed_by(between(document, "action=\"", "\"")));
}

void FakeCloudonix::dial(
    Call& call, const std::string& assistant, const std::vector<std::string>& dialed
) {
    const bool dead = dead_.contains(assistant);
    world_.note(dead ? "dial to a dead assistant" : "connected", call.attempt.raw());
    call.assistant = assistant;
    witness_.on_connected(call, dead);
    if (dead) {
        disconnect(call);
        if (!dialed.empty()) {
            ask(call, dialed, "failed");
        } else {
            finish(call, world_.now() + world_.up_to(failing));
        }
        return;
    }
    const base::MonoTime limit = *call.answered + call.request.time_limit;
    const base::MonoTime wanted = world_.now() + std::max(call.talk, shortest_talk);
    const bool assistant_hangs_up = !dialed.empty() && wanted < limit && world_.dice().chance(0.3);
    if (!assistant_hangs_up) {
        finish(call, wanted);
        return;
    }
    world_.at(wanted, [this, &call, dialed, plan = call.plan] {
        if (call.plan == plan) {
            disconnect(call);
            ask(call, dialed, "completed");
        }
    });
}

void FakeCloudonix::disconnect(Call& call) {
    if (!call.assistant.empty()) {
        witness_.on_disconnected(call);
        call.assistant.clear();
    }
}

void FakeCloudonix::finish(Call& call, base::MonoTime at) {
    if (call.answered) {
        at = std::min(at, *call.answered + call.request.time_limit);
    }
    call.ended = std::max(at, world_.now());
    world_.at(call.ended, [this, &call, plan = ++call.plan] {
        if (call.plan == plan) {
            end(call);
        }
    });
}

void FakeCloudonix::end(Call& call) {
    world_.note("ended", call.attempt.raw());
    call.question = 0;
    disconnect(call);
    witness_.on_ended(call);
    send_webhook(call, WebhookReceived::Kind::cdr, call.ended + world_.up_to(Millis{500}));
    if (sends_updates_) {
        send_webhook(call, WebhookReceived::Kind::session_update, call.ended);
    }
}

void FakeCloudonix::set_dead(const std::string& assistant, bool dead) {
    if (!dead) {
        dead_.erase(assistant);
        return;
    }
    world_.note("assistant dies");
    dead_.insert(assistant);
    for (Call& call : calls_) {
        if (call.assistant == assistant) {
            ++call.plan;
            disconnect(call);
            finish(call, world_.now());
        }
    }
}

}  // namespace cxdial::sim
