#pragma once

#include "cxml/grammar.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::cxml {

/// How bad something is.
enum class Fault : std::uint8_t {
    error,    ///< Cloudonix refuses it or does not do what was meant
    refused,  ///< not known to be wrong, so a warning in a document that others wrote; not built
    warning,  ///< legal and doubtful
};

struct ValueFault {
    Fault fault;
    std::string message;  ///< says what the value is and what it should be
};

/// What is wrong with a value; nothing when it keeps the rule. `value` is legal XML text.
[[nodiscard]] std::optional<ValueFault> check_value(const ValueRule& rule, std::string_view value);

}  // namespace cxdial::cxml
