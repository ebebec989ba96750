#include "config/internal/loader.h"

#include "config/internal/aliases.h"

#include <algorithm>
#include <array>
#include <limits>

namespace cxdial::config {
namespace {

constexpr std::string_view variable_prefix = "CXDIAL_";
constexpr std::array<std::string_view, 5> sections{
    "daemon", "database", "dialing", "cloudonix", "opbx"};

std::string lower_case(std::string_view text) {
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char byte) {
        return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    return lower;
}

template <class Section>
std::string known_names(std::span<const Key<Section>> keys) {
    std::string listed;
    for (const Key<Section>& key : keys) {
        listed.append(listed.empty() ? "" : ", ").append(key.name);
    }
    return listed;
}

template <class Section>
Problem set_key(
    std::span<const Key<Section>> keys, std::string_view name, const RawValue& raw, Section& section
) {
    for (const Key<Section>& key : keys) {
        if (key.name == name) {
            return key.read(raw, section);
        }
    }
    return "unknown key; known are " + known_names(keys);
}

template <class Section>
bool has_key(std::span<const Key<Section>> keys, std::string_view name) {
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; });
}

bool is_key(std::string_view section, std::string_view name) {
    return (section == "daemon" && has_key(daemon_keys(), name)) ||
           (section == "database" && has_key(database_keys(), name)) ||
           (section == "dialing" && has_key(dialing_keys(), name)) ||
           (section == "cloudonix" && has_key(cloudonix_keys(), name)) ||
           (section == "opbx" && has_key(opbx_keys(), name));
}

struct SectionKey {
    std::string_view section;
    std::string name;
};

/// `CXDIAL_DAEMON_LOG_LEVEL`: the key `log_level` of `daemon`.
std::optional<SectionKey> key_of_variable(std::string_view variable) {
    const std::string rest = lower_case(variable.substr(variable_prefix.size()));
    for (const std::string_view section : sections) {
        if (rest.size() > section.size() && rest.rfind(section, 0) == 0 &&
            rest[section.size()] == '_') {
            std::string name = rest.substr(section.size() + 1);
            if (is_key(section, name)) {
                return SectionKey{section, std::move(name)};
            }
        }
    }
    return std::nullopt;
}

std::string joined(std::string_view section, std::string_view key) {
    return std::string(section).append(".").append(key);
}

}  // namespace

Loader::Loader(std::filesystem::path file) {
    config_.file = std::move(file);
}

bool Loader::is_section(std::string_view name) {
    return std::find(sections.begin(), sections.end(), name) != sections.end();
}

void Loader::begin_section(std::string_view section) {
    if (section == "opbx") {
        config_.opbx.emplace();
    }
}

void Loader::begin_domain(int line) {
    config_.cloudonix.emplace_back();
    domain_places_.push_back({.domain = {.line = line, .variable = {}}, .keys = {}});
    current_domain_ = config_.cloudonix.size() - 1;
}

void Loader::set_from_file(
    std::string_view section, std::string_view key, const RawValue& raw, int line
) {
    set(section, key, raw, {.line = line, .variable = {}});
}

void Loader::wrong_section(std::string_view section, std::string_view reason, int line) {
    note({.line = line, .variable = {}}, section, reason);
}

void Loader::broken_syntax(std::string_view message, int line) {
    syntax_broken_ = true;
    messages_.push_back(
        {line, config_.file.string() + ":" + std::to_string(line) + ": " + std::string(message)}
    );
}

void Loader::set(
    std::string_view section, std::string_view key, const RawValue& raw, const Place& at
) {
    Problem problem;
    if (section == "daemon") {
        problem = set_key(daemon_keys(), key, raw, config_.daemon);
    } else if (section == "database") {
        problem = set_key(database_keys(), key, raw, config_.database);
    } else if (section == "dialing") {
        problem = set_key(dialing_keys(), key, raw, config_.dialing);
    } else if (section == "opbx") {
        problem = set_key(opbx_keys(), key, raw, *config_.opbx);
    } else {
        problem = set_key(cloudonix_keys(), key, raw, config_.cloudonix[current_domain_]);
        domain_places_[current_domain_].keys[std::string(key)] = at;
    }
    const std::string path = joined(section, key);
    places_[path] = at;
    if (problem) {
        note(at, path, *problem);
    }
}

void Loader::load_environment(const EnvironmentNames& names, const Environment& value) {
    std::vector<std::string> variables = names(variable_prefix);
    std::sort(variables.begin(), variables.end());
    current_domain_ = 0;
    for (const std::string& variable : variables) {
        if (variable.rfind(variable_prefix, 0) != 0) {
            continue;
        }
        if (auto text = value(variable)) {
            set_from_variable(variable, std::move(*text));
        }
    }
}

