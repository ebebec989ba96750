#include "dialer/rate_control.h"

#include <algorithm>

namespace cxdial::dialer {
namespace {

// Windows before the lowered limit is tried again. Each try may cost a refusal, and of a hundred
// requests no more than one is to be refused.
constexpr int least_wait = 8;
constexpr int longest_wait = 64;
constexpr int requests_a_try = 100;
constexpr int step_part = 20;     // a large limit is approached in so many steps
constexpr int least_learnt = 10;  // what Cloudonix documents; less was never meant for anybody

}  // namespace

int RateControl::first_wait() const {
    return std::max(least_wait, (requests_a_try + allowed() - 1) / allowed());
}

void RateControl::refused(base::MonoTime sent_at, int sent_in_window, base::MonoTime now) {
    if (lowered() && sent_at < changed_at_) {
        return;
    }
    if (trying_) {
        allowed_ = std::max(1, allowed_ - step_);
        next_wait_ = std::max(first_wait(), std::min(next_wait_ * 2, longest_wait));
    } else {
        const int before = allowed() == 0 ? sent_in_window : allowed();
        allowed_ = std::max(configured_ == 0 ? least_learnt : 1, before / 2);
        step_ = std::max(1, before / step_part);
        next_wait_ = first_wait();
    }
    trying_ = false;
    windows_to_wait_ = next_wait_;
    changed_at_ = now;
}

bool RateControl::raise_when_due(base::MonoTime now) {
    if (now < raise_at()) {
        return false;
    }
    if (trying_) {
        next_wait_ = first_wait();  // the last raise has lasted: the truth is further up
    }
    allowed_ += step_;
    trying_ = true;
    windows_to_wait_ = 1;
    changed_at_ = now;
    if (configured_ != 0 && allowed_ >= configured_) {
        allowed_ = 0;
        trying_ = false;
    }
    return true;
}

base::MonoTime RateControl::raise_at() const {
    return lowered() ? changed_at_ + per_ * windows_to_wait_ : base::MonoTime::max();
}

}  // namespace cxdial::dialer
