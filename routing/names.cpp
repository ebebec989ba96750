#include "routing/follow_up.h"
#include "routing/layer.h"
#include "routing/tenant.h"

#include <algorithm>
#include <utility>

namespace cxdial::routing {
namespace {

template <class Value>
using Named = std::pair<Value, std::string_view>;

constexpr std::array layers{
    Named<Layer>{Layer::active_campaign, "active_campaign"},
    Named<Layer>{Layer::retry_pending, "retry_pending"},
    Named<Layer>{Layer::active_follow_up, "active_follow_up"},
    Named<Layer>{Layer::last_outbound, "last_outbound"},
    Named<Layer>{Layer::did_fallback, "did_fallback"},
};
constexpr std::array modes{
    Named<Mode>{Mode::smart, "smart"},
    Named<Mode>{Mode::legacy_did, "legacy_did"},
};
constexpr std::array unenroll_scopes{
    Named<UnenrollScope>{UnenrollScope::off, "off"},
    Named<UnenrollScope>{UnenrollScope::campaign, "campaign"},
    Named<UnenrollScope>{UnenrollScope::agent, "agent"},
    Named<UnenrollScope>{UnenrollScope::contact, "contact"},
};
constexpr std::array memory_scopes{
    Named<MemoryScope>{MemoryScope::exclusive, "exclusive"},
    Named<MemoryScope>{MemoryScope::shared, "shared"},
    Named<MemoryScope>{MemoryScope::on_demand, "on_demand"},
};
constexpr std::array follow_up_types{
    Named<FollowUpType>{FollowUpType::call, "call"},
    Named<FollowUpType>{FollowUpType::sms, "sms"},
    Named<FollowUpType>{FollowUpType::email, "email"},
    Named<FollowUpType>{FollowUpType::none, "none"},
};
constexpr std::array follow_up_statuses{
    Named<FollowUpStatus>{FollowUpStatus::active, "active"},
    Named<FollowUpStatus>{FollowUpStatus::contacted_inbound, "contacted_inbound"},
    Named<FollowUpStatus>{FollowUpStatus::completed, "completed"},
    Named<FollowUpStatus>{FollowUpStatus::cancelled, "cancelled"},
};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    const auto found = std::find_if(table.begin(), table.end(), [value](const auto& entry) {
        return entry.first == value;
    });
    return found == table.end() ? std::string_view() : found->second;
}

template <class Value, std::size_t size>
std::optional<Value> value_in(const std::array<Named<Value>, size>& table, std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(), [name](const auto& entry) {
        return entry.second == name;
    });
    return found == table.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace

std::string_view to_string(Layer layer) {
    return name_in(layers, layer);
}
std::optional<Layer> parse_layer(std::string_view name) {
    return value_in(layers, name);
}
std::string_view to_string(Mode mode) {
    return name_in(modes, mode);
}
std::string_view to_string(UnenrollScope scope) {
    return name_in(unenroll_scopes, scope);
}
std::string_view to_string(MemoryScope scope) {
    return name_in(memory_scopes, scope);
}
std::string_view to_string(FollowUpType type) {
    return name_in(follow_up_types, type);
}
std::optional<FollowUpType> parse_follow_up_type(std::string_view name) {
    return value_in(follow_up_types, name);
}
std::string_view to_string(FollowUpStatus status) {
    return name_in(follow_up_statuses, status);
}
std::optional<FollowUpStatus> parse_follow_up_status(std::string_view name) {
    return value_in(follow_up_statuses, name);
}

}  // namespace cxdial::routing
