"""Beside OPBX: kill -9 of cxdial, of OPBX and of Redis, at any moment, calls nobody twice and loses nobody."""

import os

import harness
import opbx_world
from harness import eventually, select_nothing
from opbx_world import KILLS

ABANDONED = 8  # an attempt's status
NUMBERS = min(40, int(os.environ.get("E2E_NUMBERS", "40")))


class Kills(opbx_world.Case):
    def progress(self, part):
        """Waits until so much of the campaign is done, and a random moment more."""
        eventually(lambda: self.sim.accepted() >= part, f"{part} calls are placed")
        select_nothing(self.random.uniform(0, 0.2))

    def steps(self):
        """How many calls are to be placed before each kill."""
        return [NUMBERS * (number + 1) // (KILLS + 2) for number in range(KILLS)]

    def kill_cxdial_at_each_step(self):
        for part in self.steps():
            daemon = self.run_daemon()
            self.progress(part)
            self.kill(daemon)
        self.run_daemon()

    def restart_at_each_step(self, program):
        for part in self.steps():
            self.progress(part)
            program.kill()
            select_nothing(self.random.uniform(0, 0.5))
            program.start()

    def check_all_settled(self, count=NUMBERS):
        """A call that a kill cut short before anybody made it uses up its attempt: nobody knows better."""
        self.wait_settled(count)
        given_up = self.query("SELECT count(DISTINCT destination_id) FROM attempt WHERE status = ?", ABANDONED)[0][0]
        self.assertEqual(self.sim.truth()["destinations"] + given_up, count)
        own = self.check_books()["campaigns"]["12"]
        self.assertLessEqual(max(own["calls_by_destination"].values()), 1)

    def test_kill_of_cxdial_loses_nobody_and_calls_nobody_twice(self):
        self.start_opbx("--talk", "100ms..400ms")
        self.give(NUMBERS, cac=6)
        self.kill_cxdial_at_each_step()
        self.check_all_settled()
        self.wait_passed_on(self.sim.accepted())
        self.check_passed_on_in_order()
        self.wait_counter(0)

    def test_kill_of_cxdial_while_initiates_are_under_way_repeats_none_of_them(self):
        self.start_opbx("--talk", "100ms..400ms", switches={"initiate_delay": 0.5})
        self.give(NUMBERS, cac=6)
        self.kill_cxdial_at_each_step()
        self.check_all_settled()
        asked = [body["destination_id"] for body in self.opbx.initiated()]
        self.assertEqual(len(asked), len(set(asked)))

    def test_kill_of_opbx_loses_nobody_and_calls_nobody_twice(self):
        # A kill between its call row and its count of pending calls would leave OPBX a CDR that it never takes (L-5).
        self.start_opbx("--talk", "100ms..400ms", switches={"pending_calls_is_unsigned": False})
        self.give(NUMBERS, cac=6)
        self.run_daemon()
        self.restart_at_each_step(self.opbx)
        self.check_all_settled()
        self.wait_passed_on(self.sim.accepted())
        self.check_passed_on_in_order()
        self.wait_counter(0)

    def check_offered(self):
        """OPBX was offered every CDR in its order, and what it does not take waits, and is shown."""
        offered = lambda: {row["token"] for row in self.opbx.control("GET", "cdrs")}
        eventually(lambda: offered() >= self.ended_tokens(), "every CDR was offered")
        owed = lambda: set(self.given_cdrs()) - set(self.taken_cdrs())
        eventually(lambda: owed() <= self.often_refused(), "what OPBX takes is passed on")
        self.check_passed_on_in_order(self.often_refused())
        eventually(lambda: self.outbox()["waiting"] == self.outbox()["refused"], "what was taken is forgotten")
        left = self.outbox()
        self.assertEqual(left["dead_letters"], 0)
        if left["refused"]:
            told = f"opbx_cdr: {left['waiting']} to be sent ({left['refused']} refused before), 0 refused for good"
            self.assertIn(told, self.cxdial("status").stdout)
            self.assertIn(f"{left['refused']} refused so far", self.cxdial("check").stdout)
        self.wait_counter(0)

    def test_kill_of_opbx_whose_count_is_unsigned_holds_up_no_cdr_but_those_it_refuses(self):
        self.start_opbx("--talk", "100ms..400ms")
        self.give(NUMBERS, cac=6)
        self.run_daemon()
        self.restart_at_each_step(self.opbx)
        self.check_all_settled()
        self.check_offered()

    def test_a_cdr_that_opbx_refuses_after_a_kill_waits_is_shown_and_gets_through_when_it_is_mended(self):
        self.start_opbx("--talk", "100ms..200ms", switches={"count_delay": 1.0})
        self.give(3, cac=1)
        self.run_daemon()
        eventually(lambda: self.opbx.truth()["sessions"] == 1, "OPBX has a row of the first call")
        self.opbx.kill()
        self.opbx.start({"count_delay": 0})
        self.check_all_settled(3)
        self.check_offered()
        # Three CDRs, and OPBX counted two calls: the last of them it cannot take.
        self.assertEqual(self.outbox(), {"queue": "opbx_cdr", "waiting": 1, "refused": 1, "dead_letters": 0})
        self.opbx.switch(pending_calls_is_unsigned=False)
        self.wait_passed_on(3)
        eventually(lambda: self.outbox()["waiting"] == 0, "nothing is owed any more")

    def test_kill_of_opbx_between_the_call_and_its_row_leaves_no_slot_held_for_ever(self):
        self.start_opbx("--talk", "100ms..400ms", switches={"row_delay": 0.3})
        self.give(NUMBERS, cac=4)
        self.run_daemon()
        for part in self.steps()[:2]:
            self.progress(part)
            self.opbx.kill()
            self.opbx.start()
        self.opbx.switch(row_delay=0)
        self.check_all_settled()

    def test_kill_of_redis_breaks_no_cap_and_dialing_goes_on_when_it_is_back(self):
        self.start_opbx("--talk", "100ms..400ms")
        self.give(NUMBERS, cac=6)
        self.run_daemon()
        self.restart_at_each_step(self.redis_server)
        self.check_all_settled()

    def test_while_redis_is_away_no_new_call_is_placed(self):
        self.start_opbx("--talk", "300ms..500ms")
        self.give(NUMBERS, cac=3)
        daemon = self.run_daemon()
        self.progress(6)
        self.redis_server.kill()
        # What was let through before the kill may still be on its way.
        eventually(lambda: self.live_attempts() == 0, "what is live ends")
        placed = self.opbx.truth()["calls"]
        self.kill(daemon)
        self.run_daemon()
        self.endpoint_answers_for(1.0)
        self.assertEqual(self.opbx.truth()["calls"], placed)
        self.redis_server.start()
        self.check_all_settled()

    def endpoint_answers_for(self, seconds):
        """Time goes by, and the daemon is well all the while."""
        select_nothing(seconds)
        self.assertEqual(harness.http("GET", self.endpoint + "/healthz")[0], 200)

    def kill_everything_in_turn(self):
        daemon = self.run_daemon()
        for number, part in enumerate(self.steps()):
            self.progress(part)
            if number % 3 == 0:
                self.kill(daemon)
                daemon = self.run_daemon()
            elif number % 3 == 1:
                self.opbx.kill()
                self.opbx.start()
            else:
                self.redis_server.kill()
                self.redis_server.start()
        self.check_all_settled()
        self.check_offered()

    def test_everything_is_killed_in_turn(self):
        self.start_opbx("--talk", "100ms..400ms", "--cdr-duplicate", "0.2")
        self.give(NUMBERS, cac=5)
        self.kill_everything_in_turn()

    def test_everything_is_killed_in_turn_beside_the_old_version(self):
        self.start_opbx("--talk", "100ms..400ms", "--cdr-duplicate", "0.2", switches={"version": "old"})
        self.give(NUMBERS, cac=5)
        self.kill_everything_in_turn()

    def test_everything_is_killed_in_turn_beside_v1_whose_calls_cxdial_places(self):
        self.start_opbx(
            "--talk", "100ms..400ms", "--cdr-duplicate", "0.2", placement="direct",
            domains=[{"in_doubt_limit": "30s"}], switches={"version": "v1"},
        )
        self.give(NUMBERS, cac=5)
        self.kill_everything_in_turn()


if __name__ == "__main__":
    harness.main()
