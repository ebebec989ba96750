#include "simulation.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <stdlib.h>
#include <utility>

namespace cxdial::sim {

using base::Millis;
using campaign::CampaignStatus;

namespace {

constexpr Millis minute{60'000};
constexpr Millis whole_day{26LL * 3'600'000};
constexpr Millis longest_settling{80LL * 3'600'000};

std::string make_directory() {
    const std::filesystem::path memory = "/dev/shm";
    const std::filesystem::path base =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (base / "cxdial-sim-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder in " + base.string());
    }
    return name;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, bool tells)
    : world_(seed, tells),
      setup_(draw_setup(world_.dice())),
      directory_(make_directory()),
      cloudonix_(world_, setup_.faults, *this) {
    prepare();
}

Simulation::Simulation(std::uint64_t seed, const Setup& setup, bool tells)
    : world_(seed, tells),
      setup_(setup),
      directory_(make_directory()),
      cloudonix_(world_, setup_.faults, *this) {
    prepare();
}

Simulation::~Simulation() {
    daemon_.reset();
    ledger_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void Simulation::prepare() {
    const std::string path = directory_ + "/cxdial.db";
    ledger_ = std::make_unique<Ledger>(path, world_.dice().next());
    world_.begin_at(setup_.wall_start);
    cloudonix_.set_people(setup_.people);
    for (const dialer::DomainLimits& limits : setup_.settings.domains) {
        const Millis grace = std::min(Millis{10'000}, limits.in_doubt_limit / 4);
        cloudonix_.add_domain(
            limits.name,
            {.requests = limits.requests, .per = limits.per, .list_age_max = grace - Millis{1}}
        );
    }
    judge_ = std::make_unique<Judge>(world_, *ledger_, setup_.settings);
    if (setup_.opbx) {
        const auto tell = [this](dialer::Input input) { daemon_->submit(std::move(input)); };
        const auto webhook = [this](const dialer::WebhookReceived& told) {
            daemon_->webhook(told, {});
        };
        opbx_ = std::make_unique<FakeOpbx>(
            world_, *setup_.opbx, cloudonix_, FakeOpbx::Links{tell, webhook}
        );
    }
    daemon_ = std::make_unique<Daemon>(
        Daemon::Parts{world_, setup_.faults, cloudonix_, *judge_, opbx_.get()},
        path,
        setup_.settings
    );
    operator_ = std::make_unique<Operator>(
        Operator::Parts{world_, cloudonix_, *ledger_, *judge_, *daemon_}, setup_
    );
    callers_ = std::make_unique<Callers>(
        Callers::Parts{world_, cloudonix_, *ledger_, *judge_, *daemon_}, setup_
    );
    daemon_->on_routed([this](const dialer::RouteCall& answer) { callers_->on_routed(answer); });
    operator_->set_up();
    daemon_->start();
    if (opbx_) {
        opbx_->start();
    }
    operator_->operate();
    world_.after(world_.up_to(minute / 2), [this] { each_minute(); });
}

void Simulation::on_webhook(
    const dialer::WebhookReceived& webhook, std::function<void(bool)> answered
) {
    world_.note(
        "webhook", static_cast<int>(webhook.kind), static_cast<int>(webhook.report.progress)
    );
    daemon_->webhook(webhook, std::move(answered));
}

void Simulation::on_ended(const Call& call) {
    judge_->on_ended(call);
    if (opbx_) {
        opbx_->on_ended(call);
    }
}

void Simulation::meddle() {
    base::Rng& dice = world_.dice();
    operator_->meddle();
    if (dice.chance(setup_.faults.wall_jump)) {
        constexpr std::array skews{Millis{-3'600'000}, Millis{0}, Millis{3'600'000}};
        world_.jump_wall_to(skews[dice.below(skews.size())]);
        judge_->on_wall_jump();
        world_.note("wall clock jumps");
    }
    if (dice.chance(setup_.faults.disk_full)) {
        daemon_->fill_disk(world_.up_to(Millis{30'000}));
    }
}

void Simulation::each_minute() {
    if (!quiet_) {
        judge_->check_statistics();
        // Anywhere in the minute, not only where timers meet.
        world_.after(world_.up_to(minute), [this] {
            if (!quiet_) {
                meddle();
                if (world_.dice().chance(setup_.faults.people_call)) {
                    callers_->call_at_random(5, minute);
                }
            }
        });
    }
    if (quiet_ || world_.dice().chance(0.7)) {
        operator_->operate();
    }
    // Nights are long.
    world_.after(quiet_ ? 10 * minute : minute, [this] { each_minute(); });
}

void Simulation::run_for(Millis time) {
    const base::MonoTime until = world_.now() + time;
    while (world_.run_one(until)) {}
}

bool Simulation::is_settled() {
    if (!daemon_->up() || !judge_->is_at_rest()) {
        return false;
    }
    const auto rows = ledger_->destinations();
    return std::all_of(rows.begin(), rows.end(), [](const auto& row) {
        return row.second.status >= campaign::DestinationStatus::completed;
    });
}

void Simulation::settle() {
    quiet_ = true;
    setup_.faults = Faults{};
    judge_->on_quiet();
    operator_->calm_down();
    if (opbx_) {
        opbx_->recover();
    }
    const base::MonoTime soonest = world_.now() + whole_day;
    const base::MonoTime latest = world_.now() + longest_settling;
    // Whoever waits for an hour of the day is given a day to see it.
    while (world_.now() < latest && !is_settled() &&
           (world_.now() < soonest || !daemon_->up() || !judge_->is_at_rest())) {
        run_for(15 * minute);
    }
    if (is_settled()) {
        // Late webhooks and what they might do.
        run_for(60 * minute);
    }
    must(daemon_->up(), [] { return std::string("L1 the daemon is down"); });
    must(ledger_->untold_ends() == 0, [] {
        return std::string("S9 OPBX would never hear how a call ended");
    });
    judge_->at_the_end(cloudonix_.calls());
    check_campaigns();
    if (is_settled()) {
        start_once_more();
    }
}

void Simulation::check_campaigns() {
    std::set<campaign::CampaignId> open;
    for (const auto& entry : ledger_->destinations()) {
        if (entry.second.status < campaign::DestinationStatus::completed) {
            open.insert(entry.second.campaign);
        }
    }
    for (const auto& entry : ledger_->campaigns()) {
        const auto& id = entry.first;
        const auto& status = entry.second;
        // Those of OPBX end when OPBX says so.
        must(status != CampaignStatus::active || open.contains(id) || opbx_, [&] {
            return "L1 campaign " + std::to_string(id.raw()) + " has nothing to dial and is " +
                   std::string(campaign::to_string(status));
        });
    }
}

void Simulation::start_once_more() {
    const auto before = ledger_->attempts();
    const std::size_t effects = daemon_->effects();
    daemon_->kill();
    daemon_->start();
    run_for(10 * minute);
    must(daemon_->effects() == effects && ledger_->attempts() == before, [] {
        return std::string("L1 a further start found something to do");
    });
}

void Simulation::run() {
    run_for(setup_.trouble);
    settle();
    world_.note("done", static_cast<std::int64_t>(cloudonix_.calls().size()));
    for (const auto& entry : ledger_->attempts()) {
        const auto& id = entry.first;
        const auto& row = entry.second;
        world_.note(row.rest, id.raw(), static_cast<int>(row.status));
    }
}

}  // namespace cxdial::sim
