"""Beside OPBX, placement = "direct": cxdial places the calls itself, for an OPBX whose initiate makes sessions only."""

import json

import harness
import opbx_world
from harness import eventually, select_nothing


class Direct(opbx_world.Case):
    def start_v1(self, *options, **words):
        words["switches"] = {"version": "v1", **words.get("switches", {})}
        # The first call waits some seconds until it is known what this OPBX does, and must not come too late by then.
        self.start_opbx(*options, placement="direct", domains=[{"in_doubt_limit": "30s"}], **words)

    def test_every_destination_of_v1_is_settled_once(self):
        self.start_v1()
        self.give(20, cac=4)
        self.run_daemon()
        self.wait_settled(20)
        self.assertEqual(self.sim.accepted(), 20)
        self.check_books()
        self.wait_counter(0)

    def test_the_shared_counter_is_lowered_with_the_shared_marker(self):
        self.start_v1()
        self.give(6, cac=2)
        self.run_daemon()
        self.wait_settled(6)
        self.wait_counter(0)
        tokens = {call["token"] for call in self.sim.calls()}
        marked = {key.rsplit(":", 1)[1] for key in self.redis.call("KEYS", "dialer:cac:decremented:*")}
        self.assertEqual(marked, tokens)

    def test_kill_of_cxdial_loses_nobody_and_calls_nobody_twice(self):
        self.start_v1("--talk", "200ms..400ms")
        self.give(20, cac=4)
        for part in (4, 8, 12):
            daemon = self.run_daemon()
            eventually(lambda: self.sim.accepted() >= part, f"{part} calls are placed")
            self.kill(daemon)
        self.run_daemon()
        self.wait_settled(20)
        self.check_books()

    def test_after_a_long_rate_limit_opbx_is_told_with_resume_at(self):
        self.start_v1(opbx={"pause_after": "1s"})
        self.give(3)
        self.sim.configure(**{"refuse-429": 1})
        self.run_daemon()
        eventually(lambda: self.opbx.requests("R3"), "OPBX is asked to pause the campaign")
        body = json.loads(self.opbx.requests("R3")[0]["body"])
        self.assertIn("rate_limit", body["reason"])
        self.assertEqual(body["paused_by"], "cxdial-1")
        self.assertRegex(body["resume_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        self.assertEqual(self.sim.accepted(), 0)

    def test_when_the_domain_has_no_money_opbx_is_told_why_and_its_resume_goes_on(self):
        self.start_v1()
        self.give(3)
        self.sim.configure(**{"refuse-402": 1})
        self.run_daemon()
        # Nobody knows when there will be money: the pause ends when somebody resumes it.
        self.wait_paused("402")
        self.assertEqual(self.sim.accepted(), 0)
        self.sim.configure(**{"refuse-402": 0})
        self.opbx.act(12, "resume")
        self.wait_settled(3)
        self.assertEqual(self.sim.accepted(), 3)
        self.check_books()

    def test_no_call_is_placed_without_the_campaigns_assistant(self):
        self.start_v1()
        self.give(2, routing_destination_type="ai_assistant", routing_destination_id=77)
        self.give(2, 13, first=3_000_000)
        self.run_daemon()
        self.wait_settled(2)
        select_nothing(0.5)
        self.assertEqual(self.sim.accepted(), 2)

    def test_an_assistant_is_read_from_opbxs_users_api(self):
        self.start_v1(opbx={"user_token": "user-token"})
        self.opbx.control("POST", "resources", {
            "kind": "ai_assistant", "id": 7, "name": "Eve", "provider": "vapi", "protocol": "sip", "status": "active",
            "configuration": {"phone_number": "+12125550111"},
        })
        self.give(2, routing_destination_type="ai_assistant", routing_destination_id=7)
        self.run_daemon()
        self.wait_settled(2)
        self.assertEqual(self.sim.truth(assistant="vapi/+12125550111")["accepted"], 2)
        self.check_books()


class Mismatch(opbx_world.Case):
    def check_refused(self, version, placement, wanted):
        """No call is placed by anybody, and the message says what to set."""
        self.start_opbx(placement=placement, switches={"version": version})
        self.give(3)
        self.run_daemon()
        eventually(lambda: "opbx.placement" in self.log(), "the log says what to set")
        self.assertIn(wanted, self.log())
        select_nothing(0.5)
        self.assertEqual(self.sim.accepted(), 0)

    def test_direct_is_refused_where_opbx_places_calls_too(self):
        self.check_refused("newest", "direct", "opbx")

    def test_opbx_is_refused_where_its_initiate_places_nothing(self):
        self.check_refused("v1", "opbx", "direct")


if __name__ == "__main__":
    harness.main()
