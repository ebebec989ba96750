"""A disk that fails: webhooks get 503, nothing is placed that is not recorded, and it mends itself."""

import resource
import sqlite3
import subprocess

import harness
from harness import PATIENCE, SHORT_DOUBT, eventually, free_port, http


class Disk(harness.Case):
    def limit_files(self, daemon, size):
        """From now on a write beyond `size` bytes of a file fails, as on a full disk."""
        hard = resource.RLIM_INFINITY
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (size, hard))

    def protect(self, flag):
        """Makes what is written of the database read-only for everybody (+i), or writable again (-i).

        The index that SQLite maps into memory is left out: a file system that is mounted read-only
        still lets mapped pages change, an immutable file does not.
        """
        files = [self.path / "cxdial.db", self.path / "cxdial.db-wal"]
        done = subprocess.run(["chattr", flag, *files], capture_output=True, check=False)
        return done.returncode == 0

    def start_dialing(self):
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}/cloudonix"
        simulator = self.simulator(
            "--requests", "0", "--ring", "10ms..50ms", "--talk", "50ms..200ms", "--hangup-talk",
            "--outcomes", "answered=80,busy=20",
            "--cdr-endpoint", self.endpoint + "/cdr", "--webhook-tries", "8",
        )
        self.configure(simulator.url, port, domains=[SHORT_DOUBT])
        self.campaign(concurrent_active_calls=5)
        self.cxdial("import", "list", self.numbers(100))
        self.cxdial("start", "list")
        daemon = self.start_daemon()
        self.wait_ready(daemon)
        eventually(lambda: simulator.truth()["placements"]["accepted"] > 20, "it dials")
        return daemon, simulator

    def check_trouble(self):
        """Webhooks are refused, the log says why, and the daemon says it is not ready."""
        eventually(lambda: self.post_cdr() == 503, "webhooks are refused")
        eventually(lambda: "transaction_failed" in self.log(), "the log says why")
        eventually(lambda: http("GET", f"http://127.0.0.1:{self.port}/readyz")[0] == 503, "it says it is not ready")

    def post_cdr(self):
        cdr = {"session": {"token": "0" * 32}, "disposition": "ANSWER"}
        return http("POST", self.endpoint + "/cdr", cdr)[0]

    def check_recovery(self, daemon, simulator):
        """Without a restart the campaign goes on to its end, and every call made was intended."""
        eventually(
            lambda: self.query(
                "SELECT count(*) FROM destination WHERE status IN (0, 1, 2, 3, 4)"
            ) == [(0,)],
            "the campaign goes on to its end",
        )
        intended = {row[0] for row in self.query("SELECT id FROM attempt")}
        placed = [int(call["profile"]["cxdial-attempt"]) for call in simulator.calls()]
        self.assertEqual([attempt for attempt in placed if attempt not in intended], [])
        self.assertEqual(len(placed), len(set(placed)))
        self.assertEqual(simulator.truth()["double_dials"], 0)
        self.assertEqual(self.post_cdr(), 200)
        self.assertIsNone(daemon.poll())

    def test_a_full_disk_stops_dialing_and_webhooks_get_503_until_there_is_room(self):
        daemon, simulator = self.start_dialing()
        self.limit_files(daemon, 4096)
        self.check_trouble()
        self.limit_files(daemon, resource.RLIM_INFINITY)
        self.check_recovery(daemon, simulator)

    def test_a_disk_that_became_read_only_stops_dialing_until_it_can_be_written(self):
        daemon, simulator = self.start_dialing()
        if not self.protect("+i"):
            self.skipTest("this file system has no immutable files")
        self.addCleanup(self.protect, "-i")
        self.check_trouble()
        self.protect("-i")
        self.check_recovery(daemon, simulator)

    def test_a_database_that_hangs_delays_nobody_for_ever(self):
        daemon, simulator = self.start_dialing()
        with sqlite3.connect(self.path / "cxdial.db", timeout=PATIENCE, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            self.check_trouble()
            other.execute("ROLLBACK")
        self.check_recovery(daemon, simulator)


if __name__ == "__main__":
    harness.main()
