#include "api_client/internal/reply_text.h"

#include "api_client/internal/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cxdial::api_client::internal {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whatever has the length of a telephone number keeps its ends only: error texts are logged.
void mask_numbers(std::string& text) {
    constexpr std::size_t shortest = 7;
    constexpr std::size_t kept_in_front = 4;
    constexpr std::size_t kept_behind = 2;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin;
        while (end < text.size() && is_digit(text[end])) {
            ++end;
        }
        if (end - begin >= shortest) {
            for (std::size_t i = begin + kept_in_front; i + kept_behind < end; ++i) {
                text[i] = '*';
            }
        }
        begin = end + 1;
    }
}

}  // namespace

std::string one_line(std::string text) {
    if (text.size() > error_text_max) {
        std::size_t end = error_text_max;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        text.resize(end);
    }
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        c = byte < 0x20 || byte == 0x7F ? ' ' : c;
    }
    mask_numbers(text);
    return text;
}

std::optional<base::Millis> retry_after(const net::HttpResponse& response, base::WallTime now) {
    constexpr base::Millis longest = std::chrono::hours{24};
    const auto header = response.headers.find("Retry-After");
    if (!header) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const auto [stop, error] =
        std::from_chars(header->data(), header->data() + header->size(), number);
    if (error == std::errc{} && stop == header->data() + header->size()) {
        constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(longest).count();
        return std::chrono::seconds{std::clamp<std::int64_t>(number, 0, most)};
    }
    if (const auto date = parse_http_date(std::string(*header))) {
        return std::clamp<base::Millis>(*date - now, base::Millis{0}, longest);
    }
    return std::nullopt;
}

}  // namespace cxdial::api_client::internal
