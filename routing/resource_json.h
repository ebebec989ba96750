#pragma once

#include "base/clock.h"
#include "campaign/resource_json.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "routing/tenant.h"

#include <string>
#include <string_view>
#include <variant>

namespace cxdial::routing {

/// Reads a `tenant` resource from JSON; every field is checked and all that is wrong is listed.
/// `layers` switches layers on and off by their names; those it does not name are on. That agent
/// and campaign exist is the caller's to check.
[[nodiscard]] std::variant<Tenant, campaign::FieldErrors> tenant_from_json(std::string_view json);
/// Reads a `phone_number` resource: a number that is dialed. What reads as a phone number becomes
/// E.164, also as the name, which is the number where none is given.
[[nodiscard]] std::variant<DialedNumber, campaign::FieldErrors> dialed_number_from_json(
    std::string_view json
);
/// Reads a `contact`.
[[nodiscard]] std::variant<Contact, campaign::FieldErrors> contact_from_json(std::string_view json);
/// Reads a `follow_up`. Without `due_at` it is due `now`. It is active from `now` on; what it
/// became is read only.
[[nodiscard]] std::variant<FollowUp, campaign::FieldErrors> follow_up_from_json(
    std::string_view json, base::WallTime now
);

/// The resource as JSON, as users see it. What is read only apart, it reads back to the same value.
[[nodiscard]] std::string to_json(const Tenant& tenant);
[[nodiscard]] std::string to_json(const DialedNumber& number);
[[nodiscard]] std::string to_json(const Contact& contact);
[[nodiscard]] std::string to_json(const FollowUp& follow_up);

}  // namespace cxdial::routing
