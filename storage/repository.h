#pragma once

#include "balancer/assistant.h"
#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "campaign/attempt.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "campaign/ids.h"
#include "dialer/hold.h"
#include "routing/tenant.h"
#include "storage/database.h"
#include "storage/records.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::storage {

/// Everything in the database that is not the engine's tick: resources, imports, lists, statistics.
/// On the writing connection its writes are a transaction each, on disk when the call returns, or a
/// part of the transaction that a `SqliteStore` of the same database has open. On a reading
/// connection only the reading members work. Errors: `not_found`, `conflict` and `invalid_argument`
/// as said at each member; `unavailable` when the disk or the file failed: nothing was written.
/// Thread rule: that of its database, which must outlive it.
class Repository {
public:
    explicit Repository(Database& database);
    ~Repository();
    Repository(const Repository&) = delete;
    Repository& operator=(const Repository&) = delete;
    Repository(Repository&&) = delete;
    Repository& operator=(Repository&&) = delete;

    /// All that `writes` does through this repository happens, or, when it returns an error,
    /// nothing.
    [[nodiscard]] base::Result<void> atomically(const std::function<base::Result<void>()>& writes);

    // Resources
    /// Creates or replaces; a change raises the revision, the same resource once more does nothing.
    /// `invalid_argument` names the field whose assistant, agent or balancer does not exist;
    /// `conflict`: OPBX owns it.
    [[nodiscard]] base::Result<PutOutcome> put(
        const campaign::Campaign& campaign, base::WallTime now
    );
    /// An assistant, or an agent when it is reached as a person is. `conflict` when the other kind
    /// has its name. What comes without its token keeps the stored one: it is never shown, so
    /// whoever edits what was shown does not have it. `version` is not read: each change raises it.
    [[nodiscard]] base::Result<PutOutcome> put(
        const balancer::Assistant& assistant, base::WallTime now
    );
    [[nodiscard]] base::Result<PutOutcome> put(
        const balancer::Balancer& balancer, base::WallTime now
    );
    /// `conflict` names the resource and the tenant that have the number.
    [[nodiscard]] base::Result<PutOutcome> put(
        const routing::DialedNumber& number, base::WallTime now
    );
    [[nodiscard]] base::Result<PutOutcome> put(const routing::Tenant& tenant, base::WallTime now);
    [[nodiscard]] base::Result<campaign::StoredCampaign> campaign(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] base::Result<campaign::StoredCampaign> campaign(campaign::CampaignId id);
    [[nodiscard]] base::Result<balancer::Assistant> assistant(
        std::string_view tenant, std::string_view name
    );
    /// A person.
    [[nodiscard]] base::Result<balancer::Assistant> agent(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] base::Result<balancer::Balancer> balancer(
        std::string_view tenant, std::string_view name
    );
    [[nodiscard]] base::Result<routing::DialedNumber> dialed_number(
        std::string_view tenant, std::string_view name
    );
    /// Its settings; `not_found`: it has the defaults.
    [[nodiscard]] base::Result<routing::Tenant> tenant(std::string_view name);
    [[nodiscard]] base::Result<std::vector<campaign::StoredCampaign>> campaigns(
        std::string_view tenant, const NamePage& page
    );
    [[nodiscard]] base::Result<std::vector<balancer::Assistant>> assistants(
        std::string_view tenant, const NamePage& page
    );
    [[nodiscard]] base::Result<std::vector<balancer::Assistant>> agents(
        std::string_view tenant, const NamePage& page
    );
    [[nodiscard]] base::Result<std::vector<balancer::Balancer>> balancers(
        std::string_view tenant, const NamePage& page
    );
    [[nodiscard]] base::Result<std::vector<routing::DialedNumber>> dialed_numbers(
        std::string_view tenant, const NamePage& page
    );
    [[nodiscard]] base::Result<std::vector<routing::Tenant>> tenants(const NamePage& page);
    /// `conflict` names what still uses an assistant, agent, balancer or campaign (archived
    /// campaigns use nothing), or says that a campaign is active or has live calls. With a campaign
    /// go its destinations and attempts, for which `tidy` has to be called; its CDRs stay. For a
    /// tenant's settings `tenant` is not read.
    [[nodiscard]] base::Result<void> remove(
        ResourceKind kind, std::string_view tenant, std::string_view name
    );
    /// The campaigns, archived ones left out, whose calls may reach an assistant, an agent or a
    /// balancer, by themselves or through a balancer.
    [[nodiscard]] base::Result<std::vector<campaign::CampaignId>> campaigns_using(
        ResourceKind kind, std::string_view tenant, std::string_view name
    );
    /// The life cycle where no engine runs; with one, send it `dialer::ChangeCampaign`.
    [[nodiscard]] base::Result<campaign::CampaignStatus> change_campaign(
        campaign::CampaignId id, campaign::Transition transition, base::WallTime now
    );

    // What OPBX owns. Users may not change it: `put`, `add_destinations` and `change_campaign`
    // answer `conflict` for it.
    [[nodiscard]] base::Result<std::vector<campaign::StoredCampaign>> external_campaigns();
    /// As `put`; a new one is paused, with that reason. `conflict` when the name is a user's.
    [[nodiscard]] base::Result<PutOutcome> put_external(
        const campaign::Campaign& campaign,
        campaign::OpbxCampaignId external_id,
        std::string_view reason,
        base::WallTime now
    );
    /// Replaces why a paused campaign is paused.
    [[nodiscard]] base::Result<void> set_pause_reason(
        campaign::CampaignId id, std::string_view reason
    );
    /// Takes over rows that are new, and opens those anew that were finished and are wanted again:
    /// reset by their owner, or listed again under a newer id. Rows that are known otherwise stay
    /// as they are. `is_whole`: what is not among them is not offered any more.
    [[nodiscard]] base::Result<TakenOffer> take_offer(
        campaign::CampaignId id, std::span<const OfferedDestination> rows, bool is_whole
    );

