#include "daemon/table.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cxdial::daemon {
namespace {

constexpr std::size_t group = 3;

/// Characters as a terminal shows them, near enough: continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80;
    }));
}

}  // namespace

Table::Table(std::vector<std::string> headings, std::vector<Align> alignment)
    : alignment_(std::move(alignment)) {
    rows_.push_back(std::move(headings));
}

void Table::add(std::vector<std::string> row) {
    row.resize(alignment_.size());
    rows_.push_back(std::move(row));
}

std::string Table::text() const {
    std::vector<std::size_t> widths(alignment_.size(), 0);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    const auto& headings = rows_.front();
    const bool headed = std::any_of(headings.begin(), headings.end(), [](const auto& heading) {
        return !heading.empty();
    });
    std::string out;
    for (std::size_t r = headed ? 0 : 1; r < rows_.size(); ++r) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::string padding(widths[i] - width(rows_[r][i]), ' ');
            line += i == 0 ? "" : "  ";
            line += alignment_[i] == Align::left ? rows_[r][i] + padding : padding + rows_[r][i];
        }
        out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

std::string count_text(std::int64_t count) {
    std::string digits = std::to_string(count);
    const std::size_t start = count < 0 ? 1 : 0;
    for (std::size_t i = digits.size(); i > start + group; i -= group) {
        digits.insert(i - group, 1, ',');
    }
    return digits;
}

std::string number_text(double value, int decimals) {
    return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace cxdial::daemon
