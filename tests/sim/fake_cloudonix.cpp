#include "fake_cloudonix.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cxdial::sim {

using base::Millis;

namespace {

constexpr Millis client_timeout{30'000};
constexpr Millis slowest_reply{29'000};

}  // namespace

FakeCloudonix::FakeCloudonix(World& world, const Faults& faults, Witness& witness)
    : world_(world), faults_(faults), witness_(witness), sends_updates_(world.dice().chance(0.7)) {}

bool FakeCloudonix::overrun(const std::string& domain) {
    const Domain& limit = domains_.at(domain);
    const bool is_lowered = world_.now() < limit.lowered_until;
    const int requests = is_lowered ? limit.lowered_to : limit.requests;
    if (requests == 0) {
        return false;
    }
    std::deque<base::MonoTime>& received = received_[domain];
    while (!received.empty() && received.front() + limit.per <= world_.now()) {
        received.pop_front();
    }
    if (received.size() >= static_cast<std::size_t>(requests)) {
        ++overruns_;
        if (is_lowered) {
            witness_.on_overrun(domain);
        }
        world_.note("429 for too many requests");
        return true;
    }
    received.push_back(world_.now());
    return false;
}

std::optional<dialer::Delivery> FakeCloudonix::refusal() {
    base::Rng& dice = world_.dice();
    if (dice.chance(faults_.refused)) {
        return dialer::Refused{400, "simulated: bad destination", std::nullopt};
    }
    if (dice.chance(faults_.refused_domain)) {
        constexpr std::array statuses{401, 402, 403, 404};
        return dialer::Refused{statuses[dice.below(statuses.size())], "simulated", std::nullopt};
    }
    if (dice.chance(faults_.rate_limited)) {
        std::optional<Millis> retry_after;
        if (dice.chance(0.5)) {
            retry_after = world_.between(Millis{1'000}, Millis{20'000});
        }
        return dialer::Refused{429, "simulated", retry_after};
    }
    return std::nullopt;
}

void FakeCloudonix::lower_limit(const std::string& domain, int requests, Millis time) {
    world_.note("limit lowered", requests, time.count());
    domains_.at(domain).lowered_to = requests;
    domains_.at(domain).lowered_until = world_.now() + time;
}

void FakeCloudonix::raise_limit(const std::string& domain, int requests) {
    int& agreed = domains_.at(domain).requests;
    agreed = std::max(agreed, requests);
}

void FakeCloudonix::recover() {
    dead_.clear();
    for (auto& [name, domain] : domains_) {
        domain.lowered_until = {};
    }
}

bool FakeCloudonix::place(const dialer::PlaceCall& wanted, Placed reply) {
    base::Rng& dice = world_.dice();
    if (dice.chance(faults_.not_sent)) {
        world_.after(world_.up_to(Millis{5'000}), [reply] {
            reply(dialer::NotSent{"simulated: connection refused"});
        });
        return false;
    }
    // The two clocks are taken to agree when the request leaves: from there on real time counts.
    const base::MonoTime deadline = world_.now() + (wanted.request.deadline - world_.wall());
    if (dice.chance(faults_.lost)) {
        world_.note("request lost", wanted.attempt.raw());
        world_.after(client_timeout, [reply] { reply(dialer::Unknown{"simulated: timeout"}); });
        return true;
    }
    if (overrun(wanted.domain)) {
        world_.after(Millis{50}, [reply] { reply(dialer::Refused{429, "limit", std::nullopt}); });
        return true;
    }
    if (const std::optional<dialer::Delivery> refused = refusal()) {
        world_.note("refused", wanted.attempt.raw());
        world_.after(world_.up_to(Millis{500}), [reply, refused] { reply(*refused); });
        return true;
    }
    if (dice.chance(faults_.error_without_effect)) {
        world_.after(Millis{80}, [reply] { reply(dialer::Unknown{"simulated: 502"}); });
        return true;
    }
    place_badly(wanted, deadline, reply);
    return true;
}

void FakeCloudonix::place_badly(
    const dialer::PlaceCall& wanted, base::MonoTime deadline, const Placed& reply
) {
    base::Rng& dice = world_.dice();
    if (dice.chance(faults_.accepted_late)) {
        const auto most = std::chrono::floor<Millis>(deadline - world_.now()) - Millis{1};
        const Millis gone = world_.up_to(std::clamp(most, Millis{0}, client_timeout));
        world_.after(gone, [reply] { reply(dialer::Unknown{"simulated: timeout"}); });
        world_.after(
            gone + world_.up_to(std::max(most - gone, Millis{0})),
            [this, wanted, deadline] { static_cast<void>(accept(wanted, deadline)); }
        );
        return;
    }
    const bool errs = dice.chance(faults_.error_with_effect);
    const bool cut = dice.chance(faults_.reply_cut);
    const bool lost = dice.chance(faults_.reply_lost);
    const bool slow = dice.chance(faults_.slow);
    const Millis there = world_.up_to(slow ? slowest_reply / 2 : Millis{150});
    const Millis back = world_.up_to(slow ? slowest_reply / 2 : Millis{150});
    world_.after(there, [=, this] {
        const Call* call = accept(wanted, deadline);
        dialer::Delivery delivery = dialer::Unknown{"simulated: timeout"};
        if (errs || cut) {
            delivery = dialer::Unknown{errs ? "simulated: 500" : "simulated: cut reply"};
        } else if (!lost && call != nullptr) {
            delivery = dialer::Accepted{call->token};
        } else if (!lost) {
            delivery = dialer::Refused{400, "simulated: the deadline has passed", std::nullopt};
        }
        const bool awaited = !lost || errs || cut;
        world_.after(awaited ? back : client_timeout - there, [reply, delivery] {
            reply(delivery);
        });
    });
}

std::optional<dialer::SessionReport> FakeCloudonix::seen_at(const Call& call, base::MonoTime when)
    const {
    if (when < call.accepted) {
        return std::nullopt;
    }
    const auto wall_of = [&](base::MonoTime at) {
        return world_.wall() + std::chrono::floor<Millis>(at - world_.now());
    };
    dialer::SessionReport report;
    report.token = call.token;
    if (call.by_opbx) {
        report.number = call.number;
        report.caller_id = call.request.caller_id;
        report.started_at = wall_of(call.accepted);
    } else {
        report.attempt = call.attempt;
    }
    if (call.answered && *call.answered <= when) {
        report.progress = dialer::Progress::answered;
        report.answered_at = wall_of(*call.answered);
    } else if (call.ringing && *call.ringing <= when) {
        report.progress = dialer::Progress::ringing;
    }
    if (call.ended <= when) {
        report.progress = dialer::Progress::ended;
        report.disposition = call.disposition;
        report.ended_at = wall_of(call.ended);
        report.duration = std::chrono::floor<std::chrono::seconds>(call.ended - call.accepted);
        report.billsec = call.answered
                             ? std::chrono::floor<std::chrono::seconds>(call.ended - *call.answered)
                             : std::chrono::seconds{0};
    }
    return report;
}

void FakeCloudonix::look_up(const dialer::LookUpSession& wanted, LookedUp reply) {
    base::Rng& dice = world_.dice();
    if (overrun(wanted.domain)) {
        world_.after(Millis{50}, [reply] { reply(dialer::LookUpFailed{"429", true, {}}); });
        return;
    }
    if (dice.chance(faults_.look_up_unavailable)) {
        world_.after(world_.up_to(client_timeout), [reply] {
            reply(dialer::LookUpFailed{"simulated: timeout", false, {}});
        });
        return;
    }
    const bool missing = dice.chance(faults_.look_up_missing);
    const bool stale = dice.chance(faults_.look_up_stale);
    const Millis age = stale ? world_.up_to(Millis{10'000}) : Millis{0};
    const auto found = by_token_.find(wanted.token);
    const Call* call = found == by_token_.end() || missing ? nullptr : found->second;
    const std::optional<dialer::SessionReport> report =
        call == nullptr ? std::nullopt : seen_at(*call, world_.now() - age);
    world_.after(world_.up_to(Millis{300}), [reply, report] {
        if (report) {
            reply(*report);
        } else {
            reply(dialer::SessionNotFound{});
        }
    });
}

void FakeCloudonix::list(const dialer::ListSessions& wanted, Listed reply) {
    base::Rng& dice = world_.dice();
    if (overrun(wanted.domain)) {
        world_.after(Millis{50}, [reply] { reply(dialer::LookUpFailed{"429", true, {}}); });
        return;
    }
    if (dice.chance(faults_.list_unavailable)) {
        world_.after(world_.up_to(client_timeout), [reply] {
            reply(dialer::LookUpFailed{"simulated: timeout", false, {}});
        });
        return;
    }
    const bool stale = dice.chance(faults_.list_stale);
    const Millis age = stale ? world_.up_to(domains_.at(wanted.domain).list_age_max) : Millis{0};
    std::vector<dialer::SessionReport> reports;
    for (const Call& call : calls_) {
        if (call.domain != wanted.domain) {
            continue;
        }
        if (std::optional<dialer::SessionReport> report = seen_at(call, world_.now() - age)) {
            reports.push_back(std::move(*report));
        }
    }
    world_.after(world_.up_to(Millis{500}), [reply, reports] { reply(reports); });
}

}  // namespace cxdial::sim
