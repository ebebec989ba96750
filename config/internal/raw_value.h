#pragma once

#include "base/clock.h"
#include "base/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cxdial::config {

/// A value as the file or the environment has it, before its key has read it.
struct RawValue {
    /// Nothing: a table, an array, a date or a number with a fraction, which no key takes.
    std::variant<std::monostate, std::string, std::int64_t, bool> value;
    bool from_environment = false;  ///< then numbers are text too
};

/// Why a value is refused; nothing: it was read. Never repeats a secret.
using Problem = std::optional<std::string>;

struct IntegerRange {
    std::int64_t min;
    std::int64_t max;
};
struct DurationRange {
    base::Millis min;
    base::Millis max;
};

/// Text of at most 4096 bytes without control characters.
[[nodiscard]] Problem read_text(const RawValue& raw, std::string& target);
[[nodiscard]] Problem read_secret(const RawValue& raw, base::Secret& target);
[[nodiscard]] Problem read_integer(const RawValue& raw, IntegerRange range, int& target);
[[nodiscard]] Problem read_duration(
    const RawValue& raw, const DurationRange& range, base::Millis& target
);
/// One of the names of a table of name and value.
template <class Names, class Value>
[[nodiscard]] Problem read_choice(const RawValue& raw, const Names& names, Value& target) {
    std::string text;
    if (Problem problem = read_text(raw, text)) {
        return problem;
    }
    std::string listed;
    for (const auto& [name, value] : names) {
        if (text == name) {
            target = value;
            return std::nullopt;
        }
        listed.append(listed.empty() ? "" : ", ").append(name);
    }
    return "expected one of " + listed + R"(, got ")" + text + "\"";
}

/// What a URL is for: which schemes it may have, and whether there may be none at all.
enum class UrlKind { http, http_or_empty, redis_or_empty };
/// An absolute URL without user, query and fragment; slashes at its end are dropped.
[[nodiscard]] Problem read_url(const RawValue& raw, UrlKind kind, std::string& target);

/// A name of a host as DNS has it: letters, digits, `-` and `.`.
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace cxdial::config
