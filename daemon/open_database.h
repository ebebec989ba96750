#pragma once

#include "base/result.h"
#include "daemon/context.h"
#include "storage/database.h"

namespace cxdial::daemon {

/// The configured database for a command that changes it. Keeps other processes away while it is
/// open.
[[nodiscard]] base::Result<storage::Database> open_to_write(const Context& context);
/// The configured database for a command that only looks; a daemon may have it open.
[[nodiscard]] base::Result<storage::Database> open_to_read(const Context& context);

}  // namespace cxdial::daemon
