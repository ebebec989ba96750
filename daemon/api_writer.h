#pragma once

#include "base/clock.h"
#include "daemon/api_reader.h"
#include "daemon/inbox.h"
#include "dialer/events.h"
#include "webhook/api.h"

#include <functional>
#include <span>

namespace cxdial::daemon {

/// Puts a group of resources, all or none.
[[nodiscard]] webhook::ApiStored put_all(
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

/// The writes of the API beside a running engine: jobs for the worker, whose results come back to
/// the loop, and after each the engine hears which campaigns it concerns. Thread rule: the loop's
/// thread.
class ApiWriter {
public:
    struct Links {
        std::function<bool(Inbox::Job)> run;  ///< false: there is no room
        std::function<bool(dialer::Input, Inbox::Done)> submit;
        /// Tells the engine what must not be lost.
        std::function<void(dialer::Input)> tell;
        /// Runs a task on the loop's thread; called on any.
        std::function<void(std::function<void()>)> post;
        std::function<base::WallTime()> now;
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
    /// Runs `work` on the worker's thread and `done` with its result on the loop's.
    template <class Value>
    void run(std::function<base::Result<Value>(storage::Repository&)> work, Done<Value> done);
    void tell_engine(const std::vector<campaign::CampaignId>& edited) const;

    Links links_;
    ApiReader& reader_;
};

}  // namespace cxdial::daemon
