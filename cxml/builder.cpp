#include "cxml/builder.h"

#include "cxml/internal/checker.h"
#include "cxml/internal/text.h"

#include <pugixml.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace cxdial::cxml {
namespace {

constexpr std::string_view declaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

/// Takes what pugixml writes. A reader would turn a raw carriage return into a line feed and a raw
/// tab in an attribute into a space, and pugixml leaves some of them raw. It makes neither by
/// itself in this format, so each one seen here was given by the caller.
class StringWriter final : public pugi::xml_writer {
public:
    explicit StringWriter(std::string& out) : out_(out) {}

    void write(const void* data, std::size_t size) override {
        for (const char c : std::string_view(static_cast<const char*>(data), size)) {
            if (c == '\r') {
                out_ += "&#13;";
            } else if (c == '\t') {
                out_ += "&#9;";
            } else {
                out_ += c;
            }
        }
    }

private:
    std::string& out_;
};

base::Error refused(std::string detail) {
    return {base::Errc::invalid_argument, "CXML " + std::move(detail)};
}

}  // namespace

struct Node::Tree {
    pugi::xml_document xml;
    std::vector<pugi::xml_node> nodes;
    std::optional<base::Error> error;  ///< what the tree cannot even hold

    Tree() {
        constexpr std::size_t usual = 4;
        nodes.reserve(usual);
        nodes.push_back(xml.append_child(rule_of(Element::response).name.data()));
    }

    /// False, and an error for `finish`, when XML cannot hold the text.
    bool holds(pugi::xml_node node, std::string_view attribute, std::string_view text) {
        const auto illegal = find_illegal(text);
        if (illegal && !error) {
            const std::string what = attribute.empty() ? "text" : "attribute " + quoted(attribute);
            error = refused(path_of(node) + ": " + what + ": " + illegal->what);
        }
        return !illegal;
    }
};

Node Node::add(Element element) const {
    tree_->nodes.push_back(tree_->nodes[index_].append_child(rule_of(element).name.data()));
    return {tree_, tree_->nodes.size() - 1};
}

const Node& Node::set(std::string_view attribute, std::string_view value) const {
    pugi::xml_node node = tree_->nodes[index_];
    if (!tree_->holds(node, attribute, attribute) || !tree_->holds(node, attribute, value)) {
        return *this;
    }
    const std::string name(attribute);
    pugi::xml_attribute target = node.attribute(name.c_str());
    if (!target) {
        target = node.append_attribute(name.c_str());
    }
    target.set_value(value.data(), value.size());
    return *this;
}

const Node& Node::text(std::string_view text) const {
    pugi::xml_node node = tree_->nodes[index_];
    if (!text.empty() && tree_->holds(node, "", text)) {
        node.append_child(pugi::node_pcdata).set_value(text.data(), text.size());
    }
    return *this;
}

Document::Document() : tree_(std::make_unique<Node::Tree>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Node Document::response() const {
    return {tree_.get(), 0};
}

base::Result<std::string> Document::finish() const {
    if (tree_->error) {
        return *tree_->error;
    }
    const pugi::xml_node response = tree_->xml.document_element();
    Checker checker;
    checker.check_element(response, rule_of(Element::response));
    for (const Problem& problem : checker.problems()) {
        if (problem.fault != Fault::warning) {
            return refused(path_of(problem.where) + ": " + problem.message);
        }
    }
    std::string out;
    constexpr std::size_t usual = 320;
    out.reserve(usual);
    out = declaration;
    StringWriter writer(out);
    constexpr unsigned int format = pugi::format_raw | pugi::format_no_declaration;
    tree_->xml.save(writer, "", format, pugi::encoding_utf8);
    return out;
}

}  // namespace cxdial::cxml
