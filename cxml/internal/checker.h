#pragma once

#include "cxml/grammar.h"
#include "cxml/internal/values.h"

#include <pugixml.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::cxml {

struct Problem {
    Fault fault;
    pugi::xml_node where;
    std::string message;
};

/// Holds a document against the grammar. One use: construct, `check_document` or `check_element`,
/// `problems`. The builder and the validator both use it; they differ in what they do with a fault.
class Checker {
public:
    /// Everything on the top level: declaration, stray text, the root and what is in it.
    void check_document(const pugi::xml_document& document);

    /// One element with all that is in it.
    void check_element(pugi::xml_node node, const ElementRule& rule);

    /// In the order found; no more than `problems_max`.
    [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }

    static constexpr std::size_t problems_max = 100;

private:
    void check_declaration(pugi::xml_node node);
    void check_root(pugi::xml_node node);
    void check_attributes(pugi::xml_node node, const ElementRule& rule);
    void check_attribute(
        pugi::xml_node node, const ElementRule& rule, const pugi::xml_attribute& attribute
    );
    void check_needed(pugi::xml_node node, const ElementRule& rule);
    void check_content(pugi::xml_node node, const ElementRule& rule);
    void check_text(pugi::xml_node node, const ElementRule& rule);
    void check_children(pugi::xml_node node, const ElementRule& rule);
    void check_order(pugi::xml_node node, const ElementRule& rule);
    void check_ends(pugi::xml_node node, const ElementRule& rule);
    void check_surroundings(pugi::xml_node node, const ElementRule& rule);
    void report_misplaced(pugi::xml_node child, const ElementRule& parent);
    void report(Fault fault, pugi::xml_node where, std::string message);

    std::vector<Problem> problems_;
    std::size_t depth_ = 0;
};

/// Where an element stands: `Response/Dial/Number[2]`, counted among siblings of one name where
/// there are several.
[[nodiscard]] std::string path_of(pugi::xml_node node);

}  // namespace cxdial::cxml
