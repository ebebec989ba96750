#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "campaign/ids.h"
#include "config/config.h"
#include "daemon/contact_reader.h"
#include "daemon/why.h"
#include "storage/database.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"
#include "webhook/api.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cxdial::daemon {

/// What the API and the commands show of a database, read through a connection of its own that
/// never waits for the writer. Results are JSON as `webhook::ApiPorts` wants it. Thread rule: one
/// thread, the loop's where there is a loop.
class ApiReader {
public:
    ~ApiReader() = default;
    ApiReader(const ApiReader&) = delete;
    ApiReader& operator=(const ApiReader&) = delete;
    ApiReader(ApiReader&&) = delete;
    ApiReader& operator=(ApiReader&&) = delete;
    /// `path` of the database; opened at the first question. `clock` must outlive this.
    ApiReader(std::string path, const config::Config& config, const base::Clock& clock)
        : path_(std::move(path)),
          dialing_(config.dialing),
          has_public_url_(!config.daemon.public_url.empty()),
          clock_(clock) {}

    /// Fills the reading ports, which must not outlive this.
    void connect(webhook::ApiPorts& ports);

    /// The stored campaign of a name.
    [[nodiscard]] base::Result<campaign::StoredCampaign> campaign(const webhook::ApiName& name);

private:
    using Page = base::Result<webhook::ApiPage>;
    using Text = base::Result<std::string>;

    [[nodiscard]] base::Result<storage::Repository*> repository();
    [[nodiscard]] WhySources sources();
    [[nodiscard]] Page list(
        webhook::ApiKind kind, const std::string& tenant, const webhook::ApiSlice& slice
    );
    [[nodiscard]] Text show(webhook::ApiKind kind, const webhook::ApiName& name);
    [[nodiscard]] Text show_campaign(const webhook::ApiName& name);
    [[nodiscard]] Page attempts(const webhook::ApiName& name, const webhook::ApiSlice& slice);
    [[nodiscard]] Page destinations(
        const webhook::ApiName& name,
        std::optional<campaign::DestinationStatus> only,
        const webhook::ApiSlice& slice
    );
    [[nodiscard]] Text destination(const webhook::ApiName& name, base::PhoneNumber number);
    [[nodiscard]] Page orphan_cdrs(const webhook::ApiSlice& slice);
    [[nodiscard]] Page dead_letters(const webhook::ApiSlice& slice);
    [[nodiscard]] Text outbox();
    [[nodiscard]] Page suppressions(const webhook::ApiSlice& slice);
    [[nodiscard]] Text suppression(const campaign::NumberOrPrefix& entry);
    [[nodiscard]] Text suppressed_prefix(campaign::PhonePrefix prefix);
    [[nodiscard]] Text status(const std::string& tenant);

    std::string path_;
    config::Dialing dialing_;
    bool has_public_url_;
    const base::Clock& clock_;
    std::optional<storage::Database> database_;
    std::unique_ptr<storage::Repository> repository_;
    std::unique_ptr<storage::SqliteStore> store_;
    ContactReader contacts_{[this] { return repository(); }};
};

/// A kind as the database calls it.
[[nodiscard]] storage::ResourceKind stored_kind(webhook::ApiKind kind);

}  // namespace cxdial::daemon
