#pragma once

#include "base/clock.h"
#include "base/phone_number.h"
#include "campaign/disposition.h"
#include "campaign/ids.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cxdial::api_client {

// The bodies of OPBX's worker API (docs/opbx.md, R1 to R11). Thread rule: any thread.

/// R6, `POST calls/initiate`.
struct OpbxInitiate {
    campaign::OpbxCampaignId campaign;
    campaign::OpbxDestinationId destination;
    base::PhoneNumber number;
    std::string caller_id;        ///< from the campaign's pool; empty: OPBX takes the campaign's
    std::int64_t caller_did = 0;  ///< 0: from no pool
    base::WallTime at;
};
[[nodiscard]] std::string initiate_body(const OpbxInitiate& call, std::string_view worker_id);

/// R3, `POST campaigns/{id}/pause`.
[[nodiscard]] std::string pause_body(
    std::string_view reason, std::string_view worker_id, std::optional<base::WallTime> resume_at
);

/// R7, `POST calls/generate-cxml`.
[[nodiscard]] std::string generate_cxml_body(
    campaign::OpbxCampaignId campaign,
    campaign::OpbxSessionId session,
    base::PhoneNumber number,
    std::string_view call_sid
);

/// How OPBX spells a disposition; what it has no word for is `failed`.
[[nodiscard]] std::string_view opbx_disposition(campaign::Disposition disposition);

/// How a call came out, for R8 or R9: one of them is sent, once, for each moves OPBX's counters.
struct OpbxOutcome {
    campaign::Disposition disposition = campaign::Disposition::failed;
    std::optional<base::WallTime> next_retry_at;  ///< set: it is tried again, and then
    int attempt = 1;                              ///< which one of the destination's it was
    std::optional<std::chrono::seconds> duration;
    std::optional<std::chrono::seconds> billsec;
    std::optional<base::WallTime> completed_at;  ///< R8 only
};
/// R8, `PATCH calls/{session}/status`.
[[nodiscard]] std::string status_body(const OpbxOutcome& outcome);
/// R9, `POST calls/{session}/disposition`.
[[nodiscard]] std::string disposition_body(const OpbxOutcome& outcome);

/// R10, `POST state/persist`: OPBX keeps it for ten minutes.
[[nodiscard]] std::string state_body(std::string_view worker_id, base::WallTime now);

}  // namespace cxdial::api_client
