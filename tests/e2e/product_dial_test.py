"""What cxdial must do, section 1: dial campaigns. Each test is named after what is promised."""

import contextlib
import json
import sqlite3
import time

import harness
from harness import DOMAIN, HELD, NO_POLL, SHORT_DOUBT, eventually, select_nothing

CALLER = "+12125550100"


class States(harness.Product):
    def test_an_illegal_transition_is_refused_with_the_reason(self):
        self.start_world()
        self.campaign()
        self.cxdial("import", "list", self.numbers(1))
        done = self.cxdial("pause", "list", expect=1)
        self.assertIn("draft", done.stderr)
        self.cxdial("start", "list")
        self.cxdial("pause", "list")
        done = self.cxdial("start", "list", expect=1)
        self.assertIn("paused", done.stderr)
        self.cxdial("archive", "list")
        done = self.cxdial("resume", "list", expect=1)
        self.assertIn("archived", done.stderr)

    def test_a_draft_campaign_dials_nobody(self):
        simulator = self.start_world(daemon='poll_interval = "100ms"')
        self.campaign()
        self.cxdial("import", "list", self.numbers(3))
        self.run_daemon()
        select_nothing(0.5)
        self.assertEqual(simulator.accepted(), 0)

    def test_a_paused_campaign_places_no_new_call_while_calls_in_progress_run_to_their_end(self):
        simulator = self.start_world(*HELD)
        self.load(30, concurrent_active_calls=5)
        self.run_daemon()
        simulator.wait_live(5)
        self.cxdial("pause", "list")
        self.assertEqual(simulator.live(), 5)
        simulator.let_go()
        open_attempts = "SELECT count(*) FROM attempt WHERE status < 5"
        eventually(lambda: self.query(open_attempts) == [(0,)], "calls in progress are settled")
        self.assertEqual(simulator.accepted(), 5)
        self.assertEqual(simulator.truth()["outcomes"], {"ANSWER": 5})
        self.assertEqual(self.campaign_status(), 2)

    def test_calls_in_progress_of_a_campaign_paused_without_a_daemon_are_settled_by_the_next(self):
        simulator = self.start_world(*HELD)
        self.load(30, concurrent_active_calls=5)
        daemon = self.run_daemon()
        simulator.wait_live(5)
        self.kill(daemon)
        self.cxdial("pause", "list")
        simulator.let_go()
        self.run_daemon()
        open_attempts = "SELECT count(*) FROM attempt WHERE status < 5"
        eventually(lambda: self.query(open_attempts) == [(0,)], "calls in progress are settled")
        self.assertEqual(simulator.accepted(), 5)
        self.assertEqual(self.dispositions(), {"answered": 5})
        self.assertEqual(self.campaign_status(), 2)

    def test_a_campaign_completes_by_itself_when_nothing_is_left_to_dial(self):
        self.start_world()
        self.load(5)
        self.run_to_the_end()
        eventually(lambda: self.campaign_status() == 3, "it is completed")


