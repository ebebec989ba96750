#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "base/result.h"
#include "base/secret.h"
#include "campaign/campaign.h"
#include "campaign/ids.h"
#include "dialer/events.h"
#include "net/http_client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::api_client {

// What OPBX's worker API answers, read into values. All of it is tolerant: ids as integers or
// strings, times with or without a zone, fields that are missing or null, statistics nested or not,
// JSON nested at most 64 deep. Thread rule: any thread.

/// What `POST calls/initiate` does there.
enum class OpbxKind : std::uint8_t {
    unclear,
    places_calls,      ///< places the call at Cloudonix
    creates_sessions,  ///< only writes a session down; the worker places the call
};

/// A campaign as R2 lists it.
struct OpbxCampaign {
    campaign::OpbxCampaignId id;
    std::string name;
    bool is_active = false;
    OpbxKind kind = OpbxKind::unclear;  ///< never `creates_sessions`: that, it does not show
    /// As a campaign of ours, `opbx-ID`, whose routing is OPBX's business; or why it cannot be one.
    /// Its `amd` is for a call that we place.
    base::Result<campaign::Campaign> resource{campaign::Campaign{}};
    std::string routing_type;  ///< `ai_assistant`, `ai_load_balancer`, `hangup`, or an older word
    std::int64_t routing_id = 0;  ///< 0: none
    std::string api_url;          ///< of Cloudonix; empty: not told
    base::Secret api_key;
};

/// A row of a campaign's list, as R4 and R5 hand it out.
struct OpbxDestination {
    campaign::OpbxDestinationId id;
    std::optional<base::PhoneNumber> number;  ///< empty: it is none
    std::string name;
    std::string status;
    int priority = 1;  ///< 1 is the highest
    int attempts = 0;
    std::optional<base::WallTime> last_dialed_at;
    std::string metadata;  ///< a JSON object; empty: none
};

/// R1.
struct OpbxHealth {
    std::string status;
    std::int64_t active_campaigns = 0;
    std::int64_t active_calls = 0;
    std::int64_t queue_depth = 0;
};

/// R6. `delivery` is what became of the call; the rest says what OPBX itself is like.
struct OpbxInitiated {
    dialer::Delivery delivery;
    OpbxKind kind = OpbxKind::unclear;  ///< as the reply shows it
    bool is_down = false;               ///< it can take no call at all: not there, or wrong token
    std::optional<base::Millis> retry_after;  ///< its own limit was reached
};

/// Campaigns without an id are left out. `invalid_argument`: no list.
[[nodiscard]] base::Result<std::vector<OpbxCampaign>> read_opbx_campaigns(std::string_view body);
/// Rows without an id are left out. `invalid_argument`: no list.
[[nodiscard]] base::Result<std::vector<OpbxDestination>> read_opbx_destinations(
    std::string_view body
);
[[nodiscard]] base::Result<OpbxHealth> read_opbx_health(std::string_view body);
/// R7: the document.
[[nodiscard]] base::Result<std::string> read_opbx_cxml(std::string_view body);

/// What became of R6, where OPBX places the call: 2xx is placed, whatever else the reply says,
/// unless it shows an OPBX that only created a session; 422 is refused; what the door turned away
/// (401, 403, 404, 429, 503) and what never left was not sent; all else may have placed it.
[[nodiscard]] OpbxInitiated read_opbx_initiated(
    const net::HttpOutcome& outcome, base::WallTime now
);

/// The outcome of any other request: its body. `unavailable`: not there, not now, or the reply
/// broke off; `not_found`; `invalid_argument`: another 4xx. The text holds no secret.
[[nodiscard]] base::Result<std::string> read_opbx_reply(const net::HttpOutcome& outcome);

/// How long to stay away: the `Retry-After` or `retry_after` of a 429, else a minute. Nothing:
/// it was no 429.
[[nodiscard]] std::optional<base::Millis> opbx_retry_after(
    const net::HttpOutcome& outcome, base::WallTime now
);

}  // namespace cxdial::api_client
