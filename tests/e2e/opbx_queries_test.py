"""Beside OPBX: what its queries get wrong is made good by a memory of our own."""

import datetime
import sqlite3

import harness
import opbx_world
from harness import eventually, select_nothing


def ago(**span):
    return str((datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)).date())


class Queries(opbx_world.Case):
    def test_destinations_of_higher_priority_are_dialed_first_though_opbx_lists_them_by_age(self):
        self.start_opbx()
        rows = [{"phone_number": f"+1212300000{digit}", "priority": rank} for digit, rank in ((1, 3), (2, 1), (3, 2))]
        self.give(0, cac=1, destinations=rows)
        self.run_daemon()
        self.wait_settled(3)
        self.assertEqual([call["destination"][-1] for call in self.sim.calls()], ["2", "3", "1"])

    def test_a_live_row_offered_as_a_retry_or_made_pending_again_is_not_dialed(self):
        self.start_opbx("--talk", "2s..3s")
        self.give(4, cac=8, max_dial_attempts=5)
        self.run_daemon()
        eventually(lambda: self.opbx.campaign()["live"] == 4, "all are called")
        # As its command that resets rows does, and its monitor page.
        for destination in (1, 2):
            self.set_row(destination, "status = 'pending'")
        for destination in (3, 4):
            self.set_row(destination, "last_disposition = 'busy', next_retry_at = NULL")
        self.wait_settled(4)
        self.assertEqual(self.sim.accepted(), 4)
        self.check_books()

    def set_row(self, destination, change):
        with sqlite3.connect(self.path / "opbx.db", timeout=30) as book:
            book.execute(f"UPDATE destination SET {change} WHERE id = ?", (destination,))

    def make_due(self):
        """Every retry is due now; while cxdial does not run."""
        with sqlite3.connect(self.path / "cxdial.db", timeout=30) as book:
            book.execute("UPDATE destination SET next_at = 1 WHERE status = 4")

    def test_a_busy_number_is_dialed_again_in_its_time_and_with_another_caller_id(self):
        self.start_opbx("--outcome-for", "+12122000000=busy")
        pool = [{"did_id": did, "phone_number": f"+1212555014{did}", "weight": 1} for did in (7, 8)]
        self.give(2, max_dial_attempts=2, caller_id_pool=pool, caller_id_pool_enabled=True)
        daemon = self.run_daemon()
        retry = "SELECT count(*) FROM destination WHERE status = 4"
        eventually(lambda: self.query(retry)[0][0] == 1, "the busy one waits")
        select_nothing(1.0)
        self.assertEqual(self.sim.accepted(), 2)
        self.kill(daemon)
        self.make_due()
        self.run_daemon()
        self.wait_settled(2)
        numbers = [body for body in self.opbx.initiated() if body["destination_id"] == 1]
        self.assertEqual(len(numbers), 2)
        self.assertNotEqual(numbers[0]["caller_did_id"], numbers[1]["caller_did_id"])
        self.check_books(attempts=2)

    def test_no_answer_is_retried_though_opbx_calls_it_completed(self):
        self.start_opbx("--outcomes", "noanswer=1")
        self.give(1, max_dial_attempts=2)
        daemon = self.run_daemon()
        retry = "SELECT count(*) FROM destination WHERE status = 4"
        eventually(lambda: self.query(retry)[0][0] == 1, "it waits")
        self.wait_passed_on(1)
        self.assertEqual(self.opbx.campaign()["destinations"], {"completed": 1})
        self.kill(daemon)
        self.make_due()
        self.run_daemon()
        self.wait_settled(1)
        self.assertEqual(self.sim.accepted(), 2)
        self.check_books(attempts=2)

    def test_a_row_that_opbx_offers_again_is_not_dialed_before_its_time(self):
        # R9 of another worker made it pending, due in an hour; R4 offers it at once.
        self.start_opbx("--outcome-for", "+12122000000=busy")
        self.give(2, max_dial_attempts=3)
        self.run_daemon()
        self.wait_passed_on(2)
        self.set_row(1, "status = 'pending', next_retry_at = '2999-01-01 00:00:00'")
        before = len(self.opbx.requests("R4"))
        eventually(lambda: len(self.opbx.requests("R4")) > before + 3, "R4 offered it")
        self.assertEqual(self.sim.accepted(), 2)
        self.check_books()

    def test_the_monitor_page_causes_no_second_call(self):
        self.start_opbx("--cdr-delay-chance", "1", "--cdr-delay", "6s..8s", "--talk", "2s..3s")
        self.give(3)
        self.run_daemon()
        eventually(lambda: self.opbx.campaign()["live"] == 3, "all are called")
        for destination in (1, 2, 3):
            self.set_row(destination, "last_dialed_at = '2026-01-01 00:00:00'")
        self.opbx.act(12, "monitor")
        self.assertEqual(self.opbx.campaign()["destinations"], {"pending": 3})
        self.wait_settled(3)
        self.assertEqual(self.sim.accepted(), 3)
        self.check_books()

    def test_the_schedule_is_taken_in_the_campaigns_own_zone(self):
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        now = datetime.datetime.now(datetime.timezone.utc)
        # Open now by the clock of UTC, which OPBX looks at; in the campaign's zone it is 12 hours later.
        hours = [{"id": "1", "start_time": f"{max(0, now.hour - 1):02}:00", "end_time": f"{now.hour:02}:59"}]
        self.start_opbx()
        self.give(
            2, timezone="Etc/GMT-12", schedule={day: {"enabled": True, "time_ranges": hours} for day in days}
        )
        self.give(1, 13, first=3_000_000)
        self.run_daemon()
        self.wait_settled(1)
        eventually(lambda: self.query("SELECT count(*) FROM destination")[0][0] == 3, "all are known")
        select_nothing(0.5)
        self.assertEqual(self.sim.accepted(), 1)

    def test_a_campaign_on_its_last_day_is_dialed_when_opbx_lists_it(self):
        self.start_opbx(switches={"schedule_in_app_zone": False})
        self.give(2, start_date=ago(days=3), end_date=ago(days=0))
        self.run_daemon()
        self.wait_settled(2)
        self.check_books()


if __name__ == "__main__":
    harness.main()
