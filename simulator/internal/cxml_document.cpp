#include "simulator/internal/cxml_document.h"

#include <pugixml.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <system_error>

namespace cxdial::simulator {
namespace {

using Names = std::set<std::string, std::less<>>;

const Names& children_of(const std::string& parent) {
    static const std::map<std::string, Names> places = {
        {"Response",
         {"Coach",
          "Connect",
          "Converse",
          "Dial",
          "Gather",
          "Hangup",
          "Pause",
          "Play",
          "Record",
          "Redirect",
          "Reject",
          "Say",
          "Start",
          "Stop"}},
        {"Dial", {"Number", "Sip", "Conference", "Service", "Header"}},
        {"Connect", {"Stream"}},
        {"Start", {"Stream"}},
        {"Stop", {"Stream"}},
        {"Stream", {"Parameter"}},
        {"Gather", {"Say", "Play", "Pause", "Converse"}},
        {"Record", {"Say", "Play", "Pause"}},
        {"Say", {"say-as", "break", "audio"}},
        {"Converse", {"System", "User", "Tool", "Speech"}},
        {"Tool", {"Description", "Parameter"}},
    };
    static const Names none;
    const auto found = places.find(parent);
    return found == places.end() ? none : found->second;
}

const Names* values_of(const std::string& element, const std::string& attribute) {
    static const Names booleans = {"true", "false"};
    static const Names methods = {"GET", "POST"};
    static const std::map<std::string, Names, std::less<>> enums = {
        {"Reject reason", {"rejected", "busy", "congestion", "failed"}},
        {"Stream track", {"inbound_track", "outbound_track", "both_tracks"}},
        {"Gather input", {"dtmf", "speech", "dtmf speech", "speech dtmf"}},
        {"Gather speechEngine", {"aws", "google"}},
        {"Gather speechDetection", {"auto", "low", "normal", "high", "stt"}},
        {"Gather actionOnEmptyResult", booleans},
        {"Gather interruptible", booleans},
        {"Coach policy", {"listen", "whisper", "barge"}},
        {"Dial hangupOnStar", booleans},
        {"Dial forwardHeaders", booleans},
        {"Dial record", {"do-not-record", "record-from-answer", "record-from-ringing"}},
        {"Sip domain", {"origin", "destination"}},
        {"Conference beep", {"true", "false", "onEnter", "onExit"}},
        {"Conference muted", booleans},
        {"Record playBeep", booleans},
    };
    if (attribute == "method") {
        return &methods;
    }
    const auto found = enums.find(element + " " + attribute);
    return found == enums.end() ? nullptr : &found->second;
}

bool is_number_attribute(std::string_view name) {
    static const Names names = {
        "timeout",
        "timeLimit",
        "length",
        "loop",
        "numDigits",
        "maxTimeout",
        "maxDuration",
        "maxLength",
        "maxParticipants"};
    return names.count(name) > 0;
}

std::optional<int> read_int(std::string_view text) {
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

constexpr int depth_max = 16;

// No place of the language is as deep as depth_max, so what is cut off there is refused as
// misplaced. NOLINTNEXTLINE(misc-no-recursion): bounded by depth_max.
CxmlElement to_element(const pugi::xml_node& node, int depth = 0) {
    CxmlElement element;
    element.name = node.name();
    std::string text;
    for (const auto& child : node.children()) {
        if (child.type() == pugi::node_element && depth < depth_max) {
            element.children.push_back(to_element(child, depth + 1));
        } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
            text += child.value();
        }
    }
    element.text = trimmed(text);
    for (const auto& attribute : node.attributes()) {
        element.attributes.emplace_back(attribute.name(), attribute.value());
    }
    return element;
}

bool is_websocket_url(const std::string& url) {
    return url.rfind("ws://", 0) == 0 || url.rfind("wss://", 0) == 0;
}

std::string complaint(
    const CxmlElement& element, const std::string& attribute, const std::string& what
) {
    return element.name + " " + attribute + what;
}

std::string problem_in_attributes(const CxmlElement& element) {
    for (const auto& [name, value] : element.attributes) {
        const auto* const allowed = values_of(element.name, name);
        if (allowed != nullptr && allowed->count(value) == 0) {
            return complaint(element, name, " cannot be '" + value + "'");
        }
        const auto number = read_int(value);
        if (is_number_attribute(name) && (!number || *number < 0)) {
            return complaint(element, name, " must be a whole number");
        }
        if (name == "maxParticipants" && number && (*number < 1 || *number > 250)) {
            return "Conference maxParticipants must be from 1 to 250";
        }
    }
    return {};
}

std::string problem_in_dial(const CxmlElement& dial) {
    const auto nouns =
        std::count_if(dial.children.begin(), dial.children.end(), [](const CxmlElement& child) {
            return child.name != "Header";
        });
    if (nouns > 0 && !dial.text.empty()) {
        return "Dial has both text and nouns";
    }
    if (nouns == 0 && dial.text.empty()) {
        return "Dial has nobody to dial";
    }
    return {};
}

std::string problem_by_kind(const CxmlElement& element, const std::string& parent) {
    static const Names with_text = {"Redirect", "Play", "Coach", "Number", "Sip", "Service"};
    static const Names with_stream = {"Connect", "Start", "Stop"};
    const auto& name = element.name;
    if (name == "Dial") {
        return problem_in_dial(element);
    }
    if (name == "Stream" && parent == "Stop") {
        return element.attribute("name").empty() ? "Stream in Stop has no name" : "";
    }
    if (name == "Stream" && !is_websocket_url(element.attribute("url"))) {
        return "Stream has no absolute ws or wss url";
    }
    if (name == "Service" && element.attribute("provider").empty()) {
        return "Service has no provider";
    }
    if (name == "Header" && element.attribute("name").rfind("X-", 0) != 0) {
        return "Header name does not begin with X-";
    }
    if (name == "Parameter" && element.attribute("name").empty()) {
        return "Parameter has no name";
    }
    if (with_stream.count(name) > 0 && element.children.empty()) {
        return name + " has no Stream";
    }
    const auto is_digits = name == "Play" && !element.attribute("digits").empty();
    if (with_text.count(name) > 0 && element.text.empty() && !is_digits) {
        return name + " has no text";
    }
    return {};
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as to_element went.
std::string problem_in(const CxmlElement& element, const std::string& parent) {
    if (auto problem = problem_in_attributes(element); !problem.empty()) {
        return problem;
    }
    if (auto problem = problem_by_kind(element, parent); !problem.empty()) {
        return problem;
    }
    const auto& allowed = children_of(element.name);
    for (const auto& child : element.children) {
        if (allowed.count(child.name) == 0) {
            return child.name + " cannot stand in " + element.name;
        }
        if (auto problem = problem_in(child, element.name); !problem.empty()) {
            return problem;
        }
    }
    return {};
}

}  // namespace

std::string CxmlElement::attribute(std::string_view wanted, std::string otherwise) const {
    for (const auto& [name_, value] : attributes) {
        if (name_ == wanted) {
            return value;
        }
    }
    return otherwise;
}

int CxmlElement::number(std::string_view wanted, int otherwise) const {
    return read_int(attribute(wanted)).value_or(otherwise);
}

bool CxmlElement::flag(std::string_view wanted) const {
    return attribute(wanted) == "true";
}

base::Result<std::vector<CxmlElement>> parse_cxml(std::string_view text) {
    const auto wrong = [](std::string why) {
        return base::Error{base::Errc::invalid_argument, "CXML: " + std::move(why)};
    };
    pugi::xml_document document;
    const auto parsed = document.load_buffer(text.data(), text.size());
    if (!parsed) {
        return wrong(parsed.description());
    }
    std::vector<pugi::xml_node> roots;
    for (const auto& node : document.children()) {
        if (node.type() == pugi::node_element) {
            roots.push_back(node);
        }
    }
    if (roots.size() != 1 || std::string_view(roots.front().name()) != "Response") {
        return wrong("the root is not one Response");
    }
    auto response = to_element(roots.front());
    if (auto problem = problem_in(response, ""); !problem.empty()) {
        return wrong(std::move(problem));
    }
    return std::move(response.children);
}

}  // namespace cxdial::simulator
