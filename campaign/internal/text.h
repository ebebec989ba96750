#pragma once

#include <string>
#include <string_view>

namespace cxdial::campaign {

/// Without blanks, tabs and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// At most `bytes_max` bytes of the text, cut between characters; what was cut shows as `…`.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t bytes_max);

/// The text as a JSON string with its quotes; what is not UTF-8 is replaced.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace cxdial::campaign
