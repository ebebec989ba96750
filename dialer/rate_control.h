#pragma once

#include "base/clock.h"

namespace cxdial::dialer {

/// How many requests in a window a domain really bears. The configuration says how many there
/// should be; a 429 says that there are fewer, and then the truth is searched for: half of it at
/// once, after some windows one more in each, and when that is refused again, back by one and a
/// longer wait before the next try. A pure function of what it is told.
class RateControl {
public:
    /// `configured` 0: no limit, until a 429 says otherwise.
    RateControl(int configured, base::Millis per) : configured_(configured), per_(per) {}

    /// Requests that may leave in one window; 0: no limit.
    [[nodiscard]] int allowed() const { return allowed_ == 0 ? configured_ : allowed_; }
    /// A request that left at `sent_at` was refused with 429. Those that left before the last
    /// change tell nothing new. `sent_in_window`: how many left in the window that ends now.
    void refused(base::MonoTime sent_at, int sent_in_window, base::MonoTime now);
    /// Raises the limit when its time has come. True: it did.
    bool raise_when_due(base::MonoTime now);
    /// When the limit is raised next; never when it is at what was configured.
    [[nodiscard]] base::MonoTime raise_at() const;

private:
    [[nodiscard]] bool lowered() const { return allowed_ != 0; }
    [[nodiscard]] int first_wait() const;

    int configured_;
    base::Millis per_;
    int allowed_ = 0;  ///< 0: as configured
    int step_ = 1;
    bool trying_ = false;      ///< the limit was raised and has not lasted yet
    int windows_to_wait_ = 1;  ///< before the next raise
    int next_wait_ = 1;        ///< before the one after it
    base::MonoTime changed_at_{};
};

}  // namespace cxdial::dialer
