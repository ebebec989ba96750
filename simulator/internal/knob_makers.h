#pragma once

#include "simulator/options.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::simulator {

// One maker for each kind of value that a knob can have.

[[nodiscard]] Knob chance(std::string_view name, double Options::*member, std::string_view help);
[[nodiscard]] Knob count(
    std::string_view name, std::uint64_t Options::*member, std::string_view help
);
[[nodiscard]] Knob count(
    std::string_view name, std::uint16_t Options::*member, std::string_view help
);
[[nodiscard]] Knob duration(
    std::string_view name, std::chrono::milliseconds Options::*member, std::string_view help
);
[[nodiscard]] Knob range(std::string_view name, Range Options::*member, std::string_view help);
[[nodiscard]] Knob flag(std::string_view name, bool Options::*member, std::string_view help);
[[nodiscard]] Knob text(std::string_view name, std::string Options::*member, std::string_view help);
[[nodiscard]] Knob list(
    std::string_view name, std::vector<std::string> Options::*member, std::string_view help
);
/// `known` says which names may be weighed.
[[nodiscard]] Knob weights(
    std::string_view name,
    Weights Options::*member,
    std::function<bool(std::string_view)> known,
    std::string_view help
);

/// The knob, refusing values after which `holds` does not; `expected` ends the sentence "is not".
[[nodiscard]] Knob checked(
    Knob knob, std::function<bool(const Options&)> holds, std::string_view expected
);
/// The knob, not to be changed at run time.
[[nodiscard]] Knob at_start(Knob knob);

}  // namespace cxdial::simulator
