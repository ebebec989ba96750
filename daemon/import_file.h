#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "campaign/csv_import.h"
#include "campaign/phone.h"
#include "storage/records.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// Stores one batch of destinations.
using StoreDestinations = std::function<
    base::Result<storage::AddedDestinations>(std::span<const campaign::NewDestination> batch)>;

/// Streams a CSV file into `store`, batch by batch, with progress on standard error. An error names
/// the file; what was imported before it stays, and importing again skips it as duplicates.
[[nodiscard]] base::Result<campaign::ImportReport> import_file(
    const StoreDestinations& store_batch,
    const std::string& file,
    const std::string& region,
    const base::Clock& clock
);

/// The report as lines for people: counts, then the first rejected rows.
[[nodiscard]] std::string to_text(const campaign::ImportReport& report);

/// Reads the numbers and prefixes of a CSV file. Rejected rows go to `report`.
[[nodiscard]] base::Result<std::vector<campaign::NumberOrPrefix>> read_suppressions(
    const std::string& file, campaign::ImportReport& report
);

}  // namespace cxdial::daemon
