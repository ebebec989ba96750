#pragma once

#include "config/config.h"
#include "config/internal/keys.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::config {

/// Collects the values of file and environment into a configuration, and all that is wrong with
/// them, each message with the place and the key it is about.
class Loader {
public:
    explicit Loader(std::filesystem::path file);

    [[nodiscard]] static bool is_section(std::string_view name);

    void begin_section(std::string_view section);
    /// What is set for `cloudonix` from now on belongs to one more domain.
    void begin_domain(int line);
    void set_from_file(
        std::string_view section, std::string_view key, const RawValue& raw, int line
    );
    void wrong_section(std::string_view section, std::string_view reason, int line);
    void broken_syntax(std::string_view message, int line);
    /// Overrides from the environment; those for `cloudonix` go to the first domain.
    void load_environment(const EnvironmentNames& names, const Environment& value);
    /// What the environment of OPBX's own worker sets, where nothing else has.
    void load_aliases(const Environment& value);
    /// The kill switch of inbound routing.
    void load_kill_switch(const Environment& value);
    /// Checks what concerns several keys at once.
    [[nodiscard]] base::Result<Config> finish() &&;

private:
    /// Where a value stands: a line of the file, or a variable, which sorts behind all lines.
    struct Place {
        int line = 0;
        std::string variable;
    };
    struct Message {
        int line = 0;
        std::string text;
    };
    /// Where the keys of one domain were set.
    struct DomainPlaces {
        Place domain;
        std::map<std::string, Place, std::less<>> keys;
    };

    void set(std::string_view section, std::string_view key, const RawValue& raw, const Place& at);
    void set_from_variable(const std::string& name, std::string text);
    void note(const Place& at, std::string_view key, std::string_view reason);
    void check_listen();
    void check_domains();
    void check_domain(std::size_t index);
    void resolve_database();

    Config config_;
    std::map<std::string, Place, std::less<>> places_;
    std::vector<DomainPlaces> domain_places_;
    std::size_t current_domain_ = 0;
    bool syntax_broken_ = false;
    std::vector<Message> messages_;
};

}  // namespace cxdial::config
