"""Beside OPBX: nobody tells how a call ended. It is looked up, and OPBX is told, once, when it is there."""

import json

import harness
import opbx_world
from harness import eventually, select_nothing


class Reports(opbx_world.Case):
    def test_when_nobody_tells_calls_are_looked_up_and_reported_once(self):
        self.start_opbx(cdrs="none", switches={"publish": False})
        self.give(4, dial_timeout=5, time_limit=10)
        self.run_daemon()
        eventually(lambda: self.opbx.truth()["calls"] == 4, "all are called")
        self.opbx.control("POST", "down", {})
        self.wait_settled(4)
        self.assertEqual(self.opbx.requests("R9"), [])
        self.opbx.control("POST", "up")
        self.check_books()
        eventually(lambda: len(self.opbx.requests("R9")) == 4, "each outcome is reported")
        for row in self.opbx.requests("R9"):
            self.assertEqual(row["status"], 200)
            body = json.loads(row["body"])
            self.assertGreaterEqual(body["attempt_number"], 1)
            self.assertIsInstance(body["should_retry"], bool)
        select_nothing(0.5)
        self.assertEqual(len(self.opbx.requests("R9")), 4)
        self.assertEqual(self.opbx.requests("R8"), [])
        self.assertEqual(self.opbx.campaign()["destinations"], {"completed": 4})


if __name__ == "__main__":
    harness.main()
