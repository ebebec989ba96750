#include "cxml/builder.h"
#include "cxml/validate.h"
#include "tests/cxml/sketch.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace cxdial::cxml::test {

namespace {

bool has_errors(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::error;
    });
}

std::string first_of(const std::vector<Finding>& findings) {
    return findings.empty() ? "" : to_string(findings.front());
}

/// The sketch as the builder writes it.
base::Result<std::string> built(const Sketch& sketch) {
    const Document document;
    build(document.response(), sketch);
    return document.finish();
}

void note_names(const Sketch& sketch, std::set<std::string>& names) {
    names.insert(sketch.name);
    for (const auto& attribute : sketch.attributes) {
        names.insert(sketch.name + '@' + attribute.first);
    }
    for (const Sketch& child : sketch.children) {
        note_names(child, names);
    }
}

std::string mutated(base::Rng& rng, std::string text) {
    static constexpr std::string_view bytes{"<>&/\"'=!?-[]x; \0\xFF\n", 18};
    for (std::uint64_t left = 1 + rng.below(4); left > 0; --left) {
        const std::size_t at = rng.below(text.size() + 1);
        switch (rng.below(3)) {
            case 0:
                text.insert(at, 1, bytes[rng.below(bytes.size())]);
                break;
            case 1:
                text.erase(at, rng.below(6));
                break;
            default:
                text.insert(at, text.substr(rng.below(text.size() + 1), rng.below(20)));
                break;
        }
    }
    return text;
}

}  // namespace

TEST_CASE(
    "round trip: every legal document is built, reads back the same and validates", "[cxml]"
) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        CAPTURE(seed);
        base::Rng rng(seed);
        const Sketch sketch = random_legal(rng);
        const auto text = built(sketch);
        if (!text) {
            FAIL(text.error().detail);
        }
        CAPTURE(*text);
        REQUIRE(read_back(*text) == sketch);
        const auto findings = validate(*text);
        CAPTURE(first_of(findings));
        REQUIRE_FALSE(has_errors(findings));
        note_names(sketch, seen);
    }
    for (const ElementRule& rule : grammar()) {
        CAPTURE(rule.name);
        CHECK(seen.count(std::string(rule.name)) == 1);
        for (const AttributeRule& attribute : rule.attributes) {
            CAPTURE(attribute.name);
            const bool seen_attribute =
                seen.count(std::string(rule.name) + '@' + std::string(attribute.name)) == 1;
            CHECK(seen_attribute);
        }
    }
}

TEST_CASE("round trip: builder and validator agree on documents that break the rules", "[cxml]") {
    std::size_t right = 0;
    std::size_t wrong = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        CAPTURE(seed);
        base::Rng rng(seed);
        const Sketch sketch = random_wild(rng);
        const auto text = built(sketch);
        const auto findings = validate(to_xml(sketch));
        CAPTURE(to_xml(sketch), first_of(findings));
        if (text) {
            ++right;
            REQUIRE_FALSE(has_errors(findings));
        } else {
            ++wrong;
            CAPTURE(text.error().detail);
            REQUIRE_FALSE(findings.empty());
        }
    }
    CHECK(right > 50);
    CHECK(wrong > 1000);
}

TEST_CASE("round trip: what the builder refuses in text, it refuses by name", "[cxml]") {
    const Document document;
    document.add(Element::say).set("voice", "a").text(std::string_view("a\0b", 3));
    const auto text = document.finish();
    REQUIRE_FALSE(text);
    CHECK(text.error().detail == "CXML Response/Say: text: character U+0000");
}

TEST_CASE("round trip: a damaged document never harms the validator", "[cxml]") {
    std::size_t errors = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        CAPTURE(seed);
        base::Rng rng(seed);
        const auto text = built(random_legal(rng));
        REQUIRE(text);
        errors += has_errors(validate(mutated(rng, *text))) ? 1 : 0;
    }
    CHECK(errors > 1500);
}

TEST_CASE("round trip: a document cut anywhere is an error", "[cxml]") {
    base::Rng rng(7);
    Sketch sketch = random_legal(rng);
    while (count(sketch, "Converse") == 0) {
        sketch = random_legal(rng);
    }
    const std::string text = *built(sketch);
    for (std::size_t length = 0; length < text.size(); ++length) {
        CAPTURE(length);
        REQUIRE_FALSE(is_valid(std::string_view(text).substr(0, length)));
    }
}

}  // namespace cxdial::cxml::test
