#pragma once

#include <cstdint>

namespace cxdial::dialer {

/// Known-bad variants of the engine, for the simulation to prove that it can catch them. Each is a
/// mistake that real dialers make.
enum class Flaw : std::uint8_t {
    none,
    redial_when_unlisted,       ///< dials again because the API shows no session yet
    redial_on_unknown,          ///< takes a lost reply for a refusal
    free_slot_on_every_cdr,     ///< a CDR that comes twice frees two slots
    recover_intent_to_pending,  ///< a restart puts what it was placing back into the list
    never_reconcile,            ///< waits for webhooks for ever
    effects_before_commit,      ///< sends first, records after
    acknowledge_before_commit,  ///< answers a webhook before it is on disk
    forget_request_window,      ///< ignores the domain's request limit
    cap_off_by_one,
    ignore_schedule,           ///< dials at any hour
    ignore_recipient_hours,    ///< dials though it is night where the number is
    ignore_frequency_cap,      ///< dials a number as often as campaigns want it
    ignore_suppression,        ///< looks at the do-not-call list at the import only
    ignore_assistant_caps,     ///< connects more calls than an assistant takes
    never_eject,               ///< goes on connecting calls to an assistant that is dead
    keep_rate_after_429,       ///< takes a 429 for an accident
    dial_after_pause,          ///< empties its buffer before it obeys a pause
    keep_contacted_in_buffer,  ///< dials who has just called
    leak_claim_on_repeat,      ///< counts a call that is asked about twice as two
    match_newest_of_number,  ///< takes a nameless report for that of the newest call to its number
    doubt_opbx_too_briefly,  ///< gives OPBX no more time to place a call than it takes itself
};

#ifdef CXDIAL_WITH_FLAWS
/// The flaw that the process runs with. Set by the simulation, between runs.
inline Flaw flaw_in_use = Flaw::none;
[[nodiscard]] inline bool flawed(Flaw flaw) {
    return flaw_in_use == flaw;
}
#else
/// In the product no flaw is ever in use, and its branch is no code at all.
[[nodiscard]] constexpr bool flawed(Flaw /*flaw*/) {
    return false;
}
#endif

}  // namespace cxdial::dialer
