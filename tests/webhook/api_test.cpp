#include "webhook/api.h"

#include "tests/webhook/api_server.h"

#include <catch2/catch.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using namespace cxdial;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using webhook::ApiAdded;
using webhook::ApiPorts;

namespace {

/// A program that keeps one campaign's numbers, each once, and remembers how it was asked.
struct Program {
    std::mutex mutex;
    std::set<base::PhoneNumber> numbers;
    std::vector<std::size_t> batches;
    std::vector<std::string> asked;
    bool is_full = false;

    ApiPorts ports() {
        ApiPorts ports;
        ports.list = [this](auto, const std::string& tenant, const webhook::ApiSlice& slice) {
            note(tenant + " " + slice.after + " " + std::to_string(slice.limit));
            return webhook::ApiPage{.items = "[1,2]", .next = "b\"/é"};
        };
        ports.show = [](auto, const webhook::ApiName& name) {
            return name.name == "list"
                       ? base::Result<std::string>(R"({"name":"list"})")
                       : base::Result<std::string>(base::Error{base::Errc::not_found, "none"});
        };
        ports.put = [](const auto& resources, const auto& done) {
            done({.outcomes = std::vector<std::string>(resources.size(), "created")});
        };
        ports.remove = [](auto, const auto&, const auto& done) {
            done(base::Error{base::Errc::conflict, "it is used"});
        };
        ports.add_destinations = [this](const auto&, const auto& rows, const auto& done) {
            done(add(rows));
        };
        ports.destination = [this](const auto&, base::PhoneNumber number) {
            note(number.reveal());
            return base::Result<std::string>("{}");
        };
        ports.suppress = [this](const auto& entries, const std::string& reason, const auto& done) {
            for (const campaign::NumberOrPrefix& entry : entries) {
                note(reason + " " + campaign::reveal(entry));
            }
            done(static_cast<std::int64_t>(entries.size()));
        };
        ports.unsuppress = [this](const campaign::NumberOrPrefix& entry, const auto& done) {
            note("off " + campaign::reveal(entry));
            done(true);
        };
        ports.suppression = [this](const campaign::NumberOrPrefix& entry) {
            note("show " + campaign::reveal(entry));
            return base::Result<std::string>("{}");
        };
        return ports;
    }

private:
    void note(std::string what) {
        const std::lock_guard lock(mutex);
        asked.push_back(std::move(what));
    }
    base::Result<ApiAdded> add(const std::vector<campaign::NewDestination>& rows) {
        const std::lock_guard lock(mutex);
        if (is_full) {
            return base::Error{base::Errc::unavailable, "the disk is full"};
        }
        batches.push_back(rows.size());
        ApiAdded added;
        for (const campaign::NewDestination& row : rows) {
            ++(numbers.insert(row.phone_number).second ? added.imported : added.duplicates);
        }
        return added;
    }
};

/// The API of such a program.
class Fixture {
public:
    explicit Fixture(const std::string& token = "") : server_(program.ports(), token) {}

    std::string ask(
        const std::string& line, const std::string& body = {}, const std::string& headers = {}
    ) {
        return server_.ask(line, body, headers);
    }

    Program program;

private:
    webhook::testing::ApiServer server_;
};

constexpr const char* csv = "Content-Type: text/csv; charset=utf-8\r\n";
constexpr const char* json = "Content-Type: application/json\r\n";

}  // namespace

TEST_CASE("api: without the right bearer nothing is told, imports included", "[webhook][api]") {
    Fixture fixture("right");
    for (const char* line : {"GET campaigns", "GET nothing", "POST suppressions"}) {
        const std::string wrong = fixture.ask(line, "", "Authorization: Bearer wrong\r\n");
        CHECK_THAT(wrong, StartsWith("HTTP/1.1 401") && Contains(R"("code":"unauthorized")"));
        CHECK_THAT(fixture.ask(line), StartsWith("HTTP/1.1 401"));
    }
    CHECK(fixture.program.asked.empty());
    const std::string right = fixture.ask("GET campaigns", "", "Authorization: Bearer right\r\n");
    CHECK_THAT(right, StartsWith("HTTP/1.1 200"));
}

