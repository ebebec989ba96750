#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cxdial::routing {

/// The smart layers in the order in which they are asked (spec: inbound routing, 1).
enum class Layer : std::uint8_t {
    active_campaign,
    retry_pending,
    active_follow_up,
    last_outbound,
    did_fallback,
};

inline constexpr std::array all_layers{
    Layer::active_campaign,
    Layer::retry_pending,
    Layer::active_follow_up,
    Layer::last_outbound,
    Layer::did_fallback,
};

/// `active_campaign` and so on, as traces, metrics and settings say it.
[[nodiscard]] std::string_view to_string(Layer layer);
[[nodiscard]] std::optional<Layer> parse_layer(std::string_view name);

}  // namespace cxdial::routing
