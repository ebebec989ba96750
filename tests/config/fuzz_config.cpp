#include "config/config.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Any text is either a configuration or refused with a reason that names the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view toml{reinterpret_cast<const char*>(data), size};
    const auto no_names = [](std::string_view) { return std::vector<std::string>{}; };
    const auto no_value = [](std::string_view) { return std::optional<std::string>{}; };
    const auto config = cxdial::config::parse_config(toml, "f.toml", no_names, no_value);
    if (!config && config.error().detail.rfind("f.toml", 0) != 0) {
        std::abort();
    }
    return 0;
}
