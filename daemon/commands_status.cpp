#include "daemon/backend.h"
#include "daemon/commands_support.h"
#include "daemon/context.h"
#include "daemon/progress.h"
#include "daemon/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <thread>

namespace cxdial::daemon {

using nlohmann::ordered_json;

namespace {

constexpr std::chrono::seconds watch_pause{1};

std::string count_at(const ordered_json& counts, const char* key) {
    return count_text(counts.value(key, std::int64_t{0}));
}

std::string waiting(const ordered_json& destinations) {
    std::int64_t waiting = 0;
    for (const char* status : {"pending", "queued", "retry_pending"}) {
        waiting += destinations.value(status, std::int64_t{0});
    }
    return count_text(waiting);
}

std::string as_table(const ordered_json& all) {
    Table table(
        {"campaign",
         "status",
         "active",
         "CAC",
         "waiting",
         "completed",
         "failed",
         "in doubt",
         "why"},
        {Align::left,
         Align::left,
         Align::right,
         Align::right,
         Align::right,
         Align::right,
         Align::right,
         Align::right,
         Align::left}
    );
    for (const ordered_json& shown : all) {
        const ordered_json destinations = shown.value("destinations", ordered_json::object());
        table.add(
            {shown.value("name", ""),
             shown.value("status", ""),
             count_at(shown, "active_calls"),
             count_at(shown, "concurrent_active_calls"),
             waiting(destinations),
             count_at(destinations, "completed"),
             count_at(destinations, "failed"),
             count_at(shown, "in_doubt_calls"),
             shown.value("reason", "")}
        );
    }
    return all.empty() ? "no campaigns; make one with cxdial apply FILE\n" : table.text();
}

/// What others have not been told yet; nothing where they were told all.
std::string outbox_lines(const ordered_json& queues) {
    std::string text;
    for (const ordered_json& queue : queues) {
        const std::string refused = count_at(queue, "refused");
        text += queue.value("queue", "") + ": " + count_at(queue, "waiting") + " to be sent" +
                (refused == "0" ? "" : " (" + refused + " refused before)") + ", " +
                count_at(queue, "dead_letters") + " refused for good\n";
    }
    return text;
}

base::Result<ordered_json> read_all(Backend& backend, const std::string& only) {
    base::Result<ordered_json> all = backend.status();
    if (!all || only.empty()) {
        return all;
    }
    ordered_json one = ordered_json::array();
    std::copy_if(all->begin(), all->end(), std::back_inserter(one), [&](const auto& shown) {
        return shown.value("name", "") == only;
    });
    if (one.empty()) {
        return base::Error{base::Errc::not_found, "there is no campaign \"" + only + "\""};
    }
    return one;
}

}  // namespace

Exit status(Context& context, const std::string& campaign, bool watch) {
    while (true) {
        // Opened anew each time: a daemon may come or go while it is watched.
        const Exit shown = with_backend(context, Access::read, [&](Backend& backend) {
            const auto all = read_all(backend, campaign);
            if (!all) {
                return base::Result<void>(all.error());
            }
            if (watch && stderr_is_terminal() && !context.json) {
                std::fputs("\x1b[H\x1b[2J", stdout);
            }
            const auto queues = backend.outbox();
            print(
                context.json ? all->dump(2) : as_table(*all) + (queues ? outbox_lines(*queues) : "")
            );
            return base::Result<void>();
        });
        if (!watch || shown != Exit::done) {
            return shown;
        }
        std::fflush(stdout);
        std::this_thread::sleep_for(watch_pause);
    }
}

}  // namespace cxdial::daemon