TEST_CASE("api: without a token no web page of another origin is served", "[webhook][api]") {
    Fixture fixture;
    const std::string foreign = fixture.ask("GET campaigns", "", "Origin: http://evil.example\r\n");
    CHECK_THAT(foreign, StartsWith("HTTP/1.1 401"));
    CHECK_THAT(
        fixture.ask("GET campaigns", "", "Origin: http://x\r\n"), StartsWith("HTTP/1.1 200")
    );
    CHECK_THAT(fixture.ask("GET campaigns"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("api: a cursor leads to where its page ended", "[webhook][api]") {
    Fixture fixture;
    const std::string page = fixture.ask("GET assistants?limit=2&tenant=acme");
    const std::size_t at = page.find(R"("next_cursor":")");
    REQUIRE(at != std::string::npos);
    const std::size_t begin = at + 15;
    const std::string cursor = page.substr(begin, page.find('"', begin) - begin);
    CHECK_THAT(fixture.ask("GET assistants?cursor=" + cursor), StartsWith("HTTP/1.1 200"));
    CHECK(fixture.program.asked == std::vector<std::string>{"acme  2", "default b\"/é 100"});
    for (const char* query : {"limit=0", "limit=1001", "limit=x", "cursor=xyz", "colour=red"}) {
        CHECK_THAT(fixture.ask(std::string("GET assistants?") + query), StartsWith("HTTP/1.1 400"));
    }
}

TEST_CASE("api: a path is decoded, and its plus is a plus", "[webhook][api]") {
    Fixture fixture;
    CHECK_THAT(
        fixture.ask("GET campaigns/list/destinations/+12125550100"), StartsWith("HTTP/1.1 200")
    );
    CHECK_THAT(
        fixture.ask("GET campaigns/list/destinations/%2B12125550101"), StartsWith("HTTP/1.1 200")
    );
    CHECK(fixture.program.asked == std::vector<std::string>{"+12125550100", "+12125550101"});
}

TEST_CASE("api: an unknown path, method or conflict has its status", "[webhook][api]") {
    Fixture fixture;
    CHECK_THAT(fixture.ask("GET nothing"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(fixture.ask("GET campaigns/none"), StartsWith("HTTP/1.1 404"));
    const std::string method = fixture.ask("PATCH campaigns/list");
    CHECK_THAT(method, StartsWith("HTTP/1.1 405") && Contains("Allow: GET, PUT, DELETE"));
    const std::string conflict = fixture.ask("DELETE campaigns/list");
    CHECK_THAT(conflict, StartsWith("HTTP/1.1 409") && Contains("it is used"));
}

TEST_CASE("api: a group with a bad resource names its place", "[webhook][api]") {
    Fixture fixture;
    const std::string good =
        R"({"kind":"assistant","name":"a","protocol":"sip","provider":"v","phone_number":"+12025550111"})";
    CHECK_THAT(fixture.ask("POST apply", "[" + good + "]"), StartsWith("HTTP/1.1 200"));
    const std::string bad =
        fixture.ask("POST apply", "[" + good + R"(,{"kind":"assistant","name":"b","colour":1}])");
    CHECK_THAT(bad, StartsWith("HTTP/1.1 422") && Contains("[1].colour"));
    const std::string unknown = fixture.ask("POST apply", R"([{"kind":"trunk","name":"x"}])");
    CHECK_THAT(unknown, StartsWith("HTTP/1.1 422") && Contains("[0].kind"));
    const std::string deep(100'000, '[');
    CHECK_THAT(fixture.ask("POST apply", deep), StartsWith("HTTP/1.1 400"));
}

TEST_CASE("api: an import is stored in batches and reported as a whole", "[webhook][api]") {
    Fixture fixture;
    std::string rows = "phone_number\n";
    for (int i = 0; i < 2'500; ++i) {
        rows += "+1212" + std::to_string(2'000'000 + i) + "\n";
    }
    rows += "bad\n+12122000000\n";
    const std::string report = fixture.ask("POST campaigns/list/destinations", rows, csv);
    CHECK_THAT(report, StartsWith("HTTP/1.1 200") && Contains(R"("imported":2500)"));
    CHECK_THAT(report, Contains(R"("duplicates":1)") && EndsWith(R"("rejected_rows":1})"));
    CHECK(fixture.program.batches == std::vector<std::size_t>{1000, 1000, 501});
}

TEST_CASE("api: the do-not-call list takes prefixes, campaigns do not", "[webhook][api]") {
    Fixture fixture;
    const std::string rows = "phone_number,note\n+1212*,a\n+12125550100,b\n+12x*,c\n";
    const std::string report = fixture.ask("POST suppressions?reason=csv", rows, csv);
    CHECK_THAT(report, StartsWith("HTTP/1.1 200") && Contains(R"("imported":2)"));
    CHECK_THAT(report, Contains(R"("row":4,"value":"+12x*")") && Contains("is no prefix"));
    const std::string list = R"(["+44*", {"phone_number": "+49301234*"}, "*"])";
    const std::string other = fixture.ask("POST suppressions?reason=json", list, json);
    CHECK_THAT(other, Contains(R"("imported":2)") && Contains(R"("row":3,"value":"*")"));
    CHECK(
        fixture.program.asked ==
        std::vector<std::string>{"csv +1212*", "csv +12125550100", "json +44*", "json +49301234*"}
    );
    const std::string refused = fixture.ask("POST campaigns/list/destinations", list, json);
    CHECK_THAT(refused, Contains(R"("imported":0)") && Contains("is a prefix"));
    CHECK(fixture.program.numbers.empty());
}

TEST_CASE("api: an entry of the do-not-call list may be a prefix in the path", "[webhook][api]") {
    Fixture fixture;
    CHECK_THAT(fixture.ask("DELETE suppressions/%2B1212%2A"), StartsWith("HTTP/1.1 204"));
    CHECK_THAT(fixture.ask("DELETE suppressions/+44*"), StartsWith("HTTP/1.1 204"));
    CHECK_THAT(fixture.ask("GET suppressions/+1212*"), StartsWith("HTTP/1.1 200"));
    CHECK(
        fixture.program.asked == std::vector<std::string>{"off +1212*", "off +44*", "show +1212*"}
    );
    const std::string bad = fixture.ask("DELETE suppressions/+12x*");
    CHECK_THAT(bad, StartsWith("HTTP/1.1 422") && Contains("+12x*"));
    CHECK_THAT(fixture.ask("DELETE suppressions/nobody"), StartsWith("HTTP/1.1 404"));
}

TEST_CASE("api: an import that cannot go on says why and what it did", "[webhook][api]") {
    Fixture fixture;
    const std::string path = "POST campaigns/list/destinations";
    const std::string broken = fixture.ask(path, R"(["+12125550100", "+12125550101")", json);
    CHECK_THAT(broken, StartsWith("HTTP/1.1 422") && Contains("2 rows before it"));
    CHECK_THAT(fixture.ask(path, "colour\nred\n", csv), StartsWith("HTTP/1.1 422"));
    CHECK_THAT(fixture.ask(path, "x", "Content-Type: text/plain\r\n"), StartsWith("HTTP/1.1 415"));
    CHECK_THAT(
        fixture.ask("POST campaigns/none/destinations", "[]", json), StartsWith("HTTP/1.1 404")
    );
    fixture.program.is_full = true;
    const std::string full = fixture.ask(path, R"(["+12125550102"])", json);
    CHECK_THAT(full, StartsWith("HTTP/1.1 503") && Contains("the disk is full"));
}
