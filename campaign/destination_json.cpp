#include "campaign/destination_json.h"

#include "campaign/internal/civil_time.h"
#include "campaign/internal/text.h"
#include "campaign/json_fields.h"
#include "campaign/phone.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace cxdial::campaign {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t element_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t shown_bytes_max = 100;
constexpr std::size_t number_bytes_max = 100;
constexpr IntegerRange any_int{std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};

bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/// Everything but the phone number.
void read_details(JsonFields& fields, NewDestination& destination) {
    fields.text("name", destination.name);
    fields.integer("priority", destination.priority, any_int);
    if (fields.text("timezone", destination.timezone) && !destination.timezone.empty() &&
        !is_time_zone(destination.timezone)) {
        fields.wrong("timezone", "is not a zone of the IANA database such as Europe/Rome");
        destination.timezone.clear();
    }
    fields.instant("not_before", destination.not_before, destination.timezone);
    const nlohmann::json* const metadata = fields.object("metadata");
    if (metadata != nullptr && !metadata->empty()) {
        destination.metadata = metadata->dump();
    }
    fields.ignore("status");
    fields.finish();
}

/// An element as an object: a number alone stands for an object that has no more than it.
std::string as_object(std::string_view element) {
    return element.front() == '"' ? R"({"phone_number":)" + std::string(element) + "}"
                                  : std::string(element);
}

}  // namespace

std::string to_json(const NewDestination& destination) {
    nlohmann::ordered_json json{{"phone_number", destination.phone_number.reveal()}};
    if (!destination.name.empty()) {
        json["name"] = destination.name;
    }
    if (destination.priority != 0) {
        json["priority"] = destination.priority;
    }
    if (!destination.timezone.empty()) {
        json["timezone"] = destination.timezone;
    }
    if (destination.not_before) {
        json["not_before"] = instant_text(*destination.not_before);
    }
    std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (!destination.metadata.empty()) {
        text.insert(text.size() - 1, ",\"metadata\":" + destination.metadata);
    }
    return text;
}

/// Cuts the array into its elements by counting brackets outside of strings, and leaves what an
/// element says to the parser: memory for one element is enough.
struct JsonImport::Impl {
    enum class Place { before_array, before_element, in_element, after_element, after_array };

    std::string region;
    CsvImport::OnDestination on_destination;
    CsvImport::OnRejected on_rejected;
    CsvImport::OnPrefix on_prefix;
    Place place = Place::before_array;
    std::string element;
    std::int64_t count = 0;
    int depth = 0;
    bool in_string = false;
    bool escaped = false;
    bool is_first = true;
    std::optional<Error> failure;

    void fail(std::string detail) { failure = Error{Errc::invalid_argument, std::move(detail)}; }

    void reject(std::string_view value, std::string reason) {
        on_rejected({count, shortened(value, shown_bytes_max), std::move(reason)});
    }

    void take(char byte) {
        switch (place) {
            case Place::before_array:
                if (byte == '[') {
                    place = Place::before_element;
                } else if (!is_blank(byte)) {
                    fail("expected a JSON array of destinations");
                }
                return;
            case Place::before_element:
                start_element(byte);
                return;
            case Place::in_element:
                continue_element(byte);
                return;
            case Place::after_element:
                end_element(byte);
                return;
            case Place::after_array:
                if (!is_blank(byte)) {
                    fail("something follows the JSON array");
                }
                return;
        }
    }

    void start_element(char byte) {
        if (is_blank(byte)) {
            return;
        }
        if (byte == ']' && is_first) {
            place = Place::after_array;
            return;
        }
        if (byte == ',' || byte == ']' || byte == '}') {
            fail("element " + std::to_string(count + 1) + ": expected a destination");
            return;
        }
        is_first = false;
        ++count;
        element.clear();
        place = Place::in_element;
        continue_element(byte);
    }

    void continue_element(char byte) {
        const bool is_bare = depth == 0 && !in_string && !element.empty();
        if (is_bare && (byte == ',' || byte == ']' || is_blank(byte))) {
            finish_element();
            end_element(byte);
            return;
        }
        if (element.size() >= element_bytes_max) {
            fail("element " + std::to_string(count) + " is longer than 1 MiB");
            return;
        }
        element.push_back(byte);
        if (in_string) {
            in_string = escaped || byte != '"';
            escaped = !escaped && byte == '\\';
        } else if (byte == '"') {
            in_string = true;
        } else if (byte == '{' || byte == '[') {
            ++depth;
        } else if (byte == '}' || byte == ']') {
            --depth;
        }
        if (depth <= 0 && !in_string && (byte == '}' || byte == ']' || byte == '"')) {
            finish_element();
        }
    }

    void finish_element() {
        place = Place::after_element;
        depth = 0;
        read_element();
    }

    void end_element(char byte) {
        if (byte == ',') {
            place = Place::before_element;
        } else if (byte == ']') {
            place = Place::after_array;
        } else if (!is_blank(byte)) {
            fail("element " + std::to_string(count) + ": expected , or ] after it");
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

    void read_element() {
        FieldErrors errors;
        const std::optional<nlohmann::json> json = parse_json_object(as_object(element), errors);
        if (!json || !errors.empty()) {
            reject(element, errors.empty() ? "is no JSON object" : errors.front().reason);
            return;
        }
        JsonFields fields(*json, "", errors);
        std::string number;
        if (!fields.required_text("phone_number", number, number_bytes_max)) {
            reject(element, "phone_number " + errors.front().reason);
            return;
        }
        if (on_prefix && looks_like_prefix(number)) {
            take_prefix(number);
            return;
        }
        const Result<base::PhoneNumber> phone_number = read_phone_number(number, region);
        if (!phone_number) {
            reject(number, "phone_number " + phone_number.error().detail);
            return;
        }
        NewDestination destination{.phone_number = *phone_number};
        read_details(fields, destination);
        if (errors.empty()) {
            on_destination(std::move(destination));
        } else {
            reject(number, errors.front().path + " " + errors.front().reason);
        }
    }
};

JsonImport::JsonImport(
    std::string region,
    CsvImport::OnDestination on_destination,
    CsvImport::OnRejected on_rejected,
    CsvImport::OnPrefix on_prefix
)
    : impl_(std::make_unique<Impl>()) {
    impl_->region = std::move(region);
    impl_->on_destination = std::move(on_destination);
    impl_->on_rejected = std::move(on_rejected);
    impl_->on_prefix = std::move(on_prefix);
}

JsonImport::~JsonImport() = default;

Result<void> JsonImport::feed(std::string_view bytes) {
    for (const char byte : bytes) {
        if (impl_->failure) {
            break;
        }
        impl_->take(byte);
    }
    return impl_->failure ? Result<void>(*impl_->failure) : Result<void>();
}

Result<void> JsonImport::finish() {
    if (!impl_->failure && impl_->place != Impl::Place::after_array) {
        impl_->fail(
            impl_->place == Impl::Place::before_array ? "expected a JSON array of destinations"
                                                      : "the JSON array is not closed"
        );
    }
    return impl_->failure ? Result<void>(*impl_->failure) : Result<void>();
}

}  // namespace cxdial::campaign
