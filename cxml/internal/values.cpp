#include "cxml/internal/values.h"

#include "cxml/internal/text.h"
#include "cxml/providers.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace cxdial::cxml {
namespace {

using Outcome = std::optional<ValueFault>;

std::string shown(const ValueRule& rule, std::string_view value) {
    return rule.confidential ? std::string("the value") : quoted(value);
}

Outcome fault(Fault how_bad, const ValueRule& rule, std::string_view value, std::string_view what) {
    return ValueFault{how_bad, shown(rule, value) + " " + std::string(what)};
}

bool has(std::span<const std::string_view> list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

std::string joined(std::span<const std::string_view> list) {
    std::string out;
    for (const std::string_view word : list) {
        if (!out.empty()) {
            out += ", ";
        }
        out += word;
    }
    return out;
}

bool only_of(std::string_view value, std::string_view allowed) {
    return value.find_first_not_of(allowed) == std::string_view::npos;
}

Outcome check_integer(const ValueRule& rule, std::string_view value) {
    if (has(rule.choices, value)) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = end == value.data() + value.size() && !value.empty();
    if (!is_number || error == std::errc::invalid_argument) {
        return fault(Fault::error, rule, value, "is not a whole number");
    }
    if (error != std::errc{} || number < rule.min || number > rule.max) {
        return fault(
            Fault::error,
            rule,
            value,
            "is not from " + std::to_string(rule.min) + " to " + std::to_string(rule.max)
        );
    }
    return std::nullopt;
}

Outcome check_decimal(const ValueRule& rule, std::string_view value) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = error == std::errc{} && end == value.data() + value.size();
    // Written so that a NaN, which from_chars reads, is out of range too.
    if (!is_number ||
        !(number >= static_cast<double>(rule.min) && number <= static_cast<double>(rule.max))) {
        return fault(
            Fault::error,
            rule,
            value,
            "is not a number from " + std::to_string(rule.min) + " to " + std::to_string(rule.max)
        );
    }
    return std::nullopt;
}

Outcome check_choice(const ValueRule& rule, std::string_view value) {
    if (has(rule.choices, value)) {
        return std::nullopt;
    }
    if (has(rule.reported_choices, value)) {
        return fault(Fault::warning, rule, value, "is not in the documentation");
    }
    return fault(Fault::error, rule, value, "is none of " + joined(rule.choices));
}

Outcome check_choice_list(const ValueRule& rule, std::string_view value) {
    constexpr std::string_view separators = " \t\r\n,";
    std::size_t at = value.find_first_not_of(separators);
    if (at == std::string_view::npos) {
        return fault(Fault::refused, rule, value, "names none of " + joined(rule.choices));
    }
    while (at != std::string_view::npos) {
        const std::size_t end = std::min(value.find_first_of(separators, at), value.size());
        const std::string_view word = value.substr(at, end - at);
        if (!has(rule.choices, word)) {
            return fault(Fault::error, rule, word, "is none of " + joined(rule.choices));
        }
        at = value.find_first_not_of(separators, end);
    }
    return std::nullopt;
}

Outcome check_url(const ValueRule& rule, std::string_view value) {
    if (!is_url_text(value)) {
        return fault(Fault::refused, rule, value, "is not a URL");
    }
    if (rule.kind == ValueKind::url) {
        return std::nullopt;
    }
    if (starts_with_without_case(value, "http://")) {
        return fault(Fault::warning, rule, value, "is called without encryption, use https");
    }
    const auto begins = [&](std::string_view scheme) {
        return starts_with_without_case(value, scheme);
    };
    if (rule.kind == ValueKind::redirect_url && !begins("https://") && !begins("cx://") &&
        !begins("service://")) {
        return fault(Fault::warning, rule, value, "is not an https://, cx:// or service:// URL");
    }
    return std::nullopt;
}

Outcome check_sip_address(const ValueRule& rule, std::string_view value) {
    const std::size_t at = value.find('@');
    const bool whole = at != std::string_view::npos && at != 0 && at + 1 < value.size();
    if (!whole || !is_url_text(value)) {
        return fault(Fault::refused, rule, value, "is not a SIP address, [sip:]user@host");
    }
    return std::nullopt;
}

/// RFC 3261 `token`, which is what a header's name is made of.
Outcome check_header_name(const ValueRule& rule, std::string_view value) {
    constexpr std::string_view token =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~";
    if (!value.starts_with("X-")) {
        return fault(Fault::error, rule, value, "does not begin with X-");
    }
    if (value.size() == 2 || !only_of(value, token)) {
        return fault(Fault::refused, rule, value, "is not the name of a SIP header");
    }
    return std::nullopt;
}

Outcome check_provider(const ValueRule& rule, std::string_view value) {
    if (find_provider(value) == nullptr) {
        return fault(Fault::warning, rule, value, "is not a provider known at Cloudonix");
    }
    return std::nullopt;
}

Outcome refuse_unless(bool holds, const ValueRule& rule, std::string_view value, const char* what) {
    return holds ? std::nullopt : fault(Fault::refused, rule, value, what);
}

}  // namespace

std::optional<ValueFault> check_value(const ValueRule& rule, std::string_view value) {
    switch (rule.kind) {
        case ValueKind::text:
            return std::nullopt;
        case ValueKind::boolean:
            return value == "true" || value == "false"
                       ? std::nullopt
                       : fault(Fault::error, rule, value, "is neither true nor false");
        case ValueKind::integer:
            return check_integer(rule, value);
        case ValueKind::decimal:
            return check_decimal(rule, value);
        case ValueKind::choice:
            return check_choice(rule, value);
        case ValueKind::choice_list:
            return check_choice_list(rule, value);
        case ValueKind::keys:
            return refuse_unless(
                only_of(value, "0123456789*#ABCD"), rule, value, "is not made of telephone keys"
            );
        case ValueKind::dial_string:
            return refuse_unless(
                only_of(value, "0123456789*#ABCDwW,"), rule, value, "is not made of telephone keys"
            );
        case ValueKind::url:
        case ValueKind::callback_url:
        case ValueKind::redirect_url:
            return check_url(rule, value);
        case ValueKind::stream_url:
            return is_stream_url(value)
                       ? std::nullopt
                       : fault(Fault::error, rule, value, "is not an absolute ws:// or wss:// URL");
        case ValueKind::sip_address:
            return check_sip_address(rule, value);
        case ValueKind::header_name:
            return check_header_name(rule, value);
        case ValueKind::header_value:
            return refuse_unless(
                value.find_first_of("\r\n") == std::string_view::npos,
                rule,
                value,
                "is not one line"
            );
        case ValueKind::provider:
            return check_provider(rule, value);
        case ValueKind::trunks:
            if (trimmed(value).starts_with('[')) {
                return fault(Fault::warning, rule, value, "is a JSON array, use a comma list");
            }
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace cxdial::cxml
