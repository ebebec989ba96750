#include "cxml/url_template.h"

#include "cxml/internal/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace cxdial::cxml {
namespace {

constexpr std::array<std::string_view, 5> always_known{
    placeholder::session,
    placeholder::from,
    placeholder::to,
    placeholder::bot_id,
    placeholder::auth_token,
};

base::Error refused(std::string detail) {
    return {base::Errc::invalid_argument, std::move(detail)};
}

std::string in_braces(std::string_view name) {
    return '{' + std::string(name) + '}';
}

bool is_letter_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
    });
}

bool is_unreserved(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
}

std::string known_names(const std::set<std::string, std::less<>>& parameters) {
    std::string out;
    const auto append = [&](std::string_view name) {
        out += (out.empty() ? "" : ", ") + in_braces(name);
    };
    std::ranges::for_each(always_known, append);
    std::ranges::for_each(parameters, append);
    return out;
}

/// The value of a name; nothing when it has none or an empty one.
std::optional<std::string_view> value_of(std::span<const NameValue> values, std::string_view name) {
    const auto found = std::ranges::find(values, name, &NameValue::name);
    if (found == values.end() || found->value.empty()) {
        return std::nullopt;
    }
    return found->value;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    std::string out;
    append_encoded(out, text);
    return out;
}

base::Result<UrlTemplate> UrlTemplate::parse(
    std::string_view text, const std::set<std::string, std::less<>>& parameters
) {
    if (const auto illegal = find_illegal(text)) {
        return refused("URL template: " + illegal->what);
    }
    UrlTemplate out;
    out.text_ = text;
    std::string sample;  // the URL with a value that any place can take
    while (true) {
        const std::size_t open = std::min(text.find_first_of("{}"), text.size());
        out.parts_.push_back({std::string(text.substr(0, open)), ""});
        sample += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty()) {
            break;
        }
        const std::size_t close = text.find_first_of("{}", 1);
        if (text.front() == '}') {
            return refused("URL template: } without { before it");
        }
        if (close == std::string_view::npos || text[close] == '{') {
            return refused("URL template: { without }: " + quoted(text));
        }
        const std::string_view name = text.substr(1, close - 1);
        if (!is_name(name)) {
            return refused("URL template: malformed placeholder " + quoted(in_braces(name)));
        }
        if (std::ranges::find(always_known, name) == always_known.end() &&
            !parameters.contains(name)) {
            return refused(
                "URL template: unknown placeholder " + in_braces(name) + ", known are " +
                known_names(parameters)
            );
        }
        if (!out.uses(name)) {
            out.names_.emplace_back(name);
        }
        out.parts_.back().name = name;
        sample += 'x';
        text.remove_prefix(close + 1);
    }
    if (!is_stream_url(sample)) {
        return refused("URL template: not an absolute ws:// or wss:// URL");
    }
    return out;
}

bool UrlTemplate::uses(std::string_view name) const {
    return std::ranges::find(names_, name) != names_.end();
}

base::Result<void> UrlTemplate::check(std::span<const NameValue> assistant, FilledIn filled_in)
    const {
    std::string lacking;
    bool session_lacks = false;
    for (const std::string& name : names_) {
        if (name == placeholder::from || name == placeholder::to) {
            continue;
        }
        const bool is_session = name == placeholder::session;
        const bool known = is_session ? filled_in == FilledIn::when_answered
                                      : value_of(assistant, name).has_value();
        if (!known) {
            lacking += (lacking.empty() ? "" : ", ") + in_braces(name);
            session_lacks = session_lacks || is_session;
        }
    }
    if (lacking.empty()) {
        return {};
    }
    std::string detail = "URL template: no value for " + lacking;
    if (session_lacks) {
        detail += "; {session} is known only to CXML that is fetched when the call is answered";
    }
    return refused(std::move(detail));
}

base::Result<std::string> UrlTemplate::fill(std::span<const NameValue> values) const {
    std::string out;
    constexpr std::size_t usual_value = 24;
    out.reserve(text_.size() + usual_value * parts_.size());
    for (const Part& part : parts_) {
        out += part.literal;
        if (part.name.empty()) {
            continue;
        }
        const auto value = value_of(values, part.name);
        if (!value) {
            return refused("URL template: no value for " + in_braces(part.name));
        }
        if (find_illegal(*value)) {
            return refused("URL template: the value of " + in_braces(part.name) + " is not text");
        }
        append_encoded(out, *value);
    }
    return out;
}

}  // namespace cxdial::cxml
