"""Beside OPBX: its campaigns are dialed, in each version, and every destination is settled once."""

import os

import harness
import opbx_world
from harness import eventually

NUMBERS = min(30, int(os.environ.get("E2E_NUMBERS", "30")))


class Versions(opbx_world.Case):
    def run_and_check(self, count=NUMBERS):
        self.run_daemon()
        self.wait_settled(count)
        self.wait_passed_on(count)
        truth = self.check_books()
        own = truth["campaigns"]["12"]
        self.assertEqual(sorted(own["calls_by_destination"].values()), [1] * count)
        self.wait_counter(0)
        return own

    def test_the_newest_opbx_places_calls_and_every_destination_is_settled_once(self):
        self.start_opbx()
        self.give(NUMBERS)
        own = self.run_and_check()
        self.check_passed_on_in_order()
        self.assertEqual(own["destinations"], {"completed": NUMBERS})
        self.assertEqual(own["completed_calls"], NUMBERS)
        self.assertEqual(self.dispositions(), {"answered": NUMBERS})

    def test_the_old_opbx_without_rate_and_pool_is_dialed_too(self):
        self.start_opbx(switches={"version": "old"})
        self.give(12, cac=6)
        self.run_and_check(12)

    def test_ids_may_be_strings_and_call_id_null_a_number_or_a_string(self):
        self.start_opbx(switches={"ids_as_strings": True, "call_id": "string"})
        self.give(12)
        self.run_daemon()
        self.wait_settled(12)
        self.opbx.switch(call_id="number", ids_as_strings=False)
        self.opbx.control("POST", "campaigns/12/destinations", [f"+1212{number}" for number in range(3000000, 3000012)])
        self.wait_settled(24)
        self.assertEqual(sorted(self.check_books()["campaigns"]["12"]["calls_by_destination"].values()), [1] * 24)

    def test_a_call_is_asked_for_in_the_sheets_words_and_its_pool_number_is_named(self):
        self.start_opbx()
        pool = [
            {"did_id": 7, "phone_number": "+12125550131", "friendly_name": "NY", "weight": 1},
            {"did_id": 8, "phone_number": "+12125550132", "friendly_name": "LA", "weight": 1},
        ]
        self.give(6, caller_id_pool=pool, caller_id_pool_enabled=True)
        self.run_and_check(6)
        asked = self.opbx.initiated()
        dids = {7: "+12125550131", 8: "+12125550132"}
        for body in asked:
            self.assertEqual(dids[body["caller_did_id"]], body["caller_id"])
            self.assertEqual((body["campaign_id"], body["worker_id"]), (12, "cxdial-1"))
            self.assertRegex(body["initiated_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        self.assertEqual({body["caller_did_id"] for body in asked}, {7, 8})

    def test_without_a_pool_no_did_is_named(self):
        self.start_opbx()
        self.give(2)
        self.run_and_check(2)
        for body in self.opbx.initiated():
            self.assertNotIn("caller_did_id", body)

    def test_what_opbx_does_not_need_it_is_not_asked(self):
        self.start_opbx()
        self.give(5)
        self.run_and_check(5)
        counts = self.opbx.truth()["requests"]
        # R7: OPBX renders the document itself. R8 and R9: OPBX has the CDR, and either would count it twice.
        for route in ("R7", "R8", "R9"):
            self.assertNotIn(route, counts)

    def test_a_domain_that_only_opbx_knows_needs_no_section_of_its_own(self):
        self.start_opbx(domains=())
        self.give(5)
        self.run_and_check(5)

    def test_the_domains_key_is_shown_nowhere(self):
        self.start_opbx(domains=(), daemon='api_token = ""')
        self.give(2)
        self.run_and_check(2)
        shown = self.log() + self.cxdial("get", "campaign", "opbx-12", "--json").stdout
        shown += self.cxdial("status", "--json").stdout
        self.assertIn("opbx-12", shown)
        for secret in (harness.API_KEY, "worker-token", opbx_world.SECRET):
            self.assertNotIn(secret, shown)

    def test_no_whole_number_is_logged_and_connections_are_kept_open(self):
        self.start_opbx()
        self.give(20)
        self.run_and_check(20)
        self.assertNotIn("1212200000", self.log())

    def test_what_opbx_owns_is_not_for_users_to_change(self):
        self.start_opbx()
        self.give(2)
        self.run_and_check(2)
        done = self.cxdial("pause", "opbx-12", expect=1)
        self.assertIn("OPBX", done.stderr)


class Pace(opbx_world.Case):
    def test_a_freed_slot_is_refilled_at_once_not_at_the_next_poll(self):
        self.start_opbx(opbx={"poll_interval": "10m"})
        self.give(16, cac=2)
        self.run_daemon()
        self.wait_settled(16)
        self.assertEqual(self.check_books()["campaigns"]["12"]["peak"], 2)

    def test_calls_per_second_are_kept_through_polls(self):
        self.start_opbx()
        self.sim.bounds(all={"rate": 10, "per": "1s"})
        self.give(20, cac=20, calls_per_second=5)
        self.run_daemon()
        self.wait_settled(20)
        self.check_books()

    def test_slow_initiates_run_side_by_side(self):
        self.start_opbx("--talk", "100ms..200ms", switches={"initiate_delay": 1.0})
        self.give(20, cac=20)
        self.run_daemon()
        self.wait_settled(20)
        asked = [call["asked_ms"] for call in self.opbx.control("GET", "calls")]
        # One after the other they would take 20 s; each waits a second for its reply.
        self.assertLess(max(asked) - min(asked), 15_000)
        self.check_books()

    def test_twelve_campaigns_run_side_by_side(self):
        self.start_opbx("--talk", "1s..2s")
        for campaign in range(20, 32):
            self.give(3, campaign, first=2_000_000 + 100 * campaign, cac=2)
        self.run_daemon()

        def all_began():
            return all(own["calls"] >= 1 for own in self.opbx.truth()["campaigns"].values())

        eventually(all_began, "each campaign has placed a call")
        self.wait_settled(36)
        self.check_books()

    def test_requests_stay_below_opbxs_limit(self):
        self.start_opbx(switches={"rate_limit": 1000}, opbx={"poll_interval": "100ms"})
        self.give(20, cac=20)
        self.run_daemon()
        self.wait_settled(20)
        self.check_books()
        routes = {f"R{number}" for number in range(1, 12)}
        asked = [row for row in self.opbx.control("GET", "requests") if row["route"] in routes]
        self.assertEqual([row for row in asked if row["status"] == 429], [])
        seconds = {}
        for row in asked:
            seconds[row["at_ms"] // 60_000] = seconds.get(row["at_ms"] // 60_000, 0) + 1
        self.assertLessEqual(max(seconds.values()), 1000)

    def test_metrics_are_served(self):
        self.start_opbx()
        self.give(2)
        self.run_daemon()
        self.wait_settled(2)
        status, text = harness.http("GET", self.endpoint + "/metrics")
        self.assertEqual(status, 200)
        self.assertIn("cxdial_", text)


if __name__ == "__main__":
    harness.main()
