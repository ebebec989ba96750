#pragma once

namespace cxdial::storage {

// What the layers ask while a caller waits. Each is a look-up by an index at any size of the
// tables; only the list of active campaigns, a partial index, is walked.

/// Bind: tenant, number.
inline constexpr const char* open_destinations_query =
    "SELECT campaign.id, campaign.name, campaign.revision, campaign.activated_at, destination.id,"
    " destination.status, destination.next_at, destination.agent, (SELECT assistant FROM attempt"
    "  INDEXED BY attempt_destination WHERE destination_id = destination.id AND assistant <> ''"
    "  ORDER BY id DESC LIMIT 1)"
    " FROM campaign INDEXED BY campaign_active CROSS JOIN destination"
    " WHERE campaign.status = 1 AND campaign.tenant = ?1"
    " AND destination.campaign_id = campaign.id AND destination.phone = ?2"
    " AND destination.status <= 4";

/// Bind: the campaign's id.
inline constexpr const char* campaign_routing_query =
    "SELECT revision, body ->> '$.routing_destination_type', body ->> '$.routing_destination'"
    " FROM campaign WHERE id = ?";

/// Bind: tenant, number.
inline constexpr const char* active_follow_ups_query =
    "SELECT id, tenant, phone, agent, type, campaign, status, reason, note, due_at, activated_at,"
    " closed_at, destination_id, decision_id FROM follow_up INDEXED BY follow_up_active"
    " WHERE tenant = ? AND phone = ? AND status = 0";

/// Bind: number, since when, the simulated domain, tenant. As `nth_newest_attempt`: those that
/// reached no network are left out.
inline constexpr const char* last_outbound_query =
    "SELECT attempt.id, campaign.id, campaign.name, attempt.assistant, attempt.balancer,"
    " ifnull(attempt.placed_at, attempt.intent_at)"
    " FROM attempt INDEXED BY attempt_phone CROSS JOIN campaign"
    " WHERE attempt.phone = ? AND attempt.intent_at >= ? AND attempt.status NOT IN (6, 7)"
    " AND attempt.domain <> ? AND campaign.id = attempt.campaign_id AND campaign.tenant = ?"
    " ORDER BY attempt.intent_at DESC LIMIT 1";

/// Bind: tenant, number, tenant, number. A summary has an empty key, which no fact has.
inline constexpr const char* memory_query =
    "SELECT agent, key, value, updated_at FROM contact_fact WHERE tenant = ? AND phone = ?"
    " UNION ALL SELECT agent, '', summary, updated_at FROM contact_summary"
    " WHERE tenant = ? AND phone = ? ORDER BY agent";

}  // namespace cxdial::storage
