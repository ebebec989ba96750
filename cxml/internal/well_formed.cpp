#include "cxml/internal/well_formed.h"

#include "cxml/internal/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace cxdial::cxml {
namespace {

constexpr std::size_t npos = std::string_view::npos;

using Outcome = std::optional<IllFormed>;

bool is_character_reference(std::string_view name) {
    const bool hexadecimal = name.starts_with("#x");
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
    return !digits.empty() && error == std::errc{} && end == digits.data() + digits.size() &&
           is_xml_character(value);
}

/// The name of a reference, between `&` and `;`.
bool is_reference(std::string_view name) {
    constexpr std::array<std::string_view, 5> named{"amp", "lt", "gt", "quot", "apos"};
    return name.starts_with('#') ? is_character_reference(name)
                                 : std::ranges::find(named, name) != named.end();
}

class Scanner {
public:
    explicit Scanner(std::string_view document) : document_(document) {}

    Outcome run() {
        while (at_ < document_.size()) {
            Outcome found = document_[at_] == '<' ? markup() : text();
            if (found) {
                return found;
            }
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] bool here(std::string_view what) const {
        return document_.substr(at_).starts_with(what);
    }

    Outcome markup() {
        if (here("<!--")) {
            return comment();
        }
        if (here("<![CDATA[")) {
            return skip_past("]]>", "a CDATA section");
        }
        if (here("<!")) {
            return IllFormed{at_, "a document type declaration is not part of CXML"};
        }
        if (here("<?")) {
            return instruction();
        }
        if (here("</")) {
            return skip_past(">", "a tag");
        }
        return tag();
    }

    Outcome skip_past(std::string_view end, const char* what) {
        const std::size_t found = document_.find(end, at_);
        if (found == npos) {
            return IllFormed{at_, std::string("the document ends inside ") + what};
        }
        at_ = found + end.size();
        return std::nullopt;
    }

    Outcome comment() {
        const std::size_t body = at_ + std::string_view("<!--").size();
        const std::size_t dashes = document_.find("--", body);
        if (dashes != npos && !document_.substr(dashes).starts_with("-->")) {
            return IllFormed{dashes, "-- inside a comment"};
        }
        at_ = body;
        return skip_past("-->", "a comment");
    }

    Outcome instruction() {
        const std::size_t name = at_ + 2;
        const std::size_t name_end = document_.find_first_of(" \t\r\n?", name);
        const bool declares =
            name_end != npos && equal_without_case(document_.substr(name, name_end - name), "xml");
        if (declares && at_ != 0) {
            return IllFormed{at_, "the XML declaration is not at the beginning"};
        }
        return skip_past("?>", "a processing instruction");
    }

    Outcome tag() {
        const std::size_t begin = at_++;
        while (at_ < document_.size()) {
            const char c = document_[at_];
            if (c == '>') {
                ++at_;
                return std::nullopt;
            }
            if (c == '<') {
                return IllFormed{at_, "< inside a tag"};
            }
            if (c != '"' && c != '\'') {
                ++at_;
                continue;
            }
            if (Outcome found = attribute_value(c)) {
                return found;
            }
        }
        return IllFormed{begin, "the document ends inside a tag"};
    }

    Outcome attribute_value(char quote) {
        const std::size_t begin = at_ + 1;
        const std::size_t end = document_.find(quote, begin);
        if (end == npos) {
            return IllFormed{at_, "the document ends inside an attribute"};
        }
        const std::string_view value = document_.substr(begin, end - begin);
        at_ = end + 1;
        if (const std::size_t less = value.find('<'); less != npos) {
            return IllFormed{begin + less, "< inside an attribute"};
        }
        return references(value, begin);
    }

    Outcome text() {
        const std::size_t begin = at_;
        at_ = std::min(document_.find('<', at_), document_.size());
        const std::string_view value = document_.substr(begin, at_ - begin);
        if (const std::size_t end = value.find("]]>"); end != npos) {
            return IllFormed{begin + end, "]]> inside text"};
        }
        return references(value, begin);
    }

    static Outcome references(std::string_view value, std::size_t begin) {
        constexpr std::size_t longest = 32;
        std::size_t at = value.find('&');
        while (at != npos) {
            const std::size_t end = value.substr(at, longest).find(';');
            if (end == npos || !is_reference(value.substr(at + 1, end - 1))) {
                return IllFormed{begin + at, "& that begins no reference, written &amp;"};
            }
            at = value.find('&', at + end);
        }
        return std::nullopt;
    }

    std::string_view document_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<IllFormed> find_ill_formed(std::string_view document) {
    if (const auto illegal = find_illegal(document)) {
        return IllFormed{illegal->offset, illegal->what};
    }
    return Scanner(document).run();
}

}  // namespace cxdial::cxml
