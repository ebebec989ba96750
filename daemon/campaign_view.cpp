#include "daemon/campaign_view.h"

#include "daemon/views.h"

#include <nlohmann/json.hpp>

namespace cxdial::daemon {

using nlohmann::ordered_json;

base::Result<ordered_json> campaign_view(
    const WhySources& sources, const campaign::StoredCampaign& stored
) {
    const auto statistics = sources.repository.statistics(stored.id);
    if (!statistics) {
        return statistics.error();
    }
    const auto why = why_campaign(sources, stored);
    if (!why) {
        return why.error();
    }
    ordered_json shown = view(stored, *statistics, *why);
    const auto advice = advice_on(sources, stored);
    if (!advice) {
        return advice.error();
    }
    for (const dialer::Advice& one : *advice) {
        shown["advice"].push_back({{"code", one.code}, {"message", one.message}});
    }
    return shown;
}

base::Result<ordered_json> campaign_status_view(
    const WhySources& sources, const campaign::StoredCampaign& stored
) {
    const auto statistics = sources.repository.statistics(stored.id);
    if (!statistics) {
        return statistics.error();
    }
    const auto why = why_campaign(sources, stored);
    return why ? base::Result<ordered_json>(status_view(stored, *statistics, *why))
               : base::Result<ordered_json>(why.error());
}

}  // namespace cxdial::daemon
