#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::simulator {

/// An element of a CXML document.
struct CxmlElement {
    std::string name;
    std::string text;  ///< without blanks around it
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<CxmlElement> children;

    /// The attribute's value; `otherwise` when it is not there.
    [[nodiscard]] std::string attribute(std::string_view wanted, std::string otherwise = {}) const;
    /// The attribute as a whole number; `otherwise` when it is not there or is none.
    [[nodiscard]] int number(std::string_view wanted, int otherwise) const;
    [[nodiscard]] bool flag(std::string_view wanted) const;
};

/// Reads a document as strictly as the platform's documentation allows: exact case, known elements
/// in their places, required attributes and texts, enumerations. Unknown attributes are let pass.
/// Returns the verbs in order; an error says what is wrong. Source: Cloudonix CXML documentation,
/// element by element.
[[nodiscard]] base::Result<std::vector<CxmlElement>> parse_cxml(std::string_view text);

}  // namespace cxdial::simulator
