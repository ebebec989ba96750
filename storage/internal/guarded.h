#pragma once

#include "base/result.h"
#include "storage/internal/connection.h"

namespace cxdial::storage {

/// A connection behind members that return a `Result`.
struct Guarded {
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
};

}  // namespace cxdial::storage
