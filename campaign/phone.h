#pragma once

#include "base/phone_number.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cxdial::campaign {

/// Reads a number as people write it. Plain E.164 takes a cheap syntactic path; anything else goes
/// through libphonenumber, where a national number needs `region` (ISO 3166, `US`; empty: only
/// international forms are read). A number that is possible is enough: the library's metadata
/// refuses area codes newer than itself. An error says what is wrong with the value. Thread rule:
/// any thread.
[[nodiscard]] base::Result<base::PhoneNumber> read_phone_number(
    std::string_view text, std::string_view region = {}
);

/// Reads a caller's number as a carrier shows it to the owner of `dialed`. One without `+` is read
/// as a number of the dialed one's country and as an international one that lost its `+`; where it
/// could be both, the reading counts that is known to exist, the national one first. An error says
/// what is wrong with the value. Thread rule: any thread.
[[nodiscard]] base::Result<base::PhoneNumber> read_caller_number(
    std::string_view text, std::optional<base::PhoneNumber> dialed
);

/// The digits with which numbers begin, country code first: 1 to 14 of them, the first not 0.
struct PhonePrefix {
    std::int64_t digits = 0;

    /// As users write it: `+1212*`.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool covers(base::PhoneNumber number) const;
};

/// What a do-not-call list holds.
using NumberOrPrefix = std::variant<base::PhoneNumber, PhonePrefix>;

/// `+12125550100`, or `+1212*`.
[[nodiscard]] std::string reveal(const NumberOrPrefix& entry);

/// Whether a text means a prefix, well written or not: it ends in `*`.
[[nodiscard]] bool looks_like_prefix(std::string_view text);

/// Reads a prefix, or what `read_phone_number` reads. An error says what is wrong with the value.
/// Thread rule: any thread.
[[nodiscard]] base::Result<NumberOrPrefix> read_number_or_prefix(
    std::string_view text, std::string_view region = {}
);

}  // namespace cxdial::campaign
