#include "simulator/internal/body_reader.h"

#include "simulator/internal/call_request.h"
#include "simulator/internal/iso_time.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace cxdial::simulator {

using nlohmann::json;

std::string BodyReader::text(const char* name) {
    const auto* const value = find(name);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string()) {
        fail(name, "must be a string");
        return {};
    }
    return value->get<std::string>();
}

std::string BodyReader::name_or_id(const char* name) {
    const auto* const value = find(name);
    if (value != nullptr && value->is_number_integer()) {
        return value->dump();
    }
    return text(name);
}

std::string BodyReader::http_url(const char* name) {
    auto value = text(name);
    if (!value.empty() && !is_http_url(value)) {
        fail(name, "must be an http(s) URL");
    }
    return value;
}

int BodyReader::number(const char* name) {
    const auto* const value = find(name);
    if (value == nullptr) {
        return 0;
    }
    if (!value->is_number_integer() || value->get<std::int64_t>() < 0 ||
        value->get<std::int64_t>() > std::numeric_limits<int>::max()) {
        fail(name, "must be an integer, not negative");
        return 0;
    }
    return value->get<int>();
}

int BodyReader::number_within(const char* name, int min, int max) {
    const auto value = number(name);
    if (find(name) != nullptr && (value < min || value > max)) {
        fail(name, "must be from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return value;
}

bool BodyReader::flag(const char* name) {
    const auto* const value = find(name);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_boolean()) {
        fail(name, "must be a boolean");
        return false;
    }
    return value->get<bool>();
}

std::string BodyReader::one_of(const char* name, const std::vector<std::string_view>& allowed) {
    auto value = text(name);
    if (!value.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        fail(name, "has an unknown value");
    }
    return value;
}

std::optional<base::WallTime> BodyReader::time(const char* name) {
    const auto value = text(name);
    if (value.empty()) {
        return std::nullopt;
    }
    const auto parsed = parse_iso(value);
    if (!parsed) {
        fail(name, "must be an ISO 8601 date-time");
    }
    return parsed;
}

const json* BodyReader::find(const char* name) const {
    const auto found = body_.find(name);
    return found == body_.end() || found->is_null() ? nullptr : &*found;
}

void BodyReader::fail(const std::string& name, const std::string& why) {
    if (problem_.empty()) {
        problem_ = name + " " + why;
    }
}

}  // namespace cxdial::simulator
