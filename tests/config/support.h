#pragma once

#include "config/config.h"

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace cxdial::config {

using Variables = std::map<std::string, std::string>;

inline EnvironmentNames names_of(const Variables& variables) {
    return [variables](std::string_view prefix) {
        std::vector<std::string> names;
        for (const auto& [name, value] : variables) {
            if (name.rfind(prefix, 0) == 0) {
                names.push_back(name);
            }
        }
        return names;
    };
}

inline Environment values_of(const Variables& variables) {
    return [variables](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
}

inline base::Result<Config> parse(std::string_view toml, const Variables& variables = {}) {
    return parse_config(toml, "etc/cxdial.toml", names_of(variables), values_of(variables));
}

/// The messages of a configuration that is refused.
inline std::vector<std::string> errors(std::string_view toml, const Variables& variables = {}) {
    const auto config = parse(toml, variables);
    std::vector<std::string> lines;
    if (!config) {
        std::istringstream detail{config.error().detail};
        for (std::string line; std::getline(detail, line);) {
            lines.push_back(line);
        }
    }
    return lines;
}

}  // namespace cxdial::config
