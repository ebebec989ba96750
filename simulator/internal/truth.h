#pragma once

#include "base/clock.h"
#include "simulator/internal/window_peak.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cxdial::simulator {

/// What really happened, counted where nobody can be mistaken about it. Destinations and attempt
/// ids are kept as 64-bit keys, so that a million of them cost some tens of bytes each.
class Truth {
public:
    /// A call to this destination now exists. `attempt` is the profile's `cxdial-attempt`, empty
    /// when it has none.
    void call_started(
        base::MonoTime now,
        std::string_view destination,
        std::string_view attempt,
        std::string_view token
    );
    void call_ended(std::string_view destination);
    /// An answer to a placement; 0: the connection was reset instead.
    void placement_answered(int status) { ++placement_statuses_[status]; }
    void placement_received() { ++placements_; }
    void cxml_error(std::string why);
    void voice_request() { ++voice_requests_; }
    /// A call left for its destination after its deadline; only a fault makes that happen.
    void late_start() { ++late_starts_; }
    /// Machine detection has come to a verdict.
    void detected(const std::string& verdict) { ++answered_by_[verdict]; }
    /// A voice request was sent a second time.
    void voice_repeat() { ++voice_repeats_; }
    void rest_request() { ++rest_requests_; }

    /// Calls that came in; they are counted nowhere else here.
    class Inbound {
    public:
        void made();
        void answered() { ++answered_; }
        void ended(std::string_view disposition);
        /// `{"made","answered","live","live_max","outcomes"}`.
        [[nodiscard]] nlohmann::json summary() const;

    private:
        std::uint64_t made_ = 0;
        std::uint64_t answered_ = 0;
        std::uint64_t live_ = 0;
        std::uint64_t live_max_ = 0;
        std::map<std::string, std::uint64_t, std::less<>> outcomes_;
    };
    [[nodiscard]] Inbound& inbound() { return inbound_; }

    struct WebhookCounts {
        std::uint64_t made = 0;
        std::uint64_t sent = 0;  ///< tries, so with repeats
        std::uint64_t acked = 0;
        std::uint64_t given_up = 0;
    };
    /// `kind`: cdr, session-update, callback, stream, amd.
    [[nodiscard]] WebhookCounts& webhooks(const std::string& kind) { return webhooks_[kind]; }
    [[nodiscard]] std::map<std::string, std::uint64_t>& outcomes() { return outcomes_; }

    /// All counters. The lists are the first hundred of each kind.
    [[nodiscard]] nlohmann::json summary() const;
    /// `{"destination","started","live","live_max"}`.
    [[nodiscard]] nlohmann::json destination(std::string_view destination) const;
    /// Of all destinations that consist of digits, by their digits.
    [[nodiscard]] nlohmann::json destinations() const;
    /// `{"attempt","accepted"}`.
    [[nodiscard]] nlohmann::json attempt(std::string_view attempt) const;

private:
    struct PerDestination {
        std::uint32_t started = 0;
        std::uint16_t live = 0;
        std::uint16_t live_max = 0;
    };
    std::uint64_t placements_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t live_ = 0;
    std::uint64_t live_max_ = 0;
    std::uint64_t double_dials_ = 0;
    std::uint64_t repeated_attempts_ = 0;
    std::uint64_t cxml_errors_ = 0;
    std::uint64_t voice_requests_ = 0;
    std::uint64_t voice_repeats_ = 0;
    Inbound inbound_;
    std::uint64_t rest_requests_ = 0;
    std::uint64_t late_starts_ = 0;
    std::map<std::string, std::uint64_t> answered_by_;
    std::map<int, std::uint64_t> placement_statuses_;
    std::map<std::string, std::uint64_t> outcomes_;
    std::map<std::string, WebhookCounts> webhooks_;
    std::unordered_map<std::uint64_t, PerDestination> destinations_;
    std::unordered_map<std::uint64_t, std::uint32_t> attempts_;
    std::vector<nlohmann::json> double_dial_examples_;
    std::vector<nlohmann::json> repeated_attempt_examples_;
    std::vector<std::string> cxml_error_examples_;
    WindowPeak per_second_{std::chrono::seconds{1}};
    WindowPeak per_ten_seconds_{std::chrono::seconds{10}};
};

}  // namespace cxdial::simulator
