#include "base/log.h"
#include "daemon/context.h"
#include "daemon/open_database.h"
#include "daemon/service.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace cxdial::daemon {
namespace {

void log_start(const config::Config& config, std::uint16_t port) {
    base::log_info(
        "daemon_started",
        {{"address", config.daemon.listen_address},
         {"port", port},
         {"database", config.database.sqlite_path.string()},
         {"domains", config.cloudonix.size()}}
    );
    for (const config::CloudonixDomain& domain : config.cloudonix) {
        if (domain.webhook_key.empty()) {
            base::log_warn(
                "webhooks_not_authenticated",
                {{"domain", domain.domain},
                 {"advice", "set webhook_key to the domain's authorization-api-key"}}
            );
        }
    }
}

/// The keys in which a restart would behave otherwise than this process does, `, ` between them.
std::string keys_for_restart(const config::Config& running, const config::Config& read) {
    const config::Daemon& old_daemon = running.daemon;
    const config::Daemon& new_daemon = read.daemon;
    const std::array<std::pair<const char*, bool>, 10> keys{{
        {"daemon.listen",
         old_daemon.listen_address != new_daemon.listen_address ||
             old_daemon.listen_port != new_daemon.listen_port},
        {"daemon.public_url", old_daemon.public_url != new_daemon.public_url},
        {"daemon.api_token", !(old_daemon.api_token == new_daemon.api_token)},
        {"daemon.poll_interval", old_daemon.poll_interval != new_daemon.poll_interval},
        {"daemon.log_format", old_daemon.log_format != new_daemon.log_format},
        {"daemon.max_concurrent_calls",
         old_daemon.max_concurrent_calls != new_daemon.max_concurrent_calls},
        {"database.url", !(running.database == read.database)},
        {"[dialing]", !(running.dialing == read.dialing)},
        {"[[cloudonix]]", running.cloudonix != read.cloudonix},
        {"[opbx]", running.opbx != read.opbx},
    }};
    std::string text;
    for (const auto& [name, differs] : keys) {
        if (differs) {
            text.append(text.empty() ? "" : ", ").append(name);
        }
    }
    return text;
}

/// Takes over the limits of the domains that run. Whether any differed.
bool take_limits(
    std::vector<config::CloudonixDomain>& running, const std::vector<config::CloudonixDomain>& read
) {
    bool differ = false;
    for (config::CloudonixDomain& domain : running) {
        const auto found = std::find_if(read.begin(), read.end(), [&](const auto& other) {
            return other.domain == domain.domain;
        });
        if (found == read.end()) {
            continue;
        }
        const config::CloudonixDomain before = domain;
        domain.requests = found->requests;
        domain.per = found->per;
        domain.max_concurrent_calls = found->max_concurrent_calls;
        domain.in_doubt_limit = found->in_doubt_limit;
        differ = differ || domain != before;
    }
    return differ;
}

void reread(Context& context, Service& service) {
    const base::Result<config::Config> read = context.reread();
    if (!read) {
        base::log_error("configuration_refused", {{"why", read.error().detail}});
        return;
    }
    context.config.daemon.log_level = read->daemon.log_level;
    context.set_log_level(read->daemon.log_level);
    std::vector<config::CloudonixDomain>& domains = context.config.cloudonix;
    const bool differ = take_limits(domains, read->cloudonix);
    const auto tell = [keys = keys_for_restart(context.config, *read)](const base::Result<void>&) {
        base::log_info("configuration_reread", {{"restart_needed", !keys.empty()}, {"keys", keys}});
    };
    if (differ) {
        // Said when they are in force.
        service.submit(dialer::DomainsEdited{limits_of(domains)}, tell);
    } else {
        tell({});
    }
}

}  // namespace

Exit run_daemon(Context& context) {
    base::Result<storage::Database> database = open_to_write(context);
    if (!database) {
        complain(database.error().detail);
        return Exit::not_successful;
    }
    const config::Config& config = context.config;
    Service service(context.clock, config, std::move(*database));
    const base::Result<std::uint16_t> port =
        service.listen(config.daemon.listen_address, config.daemon.listen_port);
    if (!port) {
        complain(port.error().detail);
        return Exit::not_successful;
    }
    service.on_reload([&context, &service] { reread(context, service); });
    if (config::serves_api(config.daemon)) {
        service.serve_api();
    } else {
        base::log_warn(
            "api_not_served",
            {{"advice", "others can connect here: set daemon.api_token to have /api/v1"}}
        );
    }
    service.start(config.cloudonix, {});
    log_start(config, *port);
    service.run();
    base::log_info("daemon_stopped");
    return Exit::done;
}

}  // namespace cxdial::daemon
