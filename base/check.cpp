#include "base/check.h"

#include "base/log.h"

#include <cstdlib>

namespace cxdial::base {

void invariant_broken(const char* condition, const char* file, int line) noexcept {
    log_error("invariant_broken", {{"condition", condition}, {"file", file}, {"line", line}});
    std::abort();
}

}  // namespace cxdial::base
