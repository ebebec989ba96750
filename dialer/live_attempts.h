#pragma once

#include "base/clock.h"
#include "dialer/store.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cxdial::dialer {

/// An attempt that holds a slot, and when something must be done about it.
struct Live {
    LiveAttempt row;
    int destination_attempts = 0;  ///< of its destination, counted, this one included
    /// When its request was decided; of an attempt of an earlier life: when this life began, since
    /// the wall clock may have been set in between, and a slot kept too long harms nobody.
    base::MonoTime born{};
    base::MonoTime give_up{};  ///< from here on it cannot be live
    /// From here on Cloudonix may not start it any more; of an earlier life unknown.
    std::optional<base::MonoTime> deadline{};
    base::MonoTime look_up{};                      ///< when it is asked about next
    base::Millis patience{0};                      ///< how long the last silence was allowed to be
    std::optional<base::MonoTime> asked_at{};      ///< set while a look-up's answer is awaited
    std::optional<base::MonoTime> connected_at{};  ///< to the assistant that it has
    /// Its destination was settled by something else, and this call moves it no more.
    std::optional<campaign::DestinationStatus> settled_as{};
    std::optional<campaign::FollowUpId> follow_up{};  ///< that its destination was made of
    /// In doubt, or without a token: a session list asked for from here on that does not show it is
    /// proof that it is not live.
    base::MonoTime proof_from{};

    [[nodiscard]] bool in_doubt() const { return row.status == campaign::AttemptStatus::in_doubt; }
};

/// Every attempt that holds a slot, found by id, by session token, by OPBX's id of the call, by its
/// number where nothing else is known of it, or by its next deadline.
/// Ordered containers: what is iterated must come in the same order in every run.
class LiveAttempts {
public:
    Live& add(Live live);
    void remove(campaign::AttemptId id);

    [[nodiscard]] Live* find(campaign::AttemptId id);
    [[nodiscard]] Live* find(const campaign::SessionToken& token);
    [[nodiscard]] Live* find(campaign::OpbxSessionId external_id);
    [[nodiscard]] Live* find_destination(campaign::DestinationId id);
    /// Those to the number that OPBX was asked to place and whose token is not known.
    [[nodiscard]] std::vector<Live*> unnamed(base::PhoneNumber number);
    void set_token(Live& live, const campaign::SessionToken& token);
    void set_external_id(Live& live, campaign::OpbxSessionId external_id);

    /// The next deadline moves to `at`.
    void set_alarm(Live& live, base::MonoTime at);
    /// The attempts whose deadline has come, earliest first.
    [[nodiscard]] std::vector<campaign::AttemptId> due(base::MonoTime now) const;
    [[nodiscard]] std::optional<base::MonoTime> next_alarm() const;

    void for_each(const std::function<void(Live&)>& visit);
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

private:
    struct Entry {
        Live live;
        base::MonoTime alarm{};
    };
    std::map<campaign::AttemptId, Entry> by_id_;
    std::unordered_map<campaign::SessionToken, campaign::AttemptId> by_token_;
    std::unordered_map<campaign::OpbxSessionId, campaign::AttemptId> by_external_id_;
    std::unordered_map<campaign::DestinationId, campaign::AttemptId> by_destination_;
    std::set<std::pair<std::uint64_t, campaign::AttemptId>> unnamed_;  ///< digits of the number
    std::set<std::pair<base::MonoTime, campaign::AttemptId>> alarms_;
};

}  // namespace cxdial::dialer
