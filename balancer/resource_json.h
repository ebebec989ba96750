#pragma once

#include "balancer/assistant.h"
#include "campaign/resource_json.h"

#include <string>
#include <string_view>
#include <variant>

namespace cxdial::balancer {

/// Reads an assistant resource from JSON; every field is checked and all that is wrong is listed.
/// The URL template's placeholders are checked too: an unknown one, or one without a value, is an
/// error.
[[nodiscard]] std::variant<Assistant, campaign::FieldErrors> assistant_from_json(
    std::string_view json
);
/// Reads an `agent` resource from JSON: a person. One who is not said to take more takes one call
/// at a time.
[[nodiscard]] std::variant<Assistant, campaign::FieldErrors> agent_from_json(std::string_view json);
/// Reads an `ai_load_balancer` resource from JSON. That its members exist is the caller's to check.
[[nodiscard]] std::variant<Balancer, campaign::FieldErrors> balancer_from_json(std::string_view json
);

enum class Reveal { no, yes };

/// The resource as JSON; a person is an `agent`, who has no secrets. Secrets are left out unless
/// they are wanted: for storing, never for showing.
[[nodiscard]] std::string to_json(const Assistant& assistant, Reveal secrets);
[[nodiscard]] std::string to_json(const Balancer& balancer);

}  // namespace cxdial::balancer
