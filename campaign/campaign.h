#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "campaign/disposition.h"
#include "campaign/ids.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::campaign {

enum class CampaignStatus : std::uint8_t {
    draft = 0,
    active = 1,
    paused = 2,
    completed = 3,
    archived = 4
};

[[nodiscard]] std::string_view to_string(CampaignStatus status);
[[nodiscard]] std::optional<CampaignStatus> parse_campaign_status(std::string_view name);

/// What an operator, or the campaign itself, may ask of its life cycle.
enum class Transition { start, pause, resume, archive, complete };

/// The status after the transition, or `conflict` with the reason why it is not legal from here.
/// draft ─start─► active ⇄ paused (pause, resume); active ─complete─► completed; a completed
/// campaign to which destinations were added may be started again; draft, paused and completed may
/// be archived.
[[nodiscard]] base::Result<CampaignStatus> after(CampaignStatus from, Transition transition);

enum class RoutingDestinationType : std::uint8_t {
    ai_assistant,
    ai_load_balancer,
    hangup,
    external,  ///< whoever places the call, OPBX, decides it; no user may set it
};
enum class CxmlDelivery : std::uint8_t { automatic, inline_document, callback };
enum class CallerIdStrategy : std::uint8_t { round_robin, random, weighted, least_recently_used };

struct CallerId {
    std::string phone_number;  ///< as presented; E.164 where it is one
    int weight = 100;
    std::int64_t did_id = 0;  ///< what OPBX calls it; 0: it is not OPBX's

    friend bool operator==(const CallerId&, const CallerId&) = default;
};

/// One range of a day, minutes since midnight; `end` at or before `start` runs past midnight.
struct TimeRange {
    int start_minute = 0;
    int end_minute = 0;

    friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

struct DaySchedule {
    bool enabled = false;
    std::vector<TimeRange> time_ranges;

    friend bool operator==(const DaySchedule&, const DaySchedule&) = default;
};

/// Answering-machine detection at Cloudonix (REST API, `machineDetection…`).
struct Amd {
    std::string mode;  ///< `Enable`, `DetectMessageEnd`; empty: off
    std::chrono::seconds timeout{30};
    std::string on_machine = "hangup";  ///< `hangup`, `continue`

    friend bool operator==(const Amd&, const Amd&) = default;
};

/// The Cloudonix domain of a trial against the simulator: nobody's telephone rings there, and no
/// real domain can have this name.
inline constexpr const char* simulated_domain = "simulated.invalid";

/// A campaign as its owner described it: the resource, without what happened to it.
/// Field names in JSON are those of the interface; see resource_json.h.
struct Campaign {
    std::string tenant = "default";
    std::string name;
    std::string description;
    std::string cloudonix_domain;
    RoutingDestinationType routing_destination_type = RoutingDestinationType::hangup;
    std::string routing_destination;   ///< name of an assistant or balancer; empty for hangup
    std::vector<CallerId> caller_ids;  ///< at least one; `caller_id` in JSON when there is just one
    CallerIdStrategy caller_id_strategy = CallerIdStrategy::round_robin;
    /// The same contact sees the same caller ID, on every attempt and in every campaign with the
    /// same pool.
    bool caller_id_sticky = false;
    int concurrent_active_calls = 10;  ///< CAC: 1 or more
    double calls_per_second = 1.0;     ///< CPS: 0 means no limit of the campaign's own
    std::chrono::seconds dial_timeout{60};
    std::chrono::seconds time_limit{3600};
    int max_dial_attempts = 1;
    std::map<Disposition, std::vector<std::chrono::milliseconds>> retry;
    std::string timezone = "UTC";
    std::optional<std::string> start_date;  ///< `YYYY-MM-DD` in `timezone`
    std::optional<std::string> end_date;
    std::optional<std::array<DaySchedule, 7>> schedule;  ///< Monday first; absent: at any time
    int priority = 0;                                    ///< higher is dialed first
    int weight = 100;  ///< share among campaigns of the same priority: 1 to 1000
    bool record_calls = false;
    bool keep_open = false;  ///< goes on when its list is empty: follow-ups will fill it
    Amd amd;
    CxmlDelivery cxml_delivery = CxmlDelivery::automatic;
    std::optional<TimeRange> respect_recipient_time;
    std::string metadata;  ///< a JSON object; empty: none

    friend bool operator==(const Campaign&, const Campaign&) = default;
};

/// A campaign with its place in the database.
struct StoredCampaign {
    CampaignId id;
    std::int64_t revision = 1;  ///< rises with each change of the resource
    CampaignStatus status = CampaignStatus::draft;
    std::string status_reason;  ///< why it is paused, where it was not an operator
    std::optional<OpbxCampaignId> external_id{};  ///< set: OPBX owns it, and users may only read it
    Campaign campaign;
};

/// What becomes of a destination after an attempt that was counted.
struct NextStep {
    bool retry = false;
    std::chrono::milliseconds delay{0};
};

/// The retry policy: another attempt when `attempts_used` (1 or more) is below the maximum and the
/// policy has a delay for this disposition (its last one repeats). `answered` is never tried again.
/// The delay is lengthened by 0 to 10 % of it, from `dice` (any random number), so that calls that
/// failed together do not come back together. Thread rule: any thread.
[[nodiscard]] NextStep next_step(
    const Campaign& campaign, Disposition disposition, int attempts_used, std::uint64_t dice
);

}  // namespace cxdial::campaign
