#include "campaign/csv_import.h"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace cxdial::campaign;
using cxdial::base::Errc;

namespace {

struct Imported {
    std::vector<NewDestination> destinations;
    std::vector<RejectedRow> rejected;
    std::string error;
};

Imported import_in_pieces(std::string_view csv, std::size_t piece, const std::string& region = {}) {
    Imported result;
    CsvImport import{
        region,
        [&](NewDestination destination) { result.destinations.push_back(std::move(destination)); },
        [&](RejectedRow row) { result.rejected.push_back(std::move(row)); }};
    for (std::size_t at = 0; at < csv.size() && result.error.empty(); at += piece) {
        if (const auto fed = import.feed(csv.substr(at, piece)); !fed) {
            result.error = fed.error().detail;
        }
    }
    if (const auto finished = import.finish(); !finished) {
        result.error = finished.error().detail;
    }
    return result;
}

Imported import_all(std::string_view csv, const std::string& region = {}) {
    return import_in_pieces(csv, 1 << 20, region);
}

std::vector<std::string> numbers(const Imported& imported) {
    std::vector<std::string> numbers;
    for (const NewDestination& destination : imported.destinations) {
        numbers.push_back(destination.phone_number.reveal());
    }
    return numbers;
}

/// `row: value: reason` of each rejected row.
std::vector<std::string> rejections(const Imported& imported) {
    std::vector<std::string> lines;
    for (const RejectedRow& row : imported.rejected) {
        lines.push_back(std::to_string(row.row) + ": " + row.value + ": " + row.reason);
    }
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("csv: known columns are read in any order and case", "[campaign][csv]") {
    const Imported imported = import_all(
        "Priority, NAME ,not_before,Phone Number,timezone\n"
        "5,Jane Doe,2026-03-01T09:00:00Z,+12125550100,America/New_York\n"
    );
    REQUIRE(imported.error.empty());
    REQUIRE(imported.destinations.size() == 1);
    const NewDestination& jane = imported.destinations.front();
    REQUIRE(jane.phone_number.reveal() == "+12125550100");
    REQUIRE(jane.name == "Jane Doe");
    REQUIRE(jane.priority == 5);
    REQUIRE(jane.timezone == "America/New_York");
    REQUIRE(cxdial::base::to_millis(*jane.not_before) == 1772355600000);
    REQUIRE(jane.metadata.empty());
}

TEST_CASE("csv: further columns become metadata, empty ones do not", "[campaign][csv]") {
    const Imported imported = import_all(
        "phone,City,note,\n"
        "+12125550100,Zürich,\"say \"\"hi\"\"\",x\n"
        "+12125550101,,,\n"
    );
    REQUIRE(imported.destinations.size() == 2);
    REQUIRE(
        imported.destinations[0].metadata ==
        R"({"City":"Zürich","note":"say \"hi\"","column_4":"x"})"
    );
    REQUIRE(imported.destinations[1].metadata.empty());
}

TEST_CASE("csv: phone_number wins over phone over number", "[campaign][csv]") {
    const Imported imported = import_all("number,phone\n12,+12125550100\n");
    REQUIRE(numbers(imported) == Lines{"+12125550100"});
    REQUIRE(imported.destinations[0].metadata == R"({"number":"12"})");
    REQUIRE(numbers(import_all("number\n+12125550100\n")) == Lines{"+12125550100"});
}

TEST_CASE("csv: byte order mark, quotes and line ends of any kind", "[campaign][csv]") {
    const Lines both{"+12125550100", "+12125550101"};
    const auto* const csv = GENERATE(
        "phone_number\n+12125550100\n+12125550101\n",
        "phone_number\r\n+12125550100\r\n+12125550101\r\n",
        "phone_number\r+12125550100\r+12125550101",
        "\xEF\xBB\xBFphone_number\n+12125550100\n+12125550101",
        "\xEF\xBB\xBF\"phone_number\"\n\"+12125550100\"\n\"+12125550101\"\n"
    );
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{999}}) {
        CAPTURE(csv, piece);
        const Imported imported = import_in_pieces(csv, piece);
        REQUIRE(imported.error.empty());
        REQUIRE(numbers(imported) == both);
        REQUIRE(imported.rejected.empty());
    }
}

TEST_CASE("csv: a quoted field may hold commas and line ends", "[campaign][csv]") {
    const Imported imported =
        import_all("phone_number,name\n+12125550100,\"Doe, Jane\r\nJr.\"\nbad,x\n");
    REQUIRE(imported.destinations.at(0).name == "Doe, Jane\r\nJr.");
    // A row is a row, however many lines it takes.
    REQUIRE(rejections(imported) == Lines{"3: bad: phone_number is not a phone number"});
}

TEST_CASE("csv: empty lines are skipped but counted", "[campaign][csv]") {
    const auto* const line_end = GENERATE("\n", "\r\n", "\r");
    std::string csv;
    for (const auto* const line :
         {"phone_number,name", "", "+12125550100,a", "", "  ", "bad,b", ",", "worse,c"}) {
        csv.append(line).append(line_end);
    }
    const auto piece = static_cast<std::size_t>(GENERATE(1, 3, 1000));
    const Imported imported = import_in_pieces(csv, piece);
    REQUIRE(numbers(imported) == Lines{"+12125550100"});
    REQUIRE(
        rejections(imported) ==
        Lines{
            "6: bad: phone_number is not a phone number",
            "8: worse: phone_number is not a phone number"}
    );
}

