#include "simulator/internal/assistant.h"

#include <algorithm>

namespace cxdial::simulator {
namespace {

std::string_view plain(std::string_view number) {
    return number.substr(!number.empty() && number.front() == '+' ? 1 : 0);
}

/// What stands for a part of the path in the assistant's name.
std::string name_of_part(const Call& call, std::string_view part) {
    if (part == call.token) {
        return "{session}";
    }
    constexpr std::string_view escaped_plus = "%2B";
    const auto number = part.substr(0, 3) == escaped_plus ? part.substr(3) : plain(part);
    if (number == plain(call.request.destination)) {
        return "{to}";
    }
    return number == plain(call.request.caller_id) ? "{from}" : std::string(part);
}

}  // namespace

std::string dialed_assistant(const CxmlElement& dial) {
    const auto service =
        std::find_if(dial.children.begin(), dial.children.end(), [](const CxmlElement& noun) {
            return noun.name == "Service";
        });
    return service == dial.children.end() ? ""
                                          : service->attribute("provider") + "/" + service->text;
}

std::string streamed_assistant(const Call& call, const CxmlElement& connect) {
    auto url = connect.children.empty() ? "" : connect.children.front().attribute("url");
    const auto scheme = url.find("://");
    if (scheme == std::string::npos) {
        return url;
    }
    std::string_view rest = url;
    rest = rest.substr(scheme + 3, url.find('?') - scheme - 3);
    std::string name;
    while (!rest.empty()) {
        const auto cut = std::min(rest.find('/'), rest.size());
        name += (name.empty() ? "" : "/") + name_of_part(call, rest.substr(0, cut));
        rest.remove_prefix(std::min(cut + 1, rest.size()));
    }
    return name;
}

bool fits(std::string_view pattern, std::string_view text) {
    const auto wanted = plain(pattern);
    const auto given = plain(text);
    if (!wanted.empty() && wanted.back() == '*') {
        return given.substr(0, wanted.size() - 1) == wanted.substr(0, wanted.size() - 1);
    }
    if (!wanted.empty() && wanted.front() == '*') {
        const auto end = wanted.substr(1);
        return given.size() >= end.size() && given.substr(given.size() - end.size()) == end;
    }
    return wanted == given;
}

bool fits_any(const std::vector<std::string>& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return fits(pattern, text);
    });
}

std::string_view value_of_rule(const std::vector<std::string>& rules, std::string_view text) {
    for (const std::string_view rule : rules) {
        const auto equals = rule.find('=');
        if (fits(rule.substr(0, equals), text)) {
            return rule.substr(equals + 1);
        }
    }
    return {};
}

}  // namespace cxdial::simulator
