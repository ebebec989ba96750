#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cxdial::campaign {

/// The life of one attempt to call a destination. The numbers are stored and never change meaning.
///
///     intent ──┬─ accepted ─► placed ─► ringing ─► answered ─► ended   (arrows may be skipped)
///              ├─ refused  ─► refused
///              ├─ not sent ─► not_sent
///              └─ unknown  ─► in_doubt ──┬─ evidence ─► placed … ended
///                                        ├─ the reply, late ─► refused, not_sent
///                                        └─ hard deadline ─► abandoned
enum class AttemptStatus : std::uint8_t {
    intent = 0,    ///< committed before one byte of the request left; its slot is taken
    in_doubt = 1,  ///< the request may have created a call; never sent again
    placed = 2,    ///< Cloudonix has a session for it
    ringing = 3,
    answered = 4,
    ended = 5,      ///< the call is over, or never came to ring
    refused = 6,    ///< Cloudonix said no to the request
    not_sent = 7,   ///< no byte of the request left this machine
    abandoned = 8,  ///< in doubt beyond the hard deadline
};

inline constexpr std::array all_attempt_statuses{
    AttemptStatus::intent,
    AttemptStatus::in_doubt,
    AttemptStatus::placed,
    AttemptStatus::ringing,
    AttemptStatus::answered,
    AttemptStatus::ended,
    AttemptStatus::refused,
    AttemptStatus::not_sent,
    AttemptStatus::abandoned,
};

[[nodiscard]] std::string_view to_string(AttemptStatus status);
[[nodiscard]] std::optional<AttemptStatus> parse_attempt_status(std::string_view name);
/// Final: it holds no slot, and nothing moves it any more.
[[nodiscard]] bool is_terminal(AttemptStatus status);
/// Whether an attempt may go from one status to the other: forward along the drawn arrows, steps
/// skipped or not, never back.
[[nodiscard]] bool may_become(AttemptStatus from, AttemptStatus to);

}  // namespace cxdial::campaign
