"""Beside OPBX: the counters and locks in Redis, what OPBX does to them, and calls whose placing is in doubt."""

import signal

import harness
import opbx_world
from harness import PATIENCE, eventually, select_nothing


class Counter(opbx_world.Case):
    def test_the_counter_goes_up_once_and_down_once_for_each_call(self):
        self.start_opbx("--talk", "300ms..500ms")
        self.give(12, cac=4)
        self.run_daemon()
        eventually(lambda: self.counter() >= 2, "live calls are counted in Redis")
        self.wait_settled(12)
        self.wait_passed_on(12)
        self.wait_counter(0)
        self.check_books()

    def test_slots_that_another_worker_holds_are_left_to_it(self):
        self.start_opbx("--talk", "200ms..300ms")
        self.give(12, cac=4)
        self.redis.call("SET", "dialer:cac:12:active", 3)
        self.run_daemon()
        self.wait_settled(12)
        self.assertEqual(self.check_books()["campaigns"]["12"]["peak"], 1)
        self.wait_counter(3)

    def test_a_full_campaign_waits_and_goes_on_when_the_other_worker_is_done(self):
        self.start_opbx()
        self.give(6, cac=2)
        self.redis.call("SET", "dialer:cac:12:active", 2)
        self.run_daemon()
        eventually(lambda: self.query("SELECT count(*) FROM destination")[0][0] == 6, "its list is known")
        select_nothing(0.5)
        self.assertEqual(self.sim.accepted(), 0)
        self.redis.call("SET", "dialer:cac:12:active", 0)
        self.wait_settled(6)
        self.check_books()

    def test_resets_of_the_counter_cause_no_overshoot(self):
        self.start_opbx("--talk", "200ms..400ms")
        self.give(30, cac=4)
        self.run_daemon()
        for part in (5, 10, 15, 20):
            eventually(lambda: self.opbx.truth()["calls"] >= part, f"{part} calls are placed")
            self.opbx.act(12, "reset-cac" if part % 2 else "monitor")
        self.wait_settled(30)
        self.check_books()

    def test_only_keys_that_are_named_are_written(self):
        self.start_opbx()
        self.give(6)
        self.run_daemon()
        self.wait_settled(6)
        self.wait_passed_on(6)
        self.watch.catch_up()
        for key in self.watch.written:
            shared = r"dialer:(cac:12:active|cac:decremented:[0-9a-f]{32}|lock:dest:\d+)"
            self.assertRegex(key, rf"^({shared}|cxdial:cxdial-1:calls:12)$")

    def test_a_lock_of_another_is_respected_and_left_alone(self):
        self.start_opbx()
        self.give(6)
        self.redis.call("SET", "dialer:lock:dest:3", "somebody else")
        self.run_daemon()
        self.wait_settled(5)
        select_nothing(0.5)
        self.assertNotIn(3, [body["destination_id"] for body in self.opbx.initiated()])
        self.assertEqual(self.redis.call("GET", "dialer:lock:dest:3"), "somebody else")
        self.redis.call("DEL", "dialer:lock:dest:3")
        self.wait_settled(6)
        self.check_books()

    def test_a_lock_outlives_its_request_and_then_ends_by_itself(self):
        # Other workers read who is to be called from lists that are older than the call.
        self.start_opbx()
        self.give(6)
        self.run_daemon()
        self.wait_settled(6)
        for key in self.redis.call("KEYS", "dialer:lock:*"):
            left = self.redis.call("PTTL", key)
            self.assertTrue(left == -2 or 0 <= left <= 30_000, f"{key} is kept for {left} ms")

    def test_two_cxdials_at_one_opbx_share_the_cap_and_call_nobody_twice(self):
        self.start_opbx("--talk", "200ms..400ms", cdrs="opbx")
        self.give(20, cac=4)
        other = Second(self)
        self.addCleanup(other.end)
        self.run_daemon()
        called = lambda: len(self.opbx.campaign()["calls_by_destination"])
        eventually(lambda: called() == 20, "everyone is called")
        eventually(lambda: self.opbx.campaign()["live"] == 0, "every call ended")
        self.check_books()

    def test_a_cdr_before_the_session_row_leaks_no_slot(self):
        # OPBX never lowers its counter for such a call.
        self.start_opbx("--talk", "1ms..5ms", "--ring", "1ms..5ms", "--setup", "1ms..2ms", switches={"row_delay": 0.4})
        self.give(12, cac=2)
        self.run_daemon()
        self.wait_settled(12)
        self.wait_passed_on(12)
        self.check_books()
        self.wait_counter(0)


