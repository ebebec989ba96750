#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/rng.h"
#include "dialer/engine.h"
#include "dialer/events.h"
#include "dialer/store.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// What one tick did. Nothing of it may leave the process before `tick` returned it: it is
/// committed.
struct TickResult {
    /// One for each input, in order; `unavailable` when the tick was lost and the sender must try
    /// again.
    std::vector<base::Result<void>> outcomes;
    Output output;
    /// False: the store failed and the inputs had no effect. What was committed earlier in the
    /// tick, a recovery or a kept reply, is in `output` all the same.
    bool stored = true;
};

/// The tick: a bounded number of inputs, one transaction, and only after its commit the effects.
///
/// When the store fails, everything the tick did is lost with its transaction, the engine is thrown
/// away, and the next tick makes a new one from the store. Replies from Cloudonix are kept over
/// such a failure and taken again; webhooks and commands are refused, so that their senders repeat
/// them. A drain and edited limits hold from the tick that brought them, stored or not. Thread
/// rule: one thread.
class Ticker {
public:
    Ticker(Store& store, EngineSettings settings, base::Rng rng);

    [[nodiscard]] TickResult tick(base::Now now, std::vector<Arrived> inputs);

    /// When to tick again if no input comes before. The past before the first tick.
    [[nodiscard]] base::MonoTime next_wake() const { return next_wake_; }
    /// Null until the first tick, and after one that failed.
    [[nodiscard]] const Engine* engine() const { return engine_.get(); }

private:
    using Work = std::function<void(Engine&, Output&)>;

    [[nodiscard]] bool transact(base::Now now, Output& out, const Work& work);
    [[nodiscard]] bool recover(base::Now now, Output& out);
    /// What holds for every engine from here on, whatever becomes of the tick.
    void remember(const Input& input);
    void keep_unrepeatable(std::vector<Arrived> inputs);
    void take_kept(base::Now now, Output& out);

    Store& store_;
    EngineSettings settings_;
    base::Rng rng_;
    std::unique_ptr<Engine> engine_;
    std::vector<Arrived> kept_;
    std::map<std::string, DomainState> domains_;  ///< as a lost engine knew them
    bool draining_ = false;
    base::MonoTime next_wake_{};
};

}  // namespace cxdial::dialer
