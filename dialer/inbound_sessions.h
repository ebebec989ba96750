#pragma once

#include "base/clock.h"
#include "campaign/ids.h"
#include "dialer/inbound.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cxdial::dialer {

/// Every call that came in and is not over, found by its name or by when it expires.
/// Ordered containers: what is iterated must come in the same order in every run.
class InboundSessions {
public:
    InboundSession& add(InboundSession session, base::MonoTime expires);
    void remove(campaign::VoiceSessionId id);

    [[nodiscard]] InboundSession* find(campaign::VoiceSessionId id);
    /// By its token, or by its call sid where that is what Cloudonix calls the session.
    [[nodiscard]] InboundSession* find(const campaign::SessionToken& name);

    /// Those that expire by now, the earliest first.
    [[nodiscard]] std::vector<campaign::VoiceSessionId> due(base::MonoTime now) const;
    [[nodiscard]] std::optional<base::MonoTime> next_expiry() const;
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

private:
    struct Entry {
        InboundSession session;
        base::MonoTime expires{};
    };
    std::map<campaign::VoiceSessionId, Entry> by_id_;
    std::unordered_map<std::string, campaign::VoiceSessionId> by_name_;  ///< tokens and call sids
    std::set<std::pair<base::MonoTime, campaign::VoiceSessionId>> expiries_;
};

}  // namespace cxdial::dialer
