#include "simulator/internal/ledger.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace cxdial::simulator {
namespace {

using nlohmann::json;

/// A number without its plus; anything else as it is.
std::string_view plain(std::string_view number) {
    return number.substr(!number.empty() && number.front() == '+' ? 1 : 0);
}

std::string shown(const std::string& plain_number) {
    const auto is_number =
        !plain_number.empty() && plain_number.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? "+" + plain_number : plain_number;
}

std::string pair_of(std::string_view caller_id, std::string_view destination) {
    std::string pair(plain(caller_id));
    pair += '>';
    pair += plain(destination);
    return pair;
}

template <class Map>
auto& entry(Map& map, std::string_view key) {
    const auto found = map.find(key);
    return found != map.end() ? found->second : map.try_emplace(std::string(key)).first->second;
}

void count_second(std::vector<std::uint32_t>& seconds, std::chrono::nanoseconds since) {
    const auto second = static_cast<std::size_t>(since / std::chrono::seconds{1});
    if (seconds.size() <= second) {
        seconds.resize(second + 1);
    }
    ++seconds[second];
}

using NamedBounds = std::map<std::string, Bounds>;

/// The bounds of every group of one kind.
base::Result<NamedBounds> read_group(const std::string& kind, const json& groups) {
    static const std::vector<std::string> kinds = {
        "all", "caller_id", "domain", "destination_prefix", "assistant"};
    const auto problem = [&](const std::string& what) {
        return base::Error{base::Errc::invalid_argument, kind + what};
    };
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end() || !groups.is_object()) {
        return problem(": no kind of group, or no object");
    }
    NamedBounds named;
    const auto list = kind == "all" ? json{{"all", groups}} : groups;
    for (const auto& [name, bounds] : list.items()) {
        auto parsed = read_bounds(bounds);
        if (!parsed) {
            std::string why = ".";
            why.append(name).append(": ").append(parsed.error().detail);
            return problem(why);
        }
        named[name] = std::move(parsed).value();
    }
    return named;
}

}  // namespace

Ledger::Groups Ledger::call_made(
    base::Now now, std::string_view domain, std::string_view caller_id, std::string_view destination
) {
    auto& caller = entry(caller_ids_, plain(caller_id));
    Groups groups = {&all_, &caller, &entry(domains_, domain)};
    for (auto& [prefix, tally] : prefixes_) {
        if (plain(destination).substr(0, prefix.size()) == prefix) {
            groups.push_back(&tally);
        }
    }
    for (auto* const tally : groups) {
        tally->made(now);
    }
    if (++live_pairs_[pair_of(caller_id, destination)] > 1) {
        caller.double_dial();
    }
    return groups;
}

void Ledger::call_started(base::Now now, const Groups& groups) {
    for (auto* const tally : groups) {
        tally->started(now);
    }
}

void Ledger::call_ended(
    base::Now now, const Groups& groups, std::string_view caller_id, std::string_view destination
) {
    for (auto* const tally : groups) {
        tally->ended(now);
    }
    const auto pair = live_pairs_.find(pair_of(caller_id, destination));
    if (pair != live_pairs_.end() && --pair->second == 0) {
        live_pairs_.erase(pair);
    }
}

void Ledger::connected(base::Now now, const std::string& assistant, bool is_dead) {
    auto& counts = assistants_[assistant];
    count_second(counts.per_second, now.mono - begun_);
    if (is_dead) {
        ++counts.while_dead;
        count_second(counts.dead_per_second, now.mono - begun_);
        return;
    }
    counts.tally.made(now);
    counts.tally.started(now);
}

void Ledger::left(base::Now now, const std::string& assistant) {
    assistants_[assistant].tally.ended(now);
}

template <class Function>
void Ledger::for_each_tally(const Function& function) {
    function(all_);
    for (auto* const group : {&caller_ids_, &domains_, &prefixes_}) {
        for (auto& [name, tally] : *group) {
            function(tally);
        }
    }
    for (auto& [name, assistant] : assistants_) {
        function(assistant.tally);
    }
}

void Ledger::lift_bounds() {
    for_each_tally([](Tally& tally) { tally.declare({}); });
}

base::Result<void> Ledger::declare(const json& body) {
    if (!body.is_object()) {
        return base::Error{base::Errc::invalid_argument, "must be an object"};
    }
    std::vector<std::pair<std::string, NamedBounds>> read;
    for (const auto& [kind, groups] : body.items()) {
        auto named = read_group(kind, groups);
        if (!named) {
            return named.error();
        }
        read.emplace_back(kind, std::move(named).value());
    }
    lift_bounds();
    for (auto& [kind, named] : read) {
        for (auto& [name, bounds] : named) {
            tally_of(kind, name).declare(std::move(bounds));
        }
    }
    return {};
}

Tally& Ledger::tally_of(const std::string& kind, const std::string& name) {
    if (kind == "all") {
        return all_;
    }
    if (kind == "caller_id") {
        return entry(caller_ids_, plain(name));
    }
    if (kind == "domain") {
        return entry(domains_, name);
    }
    return kind == "assistant" ? assistants_[name].tally : entry(prefixes_, plain(name));
}

json Ledger::to_json(const Assistant& assistant) const {
    auto shown_assistant = assistant.tally.summary(begun_);
    shown_assistant["while_dead"] = assistant.while_dead;
    shown_assistant["machines"] = assistant.machines;
    return shown_assistant;
}

json Ledger::summary() const {
    std::uint64_t violations = all_.violations();
    const auto list = [&](const Tallies& tallies) {
        auto all = json::object();
        for (const auto& [name, tally] : tallies) {
            all[shown(name)] = tally.summary(begun_);
            violations += tally.violations();
        }
        return all;
    };
    auto assistants = json::object();
    for (const auto& [name, assistant] : assistants_) {
        assistants[name] = to_json(assistant);
        violations += assistant.tally.violations();
    }
    json all = {
        {"all", all_.summary(begun_)},
        {"caller_ids", list(caller_ids_)},
        {"domains", list(domains_)},
        {"destination_prefixes", list(prefixes_)},
        {"assistants", std::move(assistants)}};
    all["violations"] = violations;
    return all;
}

json Ledger::assistant(const std::string& name) const {
    const auto found = assistants_.find(name);
    const auto counts = found == assistants_.end() ? Assistant{} : found->second;
    auto all = to_json(counts);
    all["per_second"] = counts.per_second;
    all["dead_per_second"] = counts.dead_per_second;
    return all;
}

}  // namespace cxdial::simulator
