#pragma once

#include "base/result.h"
#include "storage/repository.h"
#include "webhook/api.h"

#include <functional>
#include <string>
#include <utility>

namespace cxdial::daemon {

/// What the API shows of contacts, follow-ups and decisions. Results are JSON as
/// `webhook::ApiContactPorts` wants it. Thread rule: that of the database.
class ContactReader {
public:
    /// Opens the database at the first question; it must outlive this.
    using Open = std::function<base::Result<storage::Repository*>()>;
    explicit ContactReader(Open open) : open_(std::move(open)) {}

    /// Fills the reading ports, which must not outlive this.
    void connect(webhook::ApiContactPorts& ports);

private:
    using Page = base::Result<webhook::ApiPage>;
    using Text = base::Result<std::string>;

    [[nodiscard]] Page list(const std::string& tenant, const webhook::ApiSlice& slice);
    [[nodiscard]] Text show(const webhook::ApiContact& contact);
    [[nodiscard]] Text timeline(const webhook::ApiContact& contact, int limit);
    [[nodiscard]] Text memory(
        const webhook::ApiContact& contact, const webhook::ApiMemoryFilter& filter
    );
    [[nodiscard]] Page follow_ups(
        const webhook::ApiFollowUpFilter& filter, const webhook::ApiSlice& slice
    );
    [[nodiscard]] Text follow_up(const std::string& tenant, campaign::FollowUpId id);
    [[nodiscard]] Page decisions(
        const webhook::ApiDecisionFilter& filter, const webhook::ApiSlice& slice
    );
    [[nodiscard]] Page decision_of(const webhook::ApiDecisionFilter& filter);
    [[nodiscard]] Text decision(const std::string& tenant, campaign::DecisionId id);
    [[nodiscard]] Text inbound_returns(const webhook::ApiName& campaign);

    Open open_;
};

}  // namespace cxdial::daemon
