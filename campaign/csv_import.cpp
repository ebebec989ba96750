#include "campaign/csv_import.h"

#include "campaign/internal/civil_time.h"
#include "campaign/internal/csv_header.h"
#include "campaign/internal/text.h"
#include "campaign/phone.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <csv.h>
#include <exception>
#include <optional>
#include <utility>

namespace cxdial::campaign {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t field_bytes_max = std::size_t{64} << 10U;
constexpr std::size_t row_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t shown_bytes_max = 100;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// libcsv's name for it, FIELD_BEGUN, is private to its source.
constexpr int state_within_field = 2;

/// The fields of the row being read, in one string, so that a row costs no allocation.
class RowText {
public:
    void add(std::string_view field, std::size_t columns_max) {
        ++count_;
        if (count_ > columns_max || text_.size() + field.size() > row_bytes_max) {
            too_long_ = too_long_ || count_ <= columns_max;
            return;
        }
        text_.append(field);
        ends_.push_back(text_.size());
    }
    void clear() {
        text_.clear();
        ends_.clear();
        count_ = 0;
        too_long_ = false;
    }
    /// How many fields the row has; `at` reaches those within the header's columns.
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] bool too_long() const { return too_long_; }
    [[nodiscard]] bool all_empty() const { return text_.empty() && !too_long_; }
    [[nodiscard]] std::string_view at(std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view{text_}.substr(begin, ends_[index] - begin);
    }

private:
    std::string text_;
    std::vector<std::size_t> ends_;
    std::size_t count_ = 0;
    bool too_long_ = false;
};

struct BadValue {
    std::string_view value;
    std::string reason;
};

std::optional<BadValue> read_priority(std::string_view text, NewDestination& destination) {
    if (text.empty()) {
        return std::nullopt;
    }
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, destination.priority);
    if (problem != std::errc{} || rest != end) {
        return BadValue{text, "priority is not a whole number"};
    }
    return std::nullopt;
}

std::optional<BadValue> read_not_before(std::string_view text, NewDestination& destination) {
    if (text.empty()) {
        return std::nullopt;
    }
    const ReadInstant read = parse_instant(text, destination.timezone);
    if (read.time) {
        destination.not_before = read.time;
        return std::nullopt;
    }
    if (read.problem == InstantProblem::no_zone) {
        return BadValue{
            text,
            "not_before has neither an offset such as Z or +02:00, nor a timezone in its row"};
    }
    return BadValue{text, "not_before is not an ISO 8601 time such as 2026-03-01T09:00:00Z"};
}

std::string metadata_of(const CsvHeader& header, const RowText& row) {
    std::string json;
    for (const CsvHeader::Further& further : header.further) {
        const std::string_view value = row.at(further.index);
        if (!value.empty()) {
            json += json.empty() ? '{' : ',';
            json.append(further.json_key).append(json_quoted(value));
        }
    }
    if (!json.empty()) {
        json += '}';
    }
    return json;
}

/// Fills everything but the phone number.
std::optional<BadValue> read_details(
    const CsvHeader& header, const RowText& row, NewDestination& destination
) {
    const auto field = [&](std::optional<std::size_t> column) {
        return column ? row.at(*column) : std::string_view{};
    };
    for (std::size_t i = 0; i < row.count(); ++i) {
        if (!is_utf8(row.at(i))) {
            return BadValue{row.at(i), "is not UTF-8: save the file in that encoding"};
        }
    }
    destination.name = field(header.name);
    destination.timezone = field(header.timezone);
    if (!destination.timezone.empty() && !is_time_zone(destination.timezone)) {
        return BadValue{
            field(header.timezone),
            "timezone is not a zone of the IANA database such as Europe/Rome"};
    }
    if (auto bad = read_priority(field(header.priority), destination)) {
        return bad;
    }
    if (auto bad = read_not_before(field(header.not_before), destination)) {
        return bad;
    }
    destination.metadata = metadata_of(header, row);
    return std::nullopt;
}

}  // namespace

struct CsvImport::Impl {
    std::string region;
    OnDestination on_destination;
    OnRejected on_rejected;
    OnPrefix on_prefix;
    csv_parser parser{};
    std::optional<CsvHeader> header;
    RowText row;
    std::int64_t row_number = 0;
    int last_terminator = -1;
    std::size_t mark_bytes_seen = 0;
    bool mark_over = false;
    bool open_quote = false;
    bool finished = false;
    std::optional<Error> failure;
    std::exception_ptr thrown;

    void fail(std::string detail) { failure = Error{Errc::invalid_argument, std::move(detail)}; }

    void reject(std::string_view value, std::string reason) {
        on_rejected({row_number, shortened(value, shown_bytes_max), std::move(reason)});
    }

    void field_over(std::string_view field) {
        if (failure || thrown) {
            return;
        }
        if (field.size() > field_bytes_max) {
            fail_on_long_field();
            return;
        }
        row.add(field, header ? header->columns : csv_columns_max);
    }

    void fail_on_long_field() {
        fail(
            "row " + std::to_string(row_number + 1) +
            ": a field is longer than 64 KiB; is a quote opened and never closed?"
        );
    }

    void row_over(int terminator) {
        if (failure || thrown) {
            return;
        }
        const bool second_half_of_line_end =
            row.count() == 0 && terminator == CSV_LF && last_terminator == CSV_CR;
        last_terminator = second_half_of_line_end ? -1 : terminator;
        if (second_half_of_line_end) {
            return;
        }
        ++row_number;
        if (row.count() > 0 && !row.all_empty()) {
            header ? take_row() : take_header();
        }
        row.clear();
    }

