"""Beside OPBX: its pauses, edits and additions are followed with the next poll."""

import harness
import opbx_world
from harness import eventually


class Follow(opbx_world.Case):
    def stopped(self):
        """Everything that was live has ended; how many calls there were."""
        eventually(lambda: self.live_attempts() == 0, "what was live is settled")
        return self.sim.accepted()

    def polls(self, count=3):
        """OPBX has been polled so many times from now on."""
        before = len(self.opbx.requests("R2"))
        eventually(lambda: len(self.opbx.requests("R2")) >= before + count, "it polls")

    def dial_some(self, count=30, cac=4):
        self.start_opbx("--talk", "200ms..400ms")
        self.give(count, cac=cac)
        self.run_daemon()
        eventually(lambda: self.opbx.truth()["calls"] >= 4, "it dials")

    def check_stops_and_goes_on(self, stop, go_on, count=30):
        self.dial_some(count)
        self.opbx.act(12, stop)
        self.polls()
        placed = self.stopped()
        self.assertLess(placed, count)
        self.polls()
        self.assertEqual(self.sim.accepted(), placed)
        self.opbx.act(12, go_on)
        self.wait_settled(count)
        self.assertEqual(self.sim.accepted(), count)
        self.check_books()

    def test_a_campaign_that_disappears_stops_and_goes_on_when_it_is_listed_again(self):
        self.check_stops_and_goes_on("hide", "show")

    def test_a_paused_campaign_stops_and_its_live_calls_are_settled(self):
        self.check_stops_and_goes_on("pause", "resume")

    def test_a_campaign_that_opbx_completes_stops(self):
        self.dial_some()
        self.opbx.act(12, "complete")
        self.polls()
        placed = self.stopped()
        self.polls()
        self.assertEqual(self.sim.accepted(), placed)
        self.check_books()

    def test_an_edited_cap_is_kept_from_the_next_poll_on(self):
        self.dial_some(24, cac=4)
        self.opbx.edit(12, concurrent_active_calls=1)
        self.polls(4)
        eventually(lambda: self.live_attempts() <= 1, "there is one call at most")
        lowered = len(self.opbx.control("GET", "calls"))
        self.wait_settled(24)
        self.check_books()
        calls = self.opbx.control("GET", "calls")[lowered:]
        steps = sorted([(row["asked_ms"], 1) for row in calls] + [(row["ended_ms"], -1) for row in calls])
        live = peak = 0
        for _, change in steps:
            live += change
            peak = max(peak, live)
        self.assertLessEqual(peak, 1)

    def test_rows_that_are_added_later_are_dialed(self):
        self.start_opbx()
        self.give(3)
        self.run_daemon()
        self.wait_settled(3)
        self.opbx.control("POST", "campaigns/12/destinations", ["+12125559000", "+12125559001"])
        self.wait_settled(5)
        self.check_books()

    def test_a_campaign_that_opbx_refuses_to_dial_is_paused_there_with_the_reason(self):
        self.start_opbx()
        self.give(2, cloudonix_api_key=None)
        self.run_daemon()
        self.wait_paused("Cloudonix not configured")
        self.opbx.edit(12, cloudonix_api_key=harness.API_KEY)
        self.opbx.act(12, "resume")
        self.wait_settled(2)
        self.assertEqual(self.sim.accepted(), 2)
        self.check_books()

    def test_where_opbx_hides_a_429_behind_its_500_it_is_told_of_the_limit_all_the_same(self):
        self.start_opbx(opbx={"pause_after": "1s"})
        # Each 500 is a doubt that holds its slot: were the cap full of them, that alone would be seen.
        self.give(30, cac=30, calls_per_second=5)
        self.sim.configure(**{"refuse-429": 1})
        self.run_daemon()
        eventually(lambda: self.opbx.requests("R3"), "OPBX is asked to pause the campaign")
        eventually(lambda: self.opbx.campaign()["resume_at"], "with a time")
        self.assertIn("rate_limit", self.opbx.campaign()["pause_reason"])
        self.assertEqual(self.sim.accepted(), 0)

    def test_a_long_list_is_fetched_to_its_end(self):
        self.start_opbx("--talk", "1ms..5ms", "--ring", "1ms..5ms")
        self.give(260, cac=50)
        self.run_daemon()
        self.wait_settled(260)
        self.check_books()


if __name__ == "__main__":
    harness.main()
