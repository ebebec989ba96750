#include "api_client/opbx_reply.h"
#include "base/check.h"
#include "campaign/resource_json.h"

#include <cstddef>
#include <cstdint>
#include <string>

/// No reply of OPBX breaks a reader, and a campaign that was read can be stored. The first byte
/// chooses the status.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) {
        return 0;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here.
    const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
    const cxdial::net::HttpResponse response{
        .status = 100 * (data[0] % 6) + data[0] / 6, .headers = {}, .body = text};
    const cxdial::base::WallTime now = cxdial::base::from_millis(1716239134343);
    (void)cxdial::api_client::read_opbx_initiated(response, now);
    (void)cxdial::api_client::read_opbx_reply(response);
    (void)cxdial::api_client::read_opbx_destinations(text);
    (void)cxdial::api_client::read_opbx_health(text);
    (void)cxdial::api_client::read_opbx_cxml(text);
    if (const auto campaigns = cxdial::api_client::read_opbx_campaigns(text)) {
        for (const auto& campaign : *campaigns) {
            if (campaign.resource) {
                const std::string json = cxdial::campaign::to_json(*campaign.resource);
                CHECK_INVARIANT(cxdial::campaign::stored_campaign_from_json(json).index() == 0);
            }
        }
    }
    return 0;
}
