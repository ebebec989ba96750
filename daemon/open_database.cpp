#include "daemon/open_database.h"

#include "base/rng.h"

namespace cxdial::daemon {

base::Result<storage::Database> open_to_write(const Context& context) {
    storage::Database::Options options;
    options.instance_seed = base::random_seed();
    return storage::Database::open(context.config.database.sqlite_path.string(), options);
}

base::Result<storage::Database> open_to_read(const Context& context) {
    storage::Database::Options options;
    options.access = storage::Database::Access::read_only;
    options.lock = false;
    return storage::Database::open(context.config.database.sqlite_path.string(), options);
}

}  // namespace cxdial::daemon
