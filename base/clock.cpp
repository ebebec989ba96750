#include "base/clock.h"

namespace cxdial::base {

Now SystemClock::now() const {
    return {
        .mono = MonoTime{std::chrono::steady_clock::now().time_since_epoch()},
        .wall = std::chrono::floor<Millis>(std::chrono::system_clock::now()),
    };
}

}  // namespace cxdial::base
