"""Whole campaigns by the real programs: counted at the simulator, compared with the database."""

import json
import os
import signal
import unittest

import harness
from harness import DOMAIN, HELD, SHORT_DOUBT, eventually, free_port, select_nothing

NUMBERS = int(os.environ.get("E2E_NUMBERS", "150"))
KILLS = int(os.environ.get("E2E_KILLS", "8"))
OPEN = "(0, 1, 2, 3, 4)"  # destination states that are not terminal
LIVE = "(0, 1, 2, 3, 4)"  # attempt states that are not terminal

FAULTS = {
    "lost-reply-after-create": 0.10,
    "error-500": 0.05,
    "refuse-429": 0.05,
    "cdr-drop": 0.10,
    "cdr-duplicate": 0.20,
    "cdr-delay-chance": 0.20,
    "cdr-delay": "100ms..2s",
}


class Campaigns(harness.Case):
    def start_world(self, *simulator_options, **domain):
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}/cloudonix"
        simulator = self.simulator(
            "--requests", "0",
            "--setup", "5ms..20ms",
            "--ring", "20ms..200ms",
            "--talk", "200ms..800ms",
            "--hangup-talk",
            "--outcomes", "answered=70,busy=10,noanswer=10,cancel=5,congestion=5",
            "--noanswer-after", "100ms..300ms",
            "--cdr-endpoint", endpoint + "/cdr",
            "--session-update-endpoint", endpoint + "/session-update",
            *simulator_options,
        )
        self.configure(simulator.url, port, domains=[domain])
        return simulator

    def load(self, **fields):
        self.campaign(**fields)
        report = json.loads(self.cxdial("import", "list", self.numbers(NUMBERS), "--json").stdout)
        self.assertEqual(report["imported"], NUMBERS)
        self.cxdial("start", "list")

    def left(self):
        return self.query(f"SELECT count(*) FROM destination WHERE status IN {OPEN}")[0][0]

    def run_with_kills(self, kills):
        """Kills the daemon at random moments, then lets it finish."""
        done = 0
        for done in range(1, kills + 1):
            daemon = self.start_daemon()
            self.wait_ready(daemon)
            select_nothing(self.random.uniform(0.0, 0.6))
            self.kill(daemon)
            if self.left() == 0:
                break
        print(f"killed {done} times, {self.left()} of {NUMBERS} destinations left", flush=True)
        daemon = self.start_daemon()
        eventually(lambda: self.left() == 0, "every destination is terminal")
        return daemon

    def check_books(self, simulator):
        """The simulator's count of calls against the attempts in the database."""
        truth = simulator.truth()
        self.assertEqual(truth["double_dials"], 0, truth)
        by_attempt = {}
        by_number = {}
        for call in simulator.calls():
            attempt = int(call["profile"]["cxdial-attempt"])
            by_attempt[attempt] = by_attempt.get(attempt, 0) + 1
            number = int(call["destination"].lstrip("+"))
            by_number[number] = by_number.get(number, 0) + 1
        self.assertLessEqual(max(by_attempt.values()), 1, "an attempt was accepted twice")
        attempts = {
            row[0]: row
            for row in self.query("SELECT id, status, phone FROM attempt")
        }
        self.assertEqual([a for a in by_attempt if a not in attempts], [], "calls nobody intended")
        self.assertEqual(self.query(f"SELECT count(*) FROM attempt WHERE status IN {LIVE}"), [(0,)])
        # refused, not_sent and abandoned made no call; every other attempt made exactly one
        ended = [a for a, row in attempts.items() if row[1] == 5]
        self.assertEqual(sorted(a for a in ended if by_attempt.get(a, 0) != 1), [])
        silent = [a for a, row in attempts.items() if row[1] in (6, 7, 8)]
        self.assertEqual(sorted(a for a in silent if by_attempt.get(a, 0) != 0), [])
        self.assertEqual(self.query("SELECT count(*) FROM destination"), [(NUMBERS,)])
        return truth, by_number

    def test_a_campaign_runs_to_its_end_and_completes_by_itself(self):
        simulator = self.start_world()
        self.load()
        daemon = self.run_with_kills(0)
        truth, by_number = self.check_books(simulator)
        self.assertEqual(set(by_number.values()), {1})
        self.assertEqual(len(by_number), NUMBERS)
        eventually(
            lambda: self.query("SELECT status FROM campaign") == [(3,)], "it is completed"
        )
        self.assertLessEqual(truth["live"]["max"], 20)
        daemon.terminate()
        self.assertEqual(daemon.wait(harness.PATIENCE), 0)

    def test_killed_at_random_moments_nobody_is_dialed_twice_and_none_is_lost(self):
        simulator = self.start_world(**SHORT_DOUBT)
        self.load()
        self.run_with_kills(KILLS)
        truth, by_number = self.check_books(simulator)
        self.assertEqual(max(by_number.values()), 1)
        self.assertLessEqual(truth["live"]["max"], 20)

    def test_with_every_fault_and_kills_the_books_agree(self):
        simulator = self.start_world(**SHORT_DOUBT)
        simulator.configure(**FAULTS)
        self.load()
        self.run_with_kills(KILLS // 2)
        truth, by_number = self.check_books(simulator)
        self.assertEqual(max(by_number.values()), 1)
        self.assertLessEqual(truth["live"]["max"], 20)

    def test_sigterm_places_no_more_calls_and_the_next_start_goes_on(self):
        simulator = self.start_world(*HELD, "--outcomes", "answered=1")
        self.load()
        daemon = self.start_daemon()
        self.wait_ready(daemon)
        simulator.wait_live(20)
        daemon.send_signal(signal.SIGHUP)
        eventually(
            lambda: "configuration_reread restart_needed=false" in self.log(), "SIGHUP is heard"
        )
        daemon.terminate()
        shown = lambda: json.loads(self.cxdial("status", "list", "--json").stdout)[0]
        eventually(lambda: shown().get("hold", {}).get("reason") == "stopping", "it places no more")
        simulator.let_go("200ms..800ms")
        self.assertEqual(daemon.wait(harness.PATIENCE), 0)
        self.assertEqual(simulator.accepted(), 20)
        self.assertEqual(self.left(), NUMBERS - 20)
        self.assertEqual(self.query("SELECT count(*) FROM destination WHERE status = 1"), [(0,)])
        self.run_with_kills(0)
        self.check_books(simulator)


class OneShot(harness.Case):
    def test_a_test_campaign_reports_what_happened(self):
        self.numbers(120)
        with open(self.path / "numbers.csv", "a") as file:
            file.write("+12122000000\nnot a number\n")
        (self.path / "cxdial.toml").write_text('[database]\nurl = "sqlite:cxdial.db"\n')
        done = self.cxdial(
            "test-campaign", "--numbers", self.path / "numbers.csv", "--simulate",
            "--concurrent-active-calls", 30, "--json",
            "--simulator-option", "talk=100ms..300ms",
        )
        report = json.loads(done.stdout)
        self.assertEqual(report["calls"]["placed"], 120)
        self.assertEqual(report["calls"]["settled"], 120)
        self.assertEqual(report["calls"]["in_doubt"], 0)
        self.assertEqual(report["rejected_rows"], 1)
        self.assertEqual(report["duplicates"], 1)
        self.assertEqual(sum(report["dispositions"].values()), 120)
        self.assertEqual(report["violations"], {"cac": 0, "double_dial": 0, "rate": 0})
        self.assertLessEqual(report["peak_active_calls"], 30)

    def test_a_load_test_is_refused_without_a_simulator_or_a_clear_word(self):
        self.configure("https://api.example.com", free_port())
        done = self.cxdial("load-test", "--calls", 10, "--domain", DOMAIN, expect=2)
        self.assertIn("--really", done.stderr)

    def test_a_campaign_whose_rules_cannot_be_kept_is_not_started(self):
        self.configure("http://127.0.0.1:9", free_port())
        self.campaign(amd={"mode": "Enable"})
        self.cxdial("import", "list", self.numbers(1))
        done = self.cxdial("start", "list", expect=1)
        self.assertIn("public_url", done.stderr)
        self.assertEqual(self.query("SELECT status FROM campaign"), [(0,)])

    def test_a_second_process_is_kept_away_from_the_database(self):
        self.configure("http://127.0.0.1:9", free_port())
        self.campaign()
        daemon = self.start_daemon()
        self.wait_ready(daemon)
        done = self.cxdial("run", expect=1)
        self.assertIn(str(daemon.pid), done.stderr)


if __name__ == "__main__":
    harness.main()
