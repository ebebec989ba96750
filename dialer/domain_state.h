#pragma once

#include "base/clock.h"
#include "campaign/ids.h"
#include "dialer/events.h"
#include "dialer/rate_control.h"
#include "dialer/request_window.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::dialer {

/// One Cloudonix domain as the engine sees it: its request budget, its back-off, its look-ups.
struct DomainState {
    explicit DomainState(DomainLimits limits_given);

    DomainLimits limits;
    RateControl rate;
    RequestWindow requests;
    /// Look-ups may use no more than a part of the requests, so that they never starve placing.
    RequestWindow look_ups;
    int live = 0;  ///< slots held, over all campaigns

    base::MonoTime blocked_until{};
    base::Millis back_off{0};  ///< the last one; doubles while refusals go on

    /// Attempts whose calls are to be hung up, in the order in which that was decided.
    std::deque<campaign::AttemptId> due_hang_ups;
    /// Attempts with a token that were silent too long, in the order they became due.
    std::deque<campaign::AttemptId> due_look_ups;
    bool list_wanted = false;
    std::optional<base::MonoTime> list_asked_at;  ///< set while the answer is awaited
    base::MonoTime list_not_before{};
    base::Millis list_back_off{0};

    [[nodiscard]] bool has_room() const {
        return limits.max_concurrent_calls == 0 || live < limits.max_concurrent_calls;
    }
    /// Takes over changed limits; what was sent still counts.
    void take_edit(DomainLimits edited);
    /// What an engine that was thrown away had learnt of the domain: its rate, and for how long
    /// nothing may leave.
    void learn_from(const DomainState& earlier);
    /// Tries for a higher limit where a 429 lowered it and the time has come.
    void recover_rate(base::MonoTime now);
    /// When the next request may leave.
    [[nodiscard]] base::MonoTime request_at(base::MonoTime now);
    /// When the next look-up may leave.
    [[nodiscard]] base::MonoTime look_up_at(base::MonoTime now);
    void spend_look_up(base::MonoTime now);
    /// What an earlier life sent: `placed`, oldest first, and, since nobody records look-ups, as
    /// many of those as it may have sent just now.
    void remember(const std::vector<base::MonoTime>& placed, base::MonoTime now);
    /// Cloudonix said 429 to a request that left at `sent_at`: the limit is lower than was thought,
    /// and nothing leaves for a while. Returns the pause.
    base::Millis on_too_many(
        base::MonoTime sent_at, base::MonoTime now, std::optional<base::Millis> asked_for
    );
    /// Nothing leaves for a while: as long as was asked for, else twice as long as the last time,
    /// up to a minute. Returns the pause.
    base::Millis slow_down(base::MonoTime now, std::optional<base::Millis> asked_for);
    void succeeded();

    /// How long before the in-doubt limit a call must have started to ring, so that a session list
    /// asked for at the limit cannot be too old to show it.
    [[nodiscard]] base::Millis list_grace() const;
};

}  // namespace cxdial::dialer
