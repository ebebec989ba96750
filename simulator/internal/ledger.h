#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "simulator/internal/tally.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cxdial::simulator {

/// Calls counted by group: by caller ID (a campaign under test has one of its own), by domain, by
/// the destination prefixes that somebody declared, by assistant, and all together. A number is the
/// same with and without its plus.
class Ledger {
public:
    explicit Ledger(base::MonoTime begun) : begun_(begun) {}

    /// The groups of one call, so that its end is counted where its beginning was.
    using Groups = std::vector<Tally*>;
    [[nodiscard]] Groups call_made(
        base::Now now,
        std::string_view domain,
        std::string_view caller_id,
        std::string_view destination
    );
    static void call_started(base::Now now, const Groups& groups);
    void call_ended(
        base::Now now,
        const Groups& groups,
        std::string_view caller_id,
        std::string_view destination
    );

    /// A call was sent to an assistant: `is_dead` tells whether in vain. Every one that was not in
    /// vain ends with `left`.
    void connected(base::Now now, const std::string& assistant, bool is_dead);
    void left(base::Now now, const std::string& assistant);
    /// A machine was connected to an assistant.
    void machine_connected(const std::string& assistant) { ++assistants_[assistant].machines; }

    /// Replaces all bounds: `{"all":BOUNDS,"caller_id":{"+1…":BOUNDS},"domain":{…},
    /// "destination_prefix":{…},"assistant":{…}}` (see `read_bounds`). Nothing is changed when a
    /// part is wrong.
    [[nodiscard]] base::Result<void> declare(const nlohmann::json& body);

    /// `{"all","caller_ids","domains","destination_prefixes","assistants","violations"}`, the last
    /// of which is the sum over all groups.
    [[nodiscard]] nlohmann::json summary() const;
    /// One assistant's figures and `per_second`: calls sent to it, and `dead_per_second`: in vain,
    /// in each second since the beginning.
    [[nodiscard]] nlohmann::json assistant(const std::string& name) const;

private:
    [[nodiscard]] Tally& tally_of(const std::string& kind, const std::string& name);
    struct Assistant {
        Tally tally;
        std::uint64_t while_dead = 0;
        std::uint64_t machines = 0;
        std::vector<std::uint32_t> per_second;
        std::vector<std::uint32_t> dead_per_second;
    };
    using Tallies = std::map<std::string, Tally, std::less<>>;
    using Declared = std::vector<std::pair<Tally*, Bounds>>;

    [[nodiscard]] nlohmann::json to_json(const Assistant& assistant) const;
    void lift_bounds();
    template <class Function>
    void for_each_tally(const Function& function);

    base::MonoTime begun_;
    Tally all_;
    Tallies caller_ids_;
    Tallies domains_;
    Tallies prefixes_;
    std::map<std::string, Assistant, std::less<>> assistants_;
    /// Live calls by caller ID and destination.
    std::unordered_map<std::string, std::uint32_t> live_pairs_;
};

}  // namespace cxdial::simulator
