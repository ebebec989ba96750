#pragma once

#include "cxml/name_value.h"
#include "routing/contact.h"
#include "routing/tenant.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::routing {

/// Bounds of what an assistant is told: a document is answered with it.
inline constexpr std::size_t memory_parameters_max = 64;
inline constexpr std::size_t memory_value_bytes_max = 1000;
inline constexpr std::size_t memory_summary_bytes_max = 4000;
inline constexpr std::size_t memory_bytes_max = 16'000;  ///< of all names and values

/// A fact's key, which becomes part of a parameter's name: 1 to 64 letters, digits, `_`, `-` and
/// `.`.
[[nodiscard]] bool is_fact_key(std::string_view key);

/// What an agent is told of the contact, as parameters of its stream:
///
/// - `memory_url`, with the scope on_demand: where the assistant may ask for what others know.
/// - `memory_summary`: its own; with the scope shared, one line for each agent, `anna: likes tea`.
/// - `memory.KEY`: each fact of its own, in every scope.
/// - `memory.KEY@AGENT`, with the scope shared: each fact of each agent, its own as well.
///
/// Every value can stand in a document: what XML cannot hold and what goes beyond its bound is cut.
/// Facts whose key is none, and those beyond the bound of the whole, are left out.
[[nodiscard]] std::vector<cxml::NamedText> memory_parameters(
    MemoryScope scope,
    const std::string& agent,
    const ContactMemory& memory,
    const std::string& memory_url
);

}  // namespace cxdial::routing
