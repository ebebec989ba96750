#include "api_client/cloudonix_payload.h"
#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// No body, however odd, breaks the reader; every event has a key of bounded size, and the same
/// body gives the same keys.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here.
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto events = cxdial::api_client::read_session_update(body);
    if (!events) {
        return 0;
    }
    const auto again = cxdial::api_client::read_session_update(body);
    CHECK_INVARIANT(again && again->size() == events->size());
    for (std::size_t i = 0; i < events->size(); ++i) {
        CHECK_INVARIANT(events->at(i).key == again->at(i).key);
        CHECK_INVARIANT(!events->at(i).key.empty() && events->at(i).key.size() < 256);
    }
    return 0;
}
