#pragma once

#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "campaign/phone.h"
#include "daemon/context.h"
#include "daemon/resource_files.h"
#include "storage/database.h"
#include "storage/records.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// What the commands do with resources, destinations and lists, wherever the database is: opened
/// here, or in the hands of a running daemon, whose API is asked then. What comes back is the same.
/// Thread rule: one thread.
class Backend {
public:
    virtual ~Backend() = default;

    /// All or nothing; answers `[{"kind","name","outcome"}]`. The error says whose it is.
    [[nodiscard]] virtual base::Result<nlohmann::ordered_json> apply(
        const std::vector<NamedResource>& resources
    ) = 0;
    /// Every resource of a kind.
    [[nodiscard]] virtual base::Result<nlohmann::ordered_json> list(storage::ResourceKind kind) = 0;
    [[nodiscard]] virtual base::Result<nlohmann::ordered_json> show(
        storage::ResourceKind kind, const std::string& name
    ) = 0;
    [[nodiscard]] virtual base::Result<void> remove(
        storage::ResourceKind kind, const std::string& name
    ) = 0;
    /// The campaign's new status.
    [[nodiscard]] virtual base::Result<std::string> change(
        const std::string& campaign, campaign::Transition transition
    ) = 0;
    /// Adds one batch.
    [[nodiscard]] virtual base::Result<storage::AddedDestinations> add_destinations(
        const std::string& campaign, std::span<const campaign::NewDestination> batch
    ) = 0;
    /// Every campaign, as `status` shows it.
    [[nodiscard]] virtual base::Result<nlohmann::ordered_json> status() = 0;
    /// What waits in the outbox, as the API shows it.
    [[nodiscard]] virtual base::Result<nlohmann::ordered_json> outbox() = 0;
    /// How many were not on the do-not-call list before.
    [[nodiscard]] virtual base::Result<std::int64_t> suppress(
        std::span<const campaign::NumberOrPrefix> entries, const std::string& reason
    ) = 0;
    /// Whether it was on the list.
    [[nodiscard]] virtual base::Result<bool> unsuppress(const campaign::NumberOrPrefix& entry) = 0;
    /// The whole do-not-call list, its prefixes first.
    [[nodiscard]] virtual base::Result<nlohmann::ordered_json> suppressions() = 0;
};

enum class Access { read, write };

/// The API of the daemon that holds the database, else the database itself. To read, the database
/// is opened beside a process that holds it and has no API. The error says which process holds it
/// and what to do.
[[nodiscard]] base::Result<std::unique_ptr<Backend>> open_backend(Context& context, Access access);

/// Opens it, does the work and turns an error into a message.
[[nodiscard]] Exit with_backend(
    Context& context, Access access, const std::function<base::Result<void>(Backend&)>& work
);

/// The backend on a database of this process. `context` must outlive it.
[[nodiscard]] std::unique_ptr<Backend> local_backend(Context& context, storage::Database database);
/// The backend on the API of the daemon that the configuration describes; an error when it does not
/// answer, with `holder` as the process that should have been it.
[[nodiscard]] base::Result<std::unique_ptr<Backend>> remote_backend(
    const config::Config& config, const std::string& holder
);

}  // namespace cxdial::daemon