class Caps(harness.Product):
    def test_cac_is_never_exceeded_through_restarts_lost_webhooks_and_retried_requests(self):
        simulator = self.start_world(
            "--lost-reply-after-create", "0.1", "--error-500", "0.1", "--cdr-drop", "0.1", "--update-drop", "0.3",
            domains=[SHORT_DOUBT],
        )
        simulator.bounds(caller_id={CALLER: {"cap": 4}})
        self.load(40, concurrent_active_calls=4, time_limit=30)
        for _ in range(3):
            daemon = self.run_daemon()
            select_nothing(self.random.uniform(0.1, 0.4))
            self.kill(daemon)
        self.run_to_the_end()
        self.check_no_violation(simulator)

    def test_each_campaign_keeps_a_cap_of_its_own(self):
        simulator = self.start_world(*HELD)
        simulator.bounds(caller_id={"+12125550101": {"cap": 2}, "+12125550102": {"cap": 6}}, all={"cap": 8})
        self.load(10, "small", caller_id="+12125550101", concurrent_active_calls=2)
        self.load(30, "large", 3_000_000, caller_id="+12125550102", concurrent_active_calls=6)
        self.run_daemon()
        simulator.wait_live(8)
        simulator.let_go()
        self.wait_for_the_end()
        callers = self.check_no_violation(simulator)["caller_ids"]
        self.assertEqual(callers["+12125550101"]["live_max"], 2)
        self.assertEqual(callers["+12125550102"]["live_max"], 6)

    def test_a_poll_finds_what_is_pending_without_an_event(self):
        simulator = self.start_world(daemon='poll_interval = "200ms"')
        due = int((time.time() + 86_400) * 1000)
        self.load(2)
        with contextlib.closing(sqlite3.connect(self.path / "cxdial.db")) as db:
            # Nobody tells the daemon of the second one, that its time has come.
            db.execute("UPDATE destination SET next_at = ?, waiting = 1 WHERE phone = 12122000001", (due,))
            db.commit()
            self.run_daemon()
            eventually(lambda: simulator.truth(destination="+12122000000")["started"] == 1, "the first is dialed")
            eventually(lambda: self.query("SELECT count(*) FROM attempt WHERE status < 5") == [(0,)], "and has ended")
            self.assertEqual(simulator.accepted(), 1)
            db.execute("UPDATE destination SET next_at = 0, waiting = 0 WHERE phone = 12122000001")
            db.commit()
        self.wait_for_the_end()
        self.assertEqual(simulator.accepted(), 2)

    def test_a_freed_slot_is_refilled_at_once_not_at_the_next_poll(self):
        simulator = self.start_world(daemon=NO_POLL)
        self.load(20, concurrent_active_calls=2)
        self.run_to_the_end()
        self.assertEqual(simulator.truth()["live"]["max"], 2)

    def test_cps_is_kept(self):
        simulator = self.start_world()
        self.load(30, calls_per_second=10)
        self.run_to_the_end()
        self.check_no_violation(simulator)
        # What was earned before as a burst, a second's calls, and the rate from there on.
        self.check_rate(lambda seconds: 10 + 10 * seconds)

    def test_the_domains_request_limit_is_kept(self):
        # The simulator refuses what is above it. A busy machine holds some requests up longer than others, and for
        # that its window is the shorter one.
        simulator = self.start_world(
            "--requests", "10", "--per", "250ms", domains=[{"requests": 10, "per": "2s"}]
        )
        self.load(35)
        self.run_to_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["domains"][DOMAIN]["refused_429"], 0)
        self.check_rate(lambda seconds: 10 * (1 + seconds // 2))

    def check_rate(self, allowed):
        """No stretch of time has more attempts than `allowed` says of so many seconds."""
        begun = [row[0] / 1000 for row in self.query("SELECT intent_at FROM attempt ORDER BY intent_at, id")]
        for i, first in enumerate(begun):
            for j, last in enumerate(begun[i:]):
                # Times are kept in whole milliseconds.
                self.assertLessEqual(j + 1, allowed(last - first + 0.002), begun)

    def test_429_slows_the_domain_down_and_never_loses_or_repeats_a_call(self):
        simulator = self.start_world("--requests", "10", "--per", "60m", "--retry-after", "1s")
        self.load(30)
        self.run_daemon()
        eventually(lambda: simulator.truth()["domains"][DOMAIN]["refused_429"] > 0, "it is refused")
        slowed = lambda: json.loads(self.cxdial("status", "list", "--json").stdout)[0].get("hold", {})
        eventually(lambda: slowed().get("reason") in ("domain_backing_off", "domain_rate"), "it is slowed down")
        simulator.change_domain(DOMAIN, requests=0)
        self.wait_for_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["placements"]["accepted"], 30)
        self.assertEqual(truth["destinations"], 30)

    def test_each_domain_has_its_key_its_limit_and_its_cap(self):
        names = ["one.cloudonix.net", "two.cloudonix.net"]
        simulator = self.start_world(
            *HELD,
            domains=[{"domain": names[0], "api_key": "XIone", "max_concurrent_calls": 3},
                     {"domain": names[1], "api_key": "XItwo"}],
        )
        simulator.change_domain(names[0], api_key="XIone")
        simulator.change_domain(names[1], api_key="XItwo", max_concurrent=7)
        simulator.bounds(domain={names[0]: {"cap": 3}, names[1]: {"cap": 7}})
        self.load(12, "first", cloudonix_domain=names[0])
        self.load(20, "second", 3_000_000, cloudonix_domain=names[1], concurrent_active_calls=7)
        self.run_daemon()
        simulator.wait_live(10)
        simulator.let_go()
        self.wait_for_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["placements"]["answers"], {"200": 32})
        self.assertEqual(truth["domains"][names[0]]["live_max"], 3)
        self.assertEqual(truth["domains"][names[0]]["accepted"], 12)
        self.assertEqual(truth["domains"][names[1]]["accepted"], 20)


