#include "daemon/run_report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace cxdial;
using namespace std::chrono_literals;
using campaign::AttemptStatus;
using daemon::RunReport;

namespace {

constexpr base::MonoTime start{1h};

base::Now at(std::chrono::nanoseconds later) {
    return {start + later, base::WallTime{}};
}

campaign::StoredCampaign watched(int cac) {
    campaign::StoredCampaign stored;
    stored.id = campaign::CampaignId(1);
    stored.status = campaign::CampaignStatus::active;
    stored.campaign.concurrent_active_calls = cac;
    return stored;
}

dialer::Output attempts(int first, int count, std::optional<AttemptStatus> from, AttemptStatus to) {
    dialer::Output output;
    for (int i = first; i < first + count; ++i) {
        output.notes.emplace_back(dialer::AttemptMoved{
            campaign::AttemptId(i),
            campaign::CampaignId(1),
            campaign::DestinationId(i),
            *base::PhoneNumber::from_digits(12125550000ULL + static_cast<unsigned>(i)),
            from,
            to,
            std::nullopt,
            {}});
    }
    return output;
}

}  // namespace

TEST_CASE(
    "run report: utilisation is the time-average of active calls over CAC until the last placement",
    "[daemon][report]"
) {
    RunReport report(watched(2), {.cac = 2});
    report.on_output(attempts(1, 2, std::nullopt, AttemptStatus::intent), at(0s));
    report.on_output(attempts(1, 1, AttemptStatus::placed, AttemptStatus::ended), at(6s));
    // one of two slots stays empty from the sixth to the tenth second
    report.on_output(attempts(3, 1, std::nullopt, AttemptStatus::intent), at(10s));
    report.on_output(attempts(2, 2, AttemptStatus::placed, AttemptStatus::ended), at(30s));
    storage::CampaignStatistics totals;
    totals.placed_calls = 3;
    totals.dispositions[campaign::Disposition::answered] = 2;
    totals.dispositions[campaign::Disposition::busy] = 1;
    const auto json = nlohmann::json::parse(report.to_json(totals, {.rejected_rows = 4}));
    CHECK(json["cac_utilisation"].get<double>() == Approx(0.8));
    CHECK(json["peak_active_calls"] == 2);
    CHECK(json["calls"]["settled"] == 3);
    CHECK(json["calls"]["answered"] == 2);
    CHECK(json["seconds"].get<double>() == Approx(30.0));
    CHECK(json["rejected_rows"] == 4);
    CHECK(json["violations"] == nlohmann::json{{"cac", 0}, {"double_dial", 0}, {"rate", 0}});
}

TEST_CASE("run report: refill is told as percentiles in milliseconds", "[daemon][report]") {
    RunReport report(watched(1), {.cac = 1});
    for (int i = 1; i <= 100; ++i) {
        report.on_request_sent(start, start + i * 1ms);
    }
    report.on_request_sent(std::nullopt, start + 9h);
    const auto json = nlohmann::json::parse(report.to_json({}, {}));
    CHECK(json["refill_ms"]["p50"].get<double>() == Approx(51.0));
    CHECK(json["refill_ms"]["p99"].get<double>() == Approx(100.0).margin(1.0));
    CHECK(json["refill_ms"]["max"].get<double>() == Approx(100.0));
}

TEST_CASE("run report: another campaign's calls are not counted", "[daemon][report]") {
    campaign::StoredCampaign other = watched(1);
    other.id = campaign::CampaignId(2);
    RunReport report(other, {.cac = 1});
    report.on_output(attempts(1, 5, std::nullopt, AttemptStatus::intent), at(0s));
    CHECK(report.active_calls() == 0);
    CHECK(report.clean());
}

TEST_CASE("run report: it is finished when the campaign is no longer active", "[daemon][report]") {
    RunReport report(watched(1), {.cac = 1});
    dialer::Output output;
    output.notes.emplace_back(dialer::CampaignMoved{
        campaign::CampaignId(1), campaign::CampaignStatus::paused, "no credit"});
    report.on_output(output, at(0s));
    CHECK(report.finished());
    CHECK(report.end_reason() == "no credit");
}
