#include "api_client/cloudonix_payload.h"
#include "api_client/cloudonix_reply.h"
#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// No reply, however odd, breaks a reader. The first byte chooses the status, the second whether
/// the text is a body or a `Retry-After`.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here.
    const std::string text(reinterpret_cast<const char*>(data + 2), size - 2);
    cxdial::net::HttpResponse response;
    response.status = 100 * (data[0] % 6) + data[0] / 6;
    if (data[1] % 4 == 0) {
        response.headers.add("Retry-After", text);
    } else {
        response.body = text;
    }
    const cxdial::base::WallTime now = cxdial::base::from_millis(1716239134343);
    (void)cxdial::api_client::classify(response, now);
    (void)cxdial::api_client::read_look_up(response, now);
    (void)cxdial::api_client::read_session_list(response, now, data[1] % 2 == 0);
    (void)cxdial::api_client::read_control_reply(response);
    CHECK_INVARIANT(cxdial::api_client::error_text(text).size() <= 200);
    return 0;
}
