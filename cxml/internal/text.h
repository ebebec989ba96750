#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::cxml {

/// A character that cannot be in an XML 1.0 document, not even escaped, or bytes that are no UTF-8.
struct IllegalText {
    std::size_t offset;
    std::string what;  ///< `character U+0000`, `invalid UTF-8`
};

/// The first illegal place of a text; nothing when XML 1.0 can hold all of it. Overlong forms,
/// surrogates and code points above U+10FFFF are invalid UTF-8 (RFC 3629).
[[nodiscard]] std::optional<IllegalText> find_illegal(std::string_view text);

/// Whether XML 1.0 has this character (production `Char`).
[[nodiscard]] bool is_xml_character(std::uint32_t code_point);

/// Blank as XML means it: space, tab, line ends.
[[nodiscard]] bool is_blank(char byte);
[[nodiscard]] bool is_blank(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Whether two names differ in the case of ASCII letters only, or not at all.
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_with_without_case(std::string_view text, std::string_view prefix);

/// A value for a message: in quotes, long ones cut, unreadable bytes replaced.
[[nodiscard]] std::string quoted(std::string_view value);

/// Whether every byte may stand in a URL as Cloudonix could follow it: no blanks, controls, quotes,
/// angle brackets or braces. Not empty.
[[nodiscard]] bool is_url_text(std::string_view text);

/// Whether the text is an absolute `ws://` or `wss://` URL with a host.
[[nodiscard]] bool is_stream_url(std::string_view text);

}  // namespace cxdial::cxml
