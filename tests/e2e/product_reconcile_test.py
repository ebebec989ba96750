"""What cxdial must do, section 3: reconcile. Each test is named after what is promised."""

import json

import harness
from harness import eventually, http


class Cdrs(harness.Product):
    def post_cdr(self, token, **fields):
        cdr = {"session": {"token": token}, "disposition": "ANSWER", "duration": 3, "billsec": 2, **fields}
        return http("POST", self.endpoint + "/cloudonix/cdr", cdr)[0]

    def test_a_cdr_is_durable_before_it_is_acknowledged(self):
        self.start_world()
        self.campaign()
        daemon = self.run_daemon()
        token = "a" * 32
        self.assertEqual(self.post_cdr(token), 200)
        self.kill(daemon)
        self.assertEqual(self.query("SELECT count(*) FROM webhook WHERE token = ?", token), [(1,)])

    def test_a_cdr_takes_effect_once_however_often_late_and_out_of_order_it_comes(self):
        simulator = self.start_world(
            "--cdr-duplicate", "1", "--cdr-delay-chance", "0.5", "--cdr-delay", "100ms..500ms",
            "--update-duplicate", "0.5", "--update-reorder", "0.5", "--outcomes", "answered=1,busy=1",
        )
        self.load(40)
        self.run_to_the_end()
        cdrs = "SELECT count(*), count(DISTINCT attempt_id) FROM webhook WHERE kind = 0"
        eventually(lambda: simulator.truth()["webhooks"]["cdr"]["acked"] == 80, "all CDRs came twice")
        self.assertEqual(self.query(cdrs), [(40, 40)])
        truth = self.check_no_violation(simulator)
        counted = self.dispositions()
        self.assertEqual(
            counted, {"answered": truth["outcomes"]["ANSWER"], "busy": truth["outcomes"]["BUSY"]}
        )

    def test_a_cdr_that_comes_before_the_reply_to_its_placement_counts(self):
        simulator = self.start_world("--slow-reply", "1", "--slow-reply-delay", "2s..3s", "--update-drop", "1")
        self.load(5)
        self.run_to_the_end()
        eventually(lambda: simulator.truth()["placements"]["answers"] == {"200": 5}, "the replies have left")
        self.check_no_violation(simulator)
        self.assertEqual(self.dispositions(), {"answered": 5})
        self.assertEqual(self.query("SELECT count(*) FROM attempt"), [(5,)])

    def test_a_cdr_in_any_shape_seen_in_the_field_settles_its_call(self):
        simulator = self.start_world(
            "--cdr-null-domain", "0.5", "--cdr-disposition-variant", "1", "--cdr-nan", "0.5",
            "--cdr-session-list", "0.5", "--status-case", "0.5", "--update-list", "0.5",
            "--outcomes", "answered=3,busy=1,noanswer=1,cancel=1,congestion=1,failed=1",
        )
        self.load(40)
        self.run_to_the_end()
        names = {
            "ANSWER": "answered", "BUSY": "busy", "NOANSWER": "no_answer", "CANCEL": "cancelled",
            "CONGESTION": "congestion", "FAILED": "failed",
        }
        outcomes = self.check_no_violation(simulator)["outcomes"]
        self.assertEqual(self.dispositions(), {names[key]: count for key, count in outcomes.items()})

    def test_a_cdr_of_no_known_call_is_kept_and_shown(self):
        self.start_world()
        self.campaign()
        self.run_daemon()
        self.assertEqual(self.post_cdr("b" * 32), 200)
        self.assertEqual(self.query("SELECT count(*) FROM webhook WHERE attempt_id IS NULL AND kind = 0"), [(1,)])
        self.assertIn("cxdial_orphan_cdrs_total 1", http("GET", self.endpoint + "/metrics")[1])
        shown = json.loads(http("GET", self.endpoint + "/api/v1/orphan-cdrs")[1])["items"]
        self.assertEqual([json.loads(cdr["body"])["session"]["token"] for cdr in shown], ["b" * 32])

    def test_a_call_whose_cdr_never_comes_is_looked_up_and_settled_within_a_bounded_time(self):
        simulator = self.start_world("--cdr-drop", "1", "--outcomes", "answered=1,busy=1")
        self.load(10, dial_timeout=5, time_limit=10)
        self.run_to_the_end()
        self.check_no_violation(simulator)
        self.assertEqual(sum(self.dispositions().values()), 10)
        self.assertEqual(self.query("SELECT count(*) FROM attempt WHERE status < 5"), [(0,)])

    def test_without_any_webhook_calls_are_settled_by_look_ups(self):
        simulator = self.start_world("--outcomes", "answered=1,busy=1", notices=False)
        self.load(10, dial_timeout=5, time_limit=10)
        self.run_to_the_end()
        outcomes = self.check_no_violation(simulator)["outcomes"]
        self.assertEqual(self.dispositions(), {"answered": outcomes["ANSWER"], "busy": outcomes["BUSY"]})

    def test_the_outcome_goes_to_the_destination_and_to_the_statistics(self):
        self.start_world("--outcome-for", "+12122000000=busy", "--outcome-for", "+12122000001=failed")
        self.load(6)
        self.run_to_the_end()
        self.assertEqual(
            self.query("SELECT status, count(*) FROM destination GROUP BY 1 ORDER BY 1"), [(5, 4), (6, 2)]
        )
        shown = json.loads(self.cxdial("status", "list", "--json").stdout)[0]
        self.assertEqual(shown["destinations"], {"completed": 4, "failed": 2})
        self.assertEqual(shown["placed_calls"], 6)
        self.assertEqual(self.dispositions(), {"answered": 4, "busy": 1, "failed": 1})


if __name__ == "__main__":
    harness.main()
