#include "daemon/import_file.h"

#include "daemon/progress.h"
#include "daemon/table.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace cxdial::daemon {
namespace {

constexpr std::size_t batch_size = 10'000;
constexpr std::size_t chunk_bytes = 256U << 10U;
constexpr std::size_t rejected_shown = 10;

struct CloseFile {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Hands the file to `take` piece by piece; `take` may stop it by an error.
base::Result<void> read_file(
    const std::string& name, const std::function<base::Result<void>(std::string_view)>& take
) {
    const File file(std::fopen(name.c_str(), "rb"));
    if (!file) {
        return base::Error{
            base::Errc::not_found, name + ": " + std::generic_category().message(errno)};
    }
    std::vector<char> chunk(chunk_bytes);
    while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        if (base::Result<void> taken = take({chunk.data(), count}); !taken) {
            return base::Error{taken.error().code, name + ": " + taken.error().detail};
        }
    }
    if (std::ferror(file.get()) != 0) {
        return base::Error{
            base::Errc::unavailable, name + ": " + std::generic_category().message(errno)};
    }
    return {};
}

void note_rejected(campaign::ImportReport& report, campaign::RejectedRow row) {
    ++report.invalid;
    if (report.rejected.size() < campaign::ImportReport::rejected_listed_max) {
        report.rejected.push_back(std::move(row));
    }
}

}  // namespace

base::Result<campaign::ImportReport> import_file(
    const StoreDestinations& store_batch,
    const std::string& file,
    const std::string& region,
    const base::Clock& clock
) {
    campaign::ImportReport report;
    std::vector<campaign::NewDestination> batch;
    campaign::CsvImport csv(
        region,
        [&](campaign::NewDestination destination) { batch.push_back(std::move(destination)); },
        [&](campaign::RejectedRow row) { note_rejected(report, std::move(row)); }
    );
    const auto store = [&]() -> base::Result<void> {
        const auto added = store_batch(batch);
        if (!added) {
            return added.error();
        }
        report.imported += added->imported;
        report.duplicates += added->duplicates;
        report.suppressed += added->suppressed;
        batch.clear();
        return {};
    };
    std::error_code problem;
    const auto size = std::filesystem::file_size(file, problem);
    Progress progress(
        "reading bytes", problem ? 0 : static_cast<std::int64_t>(size), clock.now().mono
    );
    std::int64_t read = 0;
    const base::Result<void> done = read_file(file, [&](std::string_view bytes) {
        base::Result<void> fed = csv.feed(bytes);
        if (fed && batch.size() >= batch_size) {
            fed = store();
        }
        read += static_cast<std::int64_t>(bytes.size());
        progress.update(read, count_text(report.imported) + " imported", clock.now().mono);
        return fed;
    });
    if (!done) {
        return done.error();
    }
    if (const base::Result<void> finished = csv.finish(); !finished) {
        return base::Error{finished.error().code, file + ": " + finished.error().detail};
    }
    if (const base::Result<void> stored = store(); !stored) {
        return stored.error();
    }
    progress.finish(read, count_text(report.imported) + " imported", clock.now().mono);
    return report;
}

std::string to_text(const campaign::ImportReport& report) {
    std::string out = count_text(report.imported) + " imported, " + count_text(report.duplicates) +
                      " duplicates, " + count_text(report.suppressed) + " suppressed, " +
                      count_text(report.invalid) + " invalid\n";
    Table table({"row", "value", "why it was left out"}, {Align::right, Align::left, Align::left});
    for (std::size_t i = 0; i < std::min(rejected_shown, report.rejected.size()); ++i) {
        const campaign::RejectedRow& row = report.rejected[i];
        table.add({count_text(row.row), row.value, row.reason});
    }
    if (!report.rejected.empty()) {
        out += table.text();
    }
    if (report.invalid > static_cast<std::int64_t>(rejected_shown)) {
        out += "… and " + count_text(report.invalid - static_cast<std::int64_t>(rejected_shown)) +
               " more; --json lists them\n";
    }
    return out;
}

base::Result<std::vector<campaign::NumberOrPrefix>> read_suppressions(
    const std::string& file, campaign::ImportReport& report
) {
    std::vector<campaign::NumberOrPrefix> entries;
    campaign::CsvImport csv(
        "",
        [&](const campaign::NewDestination& destination) {
            entries.emplace_back(destination.phone_number);
        },
        [&](campaign::RejectedRow row) { note_rejected(report, std::move(row)); },
        [&](campaign::PhonePrefix prefix) { entries.emplace_back(prefix); }
    );
    base::Result<void> done =
        read_file(file, [&](std::string_view bytes) { return csv.feed(bytes); });
    if (done) {
        done = csv.finish();
    }
    if (!done) {
        return done.error();
    }
    return entries;
}

}  // namespace cxdial::daemon
