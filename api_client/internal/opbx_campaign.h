#pragma once

#include "api_client/opbx_reply.h"

#include <nlohmann/json_fwd.hpp>

namespace cxdial::api_client::internal {

/// One campaign of R2, whichever version of OPBX wrote it.
[[nodiscard]] OpbxCampaign opbx_campaign_of(const nlohmann::json& row, campaign::OpbxCampaignId id);

}  // namespace cxdial::api_client::internal
