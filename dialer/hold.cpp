#include "dialer/hold.h"

#include <array>
#include <cstddef>

namespace cxdial::dialer {
namespace {

struct Words {
    std::string_view name;
    std::string_view sentence;
};

constexpr std::array<Words, 17> words{{
    {"none", "it is dialing"},
    {"outside_schedule", "its schedule does not allow calls now"},
    {"cac_reached", "as many of its calls are active as its cap (concurrent_active_calls) allows"},
    {"calls_per_second", "its calls_per_second are used up for the moment"},
    {"domain_cap", "the cap of concurrent calls of its Cloudonix domain is reached"},
    {"domain_rate", "the request limit of its Cloudonix domain is used up for the moment"},
    {"domain_backing_off", "its Cloudonix domain refused requests or could not be reached"},
    {"process_cap", "the cap of concurrent calls of this process is reached"},
    {"assistants_full", "every assistant has as many calls as it takes"},
    {"no_assistant", "no assistant is active, published and well"},
    {"nothing_due", "every destination that is left is in a call or waits for its time"},
    {"stopping", "the process is stopping"},
    {"opbx_unreachable", "OPBX, which owns it, does not answer"},
    {"opbx_rate", "OPBX's own request limit is used up for the moment"},
    {"opbx_mismatch", "this OPBX needs the other value of opbx.placement"},
    {"redis_unreachable", "Redis, where OPBX counts its calls, does not answer"},
    {"cac_shared", "other workers of OPBX use the rest of its cap (concurrent_active_calls)"},
}};

}  // namespace

std::string_view to_string(HoldReason reason) {
    return words[static_cast<std::size_t>(reason)].name;
}

std::string_view explain(HoldReason reason) {
    return words[static_cast<std::size_t>(reason)].sentence;
}

}  // namespace cxdial::dialer
