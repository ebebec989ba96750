#pragma once

#include "balancer/assistant.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/campaign.h"
#include "campaign/destination.h"
#include "campaign/ids.h"
#include "campaign/phone.h"
#include "net/http.h"
#include "net/http_server.h"
#include "routing/contact.h"
#include "routing/follow_up.h"
#include "routing/tenant.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cxdial::webhook {

/// The kinds of resources.
enum class ApiKind : std::uint8_t {
    campaign,
    assistant,
    ai_load_balancer,
    agent,
    phone_number,
    tenant,
};
/// Their names, for messages.
inline constexpr const char* api_kinds =
    "campaign, assistant, agent, ai_load_balancer, tenant or phone_number";

/// A resource's place. Names are unique within a tenant and a kind; of a tenant only the name
/// counts.
struct ApiName {
    std::string tenant;
    std::string name;
};

/// What part of a list is asked for.
struct ApiSlice {
    std::string after;  ///< `next` of the page before; empty: from the start
    int limit = 100;
};

/// A page of a list.
struct ApiPage {
    std::string items;                ///< a JSON array
    std::optional<std::string> next;  ///< where the next page starts; nothing: this is the last
};

/// A resource as it was sent, read and checked.
using ApiResource = std::variant<
    campaign::Campaign,
    balancer::Assistant,
    balancer::Balancer,
    routing::DialedNumber,
    routing::Tenant>;

/// What became of a group of resources: all were stored, or none.
struct ApiStored {
    std::vector<std::string> outcomes;  ///< `created`, `changed`, `unchanged`, in their order
    std::optional<base::Error> error;
    std::size_t failed = 0;  ///< with an error: whose it is
};

/// What became of one batch of destinations.
struct ApiAdded {
    std::int64_t imported = 0;
    std::int64_t duplicates = 0;
    std::int64_t suppressed = 0;
};

/// A contact's place.
struct ApiContact {
    std::string tenant;
    base::PhoneNumber phone_number;
};

/// Whose memory of a contact; empty members do not choose.
struct ApiMemoryFilter {
    std::string agent;   ///< of this agent alone
    std::string except;  ///< of all agents but this one
};

/// A change of what an agent remembers of a contact. What it does not name stays.
struct ApiMemoryEdit {
    std::map<std::string, std::string> facts;
    std::vector<std::string> forgotten;  ///< keys of facts
    std::optional<std::string> summary;  ///< empty: removes it
};

/// Which follow-ups of a tenant; empty members do not choose.
struct ApiFollowUpFilter {
    std::string tenant;
    std::optional<base::PhoneNumber> contact;
    std::string agent;
    std::string campaign;  ///< its name
    std::optional<routing::FollowUpStatus> status;
};

/// What became of a follow-up that was added.
struct ApiAddedFollowUp {
    campaign::FollowUpId id;
    bool is_new = false;  ///< else the same one was active
};

/// Which decisions of a tenant; empty members do not choose.
struct ApiDecisionFilter {
    std::string tenant;
    std::optional<base::PhoneNumber> contact;
    std::string campaign;  ///< its name
    std::string call_sid;  ///< then no other member counts, but the tenant
};

/// What the API needs of the program for contacts and the calls that come in; as `ApiPorts`.
struct ApiContactPorts {
    template <class Value>
    using Done = std::function<void(base::Result<Value>)>;
    using Page = base::Result<ApiPage>;
    using Text = base::Result<std::string>;

    std::function<Page(const std::string& tenant, const ApiSlice&)> list;
    std::function<Text(const ApiContact&)> show;
    /// The newest things that happened, so many at most.
    std::function<Text(const ApiContact&, int limit)> timeline;
    std::function<Text(const ApiContact&, const ApiMemoryFilter&)> memory;
    std::function<Page(const ApiFollowUpFilter&, const ApiSlice&)> follow_ups;
    std::function<Text(const std::string& tenant, campaign::FollowUpId)> follow_up;
    /// Newest first.
    std::function<Page(const ApiDecisionFilter&, const ApiSlice&)> decisions;
    std::function<Text(const std::string& tenant, campaign::DecisionId)> decision;
    /// How many calls came in that matched the campaign.
    std::function<Text(const ApiName& campaign)> inbound_returns;

