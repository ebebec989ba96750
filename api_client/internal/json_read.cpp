#include "api_client/internal/json_read.h"

#include "api_client/internal/time_text.h"

#include <charconv>
#include <cmath>

namespace cxdial::api_client::internal {

namespace {

using nlohmann::json;

constexpr int depth_max = 64;

/// Parsing itself does not recurse, but copying and printing a document do.
bool is_too_deep(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > depth_max) {
                return true;
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

std::optional<std::int64_t> integer_of(double number) {
    constexpr double exact_max = 9007199254740992.0;
    if (!(std::fabs(number) <= exact_max)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(std::floor(number));
}

std::optional<std::int64_t> integer_of(std::string_view text) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return integer_of(number);
}

}  // namespace

json parse_json(std::string_view text) {
    if (is_too_deep(text)) {
        return json(json::value_t::discarded);
    }
    return json::parse(text.begin(), text.end(), nullptr, false);
}

const json* member(const json& value, const char* name) {
    if (!value.is_object()) {
        return nullptr;
    }
    const auto found = value.find(name);
    return found == value.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json* value) {
    if (value != nullptr && value->is_string()) {
        return value->get<std::string>();
    }
    if (value != nullptr && value->is_number_integer()) {
        return value->dump();
    }
    return {};
}

std::optional<std::int64_t> integer_of(const json* value) {
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_number()) {
        return integer_of(value->get<double>());
    }
    if (value->is_string()) {
        return integer_of(std::string_view(value->get_ref<const std::string&>()));
    }
    return std::nullopt;
}

std::optional<base::WallTime> time_of(const json* value) {
    // As seconds, until the year 5138; as milliseconds, since 1973.
    constexpr std::int64_t seconds_below = 100'000'000'000;
    constexpr std::int64_t millis_max = 253'402'300'799'999;  // the year 9999
    if (const std::optional<std::int64_t> number = integer_of(value)) {
        if (*number <= 0 || *number > millis_max) {
            return std::nullopt;
        }
        return base::from_millis(*number < seconds_below ? *number * 1000 : *number);
    }
    if (value != nullptr && value->is_string()) {
        return parse_iso_time(value->get_ref<const std::string&>());
    }
    return std::nullopt;
}

}  // namespace cxdial::api_client::internal
