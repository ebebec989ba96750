#include "daemon/backend.h"

#include "daemon/open_database.h"

#include <utility>

namespace cxdial::daemon {

base::Result<std::unique_ptr<Backend>> open_backend(Context& context, Access access) {
    const std::string path = context.config.database.sqlite_path.string();
    if (const auto holder = storage::Database::writer_of(path)) {
        auto remote = remote_backend(context.config, *holder);
        if (remote || access == Access::write) {
            return remote;
        }
    }
    base::Result<storage::Database> database =
        access == Access::write ? open_to_write(context) : open_to_read(context);
    if (!database) {
        return database.error();
    }
    return local_backend(context, std::move(*database));
}

Exit with_backend(
    Context& context, Access access, const std::function<base::Result<void>(Backend&)>& work
) {
    const base::Result<std::unique_ptr<Backend>> backend = open_backend(context, access);
    const base::Result<void> done = backend ? work(**backend) : base::Result<void>(backend.error());
    if (!done) {
        complain(done.error().detail);
        return Exit::not_successful;
    }
    return Exit::done;
}

}  // namespace cxdial::daemon
