#include "fake_opbx.h"

#include <string>
#include <utility>
#include <variant>

namespace cxdial::sim {

using base::Millis;

namespace {

constexpr Millis poll_interval{30'000};
constexpr Millis client_timeout{45'000};
/// Its own patience with Cloudonix, and how long it lets Cloudonix wait before the call starts.
constexpr Millis longest_hold{29'000};
constexpr Millis deadline_after{300'000};
constexpr Millis on_the_way{150};

}  // namespace

FakeOpbx::FakeOpbx(World& world, const OpbxFaults& faults, FakeCloudonix& cloudonix, Links links)
    : world_(world), faults_(faults), cloudonix_(cloudonix), links_(std::move(links)) {}

void FakeOpbx::start() {
    poll();
}

void FakeOpbx::poll() {
    using dialer::HoldReason;
    const bool down = world_.dice().chance(faults_.down);
    links_.tell(dialer::ExternalHold{
        .reason = down ? HoldReason::opbx_unreachable : HoldReason::none});
    world_.after(poll_interval, [this] { poll(); });
}

bool FakeOpbx::place(const dialer::PlaceCall& wanted, const FakeCloudonix::Placed& reply) {
    base::Rng& dice = world_.dice();
    if (dice.chance(faults_.refused)) {
        world_.after(world_.up_to(on_the_way), [reply] {
            reply(dialer::NotSent{"simulated: 429", true, Millis{2'000}});
        });
        return false;
    }
    if (dice.chance(faults_.lost)) {
        world_.note("initiate lost", wanted.attempt.raw());
        world_.after(client_timeout, [reply] { reply(dialer::Unknown{"simulated: timeout"}); });
        return true;
    }
    const bool held = dice.chance(faults_.held);
    world_.after(world_.up_to(held ? longest_hold : on_the_way), [this, wanted, reply] {
        hand_on(wanted, reply);
    });
    return true;
}

void FakeOpbx::hand_on(const dialer::PlaceCall& wanted, const FakeCloudonix::Placed& reply) {
    dialer::PlaceCall own = wanted;
    own.request.deadline = world_.wall() + deadline_after;
    const bool silent = world_.dice().chance(faults_.reply_lost);
    const bool forgets = world_.dice().chance(faults_.row_lost);
    const auto answered = [this, reply, silent, forgets](const dialer::Delivery& delivery) {
        dialer::Delivery told = dialer::Unknown{"simulated: 500"};
        const auto* const accepted = std::get_if<dialer::Accepted>(&delivery);
        if (accepted != nullptr && !forgets) {
            const campaign::OpbxSessionId session{++rows_};
            sessions_.emplace(*accepted->token, session);
            told = dialer::Accepted{std::nullopt, session};
        }
        if (silent) {
            told = dialer::Unknown{"simulated: timeout"};
        }
        world_.after(silent ? client_timeout : world_.up_to(on_the_way), [reply, told] {
            reply(told);
        });
    };
    // Whether its request left its own machine is nothing that it would tell.
    static_cast<void>(cloudonix_.place(own, answered));
}

void FakeOpbx::on_ended(const Call& call) {
    base::Rng& dice = world_.dice();
    const auto row = sessions_.find(call.token);
    if (row == sessions_.end() || !dice.chance(faults_.told)) {
        return;
    }
    const int times = dice.chance(faults_.told_twice) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
        const bool late = dice.chance(faults_.told_late);
        const Millis delay = world_.up_to(late ? Millis{300'000} : Millis{500});
        world_.after(delay, [this, &call, session = row->second] { tell(call, session); });
    }
}

void FakeOpbx::tell(const Call& call, campaign::OpbxSessionId session) {
    dialer::WebhookReceived told;
    told.kind = dialer::WebhookReceived::Kind::cdr;
    told.key = "opbx:" + std::to_string(session.raw()) + ":";
    if (world_.dice().chance(faults_.told_without_token)) {
        told.key += "relayed";
    } else {
        told.key += call.token.raw();
        told.report.token = call.token;
    }
    told.report.external_id = session;
    told.report.progress = dialer::Progress::ended;
    told.report.disposition = call.disposition;
    told.body = "{}";
    links_.webhook(told);
}

}  // namespace cxdial::sim
