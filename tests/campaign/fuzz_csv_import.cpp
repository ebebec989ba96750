#include "campaign/csv_import.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

struct Outcome {
    std::string text;
    std::int64_t last_row = 0;
};

Outcome import_in_pieces(std::string_view csv, std::size_t piece) {
    Outcome outcome;
    cxdial::campaign::CsvImport import{
        "US",
        [&](const cxdial::campaign::NewDestination& destination) {
            outcome.text += destination.phone_number.reveal() + destination.metadata + "\n";
        },
        [&](const cxdial::campaign::RejectedRow& row) {
            if (row.row <= outcome.last_row || row.reason.empty()) {
                std::abort();
            }
            outcome.last_row = row.row;
            outcome.text += std::to_string(row.row) + row.reason + "\n";
        }};
    while (!csv.empty()) {
        const std::size_t size = std::min(piece, csv.size());
        if (const auto fed = import.feed(csv.substr(0, size)); !fed) {
            outcome.text += fed.error().detail;
            return outcome;
        }
        csv.remove_prefix(size);
    }
    if (const auto finished = import.finish(); !finished) {
        outcome.text += finished.error().detail;
    }
    return outcome;
}

}  // namespace

/// Rows rise, and how the bytes are cut changes nothing. The first byte chooses the cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string csv{reinterpret_cast<const char*>(data + 1), size - 1};
    const std::string with_header = "phone,name,priority,timezone,not_before,city\n" + csv;
    const std::size_t piece = 1U + data[0];
    for (const std::string& text : {csv, with_header}) {
        if (import_in_pieces(text, text.size() + 1).text != import_in_pieces(text, piece).text) {
            std::abort();
        }
    }
    return 0;
}
