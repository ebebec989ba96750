#include "campaign/internal/zone_table.h"
#include "campaign/recipient_hours.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <unordered_map>

namespace cxdial::campaign {
namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> words;
    std::string word;
    while (stream >> word) {
        words.push_back(word);
    }
    return words;
}

using ZonesByPrefix = std::unordered_map<std::string, std::vector<std::string>>;

ZonesByPrefix read_tables() {
    ZonesByPrefix read;
    for (const auto& table : {zones_of_north_america(), zones_of_the_world()}) {
        for (const PrefixZones& row : table) {
            for (std::string& prefix : words_of(row.prefixes)) {
                read.emplace(std::move(prefix), words_of(row.zones));
            }
        }
    }
    return read;
}

}  // namespace

std::vector<std::string> plausible_zones(base::PhoneNumber number) {
    static const ZonesByPrefix by_prefix = read_tables();
    std::string prefix = std::to_string(number.digits());
    prefix.resize(std::min(prefix.size(), prefix_digits_max));
    while (!prefix.empty()) {
        if (const auto found = by_prefix.find(prefix); found != by_prefix.end()) {
            return found->second;
        }
        prefix.pop_back();
    }
    return {};
}

}  // namespace cxdial::campaign
