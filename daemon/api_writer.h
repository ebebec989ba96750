#pragma once

#include "base/clock.h"
#include "daemon/api_reader.h"
#include "daemon/contact_edits.h"
#include "daemon/inbox.h"
#include "dialer/events.h"
#include "webhook/api.h"

#include <functional>
#include <span>

namespace cxdial::daemon {

/// What became of a group of resources, and which campaigns it concerns.
struct PutAll {
    webhook::ApiStored stored;
    std::vector<campaign::CampaignId> concerned;
};

/// Puts a group of resources, all or none.
[[nodiscard]] PutAll put_all(
    storage::Repository& repository,
    const std::vector<webhook::ApiResource>& resources,
    base::WallTime now
);

/// Puts all of them on the do-not-call list, or none; how many were not on it before.
[[nodiscard]] base::Result<std::int64_t> suppress_all(
    storage::Repository& repository,
    std::span<const campaign::NumberOrPrefix> entries,
    const std::string& reason,
    base::WallTime now
);
/// False: it was not on the list.
[[nodiscard]] base::Result<bool> unsuppress(
    storage::Repository& repository, const campaign::NumberOrPrefix& entry
);

/// The writes of the API beside a running engine: jobs for the worker. The result of each comes
/// back to the loop when the engine goes by it. Thread rule: the loop's thread.
class ApiWriter {
public:
    struct Links {
        std::function<bool(Inbox::Job)> run;  ///< false: there is no room
        std::function<bool(dialer::Input, Inbox::Done)> submit;
        /// Runs a task on the loop's thread; called on any.
        std::function<void(std::function<void()>)> post;
        std::function<base::WallTime()> now;
        /// Those who take calls, or for which numbers, were changed: calls `done` on the loop's
        /// thread once calls that come in are routed by that. Empty: nobody routes calls.
        std::function<void(std::function<void()> done)> reload{};
    };

    /// `reader` must outlive this.
    ApiWriter(Links links, ApiReader& reader) : links_(std::move(links)), reader_(reader) {}

    /// Fills the writing ports, which must not outlive this.
    void connect(webhook::ApiPorts& ports);

private:
    template <class Value>
    using Done = webhook::ApiPorts::Done<Value>;

    void put(
        std::vector<webhook::ApiResource> resources, std::function<void(webhook::ApiStored)> done
    );
    void remove(webhook::ApiKind kind, const webhook::ApiName& name, Done<void> done);
    void change(
        const webhook::ApiName& name, campaign::Transition transition, Done<std::string> done
    );
    void add_destinations(
        const webhook::ApiName& name,
        std::vector<campaign::NewDestination> rows,
        Done<webhook::ApiAdded> done
    );
    void connect_contacts(webhook::ApiContactPorts& ports);
    void connect_follow_ups(webhook::ApiContactPorts& ports);
    /// Puts the campaigns that the engine must look at again into `edited`.
    template <class Value>
    using Work = std::function<base::Result<Value>(storage::Repository&, Campaigns& edited)>;
    /// Runs `work` on the worker's thread and, when the engine has heard of it, `done` with its
    /// result on the loop's.
    template <class Value>
    void run(Work<Value> work, Done<Value> done);
    /// `done`, after `reload`.
    void reloaded(std::function<void()> done);

    Links links_;
    ApiReader& reader_;
};

}  // namespace cxdial::daemon
