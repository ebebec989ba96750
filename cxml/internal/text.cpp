#include "cxml/internal/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace cxdial::cxml {
namespace {

constexpr std::size_t shown_bytes_max = 80;

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// How many bytes a sequence with this first byte has, the bits it gives, and the smallest code
/// point that needs so many bytes.
struct Lead {
    std::size_t length;
    std::uint32_t bits;
    std::uint32_t smallest;
};

Lead read_lead(std::uint8_t byte) {
    if (byte < 0x80) {
        return {1, byte, 0};
    }
    if ((byte & 0xE0U) == 0xC0) {
        return {2, byte & 0x1FU, 0x80};
    }
    if ((byte & 0xF0U) == 0xE0) {
        return {3, byte & 0x0FU, 0x800};
    }
    if ((byte & 0xF8U) == 0xF0) {
        return {4, byte & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

struct CodePoint {
    std::uint32_t value;
    std::size_t length;  ///< 0: no UTF-8
};

CodePoint decode(std::string_view text, std::size_t at) {
    const Lead lead = read_lead(byte_at(text, at));
    if (lead.length == 0 || text.size() - at < lead.length) {
        return {0, 0};
    }
    std::uint32_t value = lead.bits;
    for (std::size_t i = 1; i < lead.length; ++i) {
        const std::uint8_t byte = byte_at(text, at + i);
        if ((byte & 0xC0U) != 0x80) {
            return {0, 0};
        }
        value = (value << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < lead.smallest || value > 0x10FFFF || surrogate) {
        return {0, 0};
    }
    return {value, lead.length};
}

std::string name_of(std::uint32_t code_point) {
    std::array<char, 24> buffer{};
    const int length = std::snprintf(
        buffer.data(), buffer.size(), "character U+%04X", static_cast<unsigned>(code_point)
    );
    return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace

bool is_xml_character(std::uint32_t code_point) {
    if (code_point < 0x20) {
        return code_point == '\t' || code_point == '\n' || code_point == '\r';
    }
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    return code_point <= 0x10FFFF && !surrogate && code_point != 0xFFFE && code_point != 0xFFFF;
}

std::optional<IllegalText> find_illegal(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        // Nearly all text is printable ASCII.
        const std::uint8_t byte = byte_at(text, at);
        if (byte >= 0x20 && byte < 0x80) {
            ++at;
            continue;
        }
        const CodePoint point = decode(text, at);
        if (point.length == 0) {
            return IllegalText{at, "invalid UTF-8"};
        }
        if (!is_xml_character(point.value)) {
            return IllegalText{at, name_of(point.value)};
        }
        at += point.length;
    }
    return std::nullopt;
}

bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

bool is_blank(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return is_blank(c); });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool equal_without_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && starts_with_without_case(a, b);
}

bool starts_with_without_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::ranges::equal(text.substr(0, prefix.size()), prefix, [](char a, char b) {
               return lower(a) == lower(b);
           });
}

std::string quoted(std::string_view value) {
    std::string out = "\"";
    std::size_t at = 0;
    while (at < value.size()) {
        const CodePoint point = decode(value, at);
        const bool readable = point.length != 0 && point.value >= 0x20 && point.value != 0x7F;
        out += readable ? value.substr(at, point.length) : std::string_view("?");
        at += std::max<std::size_t>(point.length, 1);
        if (out.size() > shown_bytes_max && at < value.size()) {
            return out + "\"...";
        }
    }
    return out + '"';
}

bool is_url_text(std::string_view text) {
    constexpr std::string_view never = R"("<>{}\)";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        const bool control_or_blank = (c >= 0 && c <= ' ') || c == 0x7F;
        return !control_or_blank && never.find(c) == std::string_view::npos;
    });
}

bool is_stream_url(std::string_view text) {
    for (const std::string_view scheme : {"wss://", "ws://"}) {
        if (starts_with_without_case(text, scheme)) {
            const std::string_view rest = text.substr(scheme.size());
            constexpr std::string_view ends_host = "/?#:";
            return is_url_text(text) && !rest.empty() &&
                   ends_host.find(rest.front()) == std::string_view::npos;
        }
    }
    return false;
}

}  // namespace cxdial::cxml
