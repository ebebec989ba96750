#include "cxml/internal/checker.h"

#include "cxml/internal/text.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cxdial::cxml {
namespace {

constexpr std::size_t depth_max = 16;
constexpr std::size_t attributes_max = 64;

bool is_text(pugi::xml_node node) {
    return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

bool is_element(pugi::xml_node node) {
    return node.type() == pugi::node_element;
}

const ElementRule* rule_in(const ElementRule& parent, pugi::xml_node child) {
    return is_element(child) ? child_rule(parent, child.name()) : nullptr;
}

std::string text_of(pugi::xml_node node) {
    std::string out;
    for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
        if (is_text(child)) {
            out += child.value();
        }
    }
    return out;
}

struct Inside {
    bool text = false;         ///< that is not blank
    std::size_t children = 0;  ///< that may stand there
    std::size_t main = 0;      ///< of those, the ones that do not only go before the others
};

Inside look_inside(pugi::xml_node node, const ElementRule& rule) {
    Inside inside;
    for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
        if (is_text(child)) {
            inside.text = inside.text || !is_blank(std::string_view(child.value()));
        } else if (const ElementRule* const found = rule_in(rule, child)) {
            ++inside.children;
            inside.main += found->order == Order::first ? 0 : 1;
        }
    }
    return inside;
}

std::string names_of(std::span<const Element> elements) {
    std::string out;
    for (const Element element : elements) {
        if (!out.empty()) {
            out += ", ";
        }
        out += rule_of(element).name;
    }
    return out;
}

}  // namespace

std::string path_of(pugi::xml_node node) {
    std::string path;
    for (; is_element(node); node = node.parent()) {
        std::string step = node.name();
        const auto same = node.parent().children(node.name());
        if (std::distance(same.begin(), same.end()) > 1) {
            const auto before = std::find(same.begin(), same.end(), node);
            step += '[' + std::to_string(std::distance(same.begin(), before) + 1) + ']';
        }
        if (!path.empty()) {
            step += '/';
        }
        path.insert(0, step);
    }
    return path;
}

void Checker::report(Fault fault, pugi::xml_node where, std::string message) {
    if (problems_.size() < problems_max) {
        problems_.push_back({fault, where, std::move(message)});
    }
}

void Checker::check_document(const pugi::xml_document& document) {
    pugi::xml_node root;
    for (const pugi::xml_node node : document.children()) {
        if (node.type() == pugi::node_declaration) {
            check_declaration(node);
        } else if (is_text(node)) {
            report(Fault::error, node, "text outside of Response");
        } else if (is_element(node) && root) {
            report(Fault::error, node, "a second root element");
        } else if (is_element(node)) {
            root = node;
        }
    }
    check_root(root);
}

void Checker::check_declaration(pugi::xml_node node) {
    const std::string_view version = node.attribute("version").value();
    if (version != "1.0") {
        report(Fault::error, node, "the XML declaration does not say version 1.0");
    }
    const pugi::xml_attribute encoding = node.attribute("encoding");
    if (encoding && !equal_without_case(encoding.value(), "UTF-8")) {
        report(Fault::error, node, "the encoding is " + quoted(encoding.value()) + ", not UTF-8");
    }
}

void Checker::check_root(pugi::xml_node node) {
    const ElementRule& rule = rule_of(Element::response);
    if (!node) {
        report(Fault::error, node, "there is no Response");
    } else if (node.name() != rule.name) {
        report(Fault::error, node, "the root is " + quoted(node.name()) + ", not Response");
    } else {
        check_element(node, rule);
    }
}

void Checker::check_element(pugi::xml_node node, const ElementRule& rule) {
    if (depth_ == depth_max) {
        report(Fault::error, node, "is nested too deeply");
        return;
    }
    ++depth_;
    check_attributes(node, rule);
    check_content(node, rule);
    check_order(node, rule);
    check_ends(node, rule);
    check_surroundings(node, rule);
    check_children(node, rule);
    --depth_;
}

void Checker::check_attributes(pugi::xml_node node, const ElementRule& rule) {
    std::size_t count = 0;
    for (pugi::xml_attribute attribute = node.first_attribute(); attribute;
         attribute = attribute.next_attribute()) {
        if (++count > attributes_max) {
            report(
                Fault::error,
                node,
                "has more than " + std::to_string(attributes_max) + " attributes"
            );
            return;
        }
        check_attribute(node, rule, attribute);
        // The first of a name is the one that a look-up finds.
        if (count > 1 && node.attribute(attribute.name()) != attribute) {
            report(Fault::error, node, "attribute " + quoted(attribute.name()) + " is there twice");
        }
    }
    check_needed(node, rule);
}

void Checker::check_attribute(
    pugi::xml_node node, const ElementRule& rule, const pugi::xml_attribute& attribute
) {
    const std::string_view name = attribute.name();
    const AttributeRule* const known = attribute_rule(rule, name);
    if (known == nullptr) {
        const auto right = std::ranges::find_if(rule.attributes, [&](const AttributeRule& other) {
            return equal_without_case(other.name, name);
        });
        if (right != rule.attributes.end()) {
            report(
                Fault::error,
                node,
                "attribute " + quoted(name) + " is written " + std::string(right->name)
            );
        } else {
            report(Fault::refused, node, "unknown attribute " + quoted(name));
        }
        return;
    }
    const auto label = [&] { return "attribute " + std::string(name); };
    if (!known->documented) {
        report(Fault::warning, node, label() + " is not in the documentation");
    }
    const std::string_view value = attribute.value();
    const bool reported_as_blank = known->need == Need::non_blank && is_blank(value);
    if (reported_as_blank) {
        return;
    }
    if (const auto fault = check_value(known->value, value)) {
        report(fault->fault, node, label() + ": " + fault->message);
    }
}

