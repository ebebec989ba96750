#pragma once

#include "routing/internal/inquiry.h"

#include <functional>
#include <string_view>

namespace cxdial::routing {

/// A smart layer. Says in `entry` what it found and, where it matches, writes agent and record into
/// the decision.
using SmartLayer =
    void (*)(Inquiry& inquiry, base::PhoneNumber caller, TraceEntry& entry, Decision& decision);

void ask_active_campaign(Inquiry&, base::PhoneNumber, TraceEntry&, Decision&);
void ask_retry_pending(Inquiry&, base::PhoneNumber, TraceEntry&, Decision&);
void ask_active_follow_up(Inquiry&, base::PhoneNumber, TraceEntry&, Decision&);
void ask_last_outbound(Inquiry&, base::PhoneNumber, TraceEntry&, Decision&);

/// The layer that is left. Asks no records.
void ask_did_fallback(const Inquiry& inquiry, TraceEntry& entry, Decision& decision);

/// Ends a layer whose record was found: the match counts if its agent can be chosen. `what` says
/// what was found. True: it counts.
bool take(const AgentChoice& choice, std::string_view what, TraceEntry& entry, Decision& decision);

/// The two layers of destinations: of those that belong to the layer the one whose campaign was
/// activated last.
struct DestinationRule {
    std::function<bool(const CampaignMatch&)> belongs;
    std::string_view if_none;  ///< what the trace then says
};
void ask_destinations(
    Inquiry& inquiry,
    base::PhoneNumber caller,
    const DestinationRule& rule,
    TraceEntry& entry,
    Decision& decision
);

}  // namespace cxdial::routing
