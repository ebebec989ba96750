#include "daemon/views.h"

#include "balancer/resource_json.h"
#include "campaign/phone.h"
#include "campaign/resource_json.h"
#include "daemon/statistics_json.h"
#include "routing/resource_json.h"

#include <nlohmann/json.hpp>

#include <fmt/chrono.h>

namespace cxdial::daemon {

using campaign::CampaignStatus;
using campaign::DestinationStatus;
using nlohmann::ordered_json;

namespace {

ordered_json time_json(const std::optional<base::WallTime>& time) {
    return time ? ordered_json(iso_text(*time)) : ordered_json();
}

ordered_json seconds_json(const std::optional<std::chrono::seconds>& seconds) {
    return seconds ? ordered_json(seconds->count()) : ordered_json();
}

template <class Named>
ordered_json name_json(const std::optional<Named>& named) {
    return named ? ordered_json(to_string(*named)) : ordered_json();
}

template <class Id>
ordered_json id_json(const std::optional<Id>& id) {
    return id ? ordered_json(id->raw()) : ordered_json();
}

ordered_json token_json(const std::optional<campaign::SessionToken>& token) {
    return token ? ordered_json(token->raw()) : ordered_json();
}

bool is_held(const campaign::StoredCampaign& stored, const Why& why) {
    return stored.status == CampaignStatus::active && why.reason != "dialing";
}

/// Of the slots that the campaign may use, the part in use now.
double utilisation(
    const campaign::Campaign& campaign, const storage::CampaignStatistics& statistics
) {
    return static_cast<double>(statistics.active_calls) /
           static_cast<double>(campaign.concurrent_active_calls);
}

}  // namespace

std::string iso_text(base::WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto millis = (time - whole).count();
    return fmt::format(
        "{:%FT%T}.{:03}Z",
        fmt::gmtime(static_cast<std::time_t>(whole.time_since_epoch().count())),
        millis
    );
}

ordered_json view(const campaign::StoredCampaign& stored) {
    ordered_json resource = ordered_json::parse(campaign::to_json(stored.campaign));
    resource["status"] = campaign::to_string(stored.status);
    resource["revision"] = stored.revision;
    if (stored.external_id) {
        resource["opbx_campaign"] = stored.external_id->raw();
    }
    if (!stored.status_reason.empty()) {
        resource["status_reason"] = stored.status_reason;
    }
    return resource;
}

ordered_json view(
    const campaign::StoredCampaign& stored,
    const storage::CampaignStatistics& statistics,
    const Why& why
) {
    ordered_json resource = view(stored);
    resource["statistics"] = {
        {"destinations", destinations_json(statistics)},
        {"reasons", reasons_of(statistics)},
        {"active_calls", statistics.active_calls},
        {"in_doubt_calls", statistics.in_doubt_calls},
        {"placed_calls", statistics.placed_calls},
        {"dispositions", dispositions_json(statistics)},
        {"cac_utilisation", utilisation(stored.campaign, statistics)},
    };
    if (is_held(stored, why)) {
        resource["hold"] = view(why);
    }
    return resource;
}

ordered_json view(const Why& why) {
    ordered_json json{{"reason", why.reason}, {"detail", why.detail}};
    if (why.until) {
        json["until"] = iso_text(*why.until);
    }
    return json;
}

ordered_json view(const balancer::Assistant& assistant) {
    return ordered_json::parse(balancer::to_json(assistant, balancer::Reveal::no));
}

ordered_json view(const balancer::Balancer& balancer) {
    return ordered_json::parse(balancer::to_json(balancer));
}

ordered_json view(const routing::DialedNumber& number) {
    return ordered_json::parse(routing::to_json(number));
}

ordered_json view(const routing::Tenant& tenant) {
    return ordered_json::parse(routing::to_json(tenant));
}

ordered_json view(const routing::Contact& contact) {
    return ordered_json::parse(routing::to_json(contact));
}

ordered_json view(const routing::FollowUp& follow_up) {
    return ordered_json::parse(routing::to_json(follow_up));
}

ordered_json view(const routing::AgentMemory& memory) {
    return {
        {"agent", memory.agent},
        {"facts", memory.facts},
        {"summary", memory.summary},
        {"updated_at", iso_text(memory.updated_at)},
    };
}

ordered_json view(const storage::VoiceSessionRecord& session) {
    return {
        {"id", session.id.raw()},
        {"call_sid", session.call_sid},
        {"session_token", token_json(session.token)},
        {"domain", session.domain},
        {"to", session.did},
        {"agent", session.agent},
        {"live", session.is_live},
        {"disposition", name_json(session.disposition)},
        {"started_at", iso_text(session.started_at)},
        {"answered_at", time_json(session.answered_at)},
        {"ended_at", time_json(session.ended_at)},
        {"duration", seconds_json(session.duration)},
        {"billsec", seconds_json(session.billsec)},
    };
}

ordered_json view(const storage::ContactEventRecord& event) {
    return {
        {"id", event.id},
        {"event", event.kind},
        {"call_sid", event.call_sid},
        {"voice_session_id", id_json(event.voice_session)},
        {"decision_id", id_json(event.decision)},
        {"destination_id", id_json(event.destination)},
        {"follow_up_id", id_json(event.follow_up)},
        {"detail", event.detail},
    };
}

ordered_json view(const storage::DestinationRecord& destination) {
    ordered_json json{
        {"phone_number", destination.phone_number.reveal()},
        {"status", to_string(destination.status)},
        {"priority", destination.priority},
        {"attempts", destination.attempts},
        {"last_disposition", name_json(destination.last_disposition)},
        {"next_at", time_json(destination.next_at)},
        {"name", destination.name},
        {"timezone", destination.timezone},
    };
    ordered_json metadata = ordered_json::parse(destination.metadata, nullptr, false);
    json["metadata"] = metadata.is_object() ? std::move(metadata) : ordered_json::object();
    return json;
}

ordered_json view(const storage::AttemptRecord& attempt) {
    return {
        {"id", attempt.id.raw()},
        {"phone_number", attempt.phone_number.reveal()},
        {"caller_id", attempt.caller_id},
        {"assistant", attempt.assistant},
        {"status", to_string(attempt.status)},
        {"disposition", name_json(attempt.disposition)},
        {"detail", attempt.detail},
        {"placed_at", time_json(attempt.placed_at)},
        {"answered_at", time_json(attempt.answered_at)},
        {"ended_at", time_json(attempt.ended_at)},
        {"duration", seconds_json(attempt.duration)},
        {"billsec", seconds_json(attempt.billsec)},
        {"session_token", token_json(attempt.token)},
        {"opbx_session", id_json(attempt.external_id)},
    };
}

ordered_json view(const storage::OrphanCdr& cdr) {
    return {
        {"id", cdr.id},
        {"domain", cdr.domain},
        {"session_token", token_json(cdr.token)},
        {"attempt", id_json(cdr.reported_attempt)},
        {"disposition", name_json(cdr.disposition)},
        {"received_at", iso_text(cdr.received_at)},
        {"body", cdr.body},
    };
}

ordered_json view(const storage::OutboxMessage& message) {
    return {
        {"id", message.id},
        {"queue", message.queue},
        {"key", message.key},
        {"target", message.target},
        {"added_at", iso_text(message.added_at)},
        {"failed_at", message.failed_at ? ordered_json(iso_text(*message.failed_at)) : nullptr},
        {"refusals", message.refusals},
        {"why", message.why},
        {"body", message.body},
    };
}

ordered_json view(const std::map<std::string, storage::OutboxCount>& counts) {
    ordered_json queues = ordered_json::array();
    for (const auto& [queue, count] : counts) {
        queues.push_back(
            {{"queue", queue},
             {"waiting", count.waiting},
             {"refused", count.refused},
             {"dead_letters", count.dead}}
        );
    }
    return queues;
}

ordered_json view(const storage::Suppression& suppression) {
    return {
        {"phone_number", suppression.phone_number.reveal()},
        {"reason", suppression.reason},
        {"added_at", iso_text(suppression.added_at)},
    };
}

ordered_json view(const storage::SuppressedPrefix& suppressed) {
    return {
        {"phone_number", campaign::PhonePrefix{suppressed.prefix}.text()},
        {"reason", suppressed.reason},
        {"added_at", iso_text(suppressed.added_at)},
    };
}

ordered_json status_view(
    const campaign::StoredCampaign& stored,
    const storage::CampaignStatistics& statistics,
    const Why& why
) {
    ordered_json json{
        {"name", stored.campaign.name},
        {"status", to_string(stored.status)},
        {"reason", why.detail},
        {"concurrent_active_calls", stored.campaign.concurrent_active_calls},
        {"active_calls", statistics.active_calls},
        {"in_doubt_calls", statistics.in_doubt_calls},
        {"placed_calls", statistics.placed_calls},
        {"destinations", destinations_json(statistics)},
        {"reasons", reasons_of(statistics)},
    };
    if (is_held(stored, why)) {
        json["hold"] = view(why);
    }
    return json;
}

}  // namespace cxdial::daemon