    /// Answers whether it is new.
    std::function<void(const routing::Contact&, Done<bool> done)> put;
    std::function<void(const ApiContact&, Done<void> done)> remove;
    std::function<void(const ApiContact&, const std::string& agent, ApiMemoryEdit, Done<void> done)>
        edit_memory;
    /// Answers whether the agent remembered anything.
    std::function<void(const ApiContact&, const std::string& agent, Done<bool> done)> forget;
    std::function<void(const routing::FollowUp&, Done<ApiAddedFollowUp> done)> add_follow_up;
    std::function<void(
        const std::string& tenant, campaign::FollowUpId, const std::string& reason, Done<void> done
    )>
        cancel_follow_up;
    /// When a follow-up is due that does not say when.
    std::function<base::WallTime()> now;
};

/// What the API needs of the program. Results that are text are JSON, as users see it, without
/// secrets. `not_found`, `conflict` and `invalid_argument` are told to the client with their
/// detail; any other error says that it did not happen and may be tried again. Everything is called
/// on the loop's thread; the readers answer at once and never wait for a writer, the writers call
/// `done` once, later, on the loop's thread.
struct ApiPorts {
    template <class Value>
    using Done = std::function<void(base::Result<Value>)>;
    using Page = base::Result<ApiPage>;
    using MaybeStatus = std::optional<campaign::DestinationStatus>;
    using NewDestinations = std::vector<campaign::NewDestination>;
    using NumbersAndPrefixes = std::vector<campaign::NumberOrPrefix>;

    std::function<Page(ApiKind, const std::string& tenant, const ApiSlice&)> list;
    std::function<base::Result<std::string>(ApiKind, const ApiName&)> show;
    std::function<Page(const ApiName& campaign, const ApiSlice&)> attempts;
    std::function<Page(const ApiName& campaign, MaybeStatus only, const ApiSlice&)> destinations;
    std::function<base::Result<std::string>(const ApiName& campaign, base::PhoneNumber)>
        destination;
    std::function<Page(const ApiSlice&)> orphan_cdrs;
    std::function<Page(const ApiSlice&)> suppressions;
    std::function<Page(const ApiSlice&)> dead_letters;
    /// What each queue of the outbox holds.
    std::function<base::Result<std::string>()> outbox;
    std::function<base::Result<std::string>(const campaign::NumberOrPrefix&)> suppression;
    /// All campaigns of a tenant, as `cxdial status` shows them.
    std::function<base::Result<std::string>(const std::string& tenant)> status;

    std::function<void(std::vector<ApiResource>, std::function<void(ApiStored)> done)> put;
    std::function<void(ApiKind, const ApiName&, Done<void> done)> remove;
    /// Answers the campaign's new status.
    std::function<void(const ApiName& campaign, campaign::Transition, Done<std::string> done)>
        change;
    std::function<void(const ApiName& campaign, NewDestinations, Done<ApiAdded> done)>
        add_destinations;
    /// Answers how many were not on the list before.
    std::function<void(NumbersAndPrefixes, const std::string& reason, Done<std::int64_t> done)>
        suppress;
    /// Sends a dead letter once more; answers whether there is one of that id.
    std::function<void(std::int64_t id, Done<bool> done)> revive;
    /// Answers whether it was on the list.
    std::function<void(const campaign::NumberOrPrefix&, Done<bool> done)> unsuppress;

    ApiContactPorts contacts;
};

/// `/api/v1` (docs/API.md): bearer token, JSON, pages by cursor, imports streamed in constant
/// memory. Thread rule: the loop's thread; a `done` may come after this is destroyed.
class Api {
public:
    /// An empty token: everybody may.
    Api(base::Secret token, ApiPorts ports);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;
    Api(Api&&) = delete;
    Api& operator=(Api&&) = delete;

    /// Whether a path is below `/api/v1`.
    [[nodiscard]] static bool knows(std::string_view path);
    /// Whether a request's body is to go to `begin_stream`: an import.
    [[nodiscard]] static bool streams(const net::HttpRequest& head);

    /// Answers the request, now or later.
    void handle(const net::HttpRequest& request, const net::Responder& responder);
    /// Takes an import, piece by piece.
    [[nodiscard]] net::BodySink begin_stream(
        const net::HttpRequest& head, const net::Responder& responder
    );

    /// For this room's own sources.
    struct Impl;

private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace cxdial::webhook
