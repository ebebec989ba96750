"""Beside OPBX: every switch of the fake, one after the other. In each, all are settled once and no cap is broken."""

import harness
import opbx_world
from opbx.switches import DEFECTS, FAULTS

NUMBERS = 5
# What a fault is set to, where it is not simply switched on for a few times.
SETTINGS = {
    "call_id": "number", "ids_as_strings": True, "sends_deadline": True, "requests_key": "of-the-organisation",
    "rate_limit": 1000, "cloudonix_timeout": 5, "initiate_delay_before": 0.3, "initiate_delay": 0.3,
    "row_delay": 0.3, "relay": "hmac", "relay_delay": 0.2, "publish": False, "channel_prefix": "laravel_",
    "health_poll": 0.1,
}
TIMES = 3


class Switches(opbx_world.Case):
    def setUp(self):
        super().setUp()
        self.start_opbx()
        self.usual = self.opbx.control("GET", "switches")
        self.run_daemon()
        self.number = 20

    def run_with(self, **switches):
        """A campaign of its own, from its appearance to its end."""
        with self.subTest(**switches):
            self.number += 1
            self.opbx.switch(**switches)
            self.sim.configure(**{"webhook-key": switches.get("requests_key", "")})
            self.give(NUMBERS, self.number, first=2_000_000 + 100 * self.number, cac=3)
            self.wait_settled(NUMBERS * (self.number - 20))
            self.wait_counter(0, self.number)
            self.opbx.act(self.number, "archive")
            self.opbx.switch(**{name: self.usual[name] for name in switches})

    def check(self):
        truth = self.check_books()
        for campaign, own in truth["campaigns"].items():
            self.assertLessEqual(own["calls"], NUMBERS, campaign)
        self.assertEqual(self.query("SELECT count(*) FROM destination WHERE status < 5"), [(0,)])


class Versions(Switches):
    def test_each_version_whose_initiate_places_calls(self):
        for version in ("newest", "old"):
            self.run_with(version=version)
        self.check()

    def test_each_defect_healed(self):
        for defect in DEFECTS:
            with_it = {"requests_key": SETTINGS["requests_key"]} if defect == "cdr_needs_no_key" else {}
            self.run_with(**{defect: False}, **with_it)
        self.check()


class Faults(Switches):
    def run_faults(self, names):
        for name in names:
            self.run_with(**{name: SETTINGS.get(name, TIMES)})
        self.check()

    def test_each_fault_of_calls(self):
        self.run_faults(name for name in FAULTS if not name.startswith(("relay", "cdr", "channel", "publish")))

    def test_each_fault_of_cdrs(self):
        self.run_faults(name for name in FAULTS if name.startswith(("cdr", "channel", "publish")))
        for kind in ("plain", "forged"):
            self.run_with(relay=kind)
        for fault in ("relay_delay", "relay_twice", "relay_never"):
            self.run_with(relay="hmac", **{fault: SETTINGS.get(fault, TIMES)})
        self.check()


if __name__ == "__main__":
    harness.main()
