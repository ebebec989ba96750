#include "campaign/resource_json.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

using namespace cxdial::campaign;

/// What is accepted reads back as the same; what is refused has a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = campaign_from_json({reinterpret_cast<const char*>(data), size});
    if (const auto* errors = std::get_if<FieldErrors>(&read)) {
        if (errors->empty()) {
            std::abort();
        }
        return 0;
    }
    const Campaign& campaign = std::get<Campaign>(read);
    const auto back = campaign_from_json(to_json(campaign));
    if (!std::holds_alternative<Campaign>(back) || std::get<Campaign>(back) != campaign) {
        std::abort();
    }
    return 0;
}
