#include "webhook/internal/api_import.h"

#include "campaign/csv_import.h"
#include "campaign/destination_json.h"
#include "webhook/internal/api_call.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cxdial::webhook::internal {

namespace {

/// Few enough that a batch, some 10 ms, delays no call; enough that each one's sync is shared.
constexpr std::size_t batch_rows = 1'000;
constexpr std::size_t rejected_listed = 1'000;

/// `Row` is a destination, or a number or prefix.
template <class Row>
class Import : public std::enable_shared_from_this<Import<Row>> {
public:
    Import(StoreBatch<Row> store, net::Responder responder)
        : store_(std::move(store)), responder_(std::move(responder)) {}

    void read_as(ImportFormat format, const std::string& region) {
        constexpr bool takes_prefixes = std::is_same_v<Row, campaign::NumberOrPrefix>;
        campaign::CsvImport::OnPrefix take_prefix;
        if constexpr (takes_prefixes) {
            take_prefix = [this](campaign::PhonePrefix prefix) { rows_.emplace_back(prefix); };
        }
        const auto take = [this](campaign::NewDestination destination) {
            if constexpr (takes_prefixes) {
                rows_.emplace_back(destination.phone_number);
            } else {
                rows_.push_back(std::move(destination));
            }
        };
        const auto reject = [this](campaign::RejectedRow row) {
            ++report_.invalid;
            if (report_.rejected.size() < rejected_listed) {
                report_.rejected.push_back(std::move(row));
            }
        };
        if (format == ImportFormat::csv) {
            csv_ = std::make_unique<campaign::CsvImport>(region, take, reject, take_prefix);
        } else {
            json_ = std::make_unique<campaign::JsonImport>(region, take, reject, take_prefix);
        }
    }

    void on_bytes(std::string_view bytes, std::function<void()> more) {
        more_ = std::move(more);
        note(csv_ ? csv_->feed(bytes) : json_->feed(bytes));
        store_next();
    }

    void on_end(bool whole) {
        is_over_ = true;
        if (!whole) {
            // Nobody is left to be told; what was stored stays, and is a duplicate the next time.
            rows_.clear();
            return;
        }
        note(csv_ ? csv_->finish() : json_->finish());
        store_next();
    }

private:
    void note(const base::Result<void>& read) {
        if (!read) {
            problem_ = read.error();
        }
    }

    void store_next() {
        const bool is_last = is_over_ || problem_.has_value();
        if (rows_.size() >= batch_rows || (is_last && !rows_.empty())) {
            store_(
                take_batch(),
                [self = this->shared_from_this()](const base::Result<ApiAdded>& added) {
                    self->stored(added);
                }
            );
        } else if (is_last) {
            answer();
        } else {
            std::exchange(more_, {})();
        }
    }

    std::vector<Row> take_batch() {
        const auto count = static_cast<std::ptrdiff_t>(std::min(batch_rows, rows_.size()));
        std::vector<Row> batch(
            std::make_move_iterator(rows_.begin()), std::make_move_iterator(rows_.begin() + count)
        );
        rows_.erase(rows_.begin(), rows_.begin() + count);
        return batch;
    }

    void stored(const base::Result<ApiAdded>& added) {
        if (!added) {
            responder_.answer(failure(added.error()));
            return;
        }
        report_.imported += added->imported;
        report_.duplicates += added->duplicates;
        report_.suppressed += added->suppressed;
        store_next();
    }

    void answer() const {
        if (problem_) {
            const std::string stored = std::to_string(report_.imported);
            responder_.answer(error_response(
                422, problem_->detail + " (" + stored + " rows before it were imported)"
            ));
            return;
        }
        nlohmann::ordered_json json = nlohmann::ordered_json::parse(campaign::to_json(report_));
        json["rejected_rows"] = report_.invalid;
        responder_.answer(json_response(200, json.dump()));
    }

    StoreBatch<Row> store_;
    net::Responder responder_;
    std::unique_ptr<campaign::CsvImport> csv_;
    std::unique_ptr<campaign::JsonImport> json_;
    std::vector<Row> rows_;
    campaign::ImportReport report_;
    std::function<void()> more_;
    std::optional<base::Error> problem_;
    bool is_over_ = false;
};

template <class Row>
net::BodySink sink_of(
    ImportFormat format,
    const std::string& region,
    StoreBatch<Row> store,
    const net::Responder& responder
) {
    const auto import = std::make_shared<Import<Row>>(std::move(store), responder);
    import->read_as(format, region);
    return {
        .on_bytes = [import](
                        const std::string& bytes, std::function<void()> more
                    ) { import->on_bytes(bytes, std::move(more)); },
        .on_end = [import](bool whole) { import->on_end(whole); },
    };
}

}  // namespace

net::BodySink import_sink(
    ImportFormat format,
    const std::string& region,
    StoreBatch<campaign::NewDestination> store,
    const net::Responder& responder
) {
    return sink_of(format, region, std::move(store), responder);
}

net::BodySink import_sink(
    ImportFormat format,
    const std::string& region,
    StoreBatch<campaign::NumberOrPrefix> store,
    const net::Responder& responder
) {
    return sink_of(format, region, std::move(store), responder);
}

}  // namespace cxdial::webhook::internal
