#include "simulator/internal/iso_time.h"
#include "tests/simulator/bench.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

using namespace cxdial::simulator::test;
using nlohmann::json;

namespace {

std::vector<std::string> statuses(const std::vector<json>& notices) {
    std::vector<std::string> all;
    for (const auto& notice : notices) {
        all.push_back(notice.at("status").get<std::string>());
    }
    std::sort(all.begin(), all.end());
    return all;
}

/// A deadline that a placement on a slow machine still meets, and a set-up of an hour does not.
std::string seconds_after(const json& iso) {
    const auto time = cxdial::simulator::parse_iso(iso.get<std::string>());
    REQUIRE(time.has_value());
    return cxdial::simulator::to_iso(*time + std::chrono::seconds{3});
}

}  // namespace

TEST_CASE(
    "simulator: every outcome leads to its status, disposition and CDR", "[simulator][life]"
) {
    const auto [outcome, status, disposition] =
        GENERATE(table<std::string, std::string, std::string>({
            {"answered", "connected", "ANSWER"},
            {"busy", "busy", "BUSY"},
            {"noanswer", "noanswer", "NOANSWER"},
            {"cancel", "cancel", "CANCEL"},
            {"congestion", "congestion", "CONGESTION"},
            {"failed", "failed", "FAILED"},
            {"nocredit", "nocredit", "NOCREDIT"},
        }));
    CAPTURE(outcome);
    Bench bench({{"outcomes", outcome}});
    const auto token = bench.placed();
    const auto cdr = bench.cdr_of(token);
    CHECK(cdr.at("disposition") == disposition);
    CHECK(cdr.at("session").at("status") == status);
    CHECK(cdr.at("session").at("callEndTime").is_number());
    CHECK(cdr.at("session").at("callAnswerTime").is_null() == (outcome != "answered"));
    CHECK(cdr.at("session").at("profile").at("cxdial-attempt") == "17");
    CHECK(cdr.at("from") == "12125550100");
    CHECK(cdr.at("to") == "12127773456");
    CHECK(cdr.at("billsec") == 0);
    CHECK(cdr.at("owner").at("domain").at("name") == "acme.cloudonix.net");
    const auto start = cdr.at("session").at("callStartTime").get<std::int64_t>();
    CHECK(cdr.at("timestamp") == start / 1000);
    CHECK(bench.session(token).at("status") == status);
    CHECK(bench.truth().at("outcomes") == json{{disposition, 1}});
    CHECK(bench.truth().at("live") == json{{"now", 0}, {"max", 1}});
}

TEST_CASE("simulator: updates tell the way to the answer and the end", "[simulator][life]") {
    Bench bench;
    const auto token = bench.placed({{"callback", bench.url("/callback")}});
    bench.cdr_of(token);
    CHECK(bench.until([&] {
        return bench.heard["/updates"].size() == 5 && bench.heard["/callback"].size() == 4;
    }));
    CHECK(
        statuses(bench.heard["/updates"]) ==
        std::vector<std::string>{"connected", "connected", "new", "processing", "ringing"}
    );
    CHECK(
        statuses(bench.heard["/callback"]) ==
        std::vector<std::string>{"connected", "new", "processing", "ringing"}
    );
    const auto& update = bench.heard["/updates"].front();
    for (const auto* const key :
         {"eventId", "action", "reason", "lastError", "token", "modifiedAt"}) {
        CHECK(update.contains(key));
    }
    CHECK(update.at("domain") == "acme.cloudonix.net");
}

TEST_CASE("simulator: a failure is told to the callback", "[simulator][life]") {
    Bench bench({{"outcomes", "busy"}});
    bench.placed({{"callback", bench.url("/callback")}});
    CHECK(bench.until([&] { return bench.heard["/callback"].size() == 3; }));
    CHECK(
        statuses(bench.heard["/callback"]) == std::vector<std::string>{"busy", "new", "processing"}
    );
}

TEST_CASE("simulator: callbacks can be switched off", "[simulator][life]") {
    Bench bench({{"callbacks", "false"}});
    bench.cdr_of(bench.placed({{"callback", bench.url("/callback")}}));
    CHECK(bench.heard["/callback"].empty());
}

TEST_CASE("simulator: ringing ends with the call's timeout", "[simulator][life]") {
    Bench bench({{"noanswer-after", "0"}, {"ring", "1m"}});
    bench.set("outcomes", GENERATE("noanswer", "answered"));
    const auto cdr = bench.cdr_of(bench.placed({{"timeout", 1}}));
    CHECK(cdr.at("disposition") == "NOANSWER");
    CHECK(cdr.at("duration") >= 1);
    CHECK(cdr.at("duration") < 30);
}

TEST_CASE(
    "simulator: destinations can be given their outcomes by beginning or end", "[simulator][life]"
) {
    Bench bench({{"outcome-for", "+1999*=busy,*07=noanswer,1212777*=cancel"}});
    const auto disposition = [&](const char* number) {
        return bench.cdr_of(bench.placed({{"destination", number}})).at("disposition");
    };
    CHECK(disposition("19995550107") == "BUSY");
    CHECK(disposition("+12125550107") == "NOANSWER");
    CHECK(disposition("+12127770008") == "CANCEL");
    CHECK(disposition("+12125550108") == "ANSWER");
}

