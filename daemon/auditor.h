#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/ids.h"
#include "dialer/effects.h"

#include <cstdint>
#include <deque>
#include <map>
#include <set>

namespace cxdial::daemon {

/// What a campaign may never pass.
struct AuditLimits {
    int cac = 1;
    double calls_per_second = 0.0;  ///< 0: no limit
    int requests = 0;               ///< of the Cloudonix domain, in any window `per`; 0: no limit
    base::Millis per{10'000};
};

struct Violations {
    std::int64_t cac = 0;
    std::int64_t double_dial = 0;
    std::int64_t rate = 0;
    [[nodiscard]] bool none() const { return cac == 0 && double_dial == 0 && rate == 0; }
};

/// Counts broken promises from what committed ticks did, by rules of its own: it shares no state
/// and no code with the engine that it watches. Thread rule: one thread.
class Auditor {
public:
    explicit Auditor(AuditLimits limits) : limits_(limits) {}

    void on_attempt(const dialer::AttemptMoved& moved, base::MonoTime at);
    [[nodiscard]] const Violations& violations() const { return violations_; }

private:
    void on_started(const dialer::AttemptMoved& moved, base::MonoTime at);
    void check_rate(base::MonoTime at);

    AuditLimits limits_;
    Violations violations_;
    std::map<campaign::AttemptId, base::PhoneNumber> live_;
    std::map<base::PhoneNumber, int> live_by_number_;
    std::deque<base::MonoTime> started_;
};

}  // namespace cxdial::daemon
