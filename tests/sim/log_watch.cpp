#include "log_watch.h"

#include "places.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace cxdial::sim {
namespace {

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool names_somebody(std::string_view text) {
    while (!text.empty()) {
        const auto* const start = std::find_if(text.begin(), text.end(), is_digit);
        const auto* const end = std::find_if_not(start, text.end(), is_digit);
        std::uint64_t digits = 0;
        std::from_chars(start, end, digits);
        if (is_somebodys(digits)) {
            return true;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    }
    return false;
}

}  // namespace

void LogWatch::write(const base::LogLine& line) {
    const std::string text = base::to_text(line);
    if (fault_.empty() && names_somebody(text)) {
        fault_ = "S10 a log line names a telephone number: " + text;
    }
    if (fault_.empty() && text.find("token-secret") != std::string::npos) {
        fault_ = "S10 a log line holds a secret: " + text;
    }
    if (tells_ && line.level >= base::LogLevel::info) {
        std::printf("              %s\n", text.c_str());
    }
}

}  // namespace cxdial::sim
