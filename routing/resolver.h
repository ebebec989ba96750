#pragma once

#include "base/clock.h"
#include "routing/decision.h"
#include "routing/records.h"

#include <span>
#include <string>

namespace cxdial::routing {

/// What a decision depends on beside the call and the records.
struct DecideOptions {
    bool force_legacy = false;            ///< the kill switch: every tenant is in `legacy_did`
    base::WallTime now{};                 ///< of the call: what is due, how long ago a call was
    std::span<const std::string> full{};  ///< agents that take no further call; not chosen
};

/// Asks the tenant's smart layers in their order; the first that matches decides. Writes nothing:
/// the same call, records and settings give the same decision, times apart. Never fails: what could
/// not be read is skipped and named in the trace, which has one entry for each layer.
///
/// - The tenant is that of the dialed number. Nobody's number: no agent.
/// - A caller's number that is none, once read as E.164, can match no smart layer.
/// - Of several matches in a layer the one counts whose campaign or follow-up was activated last,
///   then the lowest id. An agent can be chosen that is active, published and not `full`; a layer
///   whose match names another is skipped. A match that names a balancer gets its first active
///   member that can be chosen, by priority, then as listed, then its fallback: whose turn it is
///   elsewhere does not count here.
/// - Each read gets the layer's budget or what is left of the total one. An answer that is there is
///   used. When nothing is left, the other smart layers are not asked.
[[nodiscard]] Decision resolve(
    const Question& question,
    const DecideOptions& options,
    const Directory& directory,
    Records& records
);

/// The decision when the records did not answer within the total budget: that of `did_fallback`,
/// with every smart layer that would have been asked marked as timed out.
[[nodiscard]] Decision resolve_late(
    const Question& question, const DecideOptions& options, const Directory& directory
);

}  // namespace cxdial::routing
