#pragma once

#include "base/clock.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::balancer {

/// Passive health of one pool (one balancer): learns from how calls went and takes failing
/// assistants out for a while, as Envoy's outlier detection does.
///
/// - So many failures in a row eject an assistant: for the first ejection's time, doubled for each
///   time that it was ejected before. Each 10 minutes of health take one time off that count.
/// - At most half of the pool (rounded down) is ejected at once: a further one stays, and is tried
///   again at its next failure. A pool of one is never ejected.
/// - One that comes back may hold 1 call, then 2 and 4: each step once so many calls of it went
/// well.
///   After that it is healthy. A failure on the way ejects it again at once, or, where no more may
///   be ejected, takes it back to 1 call.
/// - A call counts for what the assistant was like when the call reached it: calls from before an
///   ejection or during it change nothing, and a long call that ends well says nothing against
///   failures that began after it did.
///
/// Kept in memory only. Thread rule: one thread at a time.
class Health {
public:
    struct Settings {
        int failures_to_eject = 3;  ///< in a row; 1 or more
        base::Millis first_ejection{30'000};
        base::Millis longest_ejection{600'000};
    };

    /// Whether an assistant may get a call now.
    struct View {
        bool usable = true;
        std::string why_not;                  ///< for people, where it is not usable
        std::optional<base::MonoTime> until;  ///< when an ejected one comes back
        int allowance = 0;  ///< calls of this pool it may hold at once; 0: no limit
    };

    explicit Health(Settings settings);

    /// The assistants of the pool; doubles count once. Members that no longer exist are forgotten,
    /// new ones start healthy. Where a smaller pool has too many ejected ones, those whose time is
    /// over first come back.
    void set_pool(const std::vector<std::string>& names);

    /// A call that reached the assistant at `connected_at` went well, or did not, as is known
    /// `now`. Assistants outside the pool are ignored.
    void succeeded(const std::string& assistant, base::MonoTime connected_at, base::MonoTime now);
    void failed(const std::string& assistant, base::MonoTime connected_at, base::MonoTime now);

    /// One outside the pool is usable: nothing is known against it.
    [[nodiscard]] View view(const std::string& assistant, base::MonoTime now) const;

private:
    struct Member {
        int failures = 0;                ///< in a row
        base::MonoTime failing_since{};  ///< when the first of them was connected
        int times_ejected = 0;
        base::MonoTime ejected_at{};
        base::MonoTime back_at{};        ///< end of the last ejection
        bool recovering = false;         ///< ejected, or back and not healthy yet
        int allowance = 0;               ///< while it recovers
        int successes = 0;               ///< of this allowance
        base::MonoTime healthy_since{};  ///< after the last ejection
    };

    [[nodiscard]] static bool is_ejected(const Member& member, base::MonoTime now);
    [[nodiscard]] static bool counts(const Member& member, base::MonoTime connected_at);
    [[nodiscard]] bool may_eject(base::MonoTime now) const;
    [[nodiscard]] base::Millis ejection_after(int times_ejected) const;
    void eject(Member& member, base::MonoTime now) const;

    Settings settings_;
    std::map<std::string, Member> members_;
};

}  // namespace cxdial::balancer