class Attempts(harness.Product):
    def test_every_attempt_is_in_the_database_before_the_request_that_places_it(self):
        simulator = self.start_world("--slow-reply", "1", "--slow-reply-delay", "20s")
        self.load(5)
        daemon = self.run_daemon()
        eventually(lambda: simulator.accepted() == 5, "calls are made")
        self.kill(daemon)
        intended = {str(row[0]) for row in self.query("SELECT id FROM attempt")}
        self.assertEqual({call["profile"]["cxdial-attempt"] for call in simulator.calls()}, intended)

    def test_an_attempt_in_doubt_holds_its_slot_and_its_destination_is_not_dialed_again(self):
        simulator = self.start_world(
            "--lost-reply-after-create", "1", *HELD, "--session-list-500", "1", notices=False
        )
        self.load(6, concurrent_active_calls=2, max_dial_attempts=3)
        self.run_daemon()
        in_doubt = lambda: self.query("SELECT status FROM attempt") == [(1,), (1,)]
        eventually(in_doubt, "both calls are in doubt")
        select_nothing(1.0)
        self.assertEqual(simulator.accepted(), 2)
        self.assertTrue(in_doubt())

    def test_a_session_update_tells_what_became_of_an_attempt_in_doubt(self):
        simulator = self.start_world("--lost-reply-after-create", "1")
        self.load(10, concurrent_active_calls=5, max_dial_attempts=3)
        self.run_to_the_end()
        self.assertEqual(self.check_no_violation(simulator)["placements"]["accepted"], 10)
        self.assertEqual(self.dispositions(), {"answered": 10})

    def test_a_cdr_tells_what_became_of_an_attempt_in_doubt(self):
        simulator = self.start_world("--lost-reply-after-create", "1", "--update-drop", "1")
        self.load(10, concurrent_active_calls=5, max_dial_attempts=3)
        self.run_to_the_end()
        self.assertEqual(self.check_no_violation(simulator)["placements"]["accepted"], 10)
        self.assertEqual(self.dispositions(), {"answered": 10})

    def test_a_session_look_up_tells_what_became_of_an_attempt_in_doubt(self):
        simulator = self.start_world("--lost-reply-after-create", "1", notices=False)
        self.load(10, concurrent_active_calls=5, max_dial_attempts=3, time_limit=10)
        self.run_to_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["destinations"], 10)
        self.assertEqual(self.dispositions(), {"answered": 10})

    def test_no_call_starts_after_its_deadline(self):
        simulator = self.start_world("--accept-late", "0.5", "--accept-late-delay", "1s..4s", domains=[SHORT_DOUBT])
        self.load(20, max_dial_attempts=1)
        self.run_to_the_end()
        self.assertEqual(self.check_no_violation(simulator)["late_starts"], 0)

    def test_refused_for_want_of_payment_the_campaign_pauses_and_the_attempt_is_given_back(self):
        simulator = self.start_world("--refuse-402", "1")
        self.load(3)
        self.run_daemon()
        eventually(lambda: self.campaign_status() == 2, "the campaign pauses")
        eventually(
            lambda: self.query("SELECT count(*) FROM attempt WHERE status < 5") == [(0,)], "nothing is under way"
        )
        self.assertEqual(self.query("SELECT max(attempts) FROM destination"), [(0,)])
        self.assertEqual(self.open_destinations(), 3)
        self.assertEqual(simulator.accepted(), 0)


class Retries(harness.Product):
    def test_retries_follow_the_policy_with_another_caller_id_from_the_pool(self):
        simulator = self.start_world("--outcome-for", "+12122000000=busy", "--outcome-for", "+12122000001=noanswer")
        pool = [{"phone_number": f"+1212555010{i}"} for i in range(3)]
        self.load(
            3, caller_id=None, caller_id_pool=pool, caller_id_strategy="round_robin", max_dial_attempts=3,
            retry={"busy": ["1s"]},
        )
        self.run_to_the_end()
        self.assertEqual(simulator.truth(destination="+12122000000")["started"], 3)
        # No retry is named for it.
        self.assertEqual(simulator.truth(destination="+12122000001")["started"], 1)
        self.assertEqual(simulator.truth(destination="+12122000002")["started"], 1)
        used = self.query("SELECT caller_id FROM attempt WHERE phone = 12122000000 ORDER BY id")
        for before, after in zip(used, used[1:]):
            self.assertNotEqual(before, after)
        self.check_no_violation(simulator)

    def test_a_retry_waits_as_long_as_its_policy_says(self):
        simulator = self.start_world("--outcomes", "busy=1")
        self.load(1, max_dial_attempts=2, retry={"busy": ["2s"]})
        self.run_to_the_end()
        caller = simulator.truth()["caller_ids"][CALLER]
        self.assertEqual(caller["accepted"], 2)
        self.assertGreaterEqual(caller["last_ms"] - caller["first_ms"], 2000)

    def test_destinations_of_higher_priority_are_dialed_first(self):
        simulator = self.start_world()
        self.campaign(concurrent_active_calls=1)
        file = self.path / "ranked.csv"
        file.write_text("phone_number,priority\n+12122000001,1\n+12122000003,3\n+12122000002,2\n")
        self.cxdial("import", "list", file)
        self.cxdial("start", "list")
        self.run_to_the_end()
        order = [call["destination"][-1] for call in simulator.calls()]
        self.assertEqual(order, ["3", "2", "1"])


if __name__ == "__main__":
    harness.main()
