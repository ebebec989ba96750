#pragma once

#include "base/result.h"
#include "routing/trace_json.h"
#include "storage/contact_book.h"
#include "storage/repository.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace cxdial::daemon {

/// What users see of calls that came in, and of what happened with a contact: rows joined with the
/// names of their campaigns, which it remembers. What it reads from must outlive it. Thread rule:
/// that of the database.
class HistoryViews {
public:
    HistoryViews(storage::Repository& repository, storage::ContactBook& book)
        : repository_(repository), book_(book) {}

    /// A decision as `routing::to_json` shows it.
    [[nodiscard]] base::Result<nlohmann::ordered_json> of(const storage::DecisionRecord& record);
    /// `{"at","kind","record"}`, kind `outbound_call`, `inbound_call`, `decision`, `event` or
    /// `follow_up`.
    [[nodiscard]] base::Result<nlohmann::ordered_json> of(const storage::TimelineEntry& entry);

private:
    [[nodiscard]] base::Result<nlohmann::ordered_json> of(const storage::AttemptRecord& attempt);
    [[nodiscard]] base::Result<routing::RecordedDecision> recorded(
        const storage::DecisionRecord& record
    );
    /// Empty: it was deleted.
    [[nodiscard]] base::Result<std::string> campaign_name(campaign::CampaignId id);
    [[nodiscard]] base::Result<std::string> matched_campaign(const storage::DecisionRecord& record);
    [[nodiscard]] base::Result<std::string> domain_of(const std::string& call_sid);

    storage::Repository& repository_;
    storage::ContactBook& book_;
    std::map<std::int64_t, std::string> names_;  // by the campaign's id
};

}  // namespace cxdial::daemon
