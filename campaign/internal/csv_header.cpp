#include "campaign/internal/csv_header.h"

#include "campaign/internal/text.h"

#include <algorithm>
#include <array>
#include <set>

namespace cxdial::campaign {
namespace {

using base::Errc;
using base::Error;

constexpr std::array<std::string_view, 3> number_names{"phone_number", "phone", "number"};
constexpr std::size_t shown_bytes_max = 200;

/// `Phone Number` as `phone_number`.
std::string canonical(std::string_view name) {
    std::string text{trimmed(name)};
    std::transform(text.begin(), text.end(), text.begin(), [](char byte) {
        if (byte >= 'A' && byte <= 'Z') {
            return static_cast<char>(byte - 'A' + 'a');
        }
        return byte == ' ' || byte == '-' ? '_' : byte;
    });
    return text;
}

std::optional<std::size_t> number_column(const std::vector<std::string>& columns) {
    for (const std::string_view name : number_names) {
        const auto found = std::find(columns.begin(), columns.end(), name);
        if (found != columns.end()) {
            return static_cast<std::size_t>(found - columns.begin());
        }
    }
    return std::nullopt;
}

Error no_number_column(const std::vector<std::string_view>& names) {
    std::string listed;
    for (const std::string_view name : names) {
        listed.append(listed.empty() ? "" : ", ").append(name);
    }
    if (!is_utf8(listed)) {
        return {
            Errc::invalid_argument, "the header row is not UTF-8: save the file in that encoding"};
    }
    return {
        Errc::invalid_argument,
        "the header row has no column phone_number, phone or number; its columns are: " +
            shortened(listed, shown_bytes_max)};
}

}  // namespace

base::Result<CsvHeader> read_csv_header(const std::vector<std::string_view>& names) {
    std::vector<std::string> columns;
    std::set<std::string> seen;
    for (const std::string_view name : names) {
        columns.push_back(canonical(name));
        if (!columns.back().empty() && !seen.insert(columns.back()).second) {
            return Error{
                Errc::invalid_argument, "the header row has two columns " + json_quoted(name)};
        }
    }
    const auto number = number_column(columns);
    if (!number) {
        return no_number_column(names);
    }
    CsvHeader header;
    header.columns = names.size();
    header.phone_number = *number;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i] == "name") {
            header.name = i;
        } else if (columns[i] == "priority") {
            header.priority = i;
        } else if (columns[i] == "timezone") {
            header.timezone = i;
        } else if (columns[i] == "not_before") {
            header.not_before = i;
        } else if (i != *number) {
            const std::string key = columns[i].empty() ? "column_" + std::to_string(i + 1)
                                                       : std::string(trimmed(names[i]));
            header.further.push_back({i, json_quoted(key) + ":"});
        }
    }
    return header;
}

}  // namespace cxdial::campaign
