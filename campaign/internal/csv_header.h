#pragma once

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::campaign {

inline constexpr std::size_t csv_columns_max = 1000;

/// Which column of the file is what.
struct CsvHeader {
    struct Further {
        std::size_t index = 0;
        std::string json_key;  ///< `"city":`, ready to be written before a value
    };
    std::size_t columns = 0;
    std::size_t phone_number = 0;
    std::optional<std::size_t> name;
    std::optional<std::size_t> priority;
    std::optional<std::size_t> timezone;
    std::optional<std::size_t> not_before;
    std::vector<Further> further;
};

/// Reads the names of the header row. Case, and whether words are joined by `_`, `-` or a space, do
/// not matter for the known ones. Of several columns that may hold the number, `phone_number` wins
/// over `phone` over `number`, and the others are further ones. A column without a name is called
/// by its position, `column_3`. Two columns of one name are an error.
[[nodiscard]] base::Result<CsvHeader> read_csv_header(const std::vector<std::string_view>& names);

}  // namespace cxdial::campaign
