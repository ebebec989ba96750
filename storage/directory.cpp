#include "storage/directory.h"

#include "storage/internal/guarded.h"
#include "storage/internal/stored_resources.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace cxdial::storage {
namespace {

std::string digits_of(std::string_view number) {
    std::string digits;
    std::copy_if(number.begin(), number.end(), std::back_inserter(digits), [](char byte) {
        return byte >= '0' && byte <= '9';
    });
    return digits;
}

template <class Value>
const Value* find_in(const std::unordered_map<std::string, Value>& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? nullptr : &found->second;
}

/// What one tenant has.
struct Household {
    routing::Tenant settings;
    std::unordered_map<std::string, balancer::Assistant> agents;
    std::unordered_map<std::string, balancer::Balancer> balancers;
};

}  // namespace

struct MemoryDirectory::Impl {
    explicit Impl(RoutingResources resources) {
        for (routing::Tenant& tenant : resources.tenants) {
            of(tenant.name).settings = std::move(tenant);
        }
        for (balancer::Assistant& agent : resources.agents) {
            Household& household = of(agent.tenant);
            household.agents.emplace(agent.name, std::move(agent));
        }
        for (balancer::Balancer& balancer : resources.balancers) {
            Household& household = of(balancer.tenant);
            household.balancers.emplace(balancer.name, std::move(balancer));
        }
        for (routing::DialedNumber& number : resources.dialed_numbers) {
            of(number.tenant);
            numbers.emplace(digits_of(number.phone_number), std::move(number));
        }
    }

    Household& of(const std::string& tenant) {
        const auto [place, is_new] = tenants.try_emplace(tenant);
        if (is_new) {
            place->second.settings.name = tenant;
        }
        return place->second;
    }

    routing::Tenant defaults;
    std::unordered_map<std::string, Household> tenants;
    std::unordered_map<std::string, routing::DialedNumber> numbers;  // by digits
};

MemoryDirectory::MemoryDirectory(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
MemoryDirectory::~MemoryDirectory() = default;

base::Result<std::shared_ptr<const MemoryDirectory>> MemoryDirectory::load(Database& database) {
    using Loaded = base::Result<std::shared_ptr<const MemoryDirectory>>;
    Guarded reading{database.connection()};
    return reading.guarded("read who takes calls", [&]() -> Loaded {
        auto impl =
            std::make_unique<const Impl>(StoredResources(reading.connection).routing_resources());
        return std::shared_ptr<const MemoryDirectory>(new MemoryDirectory(std::move(impl)));
    });
}

const routing::DialedNumber* MemoryDirectory::dialed(std::string_view number) const {
    return find_in(impl_->numbers, digits_of(number));
}

const routing::Tenant& MemoryDirectory::tenant(const std::string& name) const {
    const Household* const household = find_in(impl_->tenants, name);
    return household == nullptr ? impl_->defaults : household->settings;
}

const balancer::Assistant* MemoryDirectory::agent(
    const std::string& tenant, const std::string& name
) const {
    const Household* const household = find_in(impl_->tenants, tenant);
    return household == nullptr ? nullptr : find_in(household->agents, name);
}

const balancer::Balancer* MemoryDirectory::balancer(
    const std::string& tenant, const std::string& name
) const {
    const Household* const household = find_in(impl_->tenants, tenant);
    return household == nullptr ? nullptr : find_in(household->balancers, name);
}

}  // namespace cxdial::storage
