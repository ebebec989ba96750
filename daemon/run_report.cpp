#include "daemon/run_report.h"

#include "daemon/statistics_json.h"
#include "daemon/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sys/resource.h>
#include <utility>

namespace cxdial::daemon {

using campaign::AttemptStatus;
using nlohmann::ordered_json;

namespace {

double percentile(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) {
        return 0.0;
    }
    const double last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<std::size_t>(std::ceil(share * last))];
}

double rounded(double value, double unit) {
    return std::round(value / unit) * unit;
}

double cpu_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

struct RunReport::Figures {
    std::int64_t settled = 0;
    std::int64_t answered = 0;
    double seconds = 0.0;
    double calls_per_second = 0.0;
    double utilisation = 0.0;
    double refill_p50 = 0.0;
    double refill_p99 = 0.0;
    double refill_max = 0.0;
    double cpu_seconds = 0.0;
    std::int64_t peak_memory_bytes = 0;
};

RunReport::RunReport(campaign::StoredCampaign watched, AuditLimits limits)
    : watched_(std::move(watched)), auditor_(limits) {}

void RunReport::advance(base::MonoTime at) {
    if (first_placed_) {
        const std::chrono::duration<double> elapsed = at - last_seen_;
        active_seconds_ += elapsed.count() * active_;
    }
    last_seen_ = at;
}

void RunReport::on_output(const dialer::Output& output, base::Now at) {
    advance(at.mono);
    for (const dialer::Note& note : output.notes) {
        if (const auto* moved = std::get_if<dialer::AttemptMoved>(&note)) {
            if (moved->campaign == watched_.id) {
                on_attempt(*moved, at.mono);
            }
        } else if (const auto* campaign = std::get_if<dialer::CampaignMoved>(&note)) {
            if (campaign->campaign == watched_.id) {
                watched_.status = campaign->to;
                end_reason_ = campaign->reason;
                finished_ = campaign->to != campaign::CampaignStatus::active;
            }
        } else if (std::holds_alternative<dialer::RateLimited>(note)) {
            ++refused_429_;
        }
    }
}

void RunReport::on_attempt(const dialer::AttemptMoved& moved, base::MonoTime at) {
    auditor_.on_attempt(moved, at);
    if (!moved.from) {
        ++active_;
        peak_active_ = std::max(peak_active_, active_);
        if (!first_placed_) {
            first_placed_ = at;
        }
        last_placed_ = at;
        active_seconds_at_last_placement_ = active_seconds_;
    } else if (campaign::is_terminal(moved.to)) {
        // An attempt of an earlier process may end here that never began before our eyes.
        active_ = std::max(0, active_ - 1);
        ++settled_;
    }
}

void RunReport::on_request_sent(std::optional<base::MonoTime> slot_freed_at, base::MonoTime at) {
    if (slot_freed_at) {
        refill_ms_.push_back(std::chrono::duration<double, std::milli>(at - *slot_freed_at).count()
        );
    }
}

RunReport::Figures RunReport::figures(const storage::CampaignStatistics& totals) const {
    Figures figures;
    for (const auto& [disposition, count] : totals.dispositions) {
        figures.settled += count;
        if (disposition == campaign::Disposition::answered) {
            figures.answered = count;
        }
    }
    if (first_placed_) {
        const std::chrono::duration<double> whole = last_seen_ - *first_placed_;
        const std::chrono::duration<double> placing = last_placed_ - *first_placed_;
        figures.seconds = whole.count();
        figures.calls_per_second =
            whole.count() > 0 ? static_cast<double>(totals.placed_calls) / whole.count() : 0.0;
        const double capacity = placing.count() * watched_.campaign.concurrent_active_calls;
        figures.utilisation = capacity > 0 ? active_seconds_at_last_placement_ / capacity : 0.0;
    }
    std::vector<double> sorted = refill_ms_;
    std::sort(sorted.begin(), sorted.end());
    figures.refill_p50 = percentile(sorted, 0.50);
    figures.refill_p99 = percentile(sorted, 0.99);
    figures.refill_max = percentile(sorted, 1.0);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    figures.cpu_seconds = cpu_seconds(usage);
    figures.peak_memory_bytes = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
    return figures;
}

