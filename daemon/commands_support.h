#pragma once

#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/phone.h"
#include "daemon/context.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"

#include <functional>
#include <string>
#include <vector>

namespace cxdial::daemon {

inline constexpr const char* default_tenant = "default";

/// Phone numbers and prefixes as given on a command line; the error names the first that is none.
[[nodiscard]] base::Result<std::vector<campaign::NumberOrPrefix>> read_arguments(
    const std::vector<std::string>& texts
);

/// A number and a stored campaign, of a database that is only read.
struct NumberOfCampaign {
    storage::Repository& repository;
    storage::SqliteStore& store;
    const campaign::StoredCampaign& stored;
    const base::PhoneNumber& number;
    bool is_dialing = false;  ///< whether a daemon holds the database
};

/// Finds them by what was given on a command line and has them shown; complains of what is wrong.
[[nodiscard]] Exit show_number(
    const Context& context,
    const std::string& campaign,
    const std::string& number,
    const std::function<base::Result<void>(const NumberOfCampaign&)>& show
);

}  // namespace cxdial::daemon
