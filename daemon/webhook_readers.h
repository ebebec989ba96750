#pragma once

#include "webhook/endpoints.h"

namespace cxdial::daemon {

/// What reads the bodies that Cloudonix and OPBX send.
[[nodiscard]] webhook::Readers webhook_readers();

}  // namespace cxdial::daemon
