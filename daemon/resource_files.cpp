#include "daemon/resource_files.h"

#include "balancer/resource_json.h"
#include "campaign/resource_json.h"
#include "routing/resource_json.h"

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;

namespace {

/// In the order in which they may refer to each other.
constexpr std::array<std::string_view, 6> kinds{
    "assistant", "agent", "ai_load_balancer", "campaign", "tenant", "phone_number"};

base::Error bad_file(const std::string& file, const std::string& why) {
    return {base::Errc::invalid_argument, file + ": " + why};
}

base::Result<ordered_json> parse_toml(const std::string& file, const std::string& text) {
    try {
        const toml::table table = toml::parse(text, file);
        std::ostringstream json;
        json << toml::json_formatter{table};
        return ordered_json::parse(json.str());
    } catch (const toml::parse_error& error) {
        return bad_file(
            file + ":" + std::to_string(error.source().begin.line), std::string(error.description())
        );
    }
}

base::Result<ordered_json> parse_json(const std::string& file, const std::string& text) {
    try {
        return ordered_json::parse(text);
    } catch (const ordered_json::exception& error) {
        return bad_file(file, error.what());
    }
}

base::Result<ordered_json> read_file(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) {
        return bad_file(file, "cannot be read");
    }
    const bool is_toml = std::filesystem::path(file).extension() == ".toml";
    base::Result<ordered_json> document =
        is_toml ? parse_toml(file, text.str()) : parse_json(file, text.str());
    if (!document) {
        return document;
    }
    if (document->is_object() && document->contains("resources")) {
        return document->at("resources");
    }
    return document->is_array() ? *document : ordered_json::array({*document});
}

class Reader {
public:
    void read(const std::string& file, const ordered_json& document) {
        const std::string kind = document.is_object() ? document.value("kind", "") : "";
        const std::string name =
            document.is_object() && document.contains("name") && document["name"].is_string()
                ? document["name"].get<std::string>()
                : "";
        const std::string where = file + ": " + kind + " \"" + name + "\"";
        if (kind == "campaign") {
            take(where, kind, campaign::campaign_from_json(document.dump()));
        } else if (kind == "assistant") {
            take(where, kind, balancer::assistant_from_json(document.dump()));
        } else if (kind == "agent") {
            take(where, kind, balancer::agent_from_json(document.dump()));
        } else if (kind == "ai_load_balancer") {
            take(where, kind, balancer::balancer_from_json(document.dump()));
        } else if (kind == "tenant") {
            take(where, kind, routing::tenant_from_json(document.dump()));
        } else if (kind == "phone_number") {
            take(where, kind, routing::dialed_number_from_json(document.dump()));
        } else {
            complaints_ +=
                file + ": each resource needs a kind: " + std::string(webhook::api_kinds) + "\n";
        }
    }

    [[nodiscard]] base::Result<std::vector<NamedResource>> finish() && {
        if (!complaints_.empty()) {
            complaints_.pop_back();
            return base::Error{base::Errc::invalid_argument, complaints_};
        }
        std::stable_sort(resources_.begin(), resources_.end(), [](const auto& a, const auto& b) {
            return rank(a.kind) < rank(b.kind);
        });
        return std::move(resources_);
    }

private:
    static std::ptrdiff_t rank(const std::string& kind) {
        return std::find(kinds.begin(), kinds.end(), kind) - kinds.begin();
    }

    template <class Resource>
    void take(
        const std::string& where,
        const std::string& kind,
        std::variant<Resource, campaign::FieldErrors> read
    ) {
        if (const auto* errors = std::get_if<campaign::FieldErrors>(&read)) {
            for (const campaign::FieldError& error : *errors) {
                complaints_ += where + ": " + error.path + ": " + error.reason + "\n";
            }
            return;
        }
        auto& resource = std::get<Resource>(read);
        const std::string name = resource.name;
        resources_.push_back({where, kind, name, std::move(resource)});
    }

    std::vector<NamedResource> resources_;
    std::string complaints_;
};

}  // namespace

base::Result<std::vector<NamedResource>> read_resource_files(const std::vector<std::string>& files
) {
    Reader reader;
    for (const std::string& file : files) {
        const base::Result<ordered_json> documents = read_file(file);
        if (!documents) {
            return documents.error();
        }
        for (const ordered_json& document : *documents) {
            reader.read(file, document);
        }
    }
    return std::move(reader).finish();
}

}  // namespace cxdial::daemon
