#pragma once

#include "storage/records.h"

#include <nlohmann/json_fwd.hpp>

namespace cxdial::daemon {

/// `{"completed": 3, …}`: each status that occurs.
[[nodiscard]] nlohmann::ordered_json destinations_json(const storage::CampaignStatistics& statistics
);
/// `{"answered": 3, …}`: each disposition that occurs.
[[nodiscard]] nlohmann::ordered_json dispositions_json(const storage::CampaignStatistics& statistics
);

}  // namespace cxdial::daemon
