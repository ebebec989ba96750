#pragma once

#include "base/result.h"
#include "cxml/grammar.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cxdial::cxml {

class Document;

/// One element of a document that is being built: two words, to be copied. Good as long as its
/// `Document`, wherever that is moved to. What is wrong is not said here but by `Document::finish`.
class Node {
public:
    /// Appends a child and returns it. `Element::stream` and `Element::parameter` mean the
    /// `<Stream>` or `<Parameter>` that may stand in this parent, whichever it is.
    Node add(Element element) const;

    /// Gives an attribute its value, in place of one that it had. Attributes keep the order in
    /// which they were first set. Any legal text may be given; it is escaped.
    const Node& set(std::string_view attribute, std::string_view value) const;
    /// Without this one a literal would be taken for a bool.
    const Node& set(std::string_view attribute, const char* value) const {
        return set(attribute, std::string_view(value));
    }
    const Node& set(std::string_view attribute, std::same_as<bool> auto value) const {
        return set(attribute, value ? std::string_view("true") : std::string_view("false"));
    }
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
        const Node& set(std::string_view attribute, Integer value) const {
        return set(attribute, std::string_view(std::to_string(value)));
    }

    /// Appends text; it is escaped.
    const Node& text(std::string_view text) const;

private:
    friend class Document;
    struct Tree;
    Node(Tree* tree, std::size_t index) : tree_(tree), index_(index) {}

    Tree* tree_;
    std::size_t index_;
};

/// Builds one CXML document:
///
///     Document document;
///     const Node dial = document.add(Element::dial).set("timeout", 25);
///     dial.add(Element::number).text("12127773456");
///     const Result<std::string> text = document.finish();
///
/// Nothing wrong gets out: an element in the wrong place, an attribute that its element does not
/// have, a value that the attribute cannot take, a missing part or text that XML cannot hold all
/// make `finish` fail. What the validator would only warn of (see validate.h) is built, except
/// unknown attributes and values that are not what their attribute holds. Thread rule: one thread
/// at a time.
class Document {
public:
    Document();
    ~Document();
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    /// The `<Response>` itself.
    [[nodiscard]] Node response() const;
    /// Appends a verb.
    Node add(Element verb) const { return response().add(verb); }

    /// The document on one line, with its XML declaration. `invalid_argument` with the first thing
    /// that is wrong: where it stands, the attribute and the value (but for confidential ones). May
    /// be called again after more was added.
    [[nodiscard]] base::Result<std::string> finish() const;

private:
    std::unique_ptr<Node::Tree> tree_;
};

}  // namespace cxdial::cxml