TEST_CASE("simulator: one destination can be given its outcome", "[simulator][life]") {
    Bench bench({{"outcome-for", "12127770001=busy,12127770002=nocredit"}});
    const auto busy = bench.placed({{"destination", "12127770001"}});
    const auto broke = bench.placed({{"destination", "12127770002"}});
    const auto other = bench.placed({{"destination", "12127770003"}});
    CHECK(bench.cdr_of(busy).at("disposition") == "BUSY");
    CHECK(bench.cdr_of(broke).at("disposition") == "NOCREDIT");
    CHECK(bench.cdr_of(other).at("disposition") == "ANSWER");
}

TEST_CASE("simulator: a call that could not start by its deadline fails", "[simulator][life]") {
    Bench bench;
    const auto token =
        bench.placed({{"deadline", "2098-01-01T00:00:00Z"}, {"schedule", "2020-01-01T00:00:00Z"}});
    CHECK(bench.cdr_of(token).at("disposition") == "ANSWER");

    bench.set("setup", "60m");
    // The deadline lies within the time that the call needs to be set up.
    const auto deadline = seconds_after(bench.session(bench.placed()).at("createdAt"));
    const auto late = bench.placed({{"deadline", deadline}});
    const auto cdr = bench.cdr_of(late);
    CHECK(cdr.at("disposition") == "FAILED");
    CHECK(cdr.at("session").at("error").is_string());
    CHECK(cdr.at("session").at("callStartTime").is_null());
}

TEST_CASE("simulator: a call whose deadline passes on its way never rings", "[simulator][life]") {
    Bench bench({{"setup", "2s"}});
    const auto deadline = seconds_after(bench.session(bench.placed()).at("createdAt"));
    const auto cdr = bench.cdr_of(bench.placed({{"deadline", deadline}}));
    CHECK(cdr.at("disposition") == "FAILED");
    CHECK(cdr.at("session").at("callStartTime").is_null());
    CHECK(cdr.at("session").at("endTime") > deadline);
    CHECK(bench.truth().at("late_starts") == 0);
}

TEST_CASE("simulator: a start after the deadline is counted", "[simulator][life]") {
    Bench bench({{"setup", "2s"}, {"deadline-ignored", "1"}});
    const auto deadline = seconds_after(bench.session(bench.placed()).at("createdAt"));
    CHECK(bench.cdr_of(bench.placed({{"deadline", deadline}})).at("disposition") == "ANSWER");
    CHECK(bench.truth().at("late_starts") == 1);
}

TEST_CASE("simulator: the time limit ends an answered call", "[simulator][life]") {
    Bench bench;
    const auto token = bench.placed({{"timeLimit", 1}, {"cxml", cxml("<Pause length=\"60\"/>")}});
    const auto cdr = bench.cdr_of(token);
    CHECK(cdr.at("disposition") == "ANSWER");
    CHECK(cdr.at("billsec") >= 1);
    CHECK(cdr.at("billsec") < 30);
}

TEST_CASE(
    "simulator: notices carry the customer's bearer and the platform's headers", "[simulator][life]"
) {
    Bench bench({{"webhook-key", "hush"}});
    const auto token = bench.placed();
    bench.cdr_of(token);
    const auto& headers = bench.requests["/cdr"].at(0).headers;
    CHECK(headers.find("Authorization") == "Bearer hush");
    CHECK(headers.find("Content-Type") == "application/json");
    CHECK(headers.find("X-Cx-Session") == token);
    CHECK(headers.find("X-Cx-Domain") == "acme.cloudonix.net");
    CHECK(headers.find("User-Agent")->substr(0, 10) == "Cloudonix ");
}

TEST_CASE("simulator: a notice that gets no 2xx is sent again", "[simulator][life]") {
    Bench bench({{"session-update-endpoint", ""}});
    bench.notice_statuses = {503, 500};
    bench.cdr_of(bench.placed());
    CHECK(bench.until([&] { return bench.truth().at("webhooks").at("cdr").at("acked") == 1; }));
    CHECK(bench.truth().at("webhooks").at("cdr").at("sent") == 3);

    bench.set("webhook-tries", 2);
    bench.notice_statuses = {503, 503};
    bench.placed();
    CHECK(bench.until([&] { return bench.truth().at("webhooks").at("cdr").at("given_up") == 1; }));
    CHECK(bench.truth().at("webhooks").at("cdr").at("sent") == 5);
}

TEST_CASE("simulator: the same seed gives the same calls", "[simulator][life]") {
    const auto run = [](const std::string& seed) {
        Bench bench({{"outcomes", "answered=1,busy=1,failed=1,cancel=1"}, {"seed", seed}});
        std::string story;
        for (auto i = 0; i < 8; ++i) {
            story += bench.cdr_of(bench.placed()).at("disposition").get<std::string>() + " ";
        }
        return story;
    };
    const auto first = run("1");
    CHECK(run("1") == first);
    CHECK(run("2") != first);
}
