#include "dialer/request_window.h"

#include "base/check.h"

namespace cxdial::dialer {

void RequestWindow::forget(base::MonoTime now) {
    while (!sent_.empty() && sent_.front() + per_ <= now) {
        sent_.pop_front();
    }
}

bool RequestWindow::ready(base::MonoTime now) {
    forget(now);
    return requests_ == 0 || sent_.size() < static_cast<std::size_t>(requests_);
}

void RequestWindow::spend(base::MonoTime now) {
    CHECK_INVARIANT(sent_.empty() || sent_.back() <= now);
    sent_.push_back(now);
}

base::MonoTime RequestWindow::ready_at(base::MonoTime now) {
    if (ready(now)) {
        return now;
    }
    // The request whose leaving the window makes room; more may be remembered than are allowed.
    const std::size_t blocking = sent_.size() - static_cast<std::size_t>(requests_);
    return sent_[blocking] + per_;
}

int RequestWindow::sent(base::MonoTime now) {
    forget(now);
    return static_cast<int>(sent_.size());
}

}  // namespace cxdial::dialer
