#pragma once

#include "base/result.h"
#include "campaign/phone.h"

#include <string>
#include <vector>

namespace cxdial::daemon {

inline constexpr const char* default_tenant = "default";

/// Phone numbers and prefixes as given on a command line; the error names the first that is none.
[[nodiscard]] base::Result<std::vector<campaign::NumberOrPrefix>> read_arguments(
    const std::vector<std::string>& texts
);

}  // namespace cxdial::daemon
