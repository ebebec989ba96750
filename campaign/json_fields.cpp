#include "campaign/json_fields.h"

#include "base/duration.h"
#include "campaign/internal/civil_time.h"
#include "campaign/internal/text.h"
#include "campaign/phone.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <date/date.h>

namespace cxdial::campaign {
namespace {

using Json = nlohmann::json;

constexpr int depth_max = 32;
constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t key_bytes_shown = 100;
constexpr std::size_t word_bytes_max = 64;

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
    });
}

/// Watches the parser for what it would let pass: doubled keys and endless nesting.
class ParseWatch {
public:
    bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > depth_max) {
            too_deep_ = true;
            return false;
        }
        if (event == Json::parse_event_t::object_start) {
            keys_.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            keys_.pop_back();
        } else if (event == Json::parse_event_t::key) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (!keys_.back().insert(key).second) {
                doubled_.push_back(shortened(key, key_bytes_shown));
            }
        }
        return true;
    }
    [[nodiscard]] bool too_deep() const { return too_deep_; }
    [[nodiscard]] const std::vector<std::string>& doubled() const { return doubled_; }

private:
    std::vector<std::set<std::string>> keys_;
    std::vector<std::string> doubled_;
    bool too_deep_ = false;
};

/// Line and column, counted from 1, of a byte.
std::string place_of(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_start =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(line) + ", column " +
           std::to_string(before.size() - line_start + 1);
}

}  // namespace

std::optional<Json> parse_json_object(std::string_view text, FieldErrors& errors) {
    ParseWatch watch;
    Json json;
    try {
        json = Json::parse(text, std::ref(watch));
    } catch (const Json::parse_error& problem) {
        const std::size_t byte = problem.byte == 0 ? 0 : problem.byte - 1;
        errors.push_back({"", "not valid JSON at " + place_of(text, byte)});
        return std::nullopt;
    } catch (const Json::exception&) {
        errors.push_back({"", "not valid JSON: a number is out of range"});
        return std::nullopt;
    }
    if (watch.too_deep()) {
        errors.push_back({"", "nested more than 32 deep"});
        return std::nullopt;
    }
    if (!json.is_object()) {
        errors.push_back({"", "expected a JSON object"});
        return std::nullopt;
    }
    for (const std::string& key : watch.doubled()) {
        errors.push_back({key, "is given twice"});
    }
    return watch.doubled().empty() ? std::optional{std::move(json)} : std::nullopt;
}

JsonFields::JsonFields(const Json& object, std::string path, FieldErrors& errors)
    : object_(object), path_(std::move(path)), errors_(errors) {}

const Json* JsonFields::find(std::string_view key) {
    known_.emplace(key);
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool JsonFields::has(std::string_view key) {
    return find(key) != nullptr;
}

bool JsonFields::text(std::string_view key, std::string& target, std::size_t bytes_max) {
    const Json* const value = find(key);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_string()) {
        wrong(key, "expected a string");
        return false;
    }
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > bytes_max) {
        wrong(key, "is longer than " + std::to_string(bytes_max) + " bytes");
        return false;
    }
    if (has_control_character(text)) {
        wrong(key, "contains a control character");
        return false;
    }
    target = text;
    return true;
}

bool JsonFields::required_text(std::string_view key, std::string& target, std::size_t bytes_max) {
    if (!has(key)) {
        wrong(key, "is required");
        return false;
    }
    std::string read;
    if (!text(key, read, bytes_max)) {
        return false;
    }
    if (trimmed(read).empty()) {
        wrong(key, "must not be empty");
        return false;
    }
    target = std::move(read);
    return true;
}

void JsonFields::integer(std::string_view key, int& target, IntegerRange range) {
    const Json* const value = find(key);
    if (value == nullptr) {
        return;
    }
    // A number above the signed range reads back negative, so it is compared as what it is.
    const bool too_large = value->is_number_unsigned() &&
                           value->get<std::uint64_t>() > static_cast<std::uint64_t>(range.max);
    if (!value->is_number_integer() || too_large || value->get<std::int64_t>() < range.min ||
        value->get<std::int64_t>() > range.max) {
        wrong(
            key,
            "expected a whole number from " + std::to_string(range.min) + " to " +
                std::to_string(range.max)
        );
        return;
    }
    target = static_cast<int>(value->get<std::int64_t>());
}

void JsonFields::number(std::string_view key, double& target, double min, double max) {
    const Json* const value = find(key);
    if (value == nullptr) {
        return;
    }
    const double number = value->is_number() ? value->get<double>() : std::nan("");
    if (!(number >= min && number <= max)) {
        wrong(key, "expected a number from " + Json(min).dump() + " to " + Json(max).dump());
        return;
    }
    target = number;
}

void JsonFields::boolean(std::string_view key, bool& target) {
    const Json* const value = find(key);
    if (value == nullptr) {
        return;
    }
    if (!value->is_boolean()) {
        wrong(key, "expected true or false");
        return;
    }
    target = value->get<bool>();
}

