#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/views.h"
#include "daemon/why.h"

#include <nlohmann/json.hpp>

namespace cxdial::daemon {
namespace {

base::Result<void> show_why(const Context& context, const NumberOfCampaign& asked) {
    const WhySources sources{
        .repository = asked.repository,
        .store = asked.store,
        .dialing = context.config.dialing,
        .is_dialing = asked.is_dialing,
        .now = context.clock.now().wall,
    };
    const base::Result<Why> found = why_destination(sources, asked.stored, asked.number);
    if (!found) {
        return found.error();
    }
    if (context.json) {
        nlohmann::ordered_json shown{
            {"campaign", asked.stored.campaign.name}, {"phone_number", asked.number.reveal()}};
        shown.update(view(*found));
        print(shown.dump(2));
        return {};
    }
    print(found->reason + ": " + found->detail);
    if (found->until) {
        print("until " + iso_text(*found->until));
    }
    return {};
}

}  // namespace

Exit why(Context& context, const std::string& campaign, const std::string& number) {
    return show_number(context, campaign, number, [&](const NumberOfCampaign& asked) {
        return show_why(context, asked);
    });
}

}  // namespace cxdial::daemon
