#pragma once

#include "base/clock.h"
#include "base/rng.h"
#include "simulator/internal/call_request.h"
#include "simulator/internal/cxml_document.h"
#include "simulator/internal/domain.h"
#include "simulator/internal/inbound_call.h"
#include "simulator/internal/ledger.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cxdial::simulator {

/// Where a session stands, in the words of the platform's `status`.
enum class CallStatus {
    fresh,  ///< `new`
    processing,
    ringing,
    connected,
    noanswer,
    busy,
    cancel,
    nocredit,
    congestion,
    failed,
};

[[nodiscard]] std::string_view to_string(CallStatus status);
/// The CDR's `disposition` of a call that ended so.
[[nodiscard]] std::string_view disposition_of(CallStatus status);
/// The status that an outcome's name (`answered`, `busy`, …) leads to.
[[nodiscard]] CallStatus status_of_outcome(std::string_view outcome);

struct Call;

/// Where a call is in its CXML.
struct Script {
    std::vector<CxmlElement> verbs;
    std::size_t at = 0;
    /// Where the current document came from; empty for an inline one.
    std::string url;
    /// Documents read so far.
    int stages = 0;
    /// The assistant that the call talks to now; empty: none.
    std::string assistant;
    /// What follows when that talk ends.
    std::function<void(Call&)> after_talk;
};

/// One session of the platform.
struct Call {
    std::uint64_t id = 0;
    std::string token;
    Domain* domain = nullptr;
    CallRequest request;
    std::optional<Application> application;
    base::Rng rng{0};
    std::string sip_call_id;
    Ledger::Groups groups;

    CallStatus status = CallStatus::fresh;
    CallStatus outcome = CallStatus::connected;
    bool is_ended = false;
    /// Counts what happened; a task made for an earlier count is void.
    std::uint64_t epoch = 0;
    std::string error;
    std::string answered_by;
    base::WallTime created;
    base::WallTime modified;
    std::optional<base::WallTime> started;
    std::optional<base::WallTime> answered;
    std::optional<base::WallTime> ended;
    std::unique_ptr<Script> script;
    /// Null: the call was placed by us.
    std::unique_ptr<InboundCall> inbound;
};

/// In the words of the call result and the voice request.
[[nodiscard]] std::string_view direction_of(const Call& call);

/// The address of the media node that all calls claim to run on.
constexpr const char* vapp_server = "172.24.40.152";

/// The `sessionObject`. Source: Cloudonix REST API, sessions.
[[nodiscard]] nlohmann::json session_json(const Call& call);

}  // namespace cxdial::simulator