void JsonFields::time_of_day(std::string_view key, int& minutes) {
    std::string text_read;
    if (!has(key)) {
        wrong(key, "is required");
        return;
    }
    if (!text(key, text_read)) {
        return;
    }
    const auto read = parse_minute_of_day(text_read);
    if (!read) {
        wrong(key, R"(expected a time such as "09:00")");
        return;
    }
    minutes = *read;
}

void JsonFields::duration(std::string_view key, base::Millis& target, DurationRange range) {
    std::string text_read;
    if (!text(key, text_read)) {
        return;
    }
    const auto read = base::parse_duration(text_read);
    if (!read || *read < range.min || *read > range.max) {
        wrong(
            key,
            "expected a duration from " + base::to_text(range.min) + " to " +
                base::to_text(range.max)
        );
        return;
    }
    target = *read;
}

void JsonFields::instant(
    std::string_view key, std::optional<base::WallTime>& target, std::string_view zone
) {
    std::string text_read;
    if (!text(key, text_read) || text_read.empty()) {
        return;
    }
    const ReadInstant read = parse_instant(text_read, zone);
    if (read.time) {
        target = read.time;
    } else if (read.problem == InstantProblem::no_zone) {
        wrong(key, "has neither an offset such as Z or +02:00, nor a timezone");
    } else {
        wrong(key, "is not an ISO 8601 time such as 2026-03-01T09:00:00Z");
    }
}

const Json* JsonFields::object(std::string_view key) {
    const Json* const value = find(key);
    if (value != nullptr && !value->is_object()) {
        wrong(key, "expected an object");
        return nullptr;
    }
    return value;
}

const Json* JsonFields::array(std::string_view key, std::size_t size_max) {
    const Json* const value = find(key);
    if (value == nullptr) {
        return nullptr;
    }
    if (!value->is_array()) {
        wrong(key, "expected an array");
        return nullptr;
    }
    if (value->size() > size_max) {
        wrong(key, "has more than " + std::to_string(size_max) + " elements");
        return nullptr;
    }
    return value;
}

void JsonFields::ignore(std::string_view key) {
    known_.emplace(key);
}

void JsonFields::wrong(std::string_view key, std::string reason) {
    errors_.push_back({path_of(key), std::move(reason)});
}

std::string JsonFields::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void JsonFields::finish() {
    for (const auto& [key, value] : object_.items()) {
        if (!known_.contains(key)) {
            wrong(shortened(key, key_bytes_shown), "unknown field");
        }
    }
}

std::string element_path(std::string_view path, std::size_t index) {
    return std::string(path) + "[" + std::to_string(index) + "]";
}

void read_resource_name(JsonFields& fields, std::string_view key, std::string& target) {
    if (!fields.required_text(key, target, name_bytes_max)) {
        return;
    }
    if (trimmed(target).size() != target.size()) {
        fields.wrong(key, "must not begin or end with a blank");
    } else if (target.find('/') != std::string::npos) {
        fields.wrong(key, "must not contain /");
    }
}

void read_resource_names(JsonFields& fields, std::string& tenant, std::string& name) {
    read_resource_name(fields, "name", name);
    if (fields.has("tenant")) {
        read_resource_name(fields, "tenant", tenant);
    }
}

void ignore_read_only(JsonFields& fields) {
    for (const auto* key : {"kind", "id", "revision", "statistics", "created_at", "updated_at"}) {
        fields.ignore(key);
    }
}

FieldErrors read_resource(
    std::string_view json, const std::function<void(JsonFields&, FieldErrors&)>& read
) {
    FieldErrors errors;
    if (const auto document = parse_json_object(json, errors)) {
        JsonFields fields{*document, "", errors};
        read(fields, errors);
    }
    return errors;
}

std::optional<base::PhoneNumber> read_required_number(JsonFields& fields, std::string_view key) {
    std::string text;
    if (!fields.required_text(key, text)) {
        return std::nullopt;
    }
    const auto number = read_phone_number(text);
    if (!number) {
        fields.wrong(key, number.error().detail);
        return std::nullopt;
    }
    return *number;
}

void read_domain_number(
    JsonFields& fields, std::string_view key, std::string& target, std::string_view what
) {
    if (!fields.required_text(key, target)) {
        return;
    }
    const bool is_short = target.size() >= 2 && target.size() <= 15 &&
                          target.find_first_not_of("0123456789") == std::string::npos;
    if (const auto number = read_phone_number(target)) {
        target = number->reveal();
    } else if (!is_short) {
        fields.wrong(
            key, "is no " + std::string(what) + ": as a phone number it " + number.error().detail
        );
    }
}

bool is_word(std::string_view text, std::string_view further) {
    const auto fits = [further](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || further.find(byte) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= word_bytes_max &&
           std::all_of(text.begin(), text.end(), fits);
}

void write_text(nlohmann::ordered_json& json, const char* key, const std::string& text) {
    if (!text.empty()) {
        json[key] = text;
    }
}

std::string written(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string instant_text(base::WallTime time) {
    return date::format("%FT%TZ", time);
}

}  // namespace cxdial::campaign
