#pragma once

#include "campaign/campaign.h"

#include <array>
#include <string_view>
#include <utility>

namespace cxdial::campaign {

template <class Value>
using Named = std::pair<std::string_view, Value>;

inline constexpr std::array routing_destination_types{
    Named<RoutingDestinationType>{"ai_assistant", RoutingDestinationType::ai_assistant},
    Named<RoutingDestinationType>{"ai_load_balancer", RoutingDestinationType::ai_load_balancer},
    Named<RoutingDestinationType>{"hangup", RoutingDestinationType::hangup},
};
inline constexpr std::string_view external_routing = "external";

inline constexpr std::array caller_id_strategies{
    Named<CallerIdStrategy>{"round_robin", CallerIdStrategy::round_robin},
    Named<CallerIdStrategy>{"random", CallerIdStrategy::random},
    Named<CallerIdStrategy>{"weighted", CallerIdStrategy::weighted},
    Named<CallerIdStrategy>{"least_recently_used", CallerIdStrategy::least_recently_used},
};

inline constexpr std::array cxml_deliveries{
    Named<CxmlDelivery>{"auto", CxmlDelivery::automatic},
    Named<CxmlDelivery>{"inline", CxmlDelivery::inline_document},
    Named<CxmlDelivery>{"callback", CxmlDelivery::callback},
};

inline constexpr std::array amd_modes{
    Named<std::string_view>{"Enable", "Enable"},
    Named<std::string_view>{"DetectMessageEnd", "DetectMessageEnd"},
};

inline constexpr std::array amd_actions{
    Named<std::string_view>{"hangup", "hangup"},
    Named<std::string_view>{"continue", "continue"},
};

inline constexpr std::array<std::string_view, 7> weekdays{
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

inline constexpr int minutes_per_day = 24 * 60;

/// What the interface adds to a campaign's JSON and nobody may set.
inline constexpr std::array<std::string_view, 10> read_only_fields{
    "kind",
    "id",
    "revision",
    "status",
    "status_reason",
    "statistics",
    "created_at",
    "updated_at",
    "started_at",
    "opbx_campaign",
};

/// The name of a value in one of the tables above.
template <class Names, class Value>
[[nodiscard]] constexpr std::string_view name_in(const Names& names, Value value) {
    for (const auto& [name, named] : names) {
        if (named == value) {
            return name;
        }
    }
    return {};
}

}  // namespace cxdial::campaign
