#pragma once

#include "base/result.h"
#include "daemon/why.h"

#include <nlohmann/json_fwd.hpp>

namespace cxdial::daemon {

/// A campaign as users see it, by the API and by the commands alike: the resource, its statistics,
/// why it is held, and `advice` where there is some.
[[nodiscard]] base::Result<nlohmann::ordered_json> campaign_view(
    const WhySources& sources, const campaign::StoredCampaign& stored
);

/// Its line of `cxdial status`.
[[nodiscard]] base::Result<nlohmann::ordered_json> campaign_status_view(
    const WhySources& sources, const campaign::StoredCampaign& stored
);

}  // namespace cxdial::daemon
