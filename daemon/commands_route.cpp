#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/history_views.h"
#include "daemon/open_database.h"
#include "daemon/table.h"
#include "routing/resolver.h"
#include "storage/directory.h"
#include "storage/routing_records.h"

#include <nlohmann/json.hpp>

namespace cxdial::daemon {

using nlohmann::ordered_json;

namespace {

/// What would become of the call now; nothing is written.
base::Result<ordered_json> dry_run(
    storage::Database& database, Context& context, const RouteOptions& options
) {
    const auto directory = storage::MemoryDirectory::load(database);
    if (!directory) {
        return directory.error();
    }
    storage::RoutingRecords records(database, context.clock);
    routing::RecordedDecision dry;
    dry.question.from = options.from;
    dry.question.to = options.to;
    dry.decision = routing::resolve(
        dry.question,
        {.force_legacy = context.config.routing.force_legacy, .now = context.clock.now().wall},
        **directory,
        records
    );
    return ordered_json::parse(routing::to_json(dry));
}

/// What became of a call.
base::Result<ordered_json> past(storage::Database& database, const std::string& call_sid) {
    storage::Repository repository(database);
    storage::ContactBook book(database);
    const auto found = book.decision(call_sid);
    return found ? HistoryViews(repository, book).of(*found)
                 : base::Result<ordered_json>(found.error());
}

std::string text_at(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string yes_no(const ordered_json& entry, const char* key) {
    return entry.value(key, false) ? "yes" : "no";
}

std::string summary(const ordered_json& decision) {
    const std::string caller = text_at(decision, "caller");
    const std::string campaign = text_at(decision["matched"], "campaign");
    const std::string agent = text_at(decision, "agent");
    const std::string version = decision.value("agent_version", ordered_json()).dump();
    std::string text = "from " + text_at(decision, "from") + " (" +
                       (caller.empty() ? "no phone number" : caller) + ") to " +
                       text_at(decision, "to");
    text += "\n" + (agent.empty() ? "nobody takes the call"
                                  : "agent " + agent + " (version " + version + ")");
    text += ", by " + text_at(decision, "routing_reason");
    text += campaign.empty() ? "" : ", campaign " + campaign;
    const std::string tenant = text_at(decision, "tenant");
    return text + "\ntenant " + (tenant.empty() ? "none" : tenant) + ", mode " +
           text_at(decision, "mode") + "\n";
}

std::string trace_table(const ordered_json& decision) {
    constexpr double micros_a_milli = 1000;
    const auto time = [](const ordered_json& entry) {
        return number_text(entry.value("took_us", 0.0) / micros_a_milli, 3) + " ms" +
               (entry.value("late", false) ? ", late" : "");
    };
    Table table(
        {"layer", "evaluated", "matched", "time", "why"},
        {Align::left, Align::left, Align::left, Align::right, Align::left}
    );
    for (const ordered_json& entry : decision.at("trace")) {
        table.add(
            {text_at(entry, "layer"),
             yes_no(entry, "evaluated"),
             yes_no(entry, "matched"),
             time(entry),
             text_at(entry, "why")}
        );
    }
    table.add({"all", "", "", time(decision), ""});
    return table.text();
}

}  // namespace

Exit route(Context& context, const RouteOptions& options) {
    if (options.to.empty() && options.call_sid.empty()) {
        complain("which call? --from NUMBER --to NUMBER, or --call-sid SID");
        return Exit::bad_usage;
    }
    base::Result<storage::Database> database = open_to_read(context);
    if (!database) {
        complain(database.error().detail);
        return Exit::not_successful;
    }
    const auto decision = options.call_sid.empty() ? dry_run(*database, context, options)
                                                   : past(*database, options.call_sid);
    if (!decision) {
        complain(decision.error().detail);
        return Exit::not_successful;
    }
    print(context.json ? decision->dump(2) : summary(*decision) + trace_table(*decision));
    return Exit::done;
}

}  // namespace cxdial::daemon
