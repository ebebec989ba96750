#pragma once

#include "base/result.h"
#include "campaign/csv_import.h"
#include "campaign/destination.h"

#include <memory>
#include <string>
#include <string_view>

namespace cxdial::campaign {

/// A destination as an object of the interface: `phone_number`, and what else it has of `name`,
/// `priority`, `timezone`, `not_before`, `metadata`. `JsonImport` reads it back to the same value.
[[nodiscard]] std::string to_json(const NewDestination& destination);

/// Reads destinations from a JSON array as it comes, in constant memory. Each element is an object
/// with the fields of `to_json`, or just the text of a phone number. A bad element is reported by
/// its place, counted from 1, and skipped. Thread rule: one thread at a time.
class JsonImport {
public:
    /// `region` is given to `read_phone_number`. Without `on_prefix` a prefix is a bad element.
    JsonImport(
        std::string region,
        CsvImport::OnDestination on_destination,
        CsvImport::OnRejected on_rejected,
        CsvImport::OnPrefix on_prefix = {}
    );
    ~JsonImport();
    JsonImport(const JsonImport&) = delete;
    JsonImport& operator=(const JsonImport&) = delete;
    JsonImport(JsonImport&&) = delete;
    JsonImport& operator=(JsonImport&&) = delete;

    /// Takes the next bytes of the text, any number of them. An error (no array, an element beyond
    /// 1 MiB, something after the array) ends the import; elements before it were delivered.
    [[nodiscard]] base::Result<void> feed(std::string_view bytes);
    /// The text is over. An error when the array was not closed.
    [[nodiscard]] base::Result<void> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::campaign
