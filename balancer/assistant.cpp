#include "balancer/assistant.h"

namespace cxdial::balancer {

std::string_view to_string(Protocol protocol) {
    switch (protocol) {
        case Protocol::sip:
            return "sip";
        case Protocol::websocket:
            return "websocket";
        case Protocol::number:
            return "number";
        case Protocol::subscriber:
            return "subscriber";
    }
    return "sip";
}

bool is_person(Protocol protocol) {
    return protocol == Protocol::number || protocol == Protocol::subscriber;
}

std::string_view to_string(ResourceStatus status) {
    switch (status) {
        case ResourceStatus::active:
            return "active";
        case ResourceStatus::paused:
            return "paused";
        case ResourceStatus::archived:
            return "archived";
    }
    return "archived";
}

std::string_view to_string(Strategy strategy) {
    switch (strategy) {
        case Strategy::round_robin:
            return "round_robin";
        case Strategy::least_connections:
            return "least_connections";
        case Strategy::random:
            return "random";
        case Strategy::weighted:
            return "weighted";
        case Strategy::priority:
            return "priority";
    }
    return "round_robin";
}

}  // namespace cxdial::balancer