void Loader::load_aliases(const Environment& value) {
    const bool is_worker = !value(worker_mark).value_or("").empty();
    if (!config_.opbx && !is_worker) {
        return;  // their names are too common to mean us
    }
    if (!config_.opbx) {
        config_.opbx.emplace();
    }
    for (const Alias& alias : worker_aliases(value)) {
        if (!places_.contains(joined(alias.section, alias.key))) {
            const Place at{
                .line = std::numeric_limits<int>::max(), .variable = std::string(alias.variable)};
            set(alias.section, alias.key, {.value = alias.text, .from_environment = true}, at);
        }
    }
}

void Loader::load_kill_switch(const Environment& value) {
    std::string text = value("INBOUND_ROUTING_FORCE_LEGACY").value_or("");
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    config_.routing.force_legacy = text == "1" || text == "true" || text == "yes" || text == "on";
}

void Loader::set_from_variable(const std::string& name, std::string text) {
    const Place at{.line = std::numeric_limits<int>::max(), .variable = name};
    const auto key = key_of_variable(name);
    if (!key) {
        messages_.push_back({at.line, name + ": names no key of the configuration"});
        return;
    }
    if (key->section == "opbx" && !config_.opbx) {
        config_.opbx.emplace();
    }
    if (key->section == "cloudonix" && config_.cloudonix.empty()) {
        begin_domain(at.line);
        domain_places_.back().domain = at;
    }
    set(key->section, key->name, {.value = std::move(text), .from_environment = true}, at);
}

void Loader::note(const Place& at, std::string_view key, std::string_view reason) {
    std::string text = at.variable.empty() ? config_.file.string() +
                                                 (at.line > 0 ? ":" + std::to_string(at.line) : "")
                                           : at.variable;
    text.append(": ").append(key).append(": ").append(reason);
    messages_.push_back({at.line, std::move(text)});
}

void Loader::check_listen() {
    // An environment made for OPBX's worker has no token for an API: it is not served then.
    const bool is_workers = places_["daemon.listen"].variable == worker_port;
    if (!serves_api(config_.daemon) && !is_workers) {
        note(
            places_["daemon.listen"],
            "daemon.listen",
            "others than this machine can connect there, so daemon.api_token must be set"
        );
    }
}

void Loader::check_domain(std::size_t index) {
    const CloudonixDomain& domain = config_.cloudonix[index];
    const DomainPlaces& places = domain_places_[index];
    const auto place_of = [&](std::string_view key) {
        const auto found = places.keys.find(key);
        return found == places.keys.end() ? places.domain : found->second;
    };
    if (!places.keys.contains("domain")) {
        note(places.domain, "cloudonix.domain", "is required");
    }
    const Place key_place = place_of("api_key");
    const bool already_noted =
        std::any_of(messages_.begin(), messages_.end(), [&](const Message& message) {
            return places.keys.contains("api_key") && message.line == key_place.line;
        });
    if (domain.api_key.empty() && !already_noted) {
        note(key_place, "cloudonix.api_key", "is required");
    }
    for (std::size_t other = 0; other < index && !domain.domain.empty(); ++other) {
        if (lower_case(config_.cloudonix[other].domain) == lower_case(domain.domain)) {
            note(
                place_of("domain"), "cloudonix.domain", "\"" + domain.domain + "\" is given twice"
            );
            return;
        }
    }
}

void Loader::check_domains() {
    for (std::size_t i = 0; i < config_.cloudonix.size(); ++i) {
        check_domain(i);
    }
}

void Loader::resolve_database() {
    constexpr std::string_view scheme = "sqlite:";
    std::string path = config_.database.url.substr(scheme.size());
    if (path == ":memory:") {
        config_.database.sqlite_path = path;
        return;
    }
    if (path.rfind("///", 0) == 0) {
        path.erase(0, 2);
    }
    config_.database.sqlite_path = config_.file.parent_path() / path;
}

base::Result<Config> Loader::finish() && {
    if (!syntax_broken_) {
        check_listen();
        check_domains();
    }
    if (messages_.empty()) {
        resolve_database();
        return std::move(config_);
    }
    std::stable_sort(messages_.begin(), messages_.end(), [](const auto& left, const auto& right) {
        return left.line < right.line;
    });
    std::string detail;
    for (const Message& message : messages_) {
        detail.append(detail.empty() ? "" : "\n").append(message.text);
    }
    return base::Error{base::Errc::invalid_argument, std::move(detail)};
}

}  // namespace cxdial::config
