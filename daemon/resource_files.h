#pragma once

#include "balancer/assistant.h"
#include "base/result.h"
#include "campaign/campaign.h"

#include <string>
#include <variant>
#include <vector>

namespace cxdial::daemon {

/// A resource of a file, read and checked.
struct NamedResource {
    std::string where;  ///< `campaign.json: campaign "spring"`
    std::string kind;
    std::string name;
    std::variant<campaign::Campaign, balancer::Assistant, balancer::Balancer> resource;
};

/// Reads resources from JSON or TOML files (by the file's ending), each an object with `kind`; a
/// file holds one, a list of them, or an object whose `resources` is a list. Assistants come first
/// in the result, then balancers, then campaigns, so that what is referred to exists. The error
/// lists every bad field of every resource, a line each: file, resource, path and reason.
[[nodiscard]] base::Result<std::vector<NamedResource>> read_resource_files(
    const std::vector<std::string>& files
);

}  // namespace cxdial::daemon
