#include "places.h"

#include <algorithm>

namespace cxdial::sim {
namespace {

const Place* place_of(std::uint64_t digits) {
    const auto* const found = std::find_if(places.begin(), places.end(), [&](const Place& place) {
        return digits >= place.first && digits < place.first + numbers_of_a_place;
    });
    return found == places.end() ? nullptr : found;
}

}  // namespace

base::PhoneNumber number_in(std::size_t place, std::uint64_t index) {
    return base::PhoneNumber::from_digits(places.at(place).first + index % numbers_of_a_place)
        .value();
}

bool is_somebodys(std::uint64_t digits) {
    return place_of(digits) != nullptr;
}

std::string_view zone_of(base::PhoneNumber number) {
    const Place* place = place_of(number.digits());
    return place == nullptr ? std::string_view{} : place->zone;
}

}  // namespace cxdial::sim
