#include "campaign/internal/time_zone.h"

#include <exception>

namespace cxdial::campaign {

const date::time_zone* find_zone(std::string_view name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace cxdial::campaign