class Second:
    """Another cxdial with a database of its own."""

    def __init__(self, case):
        folder = case.path / "second"
        folder.mkdir()
        text = (case.path / "cxdial.toml").read_text()
        text = text.replace(f"127.0.0.1:{case.port}", "127.0.0.1:0").replace("cxdial-1", "cxdial-2")
        (folder / "cxdial.toml").write_text(text)
        self.log = open(folder / "daemon.log", "ab")
        self.process = harness.subprocess.Popen(
            [harness.BIN / "cxdial", "--config", folder / "cxdial.toml", "run"], stdout=self.log, stderr=self.log
        )

    def end(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class InDoubt(opbx_world.Case):
    def check_each_once(self, count):
        """Each destination was asked for once, and was called or given up."""
        self.wait_settled(count)
        asked = [body["destination_id"] for body in self.opbx.initiated()]
        self.assertEqual(len(asked), len(set(asked)))
        self.check_books()

    def test_an_initiate_whose_reply_is_lost_is_not_repeated(self):
        self.start_opbx(switches={"initiate_lost": 4})
        self.give(12)
        self.run_daemon()
        self.check_each_once(12)
        self.assertEqual(self.sim.accepted(), 12)
        self.wait_passed_on(12)
        self.wait_counter(0)

    def test_a_500_after_the_call_is_an_unknown_delivery_and_not_repeated(self):
        self.start_opbx(switches={"initiate_500_after": 3})
        self.give(12)
        self.run_daemon()
        self.check_each_once(12)
        self.assertEqual(self.sim.accepted(), 12)

    def test_a_reply_that_is_long_in_coming_is_waited_for(self):
        self.start_opbx("--talk", "50ms..100ms", switches={"initiate_delay": 2})
        self.give(6, cac=3)
        self.run_daemon()
        self.check_each_once(6)
        self.assertEqual(self.dispositions(), {"answered": 6})

    def test_sigterm_leaves_no_initiate_behind_that_is_forgotten(self):
        self.start_opbx("--talk", "300ms..500ms", switches={"initiate_delay": 1})
        self.give(8, cac=4)
        daemon = self.run_daemon()
        eventually(lambda: self.opbx.truth()["calls"] >= 2, "calls are under way")
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(PATIENCE), 0)
        self.run_daemon()
        self.check_each_once(8)

    def test_a_refused_initiate_gives_its_slot_back_and_is_paced(self):
        self.start_opbx()
        self.opbx.control("POST", "campaigns", {
            "id": 13, "caller_id": "+12125550113", "cloudonix_api_key": None, "calls_per_second": 30,
            "destinations": ["+12123000000", "+12123000001"],
        })
        self.give(6, cac=2)
        self.run_daemon()
        self.wait_settled(6)
        self.wait_counter(0, 13)
        select_nothing(1.0)
        # OPBX answers 422 at once; it is not asked again and again.
        asked = [body for body in self.opbx.initiated() if body["campaign_id"] == 13]
        self.assertLessEqual(len(asked), 4)
        self.check_books()

    def test_a_bad_number_is_not_asked_for_at_every_poll(self):
        self.start_opbx("--refuse-402", "0")
        self.give(4)
        self.opbx.switch(initiate_500=4)
        self.run_daemon()
        eventually(lambda: len(self.opbx.initiated()) == 4, "each was asked for")
        select_nothing(1.5)
        self.assertEqual(len(self.opbx.initiated()), 4)
        self.check_books()


if __name__ == "__main__":
    harness.main()
