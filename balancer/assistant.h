#pragma once

#include "base/secret.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::balancer {

enum class Protocol : std::uint8_t { sip, websocket };
enum class ResourceStatus : std::uint8_t { active, paused, archived };

[[nodiscard]] std::string_view to_string(Protocol protocol);
[[nodiscard]] std::string_view to_string(ResourceStatus status);

/// An AI voice assistant that answered calls are connected to.
struct Assistant {
    std::string tenant = "default";
    std::string name;
    Protocol protocol = Protocol::sip;
    std::string provider;      ///< sip: the `<Service provider>`
    std::string phone_number;  ///< sip: the text of `<Service>`, a number or an agent's id
    std::string url_template;  ///< websocket: wss://… with placeholders
    std::string bot_id;
    base::Secret auth_token;
    std::map<std::string, std::string> parameters;
    int max_concurrent_calls = 0;  ///< 0: no cap
    ResourceStatus status = ResourceStatus::active;
    bool published = true;

    friend bool operator==(const Assistant&, const Assistant&) = default;
};

enum class Strategy : std::uint8_t { round_robin, least_connections, random, weighted, priority };

[[nodiscard]] std::string_view to_string(Strategy strategy);

struct Member {
    std::string assistant;  ///< its name
    int weight = 100;
    int priority = 0;  ///< lower is chosen first
    ResourceStatus status = ResourceStatus::active;

    friend bool operator==(const Member&, const Member&) = default;
};

/// The fallback that hangs up instead of naming an assistant.
inline constexpr std::string_view hangup_fallback = "hangup";

/// A load balancer over assistants.
struct Balancer {
    std::string tenant = "default";
    std::string name;
    Strategy strategy = Strategy::round_robin;
    std::vector<Member> members;
    std::string fallback;  ///< an assistant's name, or `hangup`; empty: none

    friend bool operator==(const Balancer&, const Balancer&) = default;
};

}  // namespace cxdial::balancer