std::string RunReport::to_json(
    const storage::CampaignStatistics& totals, const ImportTotals& imported
) const {
    const Figures found = figures(totals);
    const Violations& broken = auditor_.violations();
    const ordered_json report = {
        {"calls",
         {{"placed", totals.placed_calls},
          {"answered", found.answered},
          {"settled", found.settled},
          {"in_doubt", totals.in_doubt_calls}}},
        {"destinations", destinations_json(totals)},
        {"dispositions", dispositions_json(totals)},
        {"rejected_rows", imported.rejected_rows},
        {"duplicates", imported.duplicates},
        {"suppressed", imported.suppressed},
        {"seconds", rounded(found.seconds, 0.001)},
        {"calls_per_second", rounded(found.calls_per_second, 0.01)},
        {"cac", watched_.campaign.concurrent_active_calls},
        {"peak_active_calls", peak_active_},
        {"cac_utilisation", rounded(found.utilisation, 0.0001)},
        {"refill_ms",
         {{"p50", rounded(found.refill_p50, 0.001)},
          {"p99", rounded(found.refill_p99, 0.001)},
          {"max", rounded(found.refill_max, 0.001)}}},
        {"refused_429", refused_429_},
        {"violations",
         {{"cac", broken.cac}, {"double_dial", broken.double_dial}, {"rate", broken.rate}}},
        {"cpu_seconds", rounded(found.cpu_seconds, 0.001)},
        {"peak_memory_bytes", found.peak_memory_bytes},
    };
    return report.dump(2);
}

std::string RunReport::to_table(
    const storage::CampaignStatistics& totals, const ImportTotals& imported
) const {
    const Figures found = figures(totals);
    Table table({"", ""}, {Align::left, Align::right});
    const auto line = [&](const char* name, std::string value) {
        table.add({name, std::move(value)});
    };
    line("calls placed", count_text(totals.placed_calls));
    line("calls answered", count_text(found.answered));
    line("attempts settled", count_text(found.settled));
    line("calls in doubt", count_text(totals.in_doubt_calls));
    for (const auto& [status, count] : totals.destinations) {
        line(
            ("destinations " + std::string(campaign::to_string(status))).c_str(), count_text(count)
        );
    }
    for (const auto& [disposition, count] : totals.dispositions) {
        line(
            ("disposition " + std::string(campaign::to_string(disposition))).c_str(),
            count_text(count)
        );
    }
    line("rows rejected", count_text(imported.rejected_rows));
    line("duplicates", count_text(imported.duplicates));
    line("suppressed", count_text(imported.suppressed));
    line("seconds", number_text(found.seconds, 1));
    line("calls per second", number_text(found.calls_per_second, 1));
    line("CAC", count_text(watched_.campaign.concurrent_active_calls));
    line("peak active calls", count_text(peak_active_));
    line("CAC utilisation", number_text(found.utilisation * 100, 1) + " %");
    line("slot refill p50", number_text(found.refill_p50, 2) + " ms");
    line("slot refill p99", number_text(found.refill_p99, 2) + " ms");
    line("slot refill max", number_text(found.refill_max, 2) + " ms");
    line("refused with 429", count_text(refused_429_));
    const Violations& broken = auditor_.violations();
    line("violations of CAC", count_text(broken.cac));
    line("double dials", count_text(broken.double_dial));
    line("violations of rate", count_text(broken.rate));
    line("processor seconds", number_text(found.cpu_seconds, 2));
    line("peak memory", number_text(static_cast<double>(found.peak_memory_bytes) / 1e6, 1) + " MB");
    return table.text();
}

}  // namespace cxdial::daemon
