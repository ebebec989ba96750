#include "campaign/phone.h"

#include "campaign/internal/text.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <phonenumbers/phonenumberutil.h>
#include <string>

namespace cxdial::campaign {
namespace {

using base::PhoneNumber;
using base::Result;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t text_bytes_max = 250;
constexpr std::size_t prefix_digits_max = 14;

base::Error wrong(std::string_view reason) {
    return {base::Errc::invalid_argument, std::string(reason)};
}

bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}
bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
}

/// As spreadsheets write a number that is too long for them: `1.21256E+10`.
bool is_scientific(std::string_view text) {
    const std::size_t exponent = text.find_first_of("eE");
    return exponent != std::string_view::npos && exponent > 0 && exponent + 1 < text.size() &&
           text.find_first_not_of("0123456789.,") == exponent &&
           text.find_first_not_of("0123456789+", exponent + 1) == std::string_view::npos;
}

std::string_view parse_problem(PhoneNumberUtil::ErrorType problem, std::string_view region) {
    switch (problem) {
        case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
            return region.empty() ? "has no country code: write it with + and the country code"
                                  : "has no country code that exists";
        case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
        case PhoneNumberUtil::TOO_SHORT_NSN:
            return "is too short";
        case PhoneNumberUtil::TOO_LONG_NSN:
            return "is too long";
        case PhoneNumberUtil::NO_PARSING_ERROR:
        case PhoneNumberUtil::NOT_A_NUMBER:
            break;
    }
    return "is not a phone number";
}

std::string_view possibility_problem(PhoneNumberUtil::ValidationResult result) {
    switch (result) {
        case PhoneNumberUtil::IS_POSSIBLE:
            return {};
        case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
            return "is a local number without its area code";
        case PhoneNumberUtil::INVALID_COUNTRY_CODE:
            return "has no country code that exists";
        case PhoneNumberUtil::TOO_SHORT:
            return "is too short for its country";
        case PhoneNumberUtil::TOO_LONG:
            return "is too long for its country";
        case PhoneNumberUtil::INVALID_LENGTH:
            break;
    }
    return "has a length that its country does not use";
}

Result<PhoneNumber> read_with_library(const std::string& text, std::string_view region) {
    const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
    i18n::phonenumbers::PhoneNumber number;
    // "ZZ" is the library's name for no region.
    const std::string default_region{region.empty() ? "ZZ" : region};
    const auto problem = library.Parse(text, default_region, &number);
    if (problem != PhoneNumberUtil::NO_PARSING_ERROR) {
        return wrong(parse_problem(problem, region));
    }
    if (number.has_extension()) {
        return wrong("has an extension, which cannot be dialed");
    }
    if (std::any_of(text.begin(), text.end(), is_letter)) {
        return wrong("contains letters");
    }
    const std::string_view impossible =
        possibility_problem(library.IsPossibleNumberWithReason(number));
    if (!impossible.empty()) {
        return wrong(impossible);
    }
    std::string e164;
    library.Format(number, PhoneNumberUtil::E164, &e164);
    if (const auto read = PhoneNumber::parse(e164)) {
        return *read;
    }
    return wrong("has a length that E.164 does not allow");
}

/// `US`; empty: its country code belongs to no region.
std::string region_of(PhoneNumber number) {
    const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
    i18n::phonenumbers::PhoneNumber parsed;
    std::string region;
    if (library.Parse(number.reveal(), "ZZ", &parsed) == PhoneNumberUtil::NO_PARSING_ERROR) {
        library.GetRegionCodeForCountryCode(parsed.country_code(), &region);
    }
    // "ZZ" is no region and "001" the whole world.
    return region == "ZZ" || region == "001" ? "" : region;
}

/// Whether the library's data has numbers of this form.
bool is_known_form(PhoneNumber number) {
    const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
    i18n::phonenumbers::PhoneNumber parsed;
    return library.Parse(number.reveal(), "ZZ", &parsed) == PhoneNumberUtil::NO_PARSING_ERROR &&
           library.IsValidNumber(parsed);
}

/// The digits of `+1212*`; nothing: it is written otherwise.
std::string_view prefix_digits(std::string_view text) {
    if (text.size() < 3 || text.front() != '+') {
        return {};
    }
    const std::string_view digits = text.substr(1, text.size() - 2);
    const bool is_prefix =
        digits.size() <= prefix_digits_max && all_digits(digits) && digits.front() != '0';
    return is_prefix ? digits : std::string_view{};
}

}  // namespace

Result<PhoneNumber> read_phone_number(std::string_view text, std::string_view region) {
    if (!text.empty() && text.front() == '+') {
        if (const auto plain = PhoneNumber::parse(text)) {
            return *plain;
        }
    }
    text = trimmed(text);
    if (text.empty()) {
        return wrong("is empty");
    }
    if (text.size() > text_bytes_max) {
        return wrong("is too long");
    }
    if (looks_like_prefix(text)) {
        // To the library the * is noise: it would take the prefix of a short number for a number.
        return wrong("is a prefix, not a phone number");
    }
    if (is_scientific(text)) {
        return wrong("is in scientific notation: a spreadsheet has cut its digits off");
    }
    // Without a region, digits alone can only be E.164 that lost its plus sign.
    const bool lost_plus = region.empty() && all_digits(text) && text.front() != '0';
    try {
        return read_with_library((lost_plus ? "+" : "") + std::string(text), region);
    } catch (const std::exception&) {
        return wrong("is not a phone number");
    }
}

Result<PhoneNumber> read_caller_number(std::string_view text, std::optional<PhoneNumber> dialed) {
    text = trimmed(text);
    const bool lacks_plus = !text.empty() && text.front() != '+';
    const std::string region = dialed && lacks_plus ? region_of(*dialed) : "";
    Result<PhoneNumber> national = read_phone_number(text, region);
    if (region.empty() || !all_digits(text) || text.front() == '0') {
        return national;
    }
    Result<PhoneNumber> international = read_phone_number(text);
    if (!international || (national && is_known_form(*national))) {
        return national;
    }
    return !national || is_known_form(*international) ? international : national;
}

std::string PhonePrefix::text() const {
    return "+" + std::to_string(digits) + "*";
}

bool PhonePrefix::covers(PhoneNumber number) const {
    const std::string begin = std::to_string(digits);
    return std::to_string(number.digits()).compare(0, begin.size(), begin) == 0;
}

std::string reveal(const NumberOrPrefix& entry) {
    if (const auto* number = std::get_if<PhoneNumber>(&entry)) {
        return number->reveal();
    }
    return std::get<PhonePrefix>(entry).text();
}

bool looks_like_prefix(std::string_view text) {
    text = trimmed(text);
    return !text.empty() && text.back() == '*';
}

Result<NumberOrPrefix> read_number_or_prefix(std::string_view text, std::string_view region) {
    if (!looks_like_prefix(text)) {
        const Result<PhoneNumber> number = read_phone_number(text, region);
        return number ? Result<NumberOrPrefix>(*number) : Result<NumberOrPrefix>(number.error());
    }
    const std::string_view digits = prefix_digits(trimmed(text));
    if (digits.empty()) {
        return wrong("is no prefix: write +, 1 to 14 digits from the country code on, and *");
    }
    PhonePrefix prefix;
    std::from_chars(digits.data(), digits.data() + digits.size(), prefix.digits);
    return NumberOrPrefix{prefix};
}

}  // namespace cxdial::campaign
