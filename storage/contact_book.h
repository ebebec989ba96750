#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "campaign/ids.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "routing/layer.h"
#include "storage/database.h"
#include "storage/records.h"
#include "storage/repository.h"
#include "storage/routing_rows.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::storage {

/// What is known of the people who are called and who call: contacts, what is to be done for them,
/// what agents remember, and what happened. Transactions, errors and thread rule are those of
/// `Repository`, with which it may share a database.
class ContactBook {
public:
    explicit ContactBook(Database& database);
    /// On the database of the repository.
    explicit ContactBook(Repository& repository);
    ~ContactBook();
    ContactBook(const ContactBook&) = delete;
    ContactBook& operator=(const ContactBook&) = delete;
    ContactBook(ContactBook&&) = delete;
    ContactBook& operator=(ContactBook&&) = delete;

    // Contacts
    /// Creates or replaces; `engaged_at` is not read.
    [[nodiscard]] base::Result<PutOutcome> put(const routing::Contact& contact, base::WallTime now);
    [[nodiscard]] base::Result<routing::Contact> contact(
        std::string_view tenant, base::PhoneNumber number
    );
    /// By number; `after` is the last one's digits.
    [[nodiscard]] base::Result<std::vector<routing::Contact>> contacts(
        std::string_view tenant, const IdPage& page
    );
    /// With what is remembered of it; its active follow-ups are cancelled. What happened stays.
    [[nodiscard]] base::Result<void> remove(
        std::string_view tenant, base::PhoneNumber number, base::WallTime now
    );

    // Follow-ups
    /// Adds an active one; of its members only who, what, when and `note` are read. When the same
    /// one (contact, agent, type, campaign) is active, that one gets the time and the note.
    /// `invalid_argument` names the field whose agent or campaign does not exist.
    [[nodiscard]] base::Result<AddedFollowUp> add(
        const routing::FollowUp& follow_up, base::WallTime now
    );
    [[nodiscard]] base::Result<routing::FollowUp> follow_up(campaign::FollowUpId id);
    /// Oldest first.
    [[nodiscard]] base::Result<std::vector<routing::FollowUp>> follow_ups(
        const FollowUpFilter& filter, const IdPage& page
    );
    /// Closes it; what the dialer has made of it is not dialed, unless it is on its way already.
    /// `conflict` when it is closed.
    [[nodiscard]] base::Result<void> cancel(
        campaign::FollowUpId id, std::string_view reason, base::WallTime now
    );

    // What agents remember
    [[nodiscard]] base::Result<routing::ContactMemory> memory(
        std::string_view tenant, base::PhoneNumber number
    );
    /// Adds or replaces these facts; others stay. `invalid_argument`: there is no such agent.
    [[nodiscard]] base::Result<void> set_facts(
        const MemoryOwner& owner,
        const std::map<std::string, std::string>& facts,
        base::WallTime now
    );
    /// How many there were of these.
    [[nodiscard]] base::Result<std::int64_t> forget_facts(
        const MemoryOwner& owner, std::span<const std::string> keys
    );
    /// An empty one removes it, whoever's it is. `invalid_argument`: there is no such agent.
    [[nodiscard]] base::Result<void> set_summary(
        const MemoryOwner& owner, std::string_view summary, base::WallTime now
    );

    // What happened
    [[nodiscard]] base::Result<DecisionRecord> decision(campaign::DecisionId id);
    [[nodiscard]] base::Result<DecisionRecord> decision(std::string_view call_sid);
    [[nodiscard]] base::Result<std::vector<DecisionRecord>> decisions(
        const DecisionFilter& filter, const NewestPage& page
    );
    [[nodiscard]] base::Result<VoiceSessionRecord> voice_session(std::string_view call_sid);
    /// Our calls to the number, its calls to us, the decisions on those, what they did, and
    /// follow-ups (at the time of their making): the newest `limit` of all, newest first.
    [[nodiscard]] base::Result<std::vector<TimelineEntry>> timeline(
        std::string_view tenant, base::PhoneNumber number, int limit
    );
    /// How many calls came in that matched the campaign, by the layer that matched.
    [[nodiscard]] base::Result<std::map<routing::Layer, std::int64_t>> inbound_returns(
        campaign::CampaignId id
    );

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::storage
