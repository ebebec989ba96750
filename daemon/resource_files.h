#pragma once

#include "base/result.h"
#include "webhook/api.h"

#include <string>
#include <vector>

namespace cxdial::daemon {

/// A resource of a file, read and checked.
struct NamedResource {
    std::string where;  ///< `campaign.json: campaign "spring"`
    std::string kind;
    std::string name;
    webhook::ApiResource resource;
};

/// Reads resources from JSON or TOML files (by the file's ending), each an object with `kind`; a
/// file holds one, a list of them, or an object whose `resources` is a list. In the result what is
/// referred to comes first: assistants and agents, balancers, campaigns, tenants, dialed numbers.
/// The error lists every bad field of every resource, a line each: file, resource, path and reason.
[[nodiscard]] base::Result<std::vector<NamedResource>> read_resource_files(
    const std::vector<std::string>& files
);

}  // namespace cxdial::daemon
