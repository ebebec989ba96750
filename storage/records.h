#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/attempt.h"
#include "campaign/destination.h"
#include "campaign/disposition.h"
#include "campaign/ids.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::storage {

enum class ResourceKind : std::uint8_t {
    campaign,
    assistant,
    ai_load_balancer,
    agent,         ///< a person
    phone_number,  ///< a number that is dialed, and who answers it
    tenant,
};

/// The name users see, `ai_load_balancer`.
[[nodiscard]] std::string_view to_string(ResourceKind kind);
[[nodiscard]] std::optional<ResourceKind> parse_resource_kind(std::string_view name);

enum class PutOutcome : std::uint8_t { created, changed, unchanged };

/// A page of things in the order of their names.
struct NamePage {
    std::string_view after;  ///< the last name of the page before; empty: from the start
    int limit = 100;
};
/// A page of things in the order of their ids.
struct IdPage {
    std::int64_t after = 0;  ///< the last id of the page before
    int limit = 100;
};

/// What became of a batch; the numbers add up to its size.
struct AddedDestinations {
    std::int64_t imported = 0;
    std::int64_t duplicates = 0;  ///< the campaign has the number already; nothing was changed
    std::int64_t suppressed = 0;  ///< on the do-not-call list: kept as `suppressed`, never dialed
};

/// Why users may not change what OPBX owns: a `conflict`.
[[nodiscard]] base::Error owned_by_opbx(campaign::OpbxCampaignId id);

/// A row of OPBX's list, as it was offered.
struct OfferedDestination {
    campaign::OpbxDestinationId id;
    campaign::NewDestination row;
    int attempts = 0;  ///< that OPBX has counted
    /// Its owner has put it back to the start since we dialed it.
    bool is_reset = false;
};

/// What became of the rows that OPBX offered.
struct TakenOffer {
    std::int64_t imported = 0;  ///< they are new, or open anew
    /// Never tried, and not offered any more.
    std::vector<campaign::DestinationId> withdrawn;
    std::int64_t untried = 0;  ///< of the campaign, offered and not withdrawn
};

struct DestinationRecord {
    campaign::DestinationId id;
    campaign::CampaignId campaign;
    base::PhoneNumber phone_number;
    campaign::DestinationStatus status = campaign::DestinationStatus::pending;
    int priority = 0;
    int attempts = 0;  ///< counted so far
    std::optional<base::WallTime> next_at;
    campaign::WaitReason wait = campaign::WaitReason::none;  ///< for what it waits until `next_at`
    std::optional<campaign::Disposition> last_disposition;
    std::string name;
    std::string timezone;
    std::string metadata;
};

struct AttemptRecord {
    campaign::AttemptId id;
    campaign::CampaignId campaign;
    campaign::DestinationId destination;
    base::PhoneNumber phone_number;
    std::string domain;
    std::string caller_id;
    std::string assistant;  ///< empty: hangup
    std::int64_t campaign_revision = 0;
    campaign::AttemptStatus status = campaign::AttemptStatus::intent;
    std::optional<campaign::SessionToken> token;
    std::optional<campaign::Disposition> disposition;
    std::string detail;
    base::WallTime intent_at;
    std::optional<base::WallTime> placed_at;
    std::optional<base::WallTime> answered_at;
    std::optional<base::WallTime> ended_at;
    std::optional<std::chrono::seconds> duration;
    std::optional<std::chrono::seconds> billsec;
    std::optional<campaign::OpbxSessionId> external_id{};
};

/// Counted by the database as it changes: the answer takes no longer with a million destinations.
struct CampaignStatistics {
    std::map<campaign::DestinationStatus, std::int64_t> destinations;  ///< only those that occur
    /// Of those that wait for a time, how many for what; only reasons that occur.
    std::map<campaign::WaitReason, std::int64_t> waiting;
    std::int64_t active_calls = 0;  ///< attempts that hold a slot, those in doubt among them
    std::int64_t in_doubt_calls = 0;
    std::int64_t placed_calls = 0;  ///< attempts of which Cloudonix made a session
    std::map<campaign::Disposition, std::int64_t> dispositions;  ///< only those that occur

    /// Those that are not terminal.
    [[nodiscard]] std::int64_t open_destinations() const;
};

struct OrphanCdr {
    std::int64_t id = 0;
    std::string key;
    std::string domain;
    std::optional<campaign::SessionToken> token;
    std::optional<campaign::AttemptId> reported_attempt;  ///< as the call's profile says
    std::optional<campaign::Disposition> disposition;
    base::WallTime received_at;
    std::string body;
};

struct Suppression {
    base::PhoneNumber phone_number;
    std::string reason;
    base::WallTime added_at;
};

/// Every number that begins with these digits is on the do-not-call list.
struct SuppressedPrefix {
    std::int64_t prefix = 0;  ///< country code first, as in 1212
    std::string reason;
    base::WallTime added_at;
};

/// Something that somebody else must be told, kept until it was taken.
struct OutboxMessage {
    std::int64_t id = 0;
    std::string queue;   ///< within one, messages go out in the order of their ids
    std::string key;     ///< one queue keeps one message of a key at a time
    std::string target;  ///< where it goes, as the queue's sender understands it: a path
    std::string body;
    base::Secret authorization;  ///< header of that name; empty: the sender's own
    base::WallTime added_at;
    int refusals = 0;  ///< how often it was answered with an error of its own
    std::optional<base::WallTime> failed_at;  ///< set: a dead letter
    std::string why;                          ///< what its last refusal said
};

/// Begins the key of the message by which OPBX is told how a call ended; its attempt's id follows.
/// The message holds nothing else: what is told is read from the database when it is sent.
inline constexpr std::string_view end_report_key = "call:";

/// An attempt of a campaign that OPBX owns, as OPBX is told of it.
struct OpbxCall {
    campaign::AttemptId attempt;
    campaign::OpbxCampaignId campaign;
    campaign::OpbxDestinationId destination;
    std::optional<campaign::OpbxSessionId> session;
    std::optional<campaign::SessionToken> token;
    std::optional<campaign::Disposition> disposition;
    std::optional<std::chrono::seconds> duration;
    std::optional<std::chrono::seconds> billsec;
    int destination_attempts = 0;  ///< counted so far
    /// Its destination will be tried again, and when; 1970 for at once.
    std::optional<base::WallTime> next_at;
    /// A CDR of it came, from OPBX or on its way there, which OPBX can tell to be of this call.
    bool has_cdr = false;
};

/// What waits in one queue.
struct OutboxCount {
    std::int64_t waiting = 0;
    std::int64_t refused = 0;  ///< of those that wait: at least once
    std::int64_t dead = 0;
};

}  // namespace cxdial::storage
