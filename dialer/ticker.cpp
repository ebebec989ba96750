#include "dialer/ticker.h"

#include "base/log.h"
#include "dialer/flaw.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cxdial::dialer {
namespace {

constexpr base::Millis retry_pause{1'000};
/// Calls answered while the disk fails come as long as people call: of no more than so many is the
/// decision recorded afterwards.
constexpr std::size_t kept_max = 1'000;

base::Result<void> not_stored() {
    return base::Error{base::Errc::unavailable, "the database could not store it; try again"};
}

/// What nobody sends again.
bool must_be_kept(const Input& input) {
    const auto* call = std::get_if<CallCameIn>(&input);
    return (call != nullptr && call->call.is_late_fallback) ||
           std::holds_alternative<PlacementReply>(input) ||
           std::holds_alternative<LookUpReply>(input) ||
           std::holds_alternative<SessionListReply>(input);
}

void append(Output& out, Output made) {
    std::move(made.effects.begin(), made.effects.end(), std::back_inserter(out.effects));
    std::move(made.notes.begin(), made.notes.end(), std::back_inserter(out.notes));
}

}  // namespace

Ticker::Ticker(Store& store, EngineSettings settings, base::Rng rng)
    : store_(store), settings_(std::move(settings)), rng_(rng) {}

bool Ticker::transact(base::Now now, Output& out, const Work& work) {
    Output made;
    try {
        store_.begin();
        work(*engine_, made);
        store_.commit();
    } catch (const TransactionFailed& failure) {
        store_.rollback();
        domains_ = engine_->domains();
        engine_.reset();
        next_wake_ = now.mono + retry_pause;
        if (flawed(Flaw::effects_before_commit)) {
            append(out, std::move(made));
        }
        base::log_error(
            "transaction_failed",
            {{"why", failure.what()}, {"effect", "nothing of it happened and nothing was placed"}}
        );
        return false;
    }
    append(out, std::move(made));
    return true;
}

// Nothing is planned before the kept replies and the tick's inputs are taken: one of them may
// forbid what would be placed.
bool Ticker::recover(base::Now now, Output& out) {
    engine_ = std::make_unique<Engine>(settings_, base::Rng{rng_.next()});
    engine_->learn_from(domains_);
    return transact(now, out, [&](Engine& engine, Output& made) {
        engine.recover(store_, now, made);
        if (draining_) {
            static_cast<void>(engine.step(store_, now, {Drain{}, now.mono}, made));
        }
    });
}

void Ticker::remember(const Input& input) {
    draining_ = draining_ || std::holds_alternative<Drain>(input);
    const auto* edited = std::get_if<DomainsEdited>(&input);
    if (edited == nullptr) {
        return;
    }
    for (const DomainLimits& limits : edited->domains) {
        std::vector<DomainLimits>& known = settings_.domains;
        std::erase_if(known, [&](const DomainLimits& domain) {
            return domain.name == limits.name;
        });
        known.push_back(limits);
    }
}

void Ticker::keep_unrepeatable(std::vector<Arrived> inputs) {
    for (Arrived& arrived : inputs) {
        const auto* call = std::get_if<CallCameIn>(&arrived.input);
        if (call != nullptr && call->call.is_late_fallback && kept_.size() >= kept_max) {
            base::log_error("decision_discarded", {{"call_sid", call->call.call_sid}});
        } else if (must_be_kept(arrived.input)) {
            kept_.push_back(std::move(arrived));
        }
    }
}

void Ticker::take_kept(base::Now now, Output& out) {
    // One transaction each: a reply that the store refuses for a reason of its own must not take
    // the others with it. Losing one is safe, its attempt stays in doubt and is looked up.
    while (!kept_.empty() && engine_ != nullptr) {
        const Arrived arrived = kept_.front();
        const bool done = transact(now, out, [&](Engine& engine, Output& made) {
            static_cast<void>(engine.step(store_, now, arrived, made));
        });
        kept_.erase(kept_.begin());
        if (!done) {
            base::log_error("reply_discarded", {{"effect", "its attempt will be looked up"}});
        }
    }
}

TickResult Ticker::tick(base::Now now, std::vector<Arrived> inputs) {
    TickResult result;
    for (const Arrived& arrived : inputs) {
        remember(arrived.input);
    }
    if (engine_ == nullptr && recover(now, result.output)) {
        take_kept(now, result.output);
    }
    const bool ready = engine_ != nullptr;
    const bool stored = ready && transact(now, result.output, [&](Engine& engine, Output& made) {
                            for (const Arrived& arrived : inputs) {
                                result.outcomes.push_back(engine.step(store_, now, arrived, made));
                            }
                            engine.plan(store_, now, made);
                        });
    if (stored) {
        next_wake_ = engine_->next_wake();
    } else {
        result.stored = false;
        if (!flawed(Flaw::acknowledge_before_commit) || result.outcomes.size() != inputs.size()) {
            result.outcomes.assign(inputs.size(), not_stored());
        }
        keep_unrepeatable(std::move(inputs));
    }
    return result;
}

}  // namespace cxdial::dialer
