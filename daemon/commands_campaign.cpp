#include "daemon/backend.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/import_file.h"
#include "daemon/table.h"

#include <nlohmann/json.hpp>

namespace cxdial::daemon {

using nlohmann::ordered_json;

namespace {

/// What will be regretted, on standard error.
void warn_of(Backend& backend, const std::string& campaign) {
    const auto shown = backend.show(storage::ResourceKind::campaign, campaign);
    if (!shown || !shown->contains("advice")) {
        return;
    }
    for (const ordered_json& advice : shown->at("advice")) {
        remark("warning: " + advice.value("message", ""));
    }
}

}  // namespace

Exit import_destinations(
    Context& context,
    const std::string& campaign,
    const std::string& file,
    const std::string& region
) {
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        // An empty batch: a campaign that is not there is said before the file is read.
        if (const auto known = backend.add_destinations(campaign, {}); !known) {
            return known.error();
        }
        const auto report = import_file(
            [&](auto batch) { return backend.add_destinations(campaign, batch); },
            file,
            region,
            context.clock
        );
        if (!report) {
            return report.error();
        }
        print(context.json ? campaign::to_json(*report) : to_text(*report));
        return {};
    });
}

Exit change_life_cycle(
    Context& context, const std::string& campaign, campaign::Transition transition
) {
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        const auto status = backend.change(campaign, transition);
        if (!status) {
            return status.error();
        }
        print(
            context.json ? ordered_json{{"name", campaign}, {"status", *status}}.dump(2)
                         : "campaign " + campaign + ": " + *status
        );
        if (*status == "active") {
            warn_of(backend, campaign);
            remark("it dials while `cxdial run` is running");
        }
        return {};
    });
}

Exit suppress_add(Context& context, const std::vector<std::string>& numbers) {
    const auto read = read_arguments(numbers);
    if (!read) {
        complain(read.error().detail);
        return Exit::bad_usage;
    }
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        const auto added = backend.suppress(*read, "added by an operator");
        if (!added) {
            return added.error();
        }
        print(
            context.json ? ordered_json{{"added", *added}}.dump(2)
                         : count_text(*added) + " added to the do-not-call list"
        );
        return {};
    });
}

Exit suppress_remove(Context& context, const std::vector<std::string>& numbers) {
    const auto read = read_arguments(numbers);
    if (!read) {
        complain(read.error().detail);
        return Exit::bad_usage;
    }
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        std::int64_t removed = 0;
        for (const campaign::NumberOrPrefix& entry : *read) {
            const auto was_there = backend.unsuppress(entry);
            if (!was_there) {
                return was_there.error();
            }
            removed += *was_there ? 1 : 0;
        }
        print(
            context.json ? ordered_json{{"removed", removed}}.dump(2)
                         : count_text(removed) + " taken off the do-not-call list"
        );
        return {};
    });
}

Exit suppress_list(Context& context) {
    return with_backend(context, Access::read, [&](Backend& backend) -> base::Result<void> {
        const auto list = backend.suppressions();
        if (!list) {
            return list.error();
        }
        Table table({"number", "reason"}, {Align::left, Align::left});
        for (const ordered_json& entry : *list) {
            table.add({entry.value("phone_number", ""), entry.value("reason", "")});
        }
        print(context.json ? list->dump(2) : table.text());
        return {};
    });
}

Exit suppress_import(Context& context, const std::string& file) {
    return with_backend(context, Access::write, [&](Backend& backend) -> base::Result<void> {
        campaign::ImportReport report;
        const auto entries = read_suppressions(file, report);
        if (!entries) {
            return entries.error();
        }
        const auto added = backend.suppress(*entries, "imported");
        if (!added) {
            return added.error();
        }
        report.imported = *added;
        report.duplicates = static_cast<std::int64_t>(entries->size()) - *added;
        print(context.json ? campaign::to_json(report) : to_text(report));
        return {};
    });
}

}  // namespace cxdial::daemon
