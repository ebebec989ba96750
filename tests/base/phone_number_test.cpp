#include "base/phone_number.h"

#include <catch2/catch.hpp>

#include <string>
#include <type_traits>

using cxdial::base::PhoneNumber;

static_assert(sizeof(PhoneNumber) == 8);
static_assert(!std::is_default_constructible_v<PhoneNumber>);
static_assert(!std::is_constructible_v<PhoneNumber, std::string>, "only parse makes one");

TEST_CASE("phone number: plain E.164 is read with and without its plus", "[base][phone_number]") {
    REQUIRE(PhoneNumber::parse("+12125550100")->digits() == 12'125'550'100);
    REQUIRE(PhoneNumber::parse("12125550100") == PhoneNumber::parse("+12125550100"));
    REQUIRE(PhoneNumber::parse("+12125550100")->reveal() == "+12125550100");
}

TEST_CASE("phone number: it has 7 to 15 digits and does not begin with 0", "[base][phone_number]") {
    REQUIRE(PhoneNumber::parse("1234567"));
    REQUIRE(PhoneNumber::parse("123456789012345"));
    const auto* const text = GENERATE(
        "",
        "+",
        "123456",
        "1234567890123456",
        "0123456789",
        "+0123456789",
        "++12125550100",
        "-12125550100",
        "1212 5550100",
        "12125550100x",
        "+1-212-555-0100"
    );
    CAPTURE(text);
    REQUIRE_FALSE(PhoneNumber::parse(text));
}

TEST_CASE("phone number: the stored digits read back, others do not", "[base][phone_number]") {
    const auto number = *PhoneNumber::parse("+41791234567");
    REQUIRE(PhoneNumber::from_digits(number.digits()) == number);
    REQUIRE_FALSE(PhoneNumber::from_digits(0));
    REQUIRE_FALSE(PhoneNumber::from_digits(999'999));
    REQUIRE_FALSE(PhoneNumber::from_digits(1'000'000'000'000'000));
}

TEST_CASE(
    "phone number: masked it shows four digits before and two behind", "[base][phone_number]"
) {
    REQUIRE(PhoneNumber::parse("+41791234567")->masked() == "+4179*****67");
    REQUIRE(PhoneNumber::parse("1234567")->masked() == "+1234*67");
}
