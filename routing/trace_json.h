#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "campaign/ids.h"
#include "routing/decision.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::routing {

/// A decision with what became known once it was stored; of a dry run nothing of that.
struct RecordedDecision {
    Question question;
    Decision decision;
    std::optional<campaign::DecisionId> id{};
    std::optional<campaign::VoiceSessionId> voice_session{};
    std::optional<base::WallTime> decided_at{};
};

/// The trace as it is stored: an array with one object for each layer, `layer`, `evaluated`,
/// `matched`, `late`, `why`, `took_us`. The same trace gives the same bytes, but for `took_us`.
[[nodiscard]] std::string to_json(const std::vector<TraceEntry>& trace);
/// Reads it back. `invalid_argument`: that is no trace.
[[nodiscard]] base::Result<std::vector<TraceEntry>> trace_from_json(std::string_view text);

/// The decision as users see it: what was asked, the caller's number as received (`from`) and as
/// E.164 (`caller`), who takes the call and why, the matched record under `matched`, and the trace.
/// Ids and times stand in members of their own: `id`, `…_id`, `…_at`, `took_us`.
[[nodiscard]] std::string to_json(const RecordedDecision& record);

}  // namespace cxdial::routing
