#include "campaign/destination.h"

#include "campaign/internal/names.h"

namespace cxdial::campaign {
namespace {

/// Where anyone may take a destination out at any time: its call, if there is one, runs to its end.
bool takes_out(DestinationStatus to) {
    return to == DestinationStatus::contacted_inbound || to == DestinationStatus::suppressed ||
           to == DestinationStatus::cancelled;
}

bool is_waiting(DestinationStatus to) {
    return to == DestinationStatus::pending || to == DestinationStatus::queued ||
           to == DestinationStatus::retry_pending;
}

bool is_outcome(DestinationStatus to) {
    return to == DestinationStatus::retry_pending || to == DestinationStatus::completed ||
           to == DestinationStatus::failed;
}

}  // namespace

std::string_view to_string(DestinationStatus status) {
    switch (status) {
        case DestinationStatus::pending:
            return "pending";
        case DestinationStatus::queued:
            return "queued";
        case DestinationStatus::placing_call:
            return "placing_call";
        case DestinationStatus::calling:
            return "calling";
        case DestinationStatus::retry_pending:
            return "retry_pending";
        case DestinationStatus::completed:
            return "completed";
        case DestinationStatus::failed:
            return "failed";
        case DestinationStatus::contacted_inbound:
            return "contacted_inbound";
        case DestinationStatus::suppressed:
            return "suppressed";
        case DestinationStatus::cancelled:
            return "cancelled";
        case DestinationStatus::invalid:
            return "invalid";
    }
    return "invalid";
}

std::optional<DestinationStatus> parse_destination_status(std::string_view name) {
    return find_by_name(all_destination_statuses, name);
}

bool is_terminal(DestinationStatus status) {
    switch (status) {
        case DestinationStatus::pending:
        case DestinationStatus::queued:
        case DestinationStatus::placing_call:
        case DestinationStatus::calling:
        case DestinationStatus::retry_pending:
            return false;
        case DestinationStatus::completed:
        case DestinationStatus::failed:
        case DestinationStatus::contacted_inbound:
        case DestinationStatus::suppressed:
        case DestinationStatus::cancelled:
        case DestinationStatus::invalid:
            return true;
    }
    return true;
}

bool may_become(DestinationStatus from, DestinationStatus to) {
    if (is_terminal(from) || from == to) {
        return false;
    }
    if (takes_out(to)) {
        return true;
    }
    switch (from) {
        case DestinationStatus::pending:
            return to == DestinationStatus::queued || to == DestinationStatus::placing_call ||
                   to == DestinationStatus::invalid;
        case DestinationStatus::retry_pending:
            return to == DestinationStatus::queued || to == DestinationStatus::placing_call ||
                   to == DestinationStatus::failed || to == DestinationStatus::invalid;
        case DestinationStatus::queued:
            return is_waiting(to) || to == DestinationStatus::placing_call ||
                   to == DestinationStatus::failed || to == DestinationStatus::invalid;
        case DestinationStatus::placing_call:
            // A request that was not sent, or was refused for its rate, puts it back where it
            // waited.
            return is_waiting(to) || is_outcome(to) || to == DestinationStatus::calling ||
                   to == DestinationStatus::invalid;
        case DestinationStatus::calling:
            return is_outcome(to);
        default:
            return false;
    }
}

std::string_view to_string(WaitReason reason) {
    switch (reason) {
        case WaitReason::none:
            return "none";
        case WaitReason::not_before:
            return "not_before";
        case WaitReason::retry:
            return "retry";
        case WaitReason::recipient_hours:
            return "recipient_hours";
        case WaitReason::frequency_cap:
            return "frequency_cap";
        case WaitReason::zone_unknown:
            return "zone_unknown";
        case WaitReason::agent_busy:
            return "agent_busy";
    }
    return "none";
}

}  // namespace cxdial::campaign
