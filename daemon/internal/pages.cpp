#include "daemon/internal/pages.h"

#include <charconv>

namespace cxdial::daemon {

using nlohmann::ordered_json;

std::string dumped(const ordered_json& json) {
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string place_of(const campaign::StoredCampaign& stored) {
    return stored.campaign.name;
}
std::string place_of(const balancer::Assistant& assistant) {
    return assistant.name;
}
std::string place_of(const balancer::Balancer& balancer) {
    return balancer.name;
}
std::string place_of(const routing::DialedNumber& number) {
    return number.name;
}
std::string place_of(const routing::Tenant& tenant) {
    return tenant.name;
}
std::string place_of(const routing::Contact& contact) {
    return std::to_string(contact.phone_number.digits());
}
std::string place_of(const routing::FollowUp& follow_up) {
    return std::to_string(follow_up.id.raw());
}
std::string place_of(const storage::DestinationRecord& destination) {
    return std::to_string(destination.phone_number.digits());
}
std::string place_of(const storage::Suppression& suppression) {
    return std::to_string(suppression.phone_number.digits());
}
std::string place_of(const storage::AttemptRecord& attempt) {
    return std::to_string(attempt.id.raw());
}
std::string place_of(const storage::OrphanCdr& cdr) {
    return std::to_string(cdr.id);
}
std::string place_of(const storage::OutboxMessage& message) {
    return std::to_string(message.id);
}
std::string place_of(const storage::DecisionRecord& decision) {
    return std::to_string(decision.id.raw());
}

base::Result<storage::IdPage> id_page(const webhook::ApiSlice& slice) {
    storage::IdPage page{.after = 0, .limit = slice.limit + 1};
    const char* const end = slice.after.data() + slice.after.size();
    const auto [rest, problem] = std::from_chars(slice.after.data(), end, page.after);
    if (!slice.after.empty() && (problem != std::errc{} || rest != end)) {
        return base::Error{base::Errc::invalid_argument, "cursor: is not one of this list"};
    }
    return page;
}

}  // namespace cxdial::daemon
