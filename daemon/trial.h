#pragma once

#include "base/result.h"
#include "config/config.h"
#include "daemon/context.h"
#include "daemon/run_report.h"
#include "storage/repository.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// A one-shot run: a temporary campaign that is dialed to its end and reported on.
struct Trial {
    /// What identifies the run: the same again goes on where an interrupted one stopped.
    std::string fingerprint;
    campaign::Campaign campaign;  ///< without its name
    /// Brings in the destinations of a new campaign. Not called when one goes on.
    std::function<base::Result<ImportTotals>(storage::Repository&, campaign::CampaignId)> fill;
    bool simulate = false;
    std::vector<std::string> simulator_options;  ///< `NAME=VALUE`
    std::optional<base::Millis> timeout;
};

/// Runs it and prints the report.
[[nodiscard]] Exit run_trial(Context& context, Trial trial);

}  // namespace cxdial::daemon