    // Destinations
    /// Adds one batch as one transaction; a stream is cut into batches (10,000 take some 0.1 s).
    /// Tell a running engine afterwards (`dialer::CampaignEdited`). `conflict` when the campaign is
    /// archived.
    [[nodiscard]] base::Result<AddedDestinations> add_destinations(
        campaign::CampaignId id, std::span<const campaign::NewDestination> batch
    );
    [[nodiscard]] base::Result<DestinationRecord> destination(
        campaign::CampaignId id, base::PhoneNumber number
    );
    /// By number; `after` is the last one's digits.
    [[nodiscard]] base::Result<std::vector<DestinationRecord>> destinations(
        campaign::CampaignId id, const IdPage& page
    );
    [[nodiscard]] base::Result<CampaignStatistics> statistics(campaign::CampaignId id);
    /// Why the campaign placed no calls when an engine last looked at it, which may be long ago
    /// when none is running.
    [[nodiscard]] base::Result<dialer::Hold> hold(campaign::CampaignId id);

    // Attempts
    [[nodiscard]] base::Result<AttemptRecord> attempt(campaign::AttemptId id);
    [[nodiscard]] base::Result<AttemptRecord> attempt(const campaign::SessionToken& token);
    /// Of one campaign, oldest first.
    [[nodiscard]] base::Result<std::vector<AttemptRecord>> attempts(
        campaign::CampaignId id, const IdPage& page
    );
    /// Of one destination, oldest first.
    [[nodiscard]] base::Result<std::vector<AttemptRecord>> attempts(campaign::DestinationId id);

    // Webhooks
    /// CDRs that matched no known call, oldest first.
    [[nodiscard]] base::Result<std::vector<OrphanCdr>> orphan_cdrs(const IdPage& page);

    // Housekeeping
    /// One short piece of it, at most `limit` rows: what deleted campaigns have left behind, and
    /// session updates and callbacks received before then; CDRs stay. Whether more is to be done.
    [[nodiscard]] base::Result<bool> tidy(base::WallTime webhooks_before, int limit);

    // The outbox
    /// Keeps a message for sending from `due` on; `id` and what follows `authorization` are not
    /// read. False: its queue has one of this key already, and that one stays.
    [[nodiscard]] base::Result<bool> post(
        const OutboxMessage& message, base::WallTime now, base::WallTime due = {}
    );
    /// The messages of a queue that are due, dead ones left out, in their order.
    [[nodiscard]] base::Result<std::vector<OutboxMessage>> outbox(
        std::string_view queue, base::WallTime now, int limit
    );
    /// They were taken: forgets them.
    [[nodiscard]] base::Result<void> delivered(std::span<const std::int64_t> ids);
    /// It was not taken, and waits until `next_at`; `refused`, with an error of its own, counts.
    [[nodiscard]] base::Result<void> put_off(
        std::int64_t id, std::string_view why, base::WallTime next_at, bool refused
    );
    /// It will never be taken as it is: keeps it as a dead letter.
    [[nodiscard]] base::Result<void> bury(
        std::int64_t id, std::string_view why, base::WallTime now
    );
    [[nodiscard]] base::Result<std::vector<OutboxMessage>> dead_letters(const IdPage& page);
    /// Sends a dead letter once more. False: there is no such one.
    [[nodiscard]] base::Result<bool> revive(std::int64_t id);
    /// Each queue that holds anything.
    [[nodiscard]] base::Result<std::map<std::string, OutboxCount>> outbox_counts();

    /// Nothing for an attempt of a campaign that OPBX does not own.
    [[nodiscard]] base::Result<std::optional<OpbxCall>> opbx_call(campaign::AttemptId id);
    /// Those that hold a slot.
    [[nodiscard]] base::Result<std::vector<OpbxCall>> live_opbx_calls();

    // The do-not-call list
    /// How many were not on it before.
    [[nodiscard]] base::Result<std::int64_t> suppress(
        std::span<const base::PhoneNumber> numbers, std::string_view reason, base::WallTime now
    );
    /// False: it was not on the list.
    [[nodiscard]] base::Result<bool> unsuppress(base::PhoneNumber number);
    /// The entry of a number, where it is on the list.
    [[nodiscard]] base::Result<std::optional<Suppression>> suppression(base::PhoneNumber number);
    /// By number; `after` is the last one's digits.
    [[nodiscard]] base::Result<std::vector<Suppression>> suppressions(const IdPage& page);
    /// Every number that begins with these digits (1 to 14 of them); false: it was there already.
    [[nodiscard]] base::Result<bool> suppress_prefix(
        std::int64_t prefix, std::string_view reason, base::WallTime now
    );
    /// False: it was not on the list.
    [[nodiscard]] base::Result<bool> unsuppress_prefix(std::int64_t prefix);
    [[nodiscard]] base::Result<std::vector<SuppressedPrefix>> suppressed_prefixes();

    /// For the classes of this room.
    [[nodiscard]] Connection& connection();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cxdial::storage
