#pragma once

#include "base/clock.h"
#include "campaign/campaign.h"
#include "campaign/ids.h"
#include "daemon/auditor.h"
#include "dialer/effects.h"
#include "storage/records.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// What the import before the run left out.
struct ImportTotals {
    std::int64_t rejected_rows = 0;
    std::int64_t duplicates = 0;
    std::int64_t suppressed = 0;
};

/// Watches one campaign's run and reports on it, as `test-campaign` and `load-test` print it.
/// Thread rule: one thread.
class RunReport {
public:
    RunReport(campaign::StoredCampaign watched, AuditLimits limits);

    /// Takes what a committed tick did. `at` is when the tick began.
    void on_output(const dialer::Output& output, base::Now at);
    /// The request of a call left: `slot_freed_at` as the effect had it.
    void on_request_sent(std::optional<base::MonoTime> slot_freed_at, base::MonoTime at);

    [[nodiscard]] bool finished() const { return finished_; }
    [[nodiscard]] const std::string& end_reason() const { return end_reason_; }
    [[nodiscard]] int active_calls() const { return active_; }
    [[nodiscard]] std::int64_t settled() const { return settled_; }
    [[nodiscard]] campaign::CampaignStatus status() const { return watched_.status; }
    /// No violation of any kind was seen.
    [[nodiscard]] bool clean() const { return auditor_.violations().none(); }

    /// The object of the interface's section 6.
    [[nodiscard]] std::string to_json(
        const storage::CampaignStatistics& totals, const ImportTotals& imported
    ) const;
    /// The same as a table for people.
    [[nodiscard]] std::string to_table(
        const storage::CampaignStatistics& totals, const ImportTotals& imported
    ) const;

private:
    struct Figures;
    [[nodiscard]] Figures figures(const storage::CampaignStatistics& totals) const;
    void on_attempt(const dialer::AttemptMoved& moved, base::MonoTime at);
    void advance(base::MonoTime at);

    campaign::StoredCampaign watched_;
    Auditor auditor_;
    bool finished_ = false;
    std::string end_reason_;
    int active_ = 0;
    int peak_active_ = 0;
    std::int64_t settled_ = 0;
    std::int64_t refused_429_ = 0;
    std::optional<base::MonoTime> first_placed_;
    base::MonoTime last_placed_{};
    base::MonoTime last_seen_{};
    /// Calls × seconds since the first placement, and as it was at the last one.
    double active_seconds_ = 0.0;
    double active_seconds_at_last_placement_ = 0.0;
    std::vector<double> refill_ms_;
};

}  // namespace cxdial::daemon
