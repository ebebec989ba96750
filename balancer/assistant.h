#pragma once

#include "base/secret.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::balancer {

/// How an agent is reached: an assistant by SIP or WebSocket, a person by a phone number or as a
/// Cloudonix subscriber.
enum class Protocol : std::uint8_t { sip, websocket, number, subscriber };
enum class ResourceStatus : std::uint8_t { active, paused, archived };

[[nodiscard]] std::string_view to_string(Protocol protocol);
[[nodiscard]] std::string_view to_string(ResourceStatus status);

/// Whether it is a person: the resource `agent`; else an AI voice assistant, `assistant`.
[[nodiscard]] bool is_person(Protocol protocol);

/// An agent that calls are connected to. Assistants and people share one space of names.
struct Assistant {
    std::string tenant = "default";
    std::string name;
    Protocol protocol = Protocol::sip;
    std::string provider;  ///< sip: the `<Service provider>`
    /// sip: the text of `<Service>`, a number or an agent's id; number: E.164; subscriber: its
    /// MSISDN.
    std::string phone_number;
    std::string url_template;  ///< websocket: wss://… with placeholders
    std::string bot_id;
    base::Secret auth_token;
    std::map<std::string, std::string> parameters;
    int max_concurrent_calls = 0;  ///< 0: no cap
    ResourceStatus status = ResourceStatus::active;
    bool published = true;
    /// Raised by each change; kept by the database and not read from outside.
    std::int64_t version = 0;

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
