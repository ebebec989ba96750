#include "tests/cxml/sketch.h"

#include "cxml/providers.h"

#include <pugixml.hpp>

#include <array>
#include <sstream>
#include <stdexcept>

namespace cxdial::cxml::test {
namespace {

template <class List>
auto any_of(base::Rng& rng, const List& list) {
    return list[rng.below(list.size())];
}

std::string letters(base::Rng& rng, std::string_view alphabet, std::size_t least) {
    std::string out;
    for (std::size_t i = least + rng.below(6); i > 0; --i) {
        out += alphabet[rng.below(alphabet.size())];
    }
    return out;
}

std::string one_line(base::Rng& rng) {
    std::string out;
    for (const char c : random_text(rng)) {
        out += c == '\r' || c == '\n' ? ' ' : c;
    }
    return out;
}

std::string word_list(base::Rng& rng, std::span<const std::string_view> words) {
    std::string out(any_of(rng, words));
    while (rng.chance(0.5)) {
        out += rng.chance(0.5) ? "," : " ";
        out += any_of(rng, words);
    }
    return out;
}

std::string legal_url(base::Rng& rng, std::string_view scheme) {
    return std::string(scheme) + "agent.example/" + letters(rng, "abc-._~%&=?;'", 0);
}

std::string legal_choice(base::Rng& rng, const ValueRule& rule) {
    return std::string(
        !rule.reported_choices.empty() && rng.chance(0.3) ? any_of(rng, rule.reported_choices)
                                                          : any_of(rng, rule.choices)
    );
}

std::string legal_number(base::Rng& rng, const ValueRule& rule) {
    if (!rule.choices.empty() && rng.chance(0.5)) {
        return legal_choice(rng, rule);
    }
    const auto span = static_cast<std::uint64_t>(rule.max - rule.min) + 1;
    return std::to_string(rule.min + static_cast<std::int64_t>(rng.below(span)));
}

std::string legal_value(base::Rng& rng, const ValueRule& rule) {
    switch (rule.kind) {
        case ValueKind::text:
            return random_text(rng) + letters(rng, "abc&<>\"'", 1);
        case ValueKind::boolean:
            return rng.chance(0.5) ? "true" : "false";
        case ValueKind::integer:
            return legal_number(rng, rule);
        case ValueKind::decimal:
            return any_of(rng, std::array<std::string, 4>{"0", "1", "0.25", ".5"});
        case ValueKind::choice:
            return legal_choice(rng, rule);
        case ValueKind::choice_list:
            return word_list(rng, rule.choices);
        case ValueKind::keys:
            return letters(rng, "0123456789*#ABCD", 0);
        case ValueKind::dial_string:
            return letters(rng, "0123456789*#wW,", 1);
        case ValueKind::url:
        case ValueKind::callback_url:
        case ValueKind::redirect_url:
            return legal_url(rng, rng.chance(0.2) ? "http://" : "https://");
        case ValueKind::stream_url:
            return legal_url(rng, rng.chance(0.2) ? "ws://" : "wss://");
        case ValueKind::sip_address:
            return "sip:" + letters(rng, "abc123&", 1) + "@pbx.example:5060;transport=tcp";
        case ValueKind::header_name:
            return "X-" + letters(rng, "abcXYZ-", 1);
        case ValueKind::header_value:
            return one_line(rng);
        case ValueKind::provider:
            return std::string(rng.chance(0.8) ? any_of(rng, providers()).id : "our-own & only");
        case ValueKind::trunks:
            return rng.chance(0.2) ? "[1,2]" : letters(rng, "ab-,", 1);
    }
    return "";
}

Sketch text_sketch(std::string text) {
    Sketch out;
    out.text = std::move(text);
    return out;
}

Sketch legal_element(base::Rng& rng, const ElementRule& rule);

void append_children(base::Rng& rng, const ElementRule& rule, Sketch& out, std::size_t least) {
    for (std::size_t left = least + rng.below(4); left > 0; --left) {
        out.children.push_back(legal_element(rng, rule_of(any_of(rng, rule.children))));
    }
}

void append_dial_content(base::Rng& rng, const ElementRule& rule, Sketch& out) {
    if (rng.chance(0.3)) {
        out.children.push_back(text_sketch("1005&1006"));
        return;
    }
    append_children(rng, rule, out, 0);
    out.children.push_back(legal_element(rng, rule_of(Element::number)));
}

void append_mixed(base::Rng& rng, const ElementRule& rule, Sketch& out) {
    for (std::uint64_t left = rng.below(4); left > 0; --left) {
        out.children.push_back(text_sketch(random_text(rng) + "."));
        out.children.push_back(legal_element(rng, rule_of(any_of(rng, rule.children))));
    }
}

void append_content(base::Rng& rng, const ElementRule& rule, Sketch& out) {
    switch (rule.content) {
        case Content::empty:
            break;
        case Content::text:
            if (rng.chance(0.5)) {
                out.children.push_back(text_sketch(random_text(rng) + "."));
            }
            break;
        case Content::required_text:
            out.children.push_back(text_sketch(legal_value(rng, rule.text)));
            break;
        case Content::elements:
            append_children(rng, rule, out, 0);
            break;
        case Content::required_elements:
            append_children(rng, rule, out, 1);
            break;
        case Content::text_or_elements:
            append_dial_content(rng, rule, out);
            break;
        case Content::mixed:
            append_mixed(rng, rule, out);
            break;
    }
}

Sketch legal_element(base::Rng& rng, const ElementRule& rule) {
    Sketch out;
    out.name = rule.name;
    for (const AttributeRule& attribute : rule.attributes) {
        if (attribute.need != Need::optional || rng.chance(0.3)) {
            out.attributes.emplace_back(attribute.name, legal_value(rng, attribute.value));
        }
    }
    append_content(rng, rule, out);
    return out;
}

Sketch wild_element(base::Rng& rng, std::size_t depth) {
    const ElementRule& own = any_of(rng, grammar());
    Sketch out;
    out.name = depth == 0 ? "Response" : own.name;
    for (std::uint64_t left = rng.below(4); left > 0; --left) {
        const ElementRule& other = rng.chance(0.7) ? own : any_of(rng, grammar());
        if (!other.attributes.empty()) {
            const AttributeRule& attribute = any_of(rng, other.attributes);
            const ValueRule& value = rng.chance(0.7) ? attribute.value : ValueRule{};
            out.attributes.emplace_back(attribute.name, legal_value(rng, value));
        }
    }
    for (std::uint64_t left = rng.below(depth < 5 ? 4 : 1); left > 0; --left) {
        out.children.push_back(
            rng.chance(0.3) ? text_sketch(random_text(rng)) : wild_element(rng, depth + 1)
        );
    }
    return out;
}

void write(pugi::xml_node parent, const Sketch& sketch) {
    if (sketch.name.empty()) {
        parent.append_child(pugi::node_pcdata).set_value(sketch.text.c_str());
        return;
    }
    pugi::xml_node node = parent.append_child(sketch.name.c_str());
    for (const auto& [name, value] : sketch.attributes) {
        if (!node.attribute(name.c_str())) {
            node.append_attribute(name.c_str());
        }
        node.attribute(name.c_str()).set_value(value.c_str());
    }
    for (const Sketch& child : sketch.children) {
        write(node, child);
    }
}

Sketch read(pugi::xml_node node) {
    if (node.type() != pugi::node_element) {
        return text_sketch(node.value());
    }
    Sketch out;
    out.name = node.name();
    for (const pugi::xml_attribute& attribute : node.attributes()) {
        out.attributes.emplace_back(attribute.name(), attribute.value());
    }
    for (const pugi::xml_node& child : node.children()) {
        out.children.push_back(read(child));
    }
    return out;
}

}  // namespace

std::string random_text(base::Rng& rng) {
    static constexpr std::array<std::string_view, 20> pieces{
        "a",    "Z", "9", " ",  "\t",  "\n",    "\r",       "\r\n",         "<",
        ">",    "&", "'", "\"", "]]>", "&amp;", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x93\x9E",
        "\x7F", "{"};
    std::string out;
    for (std::uint64_t left = rng.below(8); left > 0; --left) {
        out += any_of(rng, pieces);
    }
    return out;
}

Sketch random_legal(base::Rng& rng) {
    return legal_element(rng, rule_of(Element::response));
}

Sketch random_wild(base::Rng& rng) {
    return wild_element(rng, 0);
}

void build(const Node& node, const Sketch& sketch) {
    for (const auto& [name, value] : sketch.attributes) {
        node.set(name, value);
    }
    for (const Sketch& child : sketch.children) {
        if (child.name.empty()) {
            node.text(child.text);
        } else {
            build(node.add(find_rule(child.name)->element), child);
        }
    }
}

std::string to_xml(const Sketch& sketch) {
    pugi::xml_document document;
    write(document.root(), sketch);
    std::ostringstream out;
    document.save(out, "", pugi::format_raw, pugi::encoding_utf8);
    return out.str();
}

Sketch read_back(const std::string& document) {
    pugi::xml_document tree;
    if (!tree.load_string(document.c_str(), pugi::parse_default | pugi::parse_ws_pcdata)) {
        throw std::runtime_error("not XML: " + document);
    }
    return read(tree.document_element());
}

std::size_t count(const Sketch& sketch, const std::string& name) {
    std::size_t out = sketch.name == name ? 1 : 0;
    for (const Sketch& child : sketch.children) {
        out += count(child, name);
    }
    return out;
}

}  // namespace cxdial::cxml::test