TEST_CASE("csv: each bad row is reported with its value and reason", "[campaign][csv]") {
    const Imported imported = import_all(
        "phone_number,name,priority,timezone,not_before\n"
        ",no number,,,\n"
        "+1212555,short,,,\n"
        "+12125550100,a,high,,\n"
        "+12125550100,a,1.5,,\n"
        "+12125550100,a,99999999999,,\n"
        "+12125550100,a,1,Mars/Olympus,\n"
        "+12125550100,a,1,,tomorrow\n"
        "+12125550100,a,1,,2026-03-01T09:00\n"
        "+12125550100,a\n"
        "+12125550100,a,1,,,extra\n"
        "+12125550100,J\xfcrgen,1,,\n"
        "+12125550199,good,-3,Europe/Rome,2026-03-01\n"
    );
    REQUIRE(imported.error.empty());
    REQUIRE(numbers(imported) == Lines{"+1212555", "+12125550199"});
    REQUIRE(imported.destinations[1].priority == -3);
    const Lines expected{
        "2: : phone_number is empty",
        "4: high: priority is not a whole number",
        "5: 1.5: priority is not a whole number",
        "6: 99999999999: priority is not a whole number",
        "7: Mars/Olympus: timezone is not a zone of the IANA database such as Europe/Rome",
        "8: tomorrow: not_before is not an ISO 8601 time such as 2026-03-01T09:00:00Z",
        "9: 2026-03-01T09:00: not_before has neither an offset such as Z or +02:00, nor a timezone "
        "in its row",
        "10: +12125550100: the row has 2 fields, the header 5",
        "11: +12125550100: the row has 6 fields, the header 5",
        "12: J\xfcrgen: is not UTF-8: save the file in that encoding",
    };
    REQUIRE(rejections(imported) == expected);
}

TEST_CASE("csv: numbers are read in the region given", "[campaign][csv]") {
    const Imported imported = import_all("phone\n(212) 555-0100\n", "US");
    REQUIRE(numbers(imported) == Lines{"+12125550100"});
}

TEST_CASE("csv: a header that will not do ends the import", "[campaign][csv]") {
    REQUIRE(
        import_all("name,mobile\nx,+12125550100\n").error ==
        "the header row has no column phone_number, phone or number; its columns are: name, mobile"
    );
    REQUIRE(import_all("phone,Name,name\n").error == "the header row has two columns \"name\"");
    REQUIRE(
        import_all("").error ==
        "the file is empty: a header row with a column phone_number is needed"
    );
    REQUIRE(import_all("\n\n\r\n").error == import_all("").error);
    REQUIRE(
        import_all("\xff\xfep\0h\0o\0n\0e\0").error ==
        "the header row is not UTF-8: save the file in that encoding"
    );
    REQUIRE(
        import_all("phone" + std::string(1'000, ',') + "\n").error ==
        "the header row has more than 1000 columns"
    );
}

TEST_CASE("csv: rows before an endless field were delivered", "[campaign][csv]") {
    const std::string csv =
        "phone,name\n+12125550100,a\n+12125550101,\"" + std::string(70'000, 'x');
    const auto piece = static_cast<std::size_t>(GENERATE(100, 4096, 1 << 20));
    const Imported imported = import_in_pieces(csv, piece);
    REQUIRE(numbers(imported) == Lines{"+12125550100"});
    REQUIRE(
        imported.error ==
        "row 3: a field is longer than 64 KiB; is a quote opened and never closed?"
    );
}

TEST_CASE("csv: a quote that is never closed is a bad row", "[campaign][csv]") {
    const Imported imported = import_all("phone,name\n+12125550100,\"a\n+12125550101,b\n");
    REQUIRE(imported.error.empty());
    REQUIRE(
        rejections(imported) ==
        Lines{"2: +12125550100: a quote is opened in this row and never closed"}
    );
}

TEST_CASE("csv: a long bad value is shown in part", "[campaign][csv]") {
    const Imported imported = import_all("phone\n" + std::string(5'000, 'x') + "\n");
    REQUIRE(imported.rejected.at(0).value == std::string(100, 'x') + "…");
}

TEST_CASE("csv: an exception of the receiver reaches the caller", "[campaign][csv]") {
    CsvImport import{
        "",
        [](const NewDestination&) { throw std::runtime_error("disk full"); },
        [](const RejectedRow&) {}};
    REQUIRE_THROWS_WITH(
        import.feed("phone\n+12125550100\n+12125550101\n").has_value(), "disk full"
    );
    REQUIRE(import.feed("+12125550102\n").error().detail == "the import was broken off");
    REQUIRE_FALSE(import.finish());
}

TEST_CASE("csv: nothing can be fed after the end", "[campaign][csv]") {
    CsvImport import{"", [](const NewDestination&) {}, [](const RejectedRow&) {}};
    REQUIRE(import.feed("phone\n"));
    REQUIRE(import.finish());
    REQUIRE(import.feed("+12125550100\n").error().code == Errc::conflict);
}

TEST_CASE("csv: the report has the fields of the interface", "[campaign][csv]") {
    const ImportReport report{
        .imported = 3,
        .duplicates = 2,
        .suppressed = 1,
        .invalid = 1,
        .rejected = {{.row = 4, .value = "\"x\" \xff", .reason = "is not a phone number"}}};
    REQUIRE(
        to_json(report) == R"({"imported":3,"duplicates":2,"invalid":1,"suppressed":1,"rejected":)"
                           R"([{"row":4,"value":"\"x\" )"
                           "\xEF\xBF\xBD"
                           R"(","reason":"is not a phone number"}]})"
    );
}
