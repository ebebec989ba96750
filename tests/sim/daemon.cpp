#include "daemon.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

namespace cxdial::sim {

using base::Millis;

namespace {

constexpr std::size_t spinning = 1'000;
constexpr Millis shortest_sleep{1};

}  // namespace

Daemon::Daemon(Parts parts, std::string path, dialer::EngineSettings settings)
    : world_(parts.world),
      faults_(parts.faults),
      cloudonix_(parts.cloudonix),
      judge_(parts.judge),
      opbx_(parts.opbx),
      path_(std::move(path)),
      settings_(std::move(settings)),
      inputs_per_tick_(1 + parts.world.dice().below(64)) {}

base::Now Daemon::host_now() const {
    return {world_.now() + mono_offset_, world_.wall()};
}

void Daemon::start() {
    ++lives_;
    world_.note("start", lives_);
    mono_offset_ = world_.up_to(Millis{1'000'000'000});
    base::Result<storage::Database> opened = storage::Database::open(path_, {});
    must(opened.has_value(), [&] {
        return "S9 the database opens no more: " + opened.error().detail;
    });
    database_.emplace(std::move(opened).value());
    store_ = std::make_unique<storage::SqliteStore>(*database_);
    faulty_ = std::make_unique<FaultyStore>(*store_, world_, faults_);
    faulty_->fail_until(disk_full_until_);
    ticker_ =
        std::make_unique<dialer::Ticker>(*faulty_, settings_, base::Rng{world_.dice().next()});
    busy_until_ = world_.now();
    judge_.on_start();
    judge_.on_domains_taken(settings_.domains);
    plan_tick(world_.now());
}

void Daemon::kill() {
    world_.note("end", lives_);
    ticker_.reset();
    faulty_.reset();
    store_.reset();
    database_.reset();
    planned_.reset();
    ++plan_;
    std::vector<Waiting> unanswered = std::move(inbox_);
    inbox_.clear();
    for (const Waiting& waiting : unanswered) {
        answer(waiting, false);
    }
    judge_.after_tick(false, nullptr);
}

void Daemon::crash() {
    kill();
    const bool is_long = world_.dice().chance(faults_.long_downtime);
    const Millis down = is_long ? world_.up_to(Millis{7'200'000}) : world_.up_to(Millis{10'000});
    world_.after(down, [this] {
        if (!up()) {
            start();
        }
    });
}

void Daemon::edit_domains(const std::vector<dialer::DomainLimits>& domains) {
    settings_.domains = domains;
    // In force from here on, though its tick may be lost, or this life of the program.
    submit(dialer::DomainsEdited{domains}, [this, domains](bool /*stored*/) {
        judge_.on_domains_taken(domains);
    });
}

void Daemon::fill_disk(Millis time) {
    disk_full_until_ = world_.now() + time;
    if (up()) {
        faulty_->fail_until(disk_full_until_);
    }
}

void Daemon::answer(const Waiting& taken, bool done) {
    const auto* webhook = std::get_if<dialer::WebhookReceived>(&taken.input);
    if (webhook != nullptr && done) {
        judge_.on_acknowledged(*webhook);
    }
    if (taken.answered) {
        taken.answered(done);
    }
}

void Daemon::submit(dialer::Input input, Answered answered) {
    if (!up()) {
        if (answered) {
            answered(false);
        }
        return;
    }
    const auto* webhook = std::get_if<dialer::WebhookReceived>(&input);
    // A nameless session update is kept, and may be told apart only when it comes again.
    const bool may_repeat =
        webhook != nullptr &&
        (opbx_ == nullptr || webhook->kind == dialer::WebhookReceived::Kind::cdr);
    const bool repeat = may_repeat && judge_.is_acknowledged(*webhook);
    inbox_.push_back({std::move(input), host_now().mono, std::move(answered), repeat});
    plan_tick(world_.now());
}

void Daemon::webhook(const dialer::WebhookReceived& webhook, Answered answered) {
    submit(webhook, std::move(answered));
}

void Daemon::call_in(std::uint64_t question, Millis budget, dialer::InboundCall call) {
    submit(dialer::CallCameIn{question, host_now().mono + budget, std::move(call)});
}

void Daemon::plan_tick(base::MonoTime at) {
    at = std::max({at, busy_until_, world_.now()});
    if (planned_ && *planned_ <= at) {
        return;
    }
    planned_ = at;
    world_.at(at, [this, plan = ++plan_] {
        if (plan == plan_) {
            planned_.reset();
            tick();
        }
    });
}

void Daemon::tick() {
    ++ticks_;
    const auto count = static_cast<std::ptrdiff_t>(std::min(inbox_.size(), inputs_per_tick_));
    std::vector<Waiting> taken(
        std::make_move_iterator(inbox_.begin()), std::make_move_iterator(inbox_.begin() + count)
    );
    inbox_.erase(inbox_.begin(), inbox_.begin() + count);
    std::vector<dialer::Arrived> inputs;
    for (const Waiting& waiting : taken) {
        inputs.push_back({waiting.input, waiting.arrived});
    }
    dialer::TickResult result;
    try {
        result = ticker_->tick(host_now(), std::move(inputs));
    } catch (const Crash&) {
        std::move(taken.begin(), taken.end(), std::back_inserter(inbox_));
        crash();
        return;
    }
    if (!result.stored) {
        judge_.on_new_engine();
    }
    const bool only_repeats =
        !taken.empty() &&
        std::all_of(taken.begin(), taken.end(), [](const Waiting& one) { return one.repeat; });
    judge_.after_tick(only_repeats, ticker_->engine());
    if (world_.dice().chance(faults_.slow_tick)) {
        // The thread hangs between the commit and what follows from it.
        const Millis stall = world_.up_to(Millis{4'000});
        busy_until_ = world_.now() + stall;
        const base::MonoTime decided = world_.now();
        auto later = std::make_shared<std::pair<std::vector<Waiting>, dialer::TickResult>>(
            std::move(taken), std::move(result)
        );
        world_.at(busy_until_, [this, later, life = lives_, decided] {
            if (up() && life == lives_) {
                conclude(std::move(later->first), std::move(later->second), decided);
            }
        });
        return;
    }
    conclude(std::move(taken), std::move(result), world_.now());
}

void Daemon::conclude(
    std::vector<Waiting> taken, dialer::TickResult result, base::MonoTime decided
) {
    must(result.outcomes.size() == taken.size(), [] {
        return std::string("S9 an input was given no outcome");
    });
    const int life = lives_;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        answer(taken[i], result.outcomes[i].has_value());
    }
    std::move(result.output.notes.begin(), result.output.notes.end(), std::back_inserter(notes_));
    release(std::move(result.output.effects), decided);
    if (!up() || life != lives_) {
        return;
    }
    if (!inbox_.empty()) {
        plan_tick(world_.now());
    }
    const base::MonoTime wake = ticker_->next_wake();
    if (wake == base::MonoTime::max()) {
        return;
    }
    const base::MonoTime at = wake - mono_offset_;
    idle_ticks_ = at <= world_.now() ? idle_ticks_ + 1 : 0;
    must(idle_ticks_ < spinning, [] { return std::string("L1 the engine spins"); });
    plan_tick(at <= world_.now() ? world_.now() + shortest_sleep : at);
}

void Daemon::release(std::vector<dialer::Effect> effects, base::MonoTime decided) {
    const int life = lives_;
    for (const dialer::Effect& effect : effects) {
        if (world_.dice().chance(faults_.crash_between_effects)) {
            world_.note("crash between effects");
            crash();
            return;
        }
        ++effects_;
        release_one(effect, decided);
        if (!up() || life != lives_) {
            return;
        }
    }
}

void Daemon::release_one(const dialer::Effect& effect, base::MonoTime decided) {
    const int life = lives_;
    const auto when_alive = [this, life](dialer::Input input) {
        if (up() && life == lives_) {
            submit(std::move(input));
        }
    };
    if (const auto* call = std::get_if<dialer::PlaceCall>(&effect)) {
        world_.note("place", call->attempt.raw());
        judge_.on_placement(*call, decided);
        const auto placed = [when_alive, id = call->attempt](dialer::Delivery delivery) {
            when_alive(dialer::PlacementReply{id, std::move(delivery)});
        };
        const bool by_opbx = call->external && call->external->by_opbx;
        const bool left = by_opbx ? opbx_->place(*call, placed) : cloudonix_.place(*call, placed);
        if (left) {
            judge_.on_request(call->domain, decided);
        }
    } else if (const auto* look_up = std::get_if<dialer::LookUpSession>(&effect)) {
        world_.note("look up", look_up->attempt.raw());
        judge_.on_request(look_up->domain, decided);
        cloudonix_.look_up(*look_up, [when_alive, id = look_up->attempt](auto answer) {
            when_alive(dialer::LookUpReply{id, std::move(answer)});
        });
    } else if (const auto* list = std::get_if<dialer::ListSessions>(&effect)) {
        world_.note("list sessions");
        judge_.on_request(list->domain, decided);
        cloudonix_.list(*list, [when_alive, asked = *list](auto answer) {
            when_alive(dialer::SessionListReply{asked.domain, std::move(answer), asked.asked_at});
        });
    } else if (const auto* answer = std::get_if<dialer::Connect>(&effect)) {
        world_.note("answer", static_cast<std::int64_t>(answer->question));
        cloudonix_.connect(answer->question, answer->document);
    } else if (const auto* routed = std::get_if<dialer::RouteCall>(&effect)) {
        world_.note("routed", static_cast<std::int64_t>(routed->question));
        routed_(*routed);
    } else if (const auto* end = std::get_if<dialer::EndSession>(&effect)) {
        world_.note("hang up", end->attempt.raw());
        judge_.on_request(end->domain, decided);
        cloudonix_.hang_up(*end);
    }
}

}  // namespace cxdial::sim
