#include "daemon/commands_support.h"

namespace cxdial::daemon {

base::Result<std::vector<campaign::NumberOrPrefix>> read_arguments(
    const std::vector<std::string>& texts
) {
    std::vector<campaign::NumberOrPrefix> read;
    for (const std::string& text : texts) {
        const auto entry = campaign::read_number_or_prefix(text);
        if (!entry) {
            return base::Error{entry.error().code, text + ": " + entry.error().detail};
        }
        read.push_back(*entry);
    }
    return read;
}

}  // namespace cxdial::daemon
