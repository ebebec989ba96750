#include "routing/memory.h"

#include "campaign/json_fields.h"
#include "cxml/documents.h"

#include <algorithm>
#include <utility>

namespace cxdial::routing {
namespace {

constexpr std::size_t agent_bytes_max = 100;
constexpr std::size_t url_bytes_max = 2000;

/// The parameters so far, within the bound of the whole.
class Parameters {
public:
    /// Adds one unless it is empty or there is no room for it.
    void add(std::string name, std::string_view value, std::size_t bytes_max) {
        std::string legal = cxml::legal_text(value, bytes_max);
        const std::size_t bytes = name.size() + legal.size();
        if (!legal.empty() && all_.size() < memory_parameters_max &&
            bytes_ + bytes <= memory_bytes_max) {
            bytes_ += bytes;
            all_.push_back({std::move(name), std::move(legal)});
        }
    }
    void add_facts(const AgentMemory& memory, const std::string& origin) {
        for (const auto& [key, value] : memory.facts) {
            if (is_fact_key(key)) {
                add(std::string("memory.").append(key).append(origin), value, memory_value_bytes_max
                );
            }
        }
    }
    [[nodiscard]] std::vector<cxml::NamedText> take() { return std::move(all_); }

private:
    std::vector<cxml::NamedText> all_;
    std::size_t bytes_ = 0;
};

std::string joined_summaries(const ContactMemory& memory) {
    std::string text;
    for (const AgentMemory& one : memory) {
        if (!one.summary.empty()) {
            text.append(text.empty() ? "" : "\n").append(one.agent + ": " + one.summary);
        }
    }
    return text;
}

}  // namespace

bool is_fact_key(std::string_view key) {
    return campaign::is_word(key, "_-.");
}

std::vector<cxml::NamedText> memory_parameters(
    MemoryScope scope,
    const std::string& agent,
    const ContactMemory& memory,
    const std::string& memory_url
) {
    const auto own = std::find_if(memory.begin(), memory.end(), [&](const AgentMemory& one) {
        return one.agent == agent;
    });
    Parameters parameters;
    if (scope == MemoryScope::on_demand) {
        parameters.add("memory_url", memory_url, url_bytes_max);
    }
    if (scope == MemoryScope::shared) {
        parameters.add("memory_summary", joined_summaries(memory), memory_summary_bytes_max);
    } else if (own != memory.end()) {
        parameters.add("memory_summary", own->summary, memory_summary_bytes_max);
    }
    if (own != memory.end()) {
        parameters.add_facts(*own, "");
    }
    if (scope == MemoryScope::shared) {
        for (const AgentMemory& one : memory) {
            parameters.add_facts(one, "@" + cxml::legal_text(one.agent, agent_bytes_max));
        }
    }
    return parameters.take();
}

}  // namespace cxdial::routing
