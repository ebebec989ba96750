#include "base/phone_number.h"

#include <charconv>

namespace cxdial::base {
namespace {

constexpr std::size_t digits_min = 7;
constexpr std::size_t digits_max = 15;
constexpr std::size_t shown_front = 4;
constexpr std::size_t shown_back = 2;

}  // namespace

std::optional<PhoneNumber> PhoneNumber::parse(std::string_view text) {
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
    }
    if (text.size() < digits_min || text.size() > digits_max || text.front() == '0') {
        return std::nullopt;
    }
    std::uint64_t digits = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), digits);
    if (problem != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return PhoneNumber{digits};
}

std::optional<PhoneNumber> PhoneNumber::from_digits(std::uint64_t digits) {
    return parse(std::to_string(digits));
}

std::string PhoneNumber::reveal() const {
    return "+" + std::to_string(digits_);
}

std::string PhoneNumber::masked() const {
    std::string text = std::to_string(digits_);
    const std::size_t hidden = text.size() - shown_front - shown_back;
    return "+" + text.replace(shown_front, hidden, hidden, '*');
}

}  // namespace cxdial::base
