#pragma once

#include <optional>
#include <string_view>

namespace cxdial::campaign {

/// The value of `all` whose `to_string` is `name`.
template <class Values>
[[nodiscard]] auto find_by_name(const Values& all, std::string_view name)
    -> std::optional<typename Values::value_type> {
    for (const auto value : all) {
        if (to_string(value) == name) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace cxdial::campaign
