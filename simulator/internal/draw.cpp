#include "simulator/internal/draw.h"

#include <cstddef>
#include <cstdint>

namespace cxdial::simulator {

std::chrono::milliseconds draw(base::Rng& rng, const Range& range) {
    const auto width = static_cast<std::uint64_t>((range.max - range.min).count());
    return range.min + std::chrono::milliseconds{static_cast<std::int64_t>(rng.below(width + 1))};
}

const std::string& draw(base::Rng& rng, const Weights& weights) {
    static const std::string none;
    std::uint64_t sum = 0;
    for (const auto& [name, weight] : weights) {
        sum += weight;
    }
    auto left = rng.below(sum);
    for (const auto& [name, weight] : weights) {
        if (left < weight) {
            return name;
        }
        left -= weight;
    }
    return none;
}

std::string draw_hex(base::Rng& rng, std::size_t digits) {
    constexpr const char* alphabet = "0123456789abcdef";
    std::string text;
    text.reserve(digits);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (i % 16 == 0) {
            bits = rng.next();
        }
        text += alphabet[bits & 15U];
        bits >>= 4U;
    }
    return text;
}

std::string draw_uuid(base::Rng& rng) {
    auto hex = draw_hex(rng, 32);
    hex[12] = '4';
    hex[16] = '8';
    for (const std::size_t at : {20U, 16U, 12U, 8U}) {
        hex.insert(at, 1, '-');
    }
    return hex;
}

}  // namespace cxdial::simulator
