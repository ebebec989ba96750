#pragma once

#include "base/result.h"
#include "campaign/destination.h"
#include "campaign/phone.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::campaign {

/// A row that was not imported: its number in the file (the header is row 1), the value that is
/// wrong and why.
struct RejectedRow {
    std::int64_t row = 0;
    std::string value;
    std::string reason;
};

/// What an import did. `rejected` lists at most `rejected_listed_max` rows; `invalid` counts them
/// all.
struct ImportReport {
    static constexpr std::size_t rejected_listed_max = 10'000;
    std::int64_t imported = 0;
    std::int64_t duplicates = 0;
    std::int64_t suppressed = 0;
    std::int64_t invalid = 0;
    std::vector<RejectedRow> rejected;
};

/// `{"imported","duplicates","invalid","suppressed","rejected":[{"row","value","reason"}]}`
[[nodiscard]] std::string to_json(const ImportReport& report);

/// Reads destinations from CSV as it comes, in constant memory. A header row names the columns in
/// any order and case: `phone_number` (also `phone`, `number`) is required; `name`, `priority`,
/// `timezone`, `not_before` are known; every other column goes to `metadata`. A bad row is reported
/// and skipped. Thread rule: one thread at a time.
class CsvImport {
public:
    using OnDestination = std::function<void(NewDestination)>;
    using OnRejected = std::function<void(RejectedRow)>;
    /// A row whose `phone_number` is a prefix; nothing else of it is read.
    using OnPrefix = std::function<void(PhonePrefix)>;

    /// `region` is given to `read_phone_number`. Without `on_prefix` a prefix is a bad row.
    CsvImport(
        std::string region,
        OnDestination on_destination,
        OnRejected on_rejected,
        OnPrefix on_prefix = {}
    );
    ~CsvImport();
    CsvImport(const CsvImport&) = delete;
    CsvImport& operator=(const CsvImport&) = delete;
    CsvImport(CsvImport&&) = delete;
    CsvImport& operator=(CsvImport&&) = delete;

    /// Takes the next bytes of the file, any number of them. An error (no phone column in the
    /// header, a field beyond 64 KiB) ends the import; rows before it were delivered.
    [[nodiscard]] base::Result<void> feed(std::string_view bytes);
    /// The file is over. An error when it had no header row.
    [[nodiscard]] base::Result<void> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::campaign
