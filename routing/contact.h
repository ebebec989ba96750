#pragma once

#include "base/clock.h"
#include "base/phone_number.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::routing {

/// A person, known by the number.
struct Contact {
    std::string tenant = "default";
    base::PhoneNumber phone_number;
    std::string name;
    std::string tier;
    std::map<std::string, std::string> attributes;
    std::optional<base::WallTime> engaged_at;  ///< last spoken with; kept by the program

    friend bool operator==(const Contact&, const Contact&) = default;
};

/// What one agent learnt about a contact.
struct AgentMemory {
    std::string agent;
    std::map<std::string, std::string> facts;
    std::string summary;
    base::WallTime updated_at{};

    friend bool operator==(const AgentMemory&, const AgentMemory&) = default;
};
/// What all agents of a tenant know about a contact, in the order of their names.
using ContactMemory = std::vector<AgentMemory>;

}  // namespace cxdial::routing
