#include "campaign/attempt.h"

#include "campaign/internal/names.h"

namespace cxdial::campaign {

std::string_view to_string(AttemptStatus status) {
    switch (status) {
        case AttemptStatus::intent:
            return "intent";
        case AttemptStatus::in_doubt:
            return "in_doubt";
        case AttemptStatus::placed:
            return "placed";
        case AttemptStatus::ringing:
            return "ringing";
        case AttemptStatus::answered:
            return "answered";
        case AttemptStatus::ended:
            return "ended";
        case AttemptStatus::refused:
            return "refused";
        case AttemptStatus::not_sent:
            return "not_sent";
        case AttemptStatus::abandoned:
            return "abandoned";
    }
    return "in_doubt";
}

std::optional<AttemptStatus> parse_attempt_status(std::string_view name) {
    return find_by_name(all_attempt_statuses, name);
}

bool is_terminal(AttemptStatus status) {
    switch (status) {
        case AttemptStatus::intent:
        case AttemptStatus::in_doubt:
        case AttemptStatus::placed:
        case AttemptStatus::ringing:
        case AttemptStatus::answered:
            return false;
        case AttemptStatus::ended:
        case AttemptStatus::refused:
        case AttemptStatus::not_sent:
        case AttemptStatus::abandoned:
            return true;
    }
    return false;
}

bool may_become(AttemptStatus from, AttemptStatus to) {
    switch (from) {
        case AttemptStatus::intent:
            return to != AttemptStatus::intent;
        case AttemptStatus::in_doubt:
            // Refused and not sent too: a reply that was kept while the store failed comes after
            // the recovery that put its attempt in doubt.
            return to != AttemptStatus::intent && to != AttemptStatus::in_doubt;
        case AttemptStatus::placed:
            return to == AttemptStatus::ringing || to == AttemptStatus::answered ||
                   to == AttemptStatus::ended;
        case AttemptStatus::ringing:
            return to == AttemptStatus::answered || to == AttemptStatus::ended;
        case AttemptStatus::answered:
            return to == AttemptStatus::ended;
        case AttemptStatus::ended:
        case AttemptStatus::refused:
        case AttemptStatus::not_sent:
        case AttemptStatus::abandoned:
            return false;
    }
    return false;
}

}  // namespace cxdial::campaign
