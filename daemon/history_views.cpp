#include "daemon/history_views.h"

#include "daemon/views.h"

#include <nlohmann/json.hpp>

#include <type_traits>
#include <utility>

namespace cxdial::daemon {

using nlohmann::ordered_json;

namespace {

const char* kind_of(const storage::AttemptRecord& /*attempt*/) {
    return "outbound_call";
}
const char* kind_of(const storage::VoiceSessionRecord& /*session*/) {
    return "inbound_call";
}
const char* kind_of(const storage::DecisionRecord& /*decision*/) {
    return "decision";
}
const char* kind_of(const storage::ContactEventRecord& /*event*/) {
    return "event";
}
const char* kind_of(const routing::FollowUp& /*follow_up*/) {
    return "follow_up";
}

/// Whether it is shown with what stands in other rows.
template <class What>
constexpr bool is_joined =
    std::is_same_v<What, storage::AttemptRecord> || std::is_same_v<What, storage::DecisionRecord>;

/// The text, or none where what it is about does not exist any more.
base::Result<std::string> or_none(const base::Error& error) {
    return error.code == base::Errc::not_found ? base::Result<std::string>(std::string())
                                               : base::Result<std::string>(error);
}

}  // namespace

base::Result<std::string> HistoryViews::campaign_name(campaign::CampaignId id) {
    if (const auto known = names_.find(id.raw()); known != names_.end()) {
        return known->second;
    }
    const auto stored = repository_.campaign(id);
    if (!stored) {
        return or_none(stored.error());
    }
    // One that is deleted and whose rows are not gone yet belongs to no tenant.
    const bool is_deleted = stored->campaign.tenant.empty();
    return names_.emplace(id.raw(), is_deleted ? "" : stored->campaign.name).first->second;
}

base::Result<std::string> HistoryViews::matched_campaign(const storage::DecisionRecord& record) {
    if (record.campaign) {
        return campaign_name(*record.campaign);
    }
    if (!record.follow_up) {
        return std::string();
    }
    const auto follow_up = book_.follow_up(*record.follow_up);
    return follow_up ? base::Result<std::string>(follow_up->campaign) : or_none(follow_up.error());
}

base::Result<std::string> HistoryViews::domain_of(const std::string& call_sid) {
    const auto session = book_.voice_session(call_sid);
    return session ? base::Result<std::string>(session->domain) : or_none(session.error());
}

base::Result<routing::RecordedDecision> HistoryViews::recorded(const storage::DecisionRecord& record
) {
    const auto domain = domain_of(record.call_sid);
    if (!domain) {
        return domain.error();
    }
    const auto campaign = matched_campaign(record);
    if (!campaign) {
        return campaign.error();
    }
    auto trace = routing::trace_from_json(record.trace);
    if (!trace) {
        const std::string which = "decision " + std::to_string(record.id.raw()) + ": ";
        return base::Error{base::Errc::unavailable, which + trace.error().detail};
    }
    return routing::RecordedDecision{
        .question =
            {.call_sid = record.call_sid,
             .session_token = record.token ? record.token->raw() : "",
             .domain = *domain,
             .from = record.caller,
             .to = record.did},
        .decision =
            {.tenant = record.tenant,
             .mode = record.mode,
             .layer = record.reason,
             .agent = record.agent,
             .agent_version = record.agent_version,
             .caller = record.phone_number,
             .campaign = record.campaign,
             .campaign_name = *campaign,
             .destination = record.destination,
             .follow_up = record.follow_up,
             .attempt = record.attempt,
             .trace = std::move(*trace),
             .took = record.took},
        .id = record.id,
        .voice_session = record.voice_session,
        .decided_at = record.decided_at};
}

base::Result<ordered_json> HistoryViews::of(const storage::DecisionRecord& record) {
    const auto joined = recorded(record);
    return joined ? base::Result<ordered_json>(ordered_json::parse(routing::to_json(*joined)))
                  : base::Result<ordered_json>(joined.error());
}

base::Result<ordered_json> HistoryViews::of(const storage::AttemptRecord& attempt) {
    const auto campaign = campaign_name(attempt.campaign);
    if (!campaign) {
        return campaign.error();
    }
    ordered_json shown{{"campaign", *campaign}};
    shown.update(view(attempt));
    return shown;
}

base::Result<ordered_json> HistoryViews::of(const storage::TimelineEntry& entry) {
    return std::visit(
        [&](const auto& what) -> base::Result<ordered_json> {
            ordered_json shown{{"at", iso_text(entry.at)}, {"kind", kind_of(what)}};
            if constexpr (is_joined<std::remove_cvref_t<decltype(what)>>) {
                auto joined = of(what);
                if (!joined) {
                    return joined.error();
                }
                shown["record"] = *std::move(joined);
            } else {
                shown["record"] = view(what);
            }
            return shown;
        },
        entry.what
    );
}

}  // namespace cxdial::daemon
