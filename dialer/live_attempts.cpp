#include "dialer/live_attempts.h"

#include "base/check.h"

namespace cxdial::dialer {

Live& LiveAttempts::add(Live live) {
    const campaign::AttemptId id = live.row.id;
    if (live.row.token) {
        by_token_[*live.row.token] = id;
    } else if (live.row.by_opbx) {
        unnamed_.emplace(live.row.phone_number.digits(), id);
    }
    if (live.row.external_id) {
        by_external_id_[*live.row.external_id] = id;
    }
    by_destination_[live.row.destination] = id;
    const auto [position, added] = by_id_.emplace(id, Entry{std::move(live), {}});
    CHECK_INVARIANT(added);
    alarms_.emplace(position->second.alarm, id);
    return position->second.live;
}

void LiveAttempts::remove(campaign::AttemptId id) {
    const auto position = by_id_.find(id);
    CHECK_INVARIANT(position != by_id_.end());
    alarms_.erase({position->second.alarm, id});
    const LiveAttempt& row = position->second.live.row;
    if (row.token) {
        by_token_.erase(*row.token);
    }
    if (row.external_id) {
        by_external_id_.erase(*row.external_id);
    }
    by_destination_.erase(row.destination);
    unnamed_.erase({row.phone_number.digits(), id});
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

Live* LiveAttempts::find(campaign::OpbxSessionId external_id) {
    const auto position = by_external_id_.find(external_id);
    return position == by_external_id_.end() ? nullptr : find(position->second);
}

Live* LiveAttempts::find_destination(campaign::DestinationId id) {
    const auto position = by_destination_.find(id);
    return position == by_destination_.end() ? nullptr : find(position->second);
}

std::vector<Live*> LiveAttempts::unnamed(base::PhoneNumber number) {
    std::vector<Live*> found;
    auto position = unnamed_.lower_bound({number.digits(), campaign::AttemptId{0}});
    for (; position != unnamed_.end() && position->first == number.digits(); ++position) {
        found.push_back(find(position->second));
    }
    return found;
}

void LiveAttempts::set_external_id(Live& live, campaign::OpbxSessionId external_id) {
    CHECK_INVARIANT(!live.row.external_id);
    live.row.external_id = external_id;
    by_external_id_[external_id] = live.row.id;
}

void LiveAttempts::set_token(Live& live, const campaign::SessionToken& token) {
    CHECK_INVARIANT(!live.row.token);
    live.row.token = token;
    by_token_[token] = live.row.id;
    unnamed_.erase({live.row.phone_number.digits(), live.row.id});
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
