#pragma once

#include "base/rng.h"

namespace cxdial::sim {

/// How likely each thing goes wrong, 0 to 1. All zero: nothing does.
struct Faults {
    // The request that creates a call
    double not_sent = 0;
    double refused = 0;         ///< 400: about this destination
    double refused_domain = 0;  ///< 401, 402, 403, 404: about the account
    double rate_limited = 0;    ///< 429 though the limit was kept
    double error_without_effect = 0;
    double error_with_effect = 0;
    double lost = 0;
    double reply_lost = 0;
    double accepted_late = 0;  ///< after the client gave up, before the request's deadline
    double reply_cut = 0;
    double slow = 0;

    // What is reported
    double webhook_duplicated = 0;
    double webhook_reordered = 0;
    double webhook_delayed = 0;
    double webhook_lost = 0;
    double webhook_foreign = 0;      ///< of attempts nobody here knows
    double webhook_anonymous = 0;    ///< without our id in it
    double webhook_of_the_past = 0;  ///< of an earlier life of the daemon, again

    // What is asked
    double look_up_stale = 0;
    double look_up_missing = 0;  ///< 404 for a live call
    double look_up_unavailable = 0;
    double list_stale = 0;
    double list_unavailable = 0;

    // What an answered call is connected to
    double question_lost = 0;
    double assistant_dies = 0;  ///< each minute: up to half of a balancer, for some minutes
    double limit_lowered = 0;   ///< each minute: a domain bears fewer requests, for some minutes

    // The daemon and its machine
    double crash_before_commit = 0;
    double crash_after_commit = 0;
    double crash_between_effects = 0;
    double slow_tick = 0;
    double long_downtime = 0;
    double wall_jump = 0;  ///< each minute

    // The database
    double store_begin = 0;
    double store_write = 0;
    double store_commit = 0;
    double store_commit_unsure = 0;  ///< committed, and reported as failed
    double disk_full = 0;            ///< each minute: for some seconds

    // People
    double no_credit = 0;
    double operator_pauses = 0;  ///< each minute
    double people_call = 0;      ///< each minute: some of them
    double destinations_added = 0;
    double suppressions = 0;
    double campaign_edits = 0;
    double pool_edits = 0;  ///< balancers and assistants
    double domain_edits = 0;
};

/// Draws what goes wrong in one run: of each fault whether it happens at all, and how often. No
/// run has everything, so that one fault does not hide another.
[[nodiscard]] Faults draw_faults(base::Rng& dice);

}  // namespace cxdial::sim
