#include "daemon/commands_support.h"

#include "daemon/open_database.h"
#include "dialer/store.h"

namespace cxdial::daemon {
namespace {

base::Result<void> find_and_show(
    const Context& context,
    const std::string& campaign,
    base::PhoneNumber number,
    const std::function<base::Result<void>(const NumberOfCampaign&)>& show
) {
    base::Result<storage::Database> database = open_to_read(context);
    if (!database) {
        return database.error();
    }
    storage::Repository repository(*database);
    storage::SqliteStore store(*database);
    const auto stored = repository.campaign(default_tenant, campaign);
    if (!stored) {
        return stored.error();
    }
    const bool is_dialing = storage::Database::writer_of(database->path()).has_value();
    try {
        return show({repository, store, *stored, number, is_dialing});
    } catch (const dialer::TransactionFailed& failure) {
        return base::Error{base::Errc::unavailable, failure.what()};
    }
}

}  // namespace

base::Result<std::vector<campaign::NumberOrPrefix>> read_arguments(
    const std::vector<std::string>& texts
) {
    std::vector<campaign::NumberOrPrefix> read;
    for (const std::string& text : texts) {
        const auto entry = campaign::read_number_or_prefix(text);
        if (!entry) {
            return base::Error{entry.error().code, text + ": " + entry.error().detail};
        }
        read.push_back(*entry);
    }
    return read;
}

Exit show_number(
    const Context& context,
    const std::string& campaign,
    const std::string& number,
    const std::function<base::Result<void>(const NumberOfCampaign&)>& show
) {
    const base::Result<base::PhoneNumber> read = campaign::read_phone_number(number);
    if (!read) {
        complain(number + ": " + read.error().detail);
        return Exit::bad_usage;
    }
    if (const base::Result<void> shown = find_and_show(context, campaign, *read, show); !shown) {
        complain(shown.error().detail);
        return Exit::not_successful;
    }
    return Exit::done;
}

}  // namespace cxdial::daemon
