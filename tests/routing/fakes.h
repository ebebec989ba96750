#pragma once

#include "base/phone_number.h"
#include "routing/records.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::routing {

/// How a scripted read goes.
struct Script {
    std::chrono::microseconds took{0};
    bool late = false;
    std::string failure{};  ///< empty: none
};

/// Records that a test lays out. Each read returns what was laid out, for whatever number, and
/// notes its budget.
class FakeRecords final : public Records {
public:
    std::vector<CampaignMatch> destinations;
    std::vector<FollowUp> follow_ups;
    std::optional<OutboundMatch> outbound;
    ContactMemory memories;

    std::map<std::string, Script> scripts;  ///< by the name of the read
    /// What was read, in order, and the budget that it was given.
    std::vector<std::pair<std::string, Budget>> reads;
    std::optional<base::PhoneNumber> asked_for;  ///< the number of the last read
    std::optional<base::WallTime> outbound_since;

    [[nodiscard]] Read<std::vector<CampaignMatch>> open_destinations(
        const std::string& /*tenant*/, base::PhoneNumber number, Budget budget
    ) override {
        return answer("open_destinations", destinations, number, budget);
    }
    [[nodiscard]] Read<std::vector<FollowUp>> active_follow_ups(
        const std::string& /*tenant*/, base::PhoneNumber number, Budget budget
    ) override {
        return answer("active_follow_ups", follow_ups, number, budget);
    }
    [[nodiscard]] Read<std::optional<OutboundMatch>> last_outbound(
        const std::string& /*tenant*/, base::PhoneNumber number, base::WallTime since, Budget budget
    ) override {
        outbound_since = since;
        const bool in_time = outbound && outbound->placed_at >= since;
        return answer("last_outbound", in_time ? outbound : std::nullopt, number, budget);
    }
    [[nodiscard]] Read<ContactMemory> memory(
        const std::string& /*tenant*/, base::PhoneNumber number, Budget budget
    ) override {
        return answer("memory", memories, number, budget);
    }

private:
    template <class Value>
    Read<Value> answer(
        const std::string& name, const Value& value, base::PhoneNumber number, Budget budget
    ) {
        reads.emplace_back(name, budget);
        asked_for = number;
        const Script& script = scripts[name];
        Read<Value> read;
        read.took = script.took;
        if (script.late) {
            read.outcome = Read<Value>::Outcome::late;
        } else if (!script.failure.empty()) {
            read.outcome = Read<Value>::Outcome::failed;
            read.why = script.failure;
        } else {
            read.value = value;
        }
        return read;
    }
};

/// A directory that a test fills.
class FakeDirectory final : public Directory {
public:
    std::vector<DialedNumber> numbers;
    std::map<std::string, Tenant> tenants;
    std::vector<balancer::Assistant> agents;
    std::vector<balancer::Balancer> balancers;

    [[nodiscard]] const DialedNumber* dialed(std::string_view number) const override {
        return first_of(numbers, [&](const DialedNumber& known) {
            return digits(known.phone_number) == digits(number);
        });
    }
    [[nodiscard]] const Tenant& tenant(const std::string& name) const override {
        const auto found = tenants.find(name);
        return found == tenants.end() ? default_ : found->second;
    }
    [[nodiscard]] const balancer::Assistant* agent(
        const std::string& tenant, const std::string& name
    ) const override {
        return first_of(agents, [&](const balancer::Assistant& known) {
            return known.tenant == tenant && known.name == name;
        });
    }
    [[nodiscard]] const balancer::Balancer* balancer(
        const std::string& tenant, const std::string& name
    ) const override {
        return first_of(balancers, [&](const balancer::Balancer& known) {
            return known.tenant == tenant && known.name == name;
        });
    }

private:
    static std::string_view digits(std::string_view number) {
        return number.starts_with('+') ? number.substr(1) : number;
    }
    template <class Values, class Is>
    static const typename Values::value_type* first_of(const Values& values, const Is& is) {
        const auto found = std::find_if(values.begin(), values.end(), is);
        return found == values.end() ? nullptr : &*found;
    }

    Tenant default_;
};

}  // namespace cxdial::routing
