#pragma once

#include "api_client/opbx_slots.h"
#include "base/clock.h"
#include "config/config.h"
#include "daemon/inbox.h"
#include "daemon/outbox_sender.h"
#include "dialer/effects.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "net/redis.h"
#include "storage/database.h"
#include "storage/repository.h"
#include "webhook/metrics.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::daemon {

/// What is shared with OPBX while calls are placed and settled: the CDRs that go on to it, the
/// outcomes that it would not hear of, its counters and locks in Redis, and what it publishes
/// there. Thread rule: the loop's thread.
class OpbxState {
public:
    /// The outbox's queue that CDRs go to, unchanged.
    static constexpr std::string_view cdr_queue = "opbx_cdr";
    /// The outbox's queue of what OPBX would not hear otherwise: R9 and R3 of its worker API.
    static constexpr std::string_view report_queue = "opbx_report";

    struct Links {
        std::function<bool(Inbox::Job)> run;                   ///< false: there is no room
        std::function<void(dialer::Input, Inbox::Done)> tell;  ///< to the engine; is not lost
        std::function<void(std::function<void()>)> post;       ///< to the loop's thread; on any
        /// Whether Redis answers: while it does not, nothing may be placed.
        std::function<void(bool reachable)> on_redis;
        webhook::Metrics& metrics;
    };

    /// Opens a reading connection of its own. All arguments must outlive this.
    [[nodiscard]] static base::Result<std::unique_ptr<OpbxState>> open(
        net::Loop& loop,
        const base::Clock& clock,
        const config::Opbx& config,
        const std::string& database_path,
        Links links
    );
    ~OpbxState();
    OpbxState(const OpbxState&) = delete;
    OpbxState& operator=(const OpbxState&) = delete;
    OpbxState(OpbxState&&) = delete;
    OpbxState& operator=(OpbxState&&) = delete;

    /// Asks whether a call may leave, and counts it; `go` is called once, with why not. Without
    /// Redis it may, at once.
    void admit(
        const dialer::PlaceCall& call, std::function<void(std::optional<dialer::NotSent>)> go
    );
    /// What became of the request that places the call.
    void on_placed(const dialer::PlacementReply& reply);
    /// What a committed tick changed.
    void on_notes(const std::vector<dialer::Note>& notes);
    /// A CDR was stored, and waits to be passed on.
    void on_cdr_posted();
    /// Sends no more.
    void stop();

private:
    struct Impl;
    explicit OpbxState(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::daemon
