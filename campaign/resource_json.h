#pragma once

#include "campaign/campaign.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cxdial::campaign {

/// One thing wrong with a resource: the path of the field (`retry.busy[0]`) and why.
struct FieldError {
    std::string path;
    std::string reason;
};
using FieldErrors = std::vector<FieldError>;

/// Reads a campaign resource from JSON, every field checked: unknown keys, wrong types, values out
/// of range, caller IDs and provider numbers that are none, zones that do not exist, times that are
/// none. All that is wrong is listed, not only the first. `kind` and read-only fields are accepted
/// and ignored. Required are `name`, `routing_destination_type`, a caller ID, and, unless calls are
/// hung up, `routing_destination`; a routing type is never assumed, since hanging up on people is
/// one. A caller ID that reads as a number becomes E.164; 2 to 15 digits otherwise stay as they
/// are.
[[nodiscard]] std::variant<Campaign, FieldErrors> campaign_from_json(std::string_view json);
/// The same for what cxdial wrote itself: what only a campaign of OPBX has is accepted too, the
/// routing `external` and the `did_id` of a caller ID.
[[nodiscard]] std::variant<Campaign, FieldErrors> stored_campaign_from_json(std::string_view json);

/// The resource as JSON, as users see it; `campaign_from_json` reads it back to the same value.
[[nodiscard]] std::string to_json(const Campaign& campaign);

}  // namespace cxdial::campaign
