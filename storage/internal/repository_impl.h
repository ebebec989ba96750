#pragma once

#include "storage/internal/connection.h"
#include "storage/internal/stored_resources.h"
#include "storage/repository.h"

namespace cxdial::storage {

struct Repository::Impl {
    explicit Impl(Connection& given) : connection(given), resources(given) {}

    /// Runs `body`, which returns a `Result`; what SQLite throws becomes one: `cannot WHAT`.
    template <class Body>
    auto guarded(const char* what, Body body) -> decltype(body()) {
        try {
            return body();
        } catch (const SQLite::Exception& why) {
            return base::Error{base::Errc::unavailable, connection.describe(what, why)};
        }
    }

    Connection& connection;
    StoredResources resources;
};

}  // namespace cxdial::storage
