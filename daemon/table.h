#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cxdial::daemon {

enum class Align { left, right };

/// A table in plain text for people: columns as wide as they need to be.
class Table {
public:
    /// One heading and alignment a column; a table whose headings are all empty shows none.
    Table(std::vector<std::string> headings, std::vector<Align> alignment);
    void add(std::vector<std::string> row);
    [[nodiscard]] std::string text() const;

private:
    std::vector<Align> alignment_;
    std::vector<std::vector<std::string>> rows_;  ///< the first is the headings
};

/// `1,234,567`
[[nodiscard]] std::string count_text(std::int64_t count);
/// With so many digits after the point.
[[nodiscard]] std::string number_text(double value, int decimals);

}  // namespace cxdial::daemon
