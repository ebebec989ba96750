#pragma once

#include "balancer/assistant.h"
#include "campaign/campaign.h"
#include "daemon/why.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "routing/tenant.h"
#include "storage/records.h"
#include "storage/routing_rows.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>

namespace cxdial::daemon {

// What users see of things, the same by the API and by the commands. No secret is among it; phone
// numbers are whole, for whoever reads this may.

/// The resource, `status`, `revision` and, where there is one, `status_reason`.
[[nodiscard]] nlohmann::ordered_json view(const campaign::StoredCampaign& stored);
/// With `statistics` and, when it is active and places no calls, `hold`.
[[nodiscard]] nlohmann::ordered_json view(
    const campaign::StoredCampaign& stored,
    const storage::CampaignStatistics& statistics,
    const Why& why
);
[[nodiscard]] nlohmann::ordered_json view(const balancer::Assistant& assistant);
[[nodiscard]] nlohmann::ordered_json view(const balancer::Balancer& balancer);
[[nodiscard]] nlohmann::ordered_json view(const routing::DialedNumber& number);
[[nodiscard]] nlohmann::ordered_json view(const routing::Tenant& tenant);
[[nodiscard]] nlohmann::ordered_json view(const routing::Contact& contact);
[[nodiscard]] nlohmann::ordered_json view(const routing::AgentMemory& memory);
[[nodiscard]] nlohmann::ordered_json view(const routing::FollowUp& follow_up);
[[nodiscard]] nlohmann::ordered_json view(const storage::VoiceSessionRecord& session);
[[nodiscard]] nlohmann::ordered_json view(const storage::ContactEventRecord& event);
[[nodiscard]] nlohmann::ordered_json view(const storage::DestinationRecord& destination);
[[nodiscard]] nlohmann::ordered_json view(const storage::AttemptRecord& attempt);
[[nodiscard]] nlohmann::ordered_json view(const storage::OrphanCdr& cdr);
[[nodiscard]] nlohmann::ordered_json view(const storage::OutboxMessage& message);
/// `[{"queue","waiting","dead_letters"}]`
[[nodiscard]] nlohmann::ordered_json view(const std::map<std::string, storage::OutboxCount>& counts
);
[[nodiscard]] nlohmann::ordered_json view(const storage::Suppression& suppression);
/// As a suppression whose `phone_number` is `+1212*`.
[[nodiscard]] nlohmann::ordered_json view(const storage::SuppressedPrefix& suppressed);

/// A campaign's line of `cxdial status`: what is dialing, and why not more.
[[nodiscard]] nlohmann::ordered_json status_view(
    const campaign::StoredCampaign& stored,
    const storage::CampaignStatistics& statistics,
    const Why& why
);

/// `reason`, `detail` and, where it is known, `until`.
[[nodiscard]] nlohmann::ordered_json view(const Why& why);

/// `2026-03-01T09:00:00.250Z`
[[nodiscard]] std::string iso_text(base::WallTime time);

}  // namespace cxdial::daemon
