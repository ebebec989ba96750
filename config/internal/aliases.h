#pragma once

#include "config/config.h"

#include <string>
#include <string_view>
#include <vector>

namespace cxdial::config {

/// A value that a variable of OPBX's own worker gives a key.
struct Alias {
    std::string_view variable;
    std::string_view section;
    std::string_view key;
    std::string text;
};

/// The variable that says that an environment is that of OPBX's worker.
inline constexpr std::string_view worker_mark = "LARAVEL_API_URL";
/// Its port is open to others than this machine, whatever the API's token is.
inline constexpr std::string_view worker_port = "WEBHOOK_PORT";

/// What an environment made for OPBX's own worker sets here. Variables that are empty are not set.
[[nodiscard]] std::vector<Alias> worker_aliases(const Environment& value);

}  // namespace cxdial::config
