#include "storage/records.h"

#include <array>

namespace cxdial::storage {

std::string_view to_string(ResourceKind kind) {
    switch (kind) {
        case ResourceKind::campaign:
            return "campaign";
        case ResourceKind::assistant:
            return "assistant";
        case ResourceKind::ai_load_balancer:
            return "ai_load_balancer";
        case ResourceKind::agent:
            return "agent";
        case ResourceKind::phone_number:
            return "phone_number";
        case ResourceKind::tenant:
            return "tenant";
    }
    return "campaign";
}

std::optional<ResourceKind> parse_resource_kind(std::string_view name) {
    for (const ResourceKind kind : std::array{
             ResourceKind::campaign,
             ResourceKind::assistant,
             ResourceKind::ai_load_balancer,
             ResourceKind::agent,
             ResourceKind::phone_number,
             ResourceKind::tenant}) {
        if (to_string(kind) == name) {
            return kind;
        }
    }
    return std::nullopt;
}

std::int64_t CampaignStatistics::open_destinations() const {
    std::int64_t open = 0;
    for (const auto& [status, number] : destinations) {
        open += is_terminal(status) ? 0 : number;
    }
    return open;
}

base::Error owned_by_opbx(campaign::OpbxCampaignId id) {
    return {
        base::Errc::conflict,
        "OPBX owns it (campaign " + std::to_string(id.raw()) + " there): change it in OPBX"};
}

}  // namespace cxdial::storage
