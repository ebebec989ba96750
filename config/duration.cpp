#include "base/duration.h"

#include "config/config.h"

namespace cxdial::config {

base::Result<base::Millis> parse_duration(std::string_view text) {
    if (const auto duration = base::parse_duration(text)) {
        return *duration;
    }
    std::string detail = R"(expected a duration such as "10s", got ")";
    detail.append(text).append("\"");
    return base::Error{base::Errc::invalid_argument, detail};
}

}  // namespace cxdial::config
