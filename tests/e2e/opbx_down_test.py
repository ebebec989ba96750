"""Beside OPBX: it goes away in mid-campaign and comes back, and its CDR route has its moods. No CDR is lost."""

import os

import harness
import opbx_world
from harness import eventually, http, select_nothing

# How long OPBX is away; 60 is what was promised, and what a full run takes.
DOWN_SECONDS = float(os.environ.get("E2E_OPBX_DOWN_SECONDS", "3"))
NUMBERS = min(40, int(os.environ.get("E2E_NUMBERS", "40")))


class Down(opbx_world.Case):
    def test_opbx_is_down_in_mid_campaign_and_no_cdr_is_lost(self):
        self.start_opbx("--talk", "300ms..600ms")
        self.give(NUMBERS, cac=5)
        self.run_daemon()
        eventually(lambda: self.opbx.truth()["calls"] >= NUMBERS // 3, "a third is called")
        self.opbx.control("POST", "down", {})
        # What is live ends, and its CDRs wait at cxdial.
        eventually(lambda: self.live_attempts() == 0, "what is live is settled")
        placed = self.sim.accepted()
        select_nothing(DOWN_SECONDS)
        self.assertEqual(self.sim.accepted(), placed, "a call was placed while OPBX was down")
        self.assertLess(self.opbx.truth()["cdrs"]["taken"], placed)
        self.assertEqual(self.opbx.truth()["calls"], placed)
        self.opbx.control("POST", "up")
        self.wait_settled(NUMBERS)
        self.wait_passed_on(NUMBERS)
        self.check_passed_on_in_order()
        self.check_books()
        self.wait_counter(0)

    def test_opbx_is_down_while_cxdial_is_killed_and_no_cdr_is_lost(self):
        self.start_opbx("--talk", "300ms..600ms")
        self.give(12, cac=4)
        daemon = self.run_daemon()
        eventually(lambda: self.opbx.truth()["calls"] >= 6, "half is called")
        self.opbx.control("POST", "down", {})
        eventually(lambda: self.live_attempts() == 0, "what is live is settled")
        self.kill(daemon)
        self.run_daemon()
        self.opbx.control("POST", "up")
        self.wait_settled(12)
        self.wait_passed_on(12)
        self.check_passed_on_in_order()
        self.check_books()

    def test_the_reason_is_shown_while_opbx_is_down(self):
        self.start_opbx("--talk", "300ms..600ms")
        self.give(12, cac=2)
        self.run_daemon()
        eventually(lambda: self.opbx.truth()["calls"] >= 2, "it dials")
        self.opbx.control("POST", "down", {})
        eventually(lambda: "OPBX" in self.cxdial("status", "opbx-12").stdout, "status says why it waits")
        self.opbx.control("POST", "up")
        self.wait_settled(12)
        self.check_books()


class Tee(opbx_world.Case):
    def post_cdr(self, token, **fields):
        cdr = {
            "timestamp": 1703123456, "call_id": token + "@172.24.40.152:5060", "from": "+12127773456",
            "to": "+14155550101", "disposition": "ANSWER", "duration": 3, "billsec": 2, "domain": harness.DOMAIN,
            "session": {"token": token}, **fields,
        }
        return http("POST", self.endpoint + "/cloudonix/cdr", cdr)[0]

    def taken(self):
        return self.opbx.truth()["cdrs"]["taken"]

    def test_a_cdr_answered_500_gets_through_with_a_fresh_key(self):
        self.start_opbx(switches={"cdr_500": 3})
        self.give(6)
        self.run_daemon()
        self.wait_settled(6)
        self.wait_passed_on(6)
        self.check_passed_on_in_order()
        keys = [row["key"] for row in self.opbx.control("GET", "cdrs")]
        self.assertGreaterEqual(len(keys), 9)
        self.check_books()
        self.wait_counter(0)

    def test_a_cdr_whose_acknowledgement_was_lost_counts_once_at_opbx(self):
        self.start_opbx(switches={"cdr_lost_reply": 3})
        self.give(6)
        self.run_daemon()
        self.wait_settled(6)
        self.wait_passed_on(6)
        eventually(lambda: self.opbx.truth()["cdrs"]["received"] >= 9, "what was lost is sent again")
        self.assertEqual(self.opbx.campaign()["completed_calls"], 6)
        self.check_books()

    def test_a_cdr_that_opbx_never_takes_does_not_hold_up_the_others_for_ever(self):
        self.start_opbx()
        self.run_daemon()
        self.assertEqual(self.post_cdr("a" * 32, timestamp="never"), 200)
        self.assertEqual(self.post_cdr("b" * 32), 200)
        eventually(lambda: self.taken() == 1, "the next one is taken")
        bodies = [row["status"] for row in self.opbx.control("GET", "cdrs")]
        self.assertEqual(bodies, [422, 200])

    def test_a_cdr_goes_on_unchanged_with_the_key_that_it_came_with(self):
        self.start_opbx()
        self.run_daemon()
        body = b'{"timestamp": 1703123456,  "call_id":"x@y", "from":"+1","to":"+2","disposition":"BUSY",' \
            b'"duration":0,"billsec":0,"domain":"company.cloudonix.io","odd":[1.50,"\\u00e9"],"session":null}'
        status, _ = http("POST", self.endpoint + "/cloudonix/cdr", body, token="of-cloudonix")
        self.assertEqual(status, 200)
        row = eventually(lambda: self.opbx.control("GET", "cdrs"), "it is passed on")[0]
        self.assertEqual(row["body"].encode(), body)
        self.assertEqual(row["authorization"], "Bearer of-cloudonix")

    def test_cdrs_that_come_twice_settle_a_call_once(self):
        self.start_opbx("--cdr-duplicate", "1")
        self.give(12)
        self.run_daemon()
        self.wait_settled(12)
        self.wait_passed_on(12)
        self.assertEqual(self.dispositions(), {"answered": 12})
        self.assertEqual(self.opbx.campaign()["completed_calls"], 12)
        self.check_books()
        self.wait_counter(0)

    def test_cdrs_that_come_late_settle_their_calls(self):
        self.start_opbx("--cdr-delay-chance", "0.5", "--cdr-delay", "1s..3s")
        self.give(12)
        self.run_daemon()
        self.wait_settled(12)
        self.wait_passed_on(12)
        self.check_passed_on_in_order()
        self.check_books()
        self.wait_counter(0)

    def test_after_a_pause_at_opbx_its_500s_hold_up_nothing(self):
        # Its column of pending calls is 0 after a pause, and every CDR of a call that was live ends in 500.
        self.start_opbx("--talk", "500ms..800ms")
        self.give(12, cac=4)
        self.run_daemon()
        eventually(lambda: self.opbx.campaign()["live"] >= 2, "calls are live")
        self.opbx.act(12, "pause")
        eventually(lambda: self.live_attempts() == 0, "what was live is settled")
        self.opbx.act(12, "resume")
        self.wait_settled(12)
        self.check_books()
        offered = lambda: {row["token"] for row in self.opbx.control("GET", "cdrs")}
        eventually(lambda: offered() == self.ended_tokens(), "every CDR was offered")


if __name__ == "__main__":
    harness.main()
