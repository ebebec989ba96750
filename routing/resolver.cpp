#include "routing/resolver.h"

#include "campaign/phone.h"
#include "routing/internal/layers.h"

#include <utility>

namespace cxdial::routing {
namespace {

constexpr std::size_t shown_bytes_max = 40;

SmartLayer smart_layer(Layer layer) {
    switch (layer) {
        case Layer::active_campaign:
            return ask_active_campaign;
        case Layer::retry_pending:
            return ask_retry_pending;
        case Layer::active_follow_up:
            return ask_active_follow_up;
        case Layer::last_outbound:
            return ask_last_outbound;
        case Layer::did_fallback:
            break;
    }
    return nullptr;
}

base::Result<base::PhoneNumber> read_caller(const Question& question, const DialedNumber* dialed) {
    const std::string& did = dialed == nullptr ? question.to : dialed->phone_number;
    const bool is_e164 = did.starts_with('+');
    return campaign::read_caller_number(
        question.from, is_e164 ? base::PhoneNumber::parse(did) : std::nullopt
    );
}

/// Why no smart layer can be asked; empty: they can.
std::string smart_obstacle(
    const Question& question,
    const DecideOptions& options,
    const Decision& decision,
    const base::Result<base::PhoneNumber>& caller
) {
    if (options.force_legacy) {
        return "INBOUND_ROUTING_FORCE_LEGACY is on";
    }
    if (decision.mode == Mode::legacy_did) {
        return "the tenant's mode is legacy_did";
    }
    if (!caller) {
        return "the caller's number as received, \"" + question.from.substr(0, shown_bytes_max) +
               "\", " + caller.error().detail;
    }
    return "";
}

Decision decide(
    const Question& question,
    const DecideOptions& options,
    const Directory& directory,
    Records* records
) {
    Decision decision;
    const DialedNumber* const dialed = directory.dialed(question.to);
    const base::Result<base::PhoneNumber> caller = read_caller(question, dialed);
    if (caller) {
        decision.caller = *caller;
    }
    if (dialed == nullptr) {
        decision.mode = options.force_legacy ? Mode::legacy_did : Mode::smart;
        for (const Layer layer : all_layers) {
            decision.trace.push_back(
                {.layer = layer, .why = "nobody owns the number that was dialed"}
            );
        }
        return decision;
    }
    Inquiry inquiry{*dialed, options, directory, records};
    decision.tenant = dialed->tenant;
    decision.mode = options.force_legacy ? Mode::legacy_did : inquiry.tenant().routing_mode;
    const std::string obstacle = smart_obstacle(question, options, decision, caller);
    for (const Layer layer : all_layers) {
        TraceEntry entry{.layer = layer};
        const SmartLayer ask = smart_layer(layer);
        if (!decision.agent.empty()) {
            entry.why = std::string(to_string(decision.layer)) + " has matched";
        } else if (inquiry.tenant().layers_off.contains(layer)) {
            entry.why = "switched off by the tenant";
        } else if (ask == nullptr) {
            entry.evaluated = true;
            ask_did_fallback(inquiry, entry, decision);
        } else if (!obstacle.empty()) {
            entry.why = obstacle;
        } else if (!inquiry.has_time()) {
            entry.late = true;
            entry.why = "no time was left";
        } else {
            entry.evaluated = true;
            ask(inquiry, *caller, entry, decision);
        }
        decision.trace.push_back(std::move(entry));
    }
    decision.took = inquiry.spent();
    return decision;
}

}  // namespace

Decision resolve(
    const Question& question,
    const DecideOptions& options,
    const Directory& directory,
    Records& records
) {
    return decide(question, options, directory, &records);
}

Decision resolve_late(
    const Question& question, const DecideOptions& options, const Directory& directory
) {
    return decide(question, options, directory, nullptr);
}

}  // namespace cxdial::routing
