#include "campaign/destination_json.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace cxdial;
using namespace cxdial::campaign;
using Catch::Matchers::Contains;

namespace {

struct Read {
    std::vector<NewDestination> destinations;
    std::vector<RejectedRow> rejected;
    std::string error;
};

Read read(std::string_view text, std::size_t piece = std::string::npos) {
    Read out;
    JsonImport import(
        "US",
        [&](NewDestination destination) { out.destinations.push_back(std::move(destination)); },
        [&](RejectedRow row) { out.rejected.push_back(std::move(row)); }
    );
    base::Result<void> done;
    for (std::size_t at = 0; at < text.size() && done; at += std::min(piece, text.size() - at)) {
        done = import.feed(text.substr(at, piece));
    }
    if (done) {
        done = import.finish();
    }
    out.error = done ? "" : done.error().detail;
    return out;
}

}  // namespace

TEST_CASE("destination json: every field is read, however the text is cut", "[campaign][json]") {
    const std::string text = R"( [ {"phone_number": "+12125550100", "name": "A \"]\" {b\\",
        "priority": 3, "timezone": "Europe/Rome", "not_before": "2026-03-01T09:00",
        "metadata": {"list": [1, {"x": "]"}]}} ,
        "(212) 555-0101"] )";
    const std::size_t piece = GENERATE(1U, 2U, 7U, 1000U);
    const Read got = read(text, piece);
    CHECK(got.error.empty());
    CHECK(got.rejected.empty());
    REQUIRE(got.destinations.size() == 2);
    CHECK(got.destinations[0].phone_number.reveal() == "+12125550100");
    CHECK(got.destinations[0].name == R"(A "]" {b\)");
    CHECK(got.destinations[0].priority == 3);
    CHECK(got.destinations[0].timezone == "Europe/Rome");
    CHECK(got.destinations[0].not_before == base::from_millis(1'772'352'000'000));
    CHECK(got.destinations[0].metadata == R"({"list":[1,{"x":"]"}]})");
    CHECK(got.destinations[1].phone_number.reveal() == "+12125550101");
}

TEST_CASE("destination json: what is written is read back the same", "[campaign][json]") {
    const Read first = read(R"([{"phone_number": "+12125550100", "name": "Zoë", "priority": -2,
        "timezone": "UTC", "not_before": "2026-03-01T09:00:00.250Z", "metadata": {"a": "b"}}])");
    REQUIRE(first.destinations.size() == 1);
    const std::string written = to_json(first.destinations[0]);
    const Read second = read("[" + written + "]");
    REQUIRE(second.destinations.size() == 1);
    CHECK(to_json(second.destinations[0]) == written);
    CHECK(second.destinations[0].not_before == first.destinations[0].not_before);
    CHECK(
        to_json(NewDestination{first.destinations[0].phone_number}) ==
        R"({"phone_number":"+12125550100"})"
    );
}

TEST_CASE("destination json: a bad element is skipped and named", "[campaign][json]") {
    const Read got = read(R"([{"phone_number": "12"}, {"name": "x"}, 5, {"phone_number": ,},
        {"phone_number": "+12125550100", "colour": 1},
        {"phone_number": "+12125550100", "timezone": "Mars"},
        {"phone_number": "+12125550100", "not_before": "soon"}, "+12125550102", null])");
    CHECK(got.error.empty());
    REQUIRE(got.destinations.size() == 1);
    REQUIRE(got.rejected.size() == 8);
    CHECK(got.rejected[0].row == 1);
    CHECK(got.rejected[0].value == "12");
    CHECK_THAT(got.rejected[1].reason, Contains("phone_number"));
    CHECK_THAT(got.rejected[4].reason, Contains("colour"));
    CHECK_THAT(got.rejected[5].reason, Contains("timezone"));
    CHECK_THAT(got.rejected[6].reason, Contains("not_before"));
    CHECK(got.rejected[7].row == 9);
}

TEST_CASE("destination json: what is no array of elements is an error", "[campaign][json]") {
    CHECK_THAT(read("{}").error, Contains("expected a JSON array"));
    CHECK_THAT(read("").error, Contains("expected a JSON array"));
    CHECK_THAT(read(R"(["+12125550100")").error, Contains("not closed"));
    CHECK_THAT(read(R"(["+12125550100",])").error, Contains("element 2"));
    CHECK_THAT(read(R"(["+12125550100" "+1"])").error, Contains("expected , or ]"));
    CHECK_THAT(read("[] x").error, Contains("follows"));
    CHECK_THAT(read("[\"" + std::string(1 << 20U, 'x')).error, Contains("1 MiB"));
    CHECK(read("[]").error.empty());
}