void Checker::check_needed(pugi::xml_node node, const ElementRule& rule) {
    for (const AttributeRule& wanted : rule.attributes) {
        if (wanted.need == Need::optional) {
            continue;
        }
        // The names of the grammar are literals, so they end in a NUL.
        const pugi::xml_attribute attribute = node.attribute(wanted.name.data());
        if (!attribute) {
            report(Fault::error, node, "attribute " + std::string(wanted.name) + " is missing");
        } else if (wanted.need == Need::non_blank && is_blank(attribute.as_string())) {
            report(Fault::error, node, "attribute " + std::string(wanted.name) + " is blank");
        }
    }
}

void Checker::check_content(pugi::xml_node node, const ElementRule& rule) {
    const Inside inside = look_inside(node, rule);
    switch (rule.content) {
        case Content::empty:
        case Content::elements:
        case Content::required_elements:
            if (inside.text) {
                report(Fault::error, node, "may hold no text");
            }
            if (rule.content == Content::required_elements && inside.children == 0) {
                report(Fault::error, node, "holds no " + names_of(rule.children));
            }
            break;
        case Content::required_text:
            if (!inside.text) {
                report(Fault::error, node, "has no text");
            }
            break;
        case Content::text_or_elements:
            if (inside.text && inside.children != 0) {
                report(Fault::error, node, "holds both text and nouns");
            } else if (!inside.text && inside.main == 0) {
                report(Fault::error, node, "holds neither text nor a noun");
            }
            break;
        case Content::text:
        case Content::mixed:
            break;
    }
    if (inside.text && rule.text.kind != ValueKind::text) {
        check_text(node, rule);
    }
}

void Checker::check_text(pugi::xml_node node, const ElementRule& rule) {
    const std::string text = text_of(node);
    if (const auto fault = check_value(rule.text, trimmed(text))) {
        report(fault->fault, node, "text: " + fault->message);
    }
}

void Checker::check_order(pugi::xml_node node, const ElementRule& rule) {
    const ElementRule* leading = nullptr;  // of the first child that is not Order::first
    bool mix_reported = !rule.one_kind_of_child;
    for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
        const ElementRule* const found = rule_in(rule, child);
        if (found == nullptr) {
            continue;
        }
        if (found->order != Order::first && leading == nullptr) {
            leading = found;
        }
        if (leading == nullptr || leading == found) {
            continue;
        }
        const std::string name(found->name);
        if (found->order == Order::first) {
            report(Fault::warning, child, name + " is not before " + std::string(leading->name));
        } else if (!std::exchange(mix_reported, true)) {
            report(Fault::warning, child, name + " is mixed with " + std::string(leading->name));
        }
    }
}

void Checker::check_ends(pugi::xml_node node, const ElementRule& rule) {
    const ElementRule* end = nullptr;   // ends the document
    const ElementRule* last = nullptr;  // should be the last
    bool end_reported = false;
    for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
        const ElementRule* const found = rule_in(rule, child);
        if (found == nullptr) {
            continue;
        }
        const std::string_view name = found->name;
        if (end != nullptr && !std::exchange(end_reported, true)) {
            report(
                Fault::warning,
                child,
                std::string(name) + " is never reached after " + std::string(end->name)
            );
        }
        if (last != nullptr) {
            report(
                Fault::warning, child, std::string(name) + " follows " + std::string(last->name)
            );
        }
        end = found->ends_document ? found : end;
        last = found->order == Order::last ? found : last;
    }
}

void Checker::check_surroundings(pugi::xml_node node, const ElementRule& rule) {
    if (rule.meaningful_in.empty()) {
        return;
    }
    for (pugi::xml_node around = node.parent(); around; around = around.parent()) {
        if (around.name() == rule.meaningful_in) {
            return;
        }
    }
    report(Fault::warning, node, "means nothing outside of " + std::string(rule.meaningful_in));
}

void Checker::check_children(pugi::xml_node node, const ElementRule& rule) {
    for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
        if (!is_element(child)) {
            continue;
        }
        const ElementRule* found = child_rule(rule, child.name());
        if (found == nullptr) {
            report_misplaced(child, rule);
            found = find_rule(child.name());
        }
        if (found != nullptr) {
            check_element(child, *found);
        }
    }
}

void Checker::report_misplaced(pugi::xml_node child, const ElementRule& parent) {
    const std::string_view name = child.name();
    if (find_rule(name) != nullptr) {
        report(
            Fault::error, child, std::string(name) + " may not stand in " + std::string(parent.name)
        );
        return;
    }
    const auto rules = grammar();
    const auto right = std::ranges::find_if(rules, [&](const ElementRule& rule) {
        return equal_without_case(rule.name, name);
    });
    report(
        Fault::error,
        child,
        right == rules.end() ? "unknown element " + quoted(name)
                             : "element " + quoted(name) + " is written " + std::string(right->name)
    );
}

}  // namespace cxdial::cxml
