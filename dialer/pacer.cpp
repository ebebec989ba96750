#include "dialer/pacer.h"

#include "base/check.h"

#include <algorithm>
#include <chrono>

namespace cxdial::dialer {
namespace {

// A token is whole from here on: what rounding took away must not cost another wake-up.
constexpr double whole = 1.0 - 1e-9;

}  // namespace

Pacer::Pacer(Limits limits, base::MonoTime now) : limits_(limits), last_(now) {
    CHECK_INVARIANT(limits.per_second >= 0 && limits.burst >= 1);
}

void Pacer::earn(base::MonoTime now) {
    CHECK_INVARIANT(now >= last_);
    const std::chrono::duration<double> elapsed = now - last_;
    tokens_ = std::min(limits_.burst, tokens_ + elapsed.count() * limits_.per_second);
    last_ = now;
}

bool Pacer::ready(base::MonoTime now) {
    earn(now);
    return limits_.per_second == 0 || tokens_ >= whole;
}

void Pacer::spend() {
    if (limits_.per_second == 0) {
        return;
    }
    CHECK_INVARIANT(tokens_ >= whole);
    tokens_ -= 1.0;
}

base::MonoTime Pacer::ready_at(base::MonoTime now) {
    if (ready(now)) {
        return now;
    }
    const std::chrono::duration<double> wait{(1.0 - tokens_) / limits_.per_second};
    return now + std::chrono::ceil<std::chrono::microseconds>(wait);
}

void Pacer::change(Limits limits, base::MonoTime now) {
    CHECK_INVARIANT(limits.per_second >= 0 && limits.burst >= 1);
    earn(now);
    limits_ = limits;
    tokens_ = std::min(tokens_, limits.burst);
}

}  // namespace cxdial::dialer
