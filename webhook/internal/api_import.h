#pragma once

#include "base/result.h"
#include "campaign/destination.h"
#include "campaign/phone.h"
#include "net/http_server.h"
#include "webhook/api.h"

#include <functional>
#include <string>
#include <vector>

namespace cxdial::webhook::internal {

/// Stores one batch; `done` is called once, on the loop's thread.
template <class Row>
using StoreBatch = std::function<void(std::vector<Row>, ApiPorts::Done<ApiAdded> done)>;

enum class ImportFormat { csv, json };

/// Reads an import as it comes and stores it batch by batch; no more of it is read until what was
/// read is stored. Answers the import report, or what ended it: 422 for what is no such file, with
/// what was stored before it said, else what the store said.
[[nodiscard]] net::BodySink import_sink(
    ImportFormat format,
    const std::string& region,
    StoreBatch<campaign::NewDestination> store,
    const net::Responder& responder
);
/// As above; of each row only its number, or its prefix, counts.
[[nodiscard]] net::BodySink import_sink(
    ImportFormat format,
    const std::string& region,
    StoreBatch<campaign::NumberOrPrefix> store,
    const net::Responder& responder
);

}  // namespace cxdial::webhook::internal
