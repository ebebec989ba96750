#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::cxml {

/// error: Cloudonix would refuse the document or not do what it says. warning: legal, and probably
/// not what was meant, or not in the public documentation.
enum class Severity : std::uint8_t { error, warning };

[[nodiscard]] std::string_view to_string(Severity severity);

/// One thing that is wrong or doubtful in a document.
struct Finding {
    Severity severity;
    std::size_t line;     ///< counted from 1; of the element's tag
    std::string path;     ///< `Response/Dial/Number[2]`; empty: the document as a whole
    std::string message;  ///< names the attribute and the value, but for passwords and stream URLs

    friend bool operator==(const Finding&, const Finding&) = default;
};

/// The most findings that one document gets; what comes after is not listed.
inline constexpr std::size_t findings_max = 100;

/// Holds a document against the grammar of grammar.h. Reads any bytes; never fails. Empty: the
/// document is right. A text that is not well-formed gets one finding, for the first place.
///
/// Errors: not well-formed XML 1.0 in UTF-8, or with a document type declaration; a root other than
/// `<Response>`; an unknown element, a wrong parent, a name in the wrong case; text where none may
/// stand or none where it must; a missing attribute; a value outside its enumeration or range; more
/// than 64 attributes or 16 levels.
/// Warnings: an unknown attribute; values of a doubtful form (a callback over plain http, a
/// provider that is not listed, trunks as a JSON array, what is no URL or no telephone keys); verbs
/// that are never reached; mixed nouns; a Header after a noun; a Reject that is not first; what is
/// only reported to exist.
[[nodiscard]] std::vector<Finding> validate(std::string_view document);

/// Whether a document has no errors; warnings do not count.
[[nodiscard]] bool is_valid(std::string_view document);

/// For people: `line 3: error: Response/Dial: holds neither text nor a noun`.
[[nodiscard]] std::string to_string(const Finding& finding);

}  // namespace cxdial::cxml
