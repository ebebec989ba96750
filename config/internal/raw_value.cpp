#include "config/internal/raw_value.h"

#include "base/duration.h"
#include "config/config.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace cxdial::config {
namespace {

constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t host_bytes_max = 253;

std::optional<std::int64_t> whole_number(const RawValue& raw) {
    if (const auto* number = std::get_if<std::int64_t>(&raw.value)) {
        return *number;
    }
    const auto* text = std::get_if<std::string>(&raw.value);
    if (text == nullptr || !raw.from_environment) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const char* const end = text->data() + text->size();
    const auto [rest, problem] = std::from_chars(text->data(), end, number);
    return problem == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

std::string_view schemes_text(UrlKind kind) {
    return kind == UrlKind::redis_or_empty ? "redis://" : "http:// or https://";
}

/// What follows the scheme; nothing when it is not one of the kind's.
std::optional<std::string_view> without_scheme(std::string_view url, UrlKind kind) {
    const std::array schemes = kind == UrlKind::redis_or_empty
                                   ? std::array<std::string_view, 2>{"redis://", "redis://"}
                                   : std::array<std::string_view, 2>{"http://", "https://"};
    for (const std::string_view scheme : schemes) {
        if (url.substr(0, scheme.size()) == scheme) {
            return url.substr(scheme.size());
        }
    }
    return std::nullopt;
}

bool is_port(std::string_view text) {
    int port = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, port);
    return problem == std::errc{} && rest == end && port >= 1 && port <= 65535;
}

/// `host`, `host:port`, `[::1]:port`.
bool is_authority(std::string_view text) {
    if (!text.empty() && text.front() == '[') {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || close == 1 ||
            text.substr(1, close - 1).find_first_not_of("0123456789abcdefABCDEF:.") !=
                std::string_view::npos) {
            return false;
        }
        const std::string_view rest = text.substr(close + 1);
        return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
    }
    const std::size_t colon = text.find(':');
    return is_host_name(text.substr(0, colon)) &&
           (colon == std::string_view::npos || is_port(text.substr(colon + 1)));
}

}  // namespace

Problem read_text(const RawValue& raw, std::string& target) {
    const auto* text = std::get_if<std::string>(&raw.value);
    if (text == nullptr) {
        return "expected a string in quotes";
    }
    if (text->size() > text_bytes_max) {
        return "is longer than 4096 bytes";
    }
    const auto is_control = [](char byte) {
        return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
    };
    if (std::any_of(text->begin(), text->end(), is_control)) {
        return "contains a control character";
    }
    target = *text;
    return std::nullopt;
}

Problem read_secret(const RawValue& raw, base::Secret& target) {
    std::string text;
    if (Problem problem = read_text(raw, text)) {
        return problem;
    }
    target = base::Secret{std::move(text)};
    return std::nullopt;
}

Problem read_integer(const RawValue& raw, IntegerRange range, int& target) {
    const auto number = whole_number(raw);
    if (!number || *number < range.min || *number > range.max) {
        return "expected a whole number from " + std::to_string(range.min) + " to " +
               std::to_string(range.max) + (number ? ", got " + std::to_string(*number) : "");
    }
    target = static_cast<int>(*number);
    return std::nullopt;
}

Problem read_duration(const RawValue& raw, const DurationRange& range, base::Millis& target) {
    const auto* text = std::get_if<std::string>(&raw.value);
    if (text == nullptr) {
        return R"(expected a duration such as "10s", in quotes)";
    }
    const auto duration = parse_duration(*text);
    if (!duration) {
        return duration.error().detail;
    }
    if (*duration < range.min || *duration > range.max) {
        return "expected a duration from \"" + base::to_text(range.min) + "\" to \"" +
               base::to_text(range.max) + "\", got \"" + *text + "\"";
    }
    target = *duration;
    return std::nullopt;
}

Problem read_url(const RawValue& raw, UrlKind kind, std::string& target) {
    std::string url;
    if (Problem problem = read_text(raw, url)) {
        return problem;
    }
    if (url.empty() && kind != UrlKind::http) {
        target.clear();
        return std::nullopt;
    }
    const auto rest = without_scheme(url, kind);
    if (!rest) {
        return "expected a URL that starts with " + std::string(schemes_text(kind));
    }
    // A password in a URL would end up in log lines.
    if (rest->find('@') != std::string_view::npos) {
        return "must not contain a user or a password";
    }
    if (rest->find_first_of("?#\" <>\\") != std::string_view::npos) {
        return "must have no query, no fragment and no blanks";
    }
    if (!is_authority(rest->substr(0, rest->find('/')))) {
        return "names no host, or no port from 1 to 65535";
    }
    while (url.back() == '/') {
        url.pop_back();
    }
    target = std::move(url);
    return std::nullopt;
}

bool is_host_name(std::string_view text) {
    const auto fits = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_';
    };
    return !text.empty() && text.size() <= host_bytes_max && text.front() != '.' &&
           text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace cxdial::config
