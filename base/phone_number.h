#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::base {

/// A telephone number in E.164: a country code and a subscriber number, 7 to 15 digits in all
/// (ITU-T E.164), the first not 0. Eight bytes; compares by its digits. Prints masked.
class PhoneNumber {
public:
    /// Reads plain E.164, with or without the leading `+`, and nothing else: no spaces, no
    /// brackets. Numbers as people write them are read by `campaign::read_phone_number`.
    [[nodiscard]] static std::optional<PhoneNumber> parse(std::string_view text);
    /// From the stored digits. Nothing when they are no E.164 number.
    [[nodiscard]] static std::optional<PhoneNumber> from_digits(std::uint64_t digits);

    /// The digits as one integer, the stored form.
    [[nodiscard]] std::uint64_t digits() const noexcept { return digits_; }
    /// `+` and all digits. For the call itself and for its owner's eyes; never for a log line.
    [[nodiscard]] std::string reveal() const;
    /// For logs: the first digits and the last two, `+4179*****67`.
    [[nodiscard]] std::string masked() const;

    // NOLINTNEXTLINE(modernize-use-nullptr): misread in the defaulted comparison.
    friend auto operator<=>(const PhoneNumber&, const PhoneNumber&) = default;

private:
    explicit PhoneNumber(std::uint64_t digits) : digits_(digits) {}
    std::uint64_t digits_;
};

}  // namespace cxdial::base

template <>
struct std::hash<cxdial::base::PhoneNumber> {
    std::size_t operator()(const cxdial::base::PhoneNumber& number) const noexcept {
        return std::hash<std::uint64_t>{}(number.digits());
    }
};
