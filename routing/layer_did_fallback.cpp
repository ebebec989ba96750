#include "routing/internal/layers.h"

namespace cxdial::routing {

void ask_did_fallback(const Inquiry& inquiry, TraceEntry& entry, Decision& decision) {
    std::string what = "the dialed number";
    if (const std::string& agent = inquiry.dialed().agent; agent.empty()) {
        what += " has no agent";
    } else if (take(inquiry.choose(agent), what, entry, decision)) {
        return;
    } else {
        what = entry.why;
    }
    if (const std::string& agent = inquiry.tenant().unknown_caller_agent; agent.empty()) {
        entry.why = what + "; the tenant has no unknown-caller agent";
    } else {
        take(inquiry.choose(agent), what + "; unknown callers", entry, decision);
    }
}

}  // namespace cxdial::routing
