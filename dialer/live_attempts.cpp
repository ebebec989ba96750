#include "dialer/live_attempts.h"

#include "base/check.h"

namespace cxdial::dialer {

Live& LiveAttempts::add(Live live) {
    const campaign::AttemptId id = live.row.id;
    if (live.row.token) {
        by_token_[*live.row.token] = id;
    }
    const auto [position, added] = by_id_.emplace(id, Entry{std::move(live), {}});
    CHECK_INVARIANT(added);
    alarms_.emplace(position->second.alarm, id);
    return position->second.live;
}

void LiveAttempts::remove(campaign::AttemptId id) {
    const auto position = by_id_.find(id);
    CHECK_INVARIANT(position != by_id_.end());
    alarms_.erase({position->second.alarm, id});
    if (position->second.live.row.token) {
        by_token_.erase(*position->second.live.row.token);
    }
    by_id_.erase(position);
}

Live* LiveAttempts::find(campaign::AttemptId id) {
    const auto position = by_id_.find(id);
    return position == by_id_.end() ? nullptr : &position->second.live;
}

Live* LiveAttempts::find(const campaign::SessionToken& token) {
    const auto position = by_token_.find(token);
    return position == by_token_.end() ? nullptr : find(position->second);
}

void LiveAttempts::set_token(Live& live, const campaign::SessionToken& token) {
    CHECK_INVARIANT(!live.row.token);
    live.row.token = token;
    by_token_[token] = live.row.id;
}

void LiveAttempts::set_alarm(Live& live, base::MonoTime at) {
    const auto position = by_id_.find(live.row.id);
    CHECK_INVARIANT(position != by_id_.end());
    alarms_.erase({position->second.alarm, live.row.id});
    position->second.alarm = at;
    alarms_.emplace(at, live.row.id);
}

std::vector<campaign::AttemptId> LiveAttempts::due(base::MonoTime now) const {
    std::vector<campaign::AttemptId> ids;
    for (const auto& [at, id] : alarms_) {
        if (at > now) {
            break;
        }
        ids.push_back(id);
    }
    return ids;
}

std::optional<base::MonoTime> LiveAttempts::next_alarm() const {
    if (alarms_.empty()) {
        return std::nullopt;
    }
    return alarms_.begin()->first;
}

void LiveAttempts::for_each(const std::function<void(Live&)>& visit) {
    for (auto& [id, entry] : by_id_) {
        visit(entry.live);
    }
}

}  // namespace cxdial::dialer
