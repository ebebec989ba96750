#include "campaign/phone.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Whatever is accepted is E.164 and reads back as the same number.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const std::string_view region : {"", "US", "GB"}) {
        const auto number = cxdial::campaign::read_phone_number(text, region);
        if (number && *cxdial::campaign::read_phone_number(number->reveal(), region) != *number) {
            std::abort();
        }
        if (!number && number.error().detail.empty()) {
            std::abort();
        }
    }
    return 0;
}
