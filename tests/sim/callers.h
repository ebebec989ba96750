#pragma once

#include "base/phone_number.h"
#include "campaign/ids.h"
#include "dialer/effects.h"

#include "daemon.h"
#include "fake_cloudonix.h"
#include "faults.h"
#include "judge.h"
#include "ledger.h"
#include "setup.h"
#include "world.h"

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace cxdial::sim {

/// The people who call us, and the loop's thread that answers them: it decides on a snapshot of the
/// database that may be old by the time it is taken, asks the engine, and answers by itself when
/// the time is up.
class Callers {
public:
    struct Parts {
        World& world;
        FakeCloudonix& cloudonix;
        Ledger& ledger;
        Judge& judge;
        Daemon& daemon;
    };
    Callers(Parts parts, const Setup& setup) : parts_(parts), setup_(setup) {}

    void call(base::PhoneNumber number);
    /// So many call within a time from now.
    void call_at_random(int calls, base::Millis within);
    void on_routed(const dialer::RouteCall& answer);
    [[nodiscard]] std::size_t calls() const { return callers_.size(); }
    /// Those whom we wanted to call ourselves when they did.
    [[nodiscard]] std::size_t matched() const { return matched_; }

private:
    struct Caller {
        Call& call;
        std::string sid;
        std::string agent{};  ///< that was asked for last
        int asked = 0;
        bool is_matched = false;
        bool is_connected = false;
        bool is_over = false;
        std::optional<campaign::DecisionId> decision{};
        std::set<std::string> full{};  ///< agents that could not take it
    };

    [[nodiscard]] base::PhoneNumber draw_number();
    void ask(Caller& caller);
    void ask_again(Caller& caller);
    void on_time_up(std::uint64_t question, int life);
    [[nodiscard]] dialer::InboundCall decide(const Caller& caller);
    void connect(Caller& caller, const std::string& agent, bool by_fallback);
    void end(Caller& caller);

    Parts parts_;
    const Setup& setup_;
    std::list<Caller> callers_;
    std::map<std::uint64_t, Caller*> questions_;
    std::set<std::uint64_t> waiting_;
    std::size_t matched_ = 0;
};

}  // namespace cxdial::sim
