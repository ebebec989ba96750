#include "daemon/context.h"

#include <cstdio>

namespace cxdial::daemon {

void complain(const std::string& message) {
    std::fprintf(stderr, "error: %s\n", message.c_str());
}

void remark(const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
}

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    if (text.empty() || text.back() != '\n') {
        std::fputc('\n', stdout);
    }
}

}  // namespace cxdial::daemon
