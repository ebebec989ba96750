"""What can be switched about the fake: versions, defects (on: as OPBX is) and faults (off: as a good day is).

A fault is how often it happens: `3` for the next three times, `0.2` for a fifth of the times, `1.0` for always.
"""

import random

VERSIONS = ("newest", "old", "v1")

# name: (default, rows of the fact sheet, what it does)
VERSION = {
    "version": ("newest", "2.1, 1.7", "newest; old: amd_*, no CPS, no pool; v1: R6 makes a session only"),
}
DEFECTS = {
    "pending_ignores_retry_time": (True, "L-1, 1.6", "R4 returns rows whose next_retry_at lies in the future"),
    "pending_ignores_priority": (True, "L-1, 1.6", "R4 orders by created_at alone"),
    "retry_has_no_status_filter": (True, "L-2, 1.6", "R5 returns rows in any status, dialing and connected too"),
    "failed_initiate_leaves_no_trace": (True, "L-7, 1.7", "after a failed R6 the row is pending, attempts unchanged"),
    "every_error_is_500": (True, "L-8, 3.1", "any answer of Cloudonix that is not 2xx becomes the same 500"),
    "disposition_trusts_worker": (True, "L-28, 1.10", "R9 checks neither attempts nor whether it may be retried"),
    "both_outcomes_count": (True, "1.10, 11.4", "R8 and R9 both move the counters of one call"),
    "unknown_disposition_completes": (True, "L-3, 6.4", "NOANSWER, CANCEL and others complete a row"),
    "pending_calls_is_unsigned": (True, "L-5, 6.4", "a CDR that takes it below 0 is 500, before the CAC goes down"),
    "idempotency_keeps_errors": (True, "L-9, 6.3", "an error is answered from the cache for 24 h"),
    "resets_cac": (True, "L-11, 2.4", "user start, pause, resume and the monitor page set the CAC key to 0"),
    "pause_fails_sessions": (True, "L-12, 1.5", "a pause sets sessions failed and pending_calls 0; the calls go on"),
    "monitor_frees_dialing": (True, "L-13", "the monitor page makes rows pending that have been dialing for 5 min"),
    "balancer_hangs_up": (True, "L-14, 5.2", "a campaign with a balancer gets the hang-up document"),
    "schedule_in_app_zone": (True, "L-18, 2.4", "R2 takes the schedule in UTC, not in the campaign's zone"),
    "cdr_needs_no_key": (True, "L-33, 6.2", "without requests_key CDRs are taken from anyone"),
}
FAULTS = {
    "call_id": (None, "1.7, G-10", "call_id of R6's reply: null, \"number\" or \"string\""),
    "ids_as_strings": (False, "11.2", "ids of campaigns and destinations are strings"),
    "sends_deadline": (False, "3", "the request to Cloudonix carries a deadline of 5 min"),
    "requests_key": ("", "6.2", "bearer that CDRs must carry"),
    "rate_limit": (1000, "1.1, L-27", "worker API requests in a minute for each address; 0: none"),
    "cloudonix_timeout": (30, "3, 3.1", "seconds for Cloudonix's answer"),
    "initiate_delay_before": (0, "G-12, 11.3", "seconds before R6 goes to Cloudonix"),
    "initiate_delay": (0, "G-12, 11.3", "seconds after R6 went to Cloudonix, before its reply"),
    "initiate_500": (0, "L-8, 11.3", "R6 answers 500 and places nothing"),
    "initiate_500_after": (0, "L-8, 11.3", "R6 answers 500 though the call is placed; no session row"),
    "initiate_lost": (0, "G-12, 11.3", "R6 places the call and closes the connection without a reply"),
    "row_delay": (0, "L-6, 11.6", "seconds from the call to the session row, so that the CDR comes first"),
    "count_delay": (0, "L-5, 1.7", "seconds from the session row to the campaign's count of pending calls"),
    "api_500": (0, "1.1", "R1 to R5 and R7 to R11 answer 500"),
    "cdr_500": (0, "L-9, 6.1", "the CDR route answers 500, having done nothing"),
    "cdr_lost_reply": (0, "6.3", "the CDR is taken, and the connection closed without a reply"),
    "relay": ("off", "6.8, 11.11", "CDRs go on to the worker: off, hmac, plain (without a signature) or forged"),
    "relay_delay": (0, "11.6", "seconds before a CDR is relayed"),
    "relay_twice": (0, "G-21, 11.6", "a relayed CDR is sent twice"),
    "relay_never": (0, "11.6", "a CDR is not relayed"),
    "publish": (True, "6.4, 11.5", "CDRs are published on the channel"),
    "channel_prefix": ("", "6.4, 11.5", "what Laravel puts before the channel's name"),
    "health_poll": (0, "6.8, 11.11", "seconds between two polls of the worker's health; 0: none"),
}
TABLE = {**VERSION, **DEFECTS, **FAULTS}


class Switches:
    """The switches' present values; kept in the book, so that they live through a kill."""

    def __init__(self, book, seed=1):
        self.book = book
        self.random = random.Random(seed)
        self.values = {name: row[0] for name, row in TABLE.items()}
        self.values.update(book.kept("switches") or {})

    def __getitem__(self, name):
        return self.values[name]

    def change(self, changes):
        """A ValueError names what is wrong; nothing is changed then."""
        for name, value in changes.items():
            if name not in TABLE:
                raise ValueError(f"{name} is no switch")
            if name == "version" and value not in VERSIONS:
                raise ValueError("version is one of " + ", ".join(VERSIONS))
        with self.book.lock:
            self.values.update(changes)
            self.book.keep("switches", self.values)

    def happens(self, name):
        """Whether this fault happens now; a whole number counts down."""
        with self.book.lock:
            left = self.values[name]
            if isinstance(left, float):
                return self.random.random() < left
            if left <= 0:
                return False
            self.values[name] = left - 1
            self.book.keep("switches", self.values)
            return True
