#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "daemon/inbox.h"
#include "daemon/worker.h"
#include "dialer/engine.h"
#include "storage/database.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// Those who watch a running service. Called on the loop's thread.
struct Observers {
    std::function<void(const Ticked&)> on_ticked;
    /// The request of a call is being written to its connection.
    std::function<void(std::optional<base::MonoTime> slot_freed_at, base::MonoTime at)>
        on_request_sent;
};

/// The limits of domains as the engine takes them.
[[nodiscard]] std::vector<dialer::DomainLimits> limits_of(
    const std::vector<config::CloudonixDomain>& domains
);

/// The running program: the HTTP server and client on the loop's thread, the engine with the
/// database on the worker's thread, and the inbox between them. The daemon and the one-shot
/// commands are this same service with other observers. Thread rule: the thread that calls `run`,
/// but for `submit`.
class Service {
public:
    Service(const base::Clock& clock, config::Config config, storage::Database database);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    Service(Service&&) = delete;
    Service& operator=(Service&&) = delete;

    /// Binds the address that webhooks come to; `port` 0: any. Before `start`.
    [[nodiscard]] base::Result<std::uint16_t> listen(
        const std::string& address, std::uint16_t port
    );
    /// Overrides the configured base URL at which Cloudonix reaches this process. Before `start`.
    void set_public_url(std::string url);
    /// Answers `/api/v1` too. Before `start`.
    void serve_api();
    /// Starts the engine, which takes over what the database holds. Before `run`.
    void start(const std::vector<config::CloudonixDomain>& domains, Observers observers);
    /// Runs until `stop` has done its work. SIGTERM and SIGINT stop it.
    void run();

    /// Places no more calls, waits up to `settle_time` for those under way, then ends `run`.
    void stop(base::Millis settle_time);
    /// Calls `handler` once on the loop's thread after `delay`.
    void after(base::Millis delay, std::function<void()> handler);

    /// Calls `handler` on the loop's thread at each SIGHUP. Before `run`.
    void on_reload(std::function<void()> handler);

    /// Hands an input to the engine; `done` is called on the worker's thread. Any thread.
    void submit(dialer::Input input, Inbox::Done done);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::daemon
