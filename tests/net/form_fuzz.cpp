#include "base/check.h"
#include "net/http.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What parse_form reads must read the same after it was written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using cxdial::net::parse_form;
    using cxdial::net::url_encode;
    const auto fields = parse_form(std::string_view(reinterpret_cast<const char*>(data), size));
    std::string again;
    for (const auto& field : fields) {
        again += again.empty() ? "" : "&";
        again += url_encode(field.first) + "=" + url_encode(field.second);
    }
    CHECK_INVARIANT(parse_form(again) == fields);
    return 0;
}
