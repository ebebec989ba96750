#include "campaign/phone.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/open_database.h"
#include "daemon/views.h"
#include "daemon/why.h"
#include "storage/repository.h"
#include "storage/sqlite_store.h"

#include <nlohmann/json.hpp>

namespace cxdial::daemon {

Exit why(Context& context, const std::string& campaign, const std::string& number) {
    const base::Result<base::PhoneNumber> read = campaign::read_phone_number(number);
    if (!read) {
        complain(number + ": " + read.error().detail);
        return Exit::bad_usage;
    }
    base::Result<storage::Database> database = open_to_read(context);
    if (!database) {
        complain(database.error().detail);
        return Exit::not_successful;
    }
    storage::Repository repository(*database);
    storage::SqliteStore store(*database);
    const auto stored = repository.campaign(default_tenant, campaign);
    if (!stored) {
        complain(stored.error().detail);
        return Exit::not_successful;
    }
    const WhySources sources{
        .repository = repository,
        .store = store,
        .dialing = context.config.dialing,
        .is_dialing = storage::Database::writer_of(database->path()).has_value(),
        .now = context.clock.now().wall,
    };
    const base::Result<Why> found = why_destination(sources, *stored, *read);
    if (!found) {
        complain(found.error().detail);
        return Exit::not_successful;
    }
    if (context.json) {
        nlohmann::ordered_json shown{{"campaign", campaign}, {"phone_number", read->reveal()}};
        shown.update(view(*found));
        print(shown.dump(2));
        return Exit::done;
    }
    print(found->reason + ": " + found->detail);
    if (found->until) {
        print("until " + iso_text(*found->until));
    }
    return Exit::done;
}

}  // namespace cxdial::daemon
