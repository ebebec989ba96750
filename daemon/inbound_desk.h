#pragma once

#include "base/clock.h"
#include "daemon/inbound_resolver.h"
#include "daemon/inbox.h"
#include "dialer/effects.h"
#include "dialer/events.h"
#include "net/loop.h"
#include "webhook/endpoints.h"
#include "webhook/metrics.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cxdial::daemon {

/// The calls that come in, each on its way from the question to the document: decided by the
/// resolver, recorded by the engine, answered after the commit. What fails or takes longer than the
/// tenant's `total_budget` is answered with the dialed number's agent or the tenant's last resort,
/// from memory. Thread rule: the loop's thread.
class InboundDesk {
public:
    struct Links {
        /// Hands an input to the engine; false: there is no room.
        std::function<bool(dialer::Input, Inbox::Done)> submit;
    };
    using Done = std::function<void(std::string document)>;

    /// All that is referred to must outlive it.
    InboundDesk(
        net::Loop& loop,
        const base::Clock& clock,
        InboundResolver::Settings settings,
        webhook::Metrics& metrics,
        Links links
    );
    ~InboundDesk();
    InboundDesk(const InboundDesk&) = delete;
    InboundDesk& operator=(const InboundDesk&) = delete;
    InboundDesk(InboundDesk&&) = delete;
    InboundDesk& operator=(InboundDesk&&) = delete;

    /// A database that cannot be read is logged, and every call is declined.
    void start();

    /// `done` is called once, later, with a document, whatever fails.
    void ask(const webhook::InboundRequest& request, Done done);
    /// What the engine says of a call that was submitted.
    void on_routed(const dialer::RouteCall& routed);
    /// Resources were changed: calls that come in from `done` on are routed by the new ones.
    void reload(std::function<void()> done);

private:
    /// A call whose document is awaited.
    struct Waiting {
        explicit Waiting(net::Loop& loop) : deadline(loop) {}

        routing::Question question;
        Done done;
        base::MonoTime answer_by{};
        std::vector<std::string> full;  ///< agents that turned out to have no place
        Resolved resolved;
        net::Timer deadline;
    };

    void decide(std::uint64_t id);
    void on_resolved(std::uint64_t id, Resolved resolved);
    void submit(std::uint64_t id, Waiting& waiting);
    void answer(std::uint64_t id, const std::string& tenant, const std::string& agent);
    void answer_without_records(std::uint64_t id, const std::string& why);
    [[nodiscard]] std::string document(
        const Waiting& waiting, const std::string& tenant, const std::string& agent
    ) const;

    net::Loop& loop_;
    const base::Clock& clock_;
    webhook::Metrics& metrics_;
    Links links_;
    InboundResolver resolver_;
    std::map<std::uint64_t, Waiting> waiting_;
    std::uint64_t last_id_ = 0;
    /// Tells the resolver's thread whether there still is anybody to post to.
    std::shared_ptr<InboundDesk*> alive_ = std::make_shared<InboundDesk*>(this);
};

}  // namespace cxdial::daemon
