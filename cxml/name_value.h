#pragma once

#include <string>
#include <string_view>

namespace cxdial::cxml {

/// A named value: a SIP header, a parameter of a stream, what a placeholder stands for.
struct NameValue {
    std::string_view name;
    std::string_view value;
};

/// A named value that keeps its text.
struct NamedText {
    std::string name;
    std::string value;

    friend bool operator==(const NamedText&, const NamedText&) = default;
};

}  // namespace cxdial::cxml
