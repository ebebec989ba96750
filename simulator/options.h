#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxdial::simulator {

/// A time drawn evenly between two bounds, both included. Written `100ms..3s`, or `2s` for a fixed
/// time.
struct Range {
    std::chrono::milliseconds min{0};
    std::chrono::milliseconds max{0};
};

/// Names and how often each is drawn relative to the others. Written `answered=80,busy=20`.
using Weights = std::vector<std::pair<std::string, std::uint32_t>>;

/// Everything that can be set about a simulated platform. A member is described by the knob of the
/// same name (`knobs()`), which is also its command-line option and its key in the control API.
/// Probabilities are 0 to 1. A fault is drawn for each request or notice by itself; of the faults
/// of a placement at most one is drawn.
struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::uint64_t seed = 1;
    std::vector<std::string> domains;  ///< empty: `sim.cloudonix.net` alone
    std::string api_key = "XI00000000000000000000000000000000";

    Range setup{std::chrono::milliseconds{20}, std::chrono::milliseconds{100}};
    Range ring{std::chrono::milliseconds{1000}, std::chrono::milliseconds{8000}};
    Range noanswer_after;
    Range answer_delay;
    Range talk{std::chrono::milliseconds{5000}, std::chrono::milliseconds{60000}};
    bool hangup_talk = false;
    Weights outcomes;
    std::vector<std::string> outcome_for;
    std::vector<std::string> answered_by_for;
    std::vector<std::string> dead;
    Range dead_delay{std::chrono::milliseconds{20}, std::chrono::milliseconds{200}};
    Weights dial_outcomes;
    Weights answered_by;
    Range amd_delay{std::chrono::milliseconds{1000}, std::chrono::milliseconds{3000}};
    std::vector<std::string> digits;
    double gather_empty = 0;
    double callee_hangs_up = 0;
    std::chrono::milliseconds say_character{60};
    Range play{std::chrono::milliseconds{1000}, std::chrono::milliseconds{5000}};
    std::string url_method = "GET";
    std::chrono::milliseconds voice_timeout{10'000};
    double voice_repeat = 0;
    std::string voice_repeat_when = "either";

    std::uint64_t requests = 10;
    std::chrono::milliseconds per{10'000};
    std::string limiter = "bucket";
    std::chrono::milliseconds retry_after{0};
    std::uint64_t max_concurrent = 0;
    bool empty_list_404 = true;
    std::uint64_t keep_ended = 100'000;
    std::uint64_t list_ended = 1'000;

    std::string cdr_endpoint;
    std::string session_update_endpoint;
    std::string webhook_key;
    bool callbacks = true;
    std::uint64_t webhook_tries = 5;
    std::chrono::milliseconds webhook_backoff{200};
    std::chrono::milliseconds webhook_timeout{10'000};

    double drop_before = 0;
    double refuse_429 = 0;
    double refuse_402 = 0;
    double error_500 = 0;
    double error_500_with_effect = 0;
    double lost_reply_after_create = 0;
    double reply_cut = 0;
    double accept_late = 0;
    Range accept_late_delay{std::chrono::milliseconds{1000}, std::chrono::milliseconds{10'000}};
    double slow_reply = 0;
    Range slow_reply_delay{std::chrono::milliseconds{1000}, std::chrono::milliseconds{10'000}};
    double deadline_ignored = 0;
    double session_get_500 = 0;
    double session_get_404 = 0;
    double session_list_500 = 0;

    double cdr_drop = 0;
    double cdr_duplicate = 0;
    double cdr_delay_chance = 0;
    Range cdr_delay{std::chrono::milliseconds{1000}, std::chrono::milliseconds{10'000}};
    double cdr_null_session = 0;
    double cdr_session_list = 0;
    double cdr_null_domain = 0;
    double cdr_disposition_variant = 0;
    double cdr_nan = 0;
    double update_drop = 0;
    double update_duplicate = 0;
    double update_reorder = 0;
    double update_list = 0;
    double status_case = 0;
};

/// How a knob's value is shown in JSON.
enum class KnobKind { text, number, flag, list };

/// One setting: its name, what it does, and how it is read and written as text.
struct Knob {
    std::string_view name;
    std::string_view help;
    KnobKind kind = KnobKind::text;
    /// False: only before the start (address, port, seed, domain).
    bool at_run_time = true;
    /// An error says what was expected. Nothing is changed then. A list takes its values separated
    /// by commas.
    std::function<base::Result<void>(Options&, std::string_view)> set;
    std::function<std::string(const Options&)> get;
};

/// All knobs, in the order in which help shows them.
[[nodiscard]] const std::vector<Knob>& knobs();
/// The knob of that name, or null.
[[nodiscard]] const Knob* find_knob(std::string_view name);

/// What a fresh platform behaves like. `Options{}` has no weights; this has.
[[nodiscard]] Options default_options();

/// Reads `250ms`, `1.5s`, `2m` or `0`.
[[nodiscard]] base::Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads `MIN..MAX`, or one time alone.
[[nodiscard]] base::Result<Range> parse_range(std::string_view text);

}  // namespace cxdial::simulator
