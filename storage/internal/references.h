#pragma once

#include "base/result.h"
#include "storage/internal/connection.h"

#include <string>
#include <string_view>

namespace cxdial::balancer {
struct Balancer;
}
namespace cxdial::campaign {
struct Campaign;
}
namespace cxdial::routing {
struct DialedNumber;
struct Tenant;
}  // namespace cxdial::routing

namespace cxdial::storage {

/// `there is no assistant "bot"`
[[nodiscard]] base::Error no_such(std::string_view kind, std::string_view name);

[[nodiscard]] bool has_resource(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
);

// What a resource names must be there: `invalid_argument` names the field whose it is not. These
// throw `SQLite::Exception`.
[[nodiscard]] base::Result<void> check_references(
    Connection& connection, const campaign::Campaign& campaign
);
[[nodiscard]] base::Result<void> check_references(
    Connection& connection, const balancer::Balancer& balancer
);
[[nodiscard]] base::Result<void> check_references(
    Connection& connection, const routing::DialedNumber& number
);
[[nodiscard]] base::Result<void> check_references(
    Connection& connection, const routing::Tenant& tenant
);
/// An assistant or a person of this name.
[[nodiscard]] base::Result<void> must_have_agent(
    Connection& connection, std::string_view tenant, std::string_view name, const std::string& field
);
[[nodiscard]] base::Result<void> must_have_campaign(
    Connection& connection, std::string_view tenant, std::string_view name, const std::string& field
);

/// Who needs the resource, as in `campaign "spring"`; empty: nobody. Archived campaigns need none.
[[nodiscard]] std::string user_of(
    Connection& connection, std::string_view kind, std::string_view tenant, std::string_view name
);

}  // namespace cxdial::storage
