#pragma once

#include "api_client/cloudonix_client.h"
#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "dialer/events.h"
#include "net/loop.h"

#include <functional>
#include <optional>

namespace cxdial::daemon {

/// Looks at Cloudonix whether a call was placed by somebody else: one look at a time. Thread rule:
/// the loop's thread.
class OpbxProbe {
public:
    /// The session, or none, or why nobody can tell.
    using Done = std::function<void(base::Result<std::optional<dialer::SessionReport>>)>;

    explicit OpbxProbe(net::Loop& loop) : timer_(loop) {}

    /// Looks for a session to `number` that is none of ours and started at `since` or later, more
    /// than once: a list may be a little old. `client`: the domain's, or null.
    void look(
        std::function<api_client::CloudonixClient*()> client,
        base::PhoneNumber number,
        base::WallTime since,
        Done done
    );

private:
    void ask(int looks_left);
    void on_list(const api_client::SessionListAnswer& answer, int looks_left);

    net::Timer timer_;
    std::function<api_client::CloudonixClient*()> client_;
    std::optional<base::PhoneNumber> number_;
    base::WallTime since_{};
    Done done_;
};

}  // namespace cxdial::daemon
