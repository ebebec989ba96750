#include "daemon/table.h"

#include <catch2/catch.hpp>

using namespace cxdial::daemon;

TEST_CASE(
    "table: columns are as wide as their widest text, letters counted not bytes", "[daemon][table]"
) {
    Table table({"name", "calls"}, {Align::left, Align::right});
    table.add({"Zürich", "7"});
    table.add({"Rome", "1,200"});
    CHECK(table.text() == "name    calls\nZürich      7\nRome    1,200\n");
}

TEST_CASE("table: without headings there is no heading line", "[daemon][table]") {
    Table table({"", ""}, {Align::left, Align::left});
    table.add({"a", "b"});
    CHECK(table.text() == "a  b\n");
}

TEST_CASE("table: counts are grouped by thousands", "[daemon][table]") {
    CHECK(count_text(0) == "0");
    CHECK(count_text(999) == "999");
    CHECK(count_text(1000) == "1,000");
    CHECK(count_text(1234567) == "1,234,567");
    CHECK(count_text(-1000) == "-1,000");
}
