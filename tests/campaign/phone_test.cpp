#include "campaign/phone.h"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

using cxdial::base::Errc;
using cxdial::base::PhoneNumber;
using cxdial::campaign::PhonePrefix;
using cxdial::campaign::read_caller_number;
using cxdial::campaign::read_number_or_prefix;
using cxdial::campaign::read_phone_number;

TEST_CASE("phone: numbers as people write them become E.164", "[campaign][phone]") {
    const auto [text, region, e164] = GENERATE(table<std::string, std::string, std::string>({
        {"+12125550100", "", "+12125550100"},
        {"12125550100", "", "+12125550100"},
        {"+1 (212) 555-0100", "", "+12125550100"},
        {" +12125550100 ", "", "+12125550100"},
        {"(212) 555-0100", "US", "+12125550100"},
        {"12125550100", "US", "+12125550100"},
        {"020 7946 0000", "GB", "+442079460000"},
        {"0044 20 7946 0000", "GB", "+442079460000"},
        {"+44 (0)20 7946 0000", "US", "+442079460000"},
        {"+39 06 698 1234", "", "+39066981234"},
        {"２１２５５５０１００", "US", "+12125550100"},
    }));
    CAPTURE(text, region);
    const auto number = read_phone_number(text, region);
    REQUIRE(number);
    REQUIRE(number->reveal() == e164);
}

TEST_CASE("phone: an area code newer than the library's data is accepted", "[campaign][phone]") {
    REQUIRE(read_phone_number("+1 235 555 0100")->reveal() == "+12355550100");
    REQUIRE(read_phone_number("(645) 555-0100", "US")->reveal() == "+16455550100");
}

TEST_CASE("phone: what is wrong with a value is said", "[campaign][phone]") {
    const auto [text, region, reason] = GENERATE(table<std::string, std::string, std::string>({
        {"", "", "is empty"},
        {" \t ", "", "is empty"},
        {"+1 212 555 0100 x123", "", "has an extension, which cannot be dialed"},
        {"+1 212 555 0100 ext. 5", "", "has an extension, which cannot be dialed"},
        {"1-800-FLOWERS", "US", "contains letters"},
        {"tel:+12125550100", "", "contains letters"},
        {"abc", "", "is not a phone number"},
        {"\xff\xfe", "", "is not a phone number"},
        {"1.21256E+10", "", "is in scientific notation: a spreadsheet has cut its digits off"},
        {"+1234567890123456", "", "is too long for its country"},
        {"2125550100", "", "is too short for its country"},
        {"5550100", "US", "is a local number without its area code"},
        {"442079460000", "US", "is too long for its country"},
        {"(212) 555-0100", "", "has no country code: write it with + and the country code"},
        {"2125550100", "XX", "has no country code that exists"},
        {"+1 212 555 0100 / +1 212 555 0101", "", "is not a phone number"},
    }));
    CAPTURE(text, region);
    const auto number = read_phone_number(text, region);
    REQUIRE_FALSE(number);
    REQUIRE(number.error().code == Errc::invalid_argument);
    REQUIRE(number.error().detail == reason);
}

TEST_CASE("phone: a prefix is told from a number, and never taken for one", "[campaign][phone]") {
    const auto entry = read_number_or_prefix(" +1212* ");
    REQUIRE(entry);
    const auto* prefix = std::get_if<PhonePrefix>(&*entry);
    REQUIRE(prefix != nullptr);
    CHECK(prefix->digits == 1212);
    CHECK(cxdial::campaign::reveal(*entry) == "+1212*");
    CHECK(prefix->covers(*read_phone_number("+12125550100")));
    CHECK_FALSE(prefix->covers(*read_phone_number("+12135550100")));
    CHECK(std::holds_alternative<PhoneNumber>(*read_number_or_prefix("+1 212 555 0100")));
    CHECK(read_number_or_prefix("+12345678901234*"));
    // Its digits alone would be a number.
    CHECK(read_phone_number("+49301234*").error().detail == "is a prefix, not a phone number");
}

TEST_CASE("phone: a prefix that is none is refused", "[campaign][phone]") {
    const std::string text =
        GENERATE("+*", "*", "1212*", "+0*", "+123456789012345*", "+12 12*", "+12a*", "+12**");
    CAPTURE(text);
    const auto entry = read_number_or_prefix(text);
    REQUIRE_FALSE(entry);
    REQUIRE_THAT(entry.error().detail, Catch::StartsWith("is no prefix"));
}

TEST_CASE("phone: a very long value is refused at once", "[campaign][phone]") {
    REQUIRE(read_phone_number(std::string(100'000, '1')).error().detail == "is too long");
}

TEST_CASE("phone: a caller's number is read as carriers show it", "[campaign][phone]") {
    const auto [text, dialed, e164] = GENERATE(table<std::string, std::string, std::string>({
        {"+442079460000", "+12125550100", "+442079460000"},
        {"2125550199", "+12125550100", "+12125550199"},
        {"12125550199", "+12125550100", "+12125550199"},
        {"12125550199", "+442079460001", "+12125550199"},
        {"442079460000", "+39066981234", "+442079460000"},
        {"02079460000", "+442079460001", "+442079460000"},
        {"011442079460000", "+12125550100", "+442079460000"},
        {"442079460000", "+80012345678", "+442079460000"},
        {"442079460000", "", "+442079460000"},
    }));
    CAPTURE(text, dialed);
    const auto number = read_caller_number(text, PhoneNumber::parse(dialed));
    REQUIRE(number);
    REQUIRE(number->reveal() == e164);
}

TEST_CASE("phone: a caller without a number has none", "[campaign][phone]") {
    const auto [text, reason] = GENERATE(table<std::string, std::string>({
        {"anonymous", "is not a phone number"},
        {"", "is empty"},
        {"1004", "is too short for its country"},
    }));
    const auto number = read_caller_number(text, PhoneNumber::parse("+12125550100"));
    REQUIRE_FALSE(number);
    REQUIRE(number.error().detail == reason);
}
