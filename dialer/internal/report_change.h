#pragma once

#include "dialer/events.h"
#include "dialer/store.h"

namespace cxdial::dialer {

/// What a report says that is kept with the attempt.
[[nodiscard]] inline AttemptChange change_of(
    const SessionReport& report, campaign::AttemptStatus to
) {
    AttemptChange change{.to = to};
    change.token = report.token;
    change.external_id = report.external_id;
    change.answered_at = report.answered_at;
    change.ended_at = report.ended_at;
    change.duration = report.duration;
    change.billsec = report.billsec;
    return change;
}

}  // namespace cxdial::dialer
