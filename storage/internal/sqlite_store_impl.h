#pragma once

#include "campaign/disposition.h"
#include "dialer/store.h"
#include "storage/internal/connection.h"
#include "storage/internal/stored_resources.h"
#include "storage/sqlite_store.h"

#include <optional>
#include <string_view>

namespace cxdial::storage {

struct SqliteStore::Impl {
    explicit Impl(Connection& given) : connection(given), resources(given) {}
    Connection& connection;
    StoredResources resources;
};

template <class Body>
auto SqliteStore::guarded(const char* what, Body body) {
    try {
        return body(impl_->connection);
    } catch (const SQLite::Exception& why) {
        throw dialer::TransactionFailed(impl_->connection.describe(what, why));
    }
}

/// Of a webhook: `token, external_id, progress, disposition, answered_at, ended_at, duration,
/// billsec`.
[[nodiscard]] dialer::SessionReport take_report(Query& row);

[[nodiscard]] inline std::optional<std::string_view> name_of(
    const std::optional<campaign::Disposition>& disposition
) {
    return disposition ? std::optional(campaign::to_string(*disposition)) : std::nullopt;
}

}  // namespace cxdial::storage
