#include "config/config.h"

#include "config/internal/loader.h"

#include <toml++/toml.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

namespace cxdial::config {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t file_bytes_max = std::size_t{1} << 20U;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The section and key that a line of the file belongs to, as far as its text tells.
struct LineKey {
    std::string_view section;
    std::string_view name;
};

LineKey key_of_line(std::string_view toml, int line) {
    LineKey found;
    for (int number = 1; number <= line && !toml.empty(); ++number) {
        const std::size_t end = std::min(toml.find('\n'), toml.size());
        const std::string_view text = trimmed(toml.substr(0, end));
        toml.remove_prefix(std::min(end + 1, toml.size()));
        if (!text.empty() && text.front() == '[') {
            const std::size_t name = std::min(text.find_first_not_of("[ "), text.size());
            found.section = trimmed(text.substr(name, text.find(']', name) - name));
        } else if (number == line && text.find('=') != std::string_view::npos) {
            found.name = trimmed(text.substr(0, text.find('=')));
        }
    }
    return found;
}

std::string syntax_message(std::string_view toml, const toml::parse_error& problem) {
    const LineKey key = key_of_line(toml, static_cast<int>(problem.source().begin.line));
    std::string message{key.section};
    if (!key.name.empty()) {
        message.append(message.empty() ? "" : ".").append(key.name);
    }
    if (!message.empty()) {
        message += ": ";
    }
    // The library's words may quote the value.
    if (is_secret_key(key.name)) {
        return message + "is not a TOML string in quotes";
    }
    return message.append(problem.description());
}

int line_of(const toml::node& node) {
    return static_cast<int>(node.source().begin.line);
}

RawValue raw_value(const toml::node& node) {
    RawValue raw;
    if (const auto* text = node.as_string()) {
        raw.value = text->get();
    } else if (const auto* number = node.as_integer()) {
        raw.value = number->get();
    } else if (const auto* flag = node.as_boolean()) {
        raw.value = flag->get();
    }
    return raw;
}

void load_section(Loader& loader, std::string_view section, const toml::table& table) {
    for (const auto& [key, node] : table) {
        const auto line = static_cast<int>(key.source().begin.line);
        loader.set_from_file(section, key.str(), raw_value(node), line);
    }
}

void load_domains(Loader& loader, const toml::node& node, int line) {
    const toml::array* const domains = node.as_array();
    if (domains == nullptr || (!domains->empty() && !domains->is_array_of_tables())) {
        loader.wrong_section("cloudonix", "expected [[cloudonix]], in double brackets", line);
        return;
    }
    for (const toml::node& domain : *domains) {
        loader.begin_domain(line_of(domain));
        load_section(loader, "cloudonix", *domain.as_table());
    }
}

void load_document(Loader& loader, const toml::table& document) {
    for (const auto& [key, node] : document) {
        const std::string_view section = key.str();
        const auto line = static_cast<int>(key.source().begin.line);
        if (section == "cloudonix") {
            load_domains(loader, node, line);
        } else if (!Loader::is_section(section)) {
            loader.wrong_section(section, "unknown section or key", line);
        } else if (const toml::table* const table = node.as_table()) {
            loader.begin_section(section);
            load_section(loader, section, *table);
        } else {
            loader.wrong_section(section, "expected a section, in single brackets", line);
        }
    }
}

}  // namespace

Result<Config> parse_config(
    std::string_view toml,
    const std::filesystem::path& name,
    const EnvironmentNames& names,
    const Environment& value
) {
    Loader loader{name};
    try {
        load_document(loader, toml::parse(toml));
    } catch (const toml::parse_error& problem) {
        loader.broken_syntax(
            syntax_message(toml, problem), static_cast<int>(problem.source().begin.line)
        );
    }
    loader.load_environment(names, value);
    loader.load_aliases(value);
    loader.load_kill_switch(value);
    return std::move(loader).finish();
}

Result<Config> read_config(
    const std::filesystem::path& file, const EnvironmentNames& names, const Environment& value
) {
    std::string toml(file_bytes_max + 1, '\0');
    errno = 0;
    std::ifstream stream{file, std::ios::binary};
    stream.read(toml.data(), static_cast<std::streamsize>(toml.size()));
    if (!stream.eof()) {
        const int problem = errno;
        const bool too_long = stream.good();
        return Error{
            problem == ENOENT ? Errc::not_found : Errc::invalid_argument,
            file.string() + ": cannot be read: " +
                (too_long ? "is longer than 1 MiB" : std::generic_category().message(problem))};
    }
    toml.resize(static_cast<std::size_t>(stream.gcount()));
    return parse_config(toml, file, names, value);
}

Result<Config> default_config(const EnvironmentNames& names, const Environment& value) {
    return parse_config({}, {}, names, value);
}

}  // namespace cxdial::config
