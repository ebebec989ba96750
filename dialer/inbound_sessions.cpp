#include "dialer/inbound_sessions.h"

#include "base/check.h"

namespace cxdial::dialer {

InboundSession& InboundSessions::add(InboundSession session, base::MonoTime expires) {
    const campaign::VoiceSessionId id = session.id;
    by_name_.emplace(session.call_sid, id);
    if (session.token) {
        by_name_.emplace(session.token->raw(), id);
    }
    expiries_.emplace(expires, id);
    const auto [position, added] = by_id_.emplace(id, Entry{std::move(session), expires});
    CHECK_INVARIANT(added);
    return position->second.session;
}

void InboundSessions::remove(campaign::VoiceSessionId id) {
    const auto position = by_id_.find(id);
    CHECK_INVARIANT(position != by_id_.end());
    const auto forget = [&](const std::string& name) {
        const auto named = by_name_.find(name);
        if (named != by_name_.end() && named->second == id) {
            by_name_.erase(named);
        }
    };
    const InboundSession& session = position->second.session;
    forget(session.call_sid);
    if (session.token) {
        forget(session.token->raw());
    }
    expiries_.erase({position->second.expires, id});
    by_id_.erase(position);
}

InboundSession* InboundSessions::find(campaign::VoiceSessionId id) {
    const auto position = by_id_.find(id);
    return position == by_id_.end() ? nullptr : &position->second.session;
}

InboundSession* InboundSessions::find(const campaign::SessionToken& name) {
    const auto position = by_name_.find(name.raw());
    return position == by_name_.end() ? nullptr : find(position->second);
}

std::vector<campaign::VoiceSessionId> InboundSessions::due(base::MonoTime now) const {
    std::vector<campaign::VoiceSessionId> ids;
    for (const auto& [at, id] : expiries_) {
        if (at > now) {
            break;
        }
        ids.push_back(id);
    }
    return ids;
}

std::optional<base::MonoTime> InboundSessions::next_expiry() const {
    if (expiries_.empty()) {
        return std::nullopt;
    }
    return expiries_.begin()->first;
}

}  // namespace cxdial::dialer
