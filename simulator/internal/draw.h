#pragma once

#include "base/rng.h"
#include "simulator/options.h"

#include <chrono>
#include <string>

namespace cxdial::simulator {

[[nodiscard]] std::chrono::milliseconds draw(base::Rng& rng, const Range& range);
/// One of the names, by its weight; empty when there are none.
[[nodiscard]] const std::string& draw(base::Rng& rng, const Weights& weights);
/// `digits` lower-case hexadecimal digits, 32 at most.
[[nodiscard]] std::string draw_hex(base::Rng& rng, std::size_t digits);
/// A UUID, version 4.
[[nodiscard]] std::string draw_uuid(base::Rng& rng);

}  // namespace cxdial::simulator
