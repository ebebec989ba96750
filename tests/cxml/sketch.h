#pragma once

#include "base/rng.h"
#include "cxml/builder.h"
#include "cxml/grammar.h"

#include <string>
#include <utility>
#include <vector>

namespace cxdial::cxml::test {

/// A document as a plain tree: what a test gives to the builder, and what it reads back.
struct Sketch {
    std::string name;  ///< of the element; empty: this is text
    std::string text;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<Sketch> children;

    friend bool operator==(const Sketch&, const Sketch&) = default;
};

/// A random document that keeps every rule of the grammar which is an error to break. Every
/// element, attribute and value of the table can come up.
[[nodiscard]] Sketch random_legal(base::Rng& rng);

/// A random tree of the grammar's words, put together without respect for its rules.
[[nodiscard]] Sketch random_wild(base::Rng& rng);

/// Text with everything in it that has to be escaped, in many alphabets.
[[nodiscard]] std::string random_text(base::Rng& rng);

/// Gives the sketch of a whole document to the builder.
void build(const Node& node, const Sketch& sketch);

/// The sketch as XML, written without the builder.
[[nodiscard]] std::string to_xml(const Sketch& sketch);

/// Reads a document with pugixml alone.
[[nodiscard]] Sketch read_back(const std::string& document);

/// How many of an element there are.
[[nodiscard]] std::size_t count(const Sketch& sketch, const std::string& name);

}  // namespace cxdial::cxml::test
