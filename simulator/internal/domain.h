#pragma once

#include "base/clock.h"
#include "simulator/internal/request_meter.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::simulator {

/// A voice application of a domain.
struct Application {
    std::int64_t id = 0;
    std::string name;
    std::string uuid;
    std::string url;
    std::string method = "GET";
    nlohmann::json profile = nlohmann::json::object();
};

/// A domain of the simulated customer.
struct Domain {
    std::int64_t id = 0;
    std::string name;
    std::string uuid;
    base::WallTime created;
    base::WallTime modified;
    nlohmann::json profile = nlohmann::json::object();
    std::vector<Application> applications;
    std::int64_t default_application = 0;
    RequestMeter meter;
    // What is not set here is as the knob of the same name says.
    std::optional<std::uint64_t> requests;
    std::optional<std::chrono::milliseconds> per;
    /// Live calls of this domain, those that came in among them; more: 429. 0: no limit.
    std::uint64_t max_concurrent = 0;
    /// The key of this domain alone; empty: only the customer's.
    std::string api_key;
    // Of the calls that we placed.
    std::uint64_t live = 0;
    std::uint64_t live_max = 0;
    std::uint64_t inbound_live = 0;

    /// A text member of the profile; empty when it is not there.
    [[nodiscard]] std::string setting(const char* key) const;
    /// By name or id; null when there is none.
    [[nodiscard]] Application* find_application(std::string_view name_or_id);
    /// True for the domain's id, name and uuid.
    [[nodiscard]] bool is_called(std::string_view called) const;
};

[[nodiscard]] nlohmann::json to_json(const Application& application, const Domain& domain);
[[nodiscard]] nlohmann::json to_json(const Domain& domain);

}  // namespace cxdial::simulator
