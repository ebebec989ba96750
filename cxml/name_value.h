#pragma once

#include <string_view>

namespace cxdial::cxml {

/// A named value: a SIP header, a parameter of a stream, what a placeholder stands for.
struct NameValue {
    std::string_view name;
    std::string_view value;
};

}  // namespace cxdial::cxml
