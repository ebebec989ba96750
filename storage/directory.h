#pragma once

#include "base/result.h"
#include "routing/records.h"
#include "storage/database.h"

#include <memory>
#include <string>
#include <string_view>

namespace cxdial::storage {

/// All tenants, dialed numbers, agents and balancers as they were at one moment. It never changes:
/// whoever changes a resource loads another. Thread rule: any thread; what it returns lives as long
/// as it does.
class MemoryDirectory final : public routing::Directory {
public:
    /// `unavailable` when the database cannot be read. A resource that cannot be read is logged and
    /// is not there.
    [[nodiscard]] static base::Result<std::shared_ptr<const MemoryDirectory>> load(
        Database& database
    );

    ~MemoryDirectory() override;
    MemoryDirectory(const MemoryDirectory&) = delete;
    MemoryDirectory& operator=(const MemoryDirectory&) = delete;
    MemoryDirectory(MemoryDirectory&&) = delete;
    MemoryDirectory& operator=(MemoryDirectory&&) = delete;

    [[nodiscard]] const routing::DialedNumber* dialed(std::string_view number) const override;
    /// One that has no resource at all has the settings, and the name, of `default`'s defaults.
    [[nodiscard]] const routing::Tenant& tenant(const std::string& name) const override;
    [[nodiscard]] const balancer::Assistant* agent(
        const std::string& tenant, const std::string& name
    ) const override;
    [[nodiscard]] const balancer::Balancer* balancer(
        const std::string& tenant, const std::string& name
    ) const override;

private:
    struct Impl;
    explicit MemoryDirectory(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> impl_;
};

}  // namespace cxdial::storage
