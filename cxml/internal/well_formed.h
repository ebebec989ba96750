#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::cxml {

struct IllFormed {
    std::size_t offset;
    std::string what;
};

/// What makes a text no well-formed XML 1.0 in UTF-8 although pugixml reads it: illegal characters,
/// references to nothing, `<` in an attribute, `]]>` in text, `--` in a comment, a late XML
/// declaration. A document type declaration is reported as well: what it defines could not be
/// judged here, and CXML has none. What pugixml finds itself is left to it.
[[nodiscard]] std::optional<IllFormed> find_ill_formed(std::string_view document);

}  // namespace cxdial::cxml
