#include "simulator/internal/domain.h"

#include "simulator/internal/iso_time.h"

#include <algorithm>

namespace cxdial::simulator {

using nlohmann::json;

std::string Domain::setting(const char* key) const {
    const auto found = profile.find(key);
    return found != profile.end() && found->is_string() ? found->get<std::string>() : "";
}

Application* Domain::find_application(std::string_view name_or_id) {
    const auto found =
        std::find_if(applications.begin(), applications.end(), [&](const Application& each) {
            return each.name == name_or_id || std::to_string(each.id) == name_or_id;
        });
    return found == applications.end() ? nullptr : &*found;
}

bool Domain::is_called(std::string_view called) const {
    return called == name || called == uuid || called == std::to_string(id);
}

json to_json(const Application& application, const Domain& domain) {
    return {
        {"id", application.id},
        {"domainId", domain.id},
        {"name", application.name},
        {"uuid", application.uuid},
        {"type", "cxml"},
        {"url", application.url},
        {"method", application.method},
        {"active", true},
        {"profile", application.profile},
        {"llm-tools", json::array()}};
}

json to_json(const Domain& domain) {
    return {
        {"id", domain.id},
        {"tenantId", 1},
        {"domain", domain.name},
        {"active", true},
        {"uuid", domain.uuid},
        {"createdAt", to_iso(domain.created)},
        {"modifiedAt", to_iso(domain.modified)},
        {"deletedAt", nullptr},
        {"defaultApplication",
         domain.default_application == 0 ? json() : json(domain.default_application)},
        {"registrationFree", false},
        {"profile", domain.profile},
        {"aliases", json::array()}};
}

}  // namespace cxdial::simulator
