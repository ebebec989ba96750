#include "daemon/statistics_json.h"

#include <nlohmann/json.hpp>

#include <string>

namespace cxdial::daemon {
namespace {

template <class Counts>
nlohmann::ordered_json by_name(const Counts& counts) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const auto& [key, count] : counts) {
        json[std::string(to_string(key))] = count;
    }
    return json;
}

}  // namespace

nlohmann::ordered_json destinations_json(const storage::CampaignStatistics& statistics) {
    return by_name(statistics.destinations);
}

nlohmann::ordered_json dispositions_json(const storage::CampaignStatistics& statistics) {
    return by_name(statistics.dispositions);
}

}  // namespace cxdial::daemon