    void take_header() {
        if (row.count() > csv_columns_max || row.too_long()) {
            fail("the header row has more than " + std::to_string(csv_columns_max) + " columns");
            return;
        }
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < row.count(); ++i) {
            names.push_back(row.at(i));
        }
        Result<CsvHeader> read = read_csv_header(names);
        if (read) {
            header = std::move(read).value();
        } else {
            failure = read.error();
        }
    }

    void take_prefix(std::string_view text) {
        const Result<NumberOrPrefix> prefix = read_number_or_prefix(text);
        if (prefix) {
            on_prefix(std::get<PhonePrefix>(*prefix));
        } else {
            reject(text, "phone_number " + prefix.error().detail);
        }
    }

    void take_row() {
        if (open_quote) {
            reject(row.at(0), "a quote is opened in this row and never closed");
            return;
        }
        if (row.count() != header->columns) {
            reject(
                row.at(0),
                "the row has " + std::to_string(row.count()) + " fields, the header " +
                    std::to_string(header->columns)
            );
            return;
        }
        if (row.too_long()) {
            reject(row.at(0), "the row is longer than 1 MiB");
            return;
        }
        const std::string_view number = row.at(header->phone_number);
        if (on_prefix && looks_like_prefix(number)) {
            take_prefix(number);
            return;
        }
        const auto phone_number = read_phone_number(number, region);
        if (!phone_number) {
            reject(number, "phone_number " + phone_number.error().detail);
            return;
        }
        NewDestination destination{.phone_number = *phone_number};
        if (const auto bad = read_details(*header, row, destination)) {
            reject(bad->value, bad->reason);
            return;
        }
        on_destination(std::move(destination));
    }

    /// Drops a byte order mark at the very start, however the file is cut.
    std::string_view without_mark(std::string_view bytes) {
        while (!mark_over && !bytes.empty()) {
            if (bytes.front() != byte_order_mark[mark_bytes_seen]) {
                mark_over = true;
            } else {
                bytes.remove_prefix(1);
                ++mark_bytes_seen;
                mark_over = mark_bytes_seen == byte_order_mark.size();
            }
        }
        return bytes;
    }

    // An exception of the caller's callback must not pass through C code.
    static void on_field(void* text, std::size_t size, void* self) noexcept {
        auto& impl = *static_cast<Impl*>(self);
        impl.guarded([&] { impl.field_over({static_cast<const char*>(text), size}); });
    }
    static void on_row(int terminator, void* self) noexcept {
        auto& impl = *static_cast<Impl*>(self);
        impl.guarded([&] { impl.row_over(terminator); });
    }
    template <class Step>
    void guarded(const Step& step) {
        try {
            step();
        } catch (...) {
            thrown = std::current_exception();
        }
    }

    Result<void> outcome() {
        if (thrown) {
            fail("the import was broken off");
            std::rethrow_exception(std::exchange(thrown, nullptr));
        }
        if (failure) {
            return *failure;
        }
        return {};
    }

    Result<void> parse(std::string_view bytes) {
        // In slices, so that the parser's buffer of one field stays small.
        while (!bytes.empty() && !failure && !thrown) {
            const std::string_view slice = bytes.substr(0, field_bytes_max);
            bytes.remove_prefix(slice.size());
            if (csv_parse(&parser, slice.data(), slice.size(), &on_field, &on_row, this) !=
                slice.size()) {
                fail(csv_strerror(csv_error(&parser)));
            } else if (parser.entry_pos > field_bytes_max && !failure) {
                fail_on_long_field();
            }
        }
        return outcome();
    }
};

CsvImport::CsvImport(
    std::string region, OnDestination on_destination, OnRejected on_rejected, OnPrefix on_prefix
)
    : impl_(std::make_unique<Impl>()) {
    impl_->region = std::move(region);
    impl_->on_destination = std::move(on_destination);
    impl_->on_rejected = std::move(on_rejected);
    impl_->on_prefix = std::move(on_prefix);
    // Empty lines are reported too: they count as rows.
    csv_init(&impl_->parser, CSV_REPALL_NL);
    csv_set_blk_size(&impl_->parser, 4096);
}

CsvImport::~CsvImport() {
    csv_free(&impl_->parser);
}

Result<void> CsvImport::feed(std::string_view bytes) {
    if (impl_->finished) {
        return Error{Errc::conflict, "the import is finished"};
    }
    if (impl_->failure) {
        return *impl_->failure;
    }
    return impl_->parse(impl_->without_mark(bytes));
}

Result<void> CsvImport::finish() {
    if (impl_->failure || impl_->finished) {
        return impl_->outcome();
    }
    impl_->finished = true;
    impl_->open_quote = impl_->parser.pstate == state_within_field && impl_->parser.quoted != 0;
    csv_fini(&impl_->parser, &Impl::on_field, &Impl::on_row, impl_.get());
    if (!impl_->failure && !impl_->thrown && !impl_->header) {
        impl_->fail("the file is empty: a header row with a column phone_number is needed");
    }
    return impl_->outcome();
}

std::string to_json(const ImportReport& report) {
    nlohmann::ordered_json json;
    json["imported"] = report.imported;
    json["duplicates"] = report.duplicates;
    json["invalid"] = report.invalid;
    json["suppressed"] = report.suppressed;
    json["rejected"] = nlohmann::ordered_json::array();
    for (const RejectedRow& rejected : report.rejected) {
        json["rejected"].push_back(
            {{"row", rejected.row}, {"value", rejected.value}, {"reason", rejected.reason}}
        );
    }
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace cxdial::campaign
