"""Inbound routing, layers: who takes the call of somebody who calls back. Each test is a row of the rules."""

from inbound_world import DESK, Inbound, PERSON, RINGS, assistant, eventually, harness, http


class Layers(Inbound):
    def test_a_pending_destination_of_an_active_campaign_gets_its_assistant(self):
        self.begin()
        self.hold_a_slot()
        self.assertEqual(self.call(), ("anna", "active_campaign"))
        self.wait_for("contacted_inbound")

    def test_a_queued_destination_of_an_active_campaign_gets_its_assistant(self):
        self.begin()
        self.hold_a_slot()
        self.wait_for("queued")
        self.assertEqual(self.call(), ("anna", "active_campaign"))
        self.wait_for("contacted_inbound")
        # It has left the buffer: the slot that is freed is not taken for it.
        self.world.let_go()
        eventually(lambda: self.world.live() == 0, "the other call is over")
        eventually(lambda: self.campaign_status() == 3, "the campaign is completed")
        self.assertEqual(self.world.accepted(), 1)

    def test_a_destination_that_is_being_called_gets_its_assistant_and_stops_ringing(self):
        self.begin(*RINGS)
        self.dial(dial_timeout=120)
        self.wait_for("calling")
        self.assertEqual(self.call(), ("anna", "active_campaign"))
        self.wait_for("contacted_inbound")
        eventually(lambda: self.world.live() == 0, "the call that rang is hung up")
        self.assertEqual(self.world.accepted(), 1)

    def test_a_destination_whose_placement_is_not_answered_yet_is_hung_up_once_it_is(self):
        self.begin("--slow-reply", "1", "--slow-reply-delay", "2s..2s", "--update-drop", "1", *RINGS)
        self.dial(dial_timeout=120)
        self.wait_for("placing_call")
        self.assertEqual(self.call(), ("anna", "active_campaign"))
        eventually(lambda: self.world.accepted() == 1 and self.world.live() == 0, "it is hung up")
        self.wait_for("contacted_inbound")

    def test_a_call_that_its_person_has_answered_goes_on(self):
        self.begin()
        self.world.configure(talk="60m..60m")
        self.dial()
        self.world.wait_live(1)
        eventually(lambda: self.query("SELECT count(*) FROM attempt WHERE status = 4") == [(1,)], "it is answered")
        self.assertEqual(self.call()[0], "anna")
        self.assertEqual(self.world.live(), 1)

    def test_a_retry_that_falls_due_within_the_window_gets_the_campaigns_assistant(self):
        self.begin("--outcomes", "busy=1")
        self.dial(retry={"busy": ["20h"]}, max_dial_attempts=2)
        self.wait_for("retry_pending")
        self.assertEqual(self.call(), ("anna", "retry_pending"))
        self.wait_for("contacted_inbound")

    def test_a_retry_that_falls_due_later_does_not_match(self):
        self.begin("--outcomes", "busy=1", tenant={"layers": {"last_outbound": False}})
        self.dial(retry={"busy": ["30h"]}, max_dial_attempts=2)
        self.wait_for("retry_pending")
        self.assertEqual(self.call(), ("desk", "did_fallback"))
        self.wait_for("retry_pending")

    def test_a_wider_window_takes_a_later_retry(self):
        self.begin("--outcomes", "busy=1", tenant={"retry_window_hours": 48})
        self.dial(retry={"busy": ["30h"]}, max_dial_attempts=2)
        self.wait_for("retry_pending")
        self.assertEqual(self.call(), ("anna", "retry_pending"))

    def test_a_follow_up_that_is_due_gets_its_agent(self):
        self.begin()
        self.follow_up("bert", "sms", due_at="2020-01-01T00:00:00Z")
        self.assertEqual(self.call(), ("bert", "active_follow_up"))
        self.assertEqual(self.follow_ups()[("bert", "sms", "")][0], "contacted_inbound")

    def test_a_follow_up_that_is_not_due_yet_does_not_match(self):
        self.begin()
        self.follow_up("bert", "sms", due_at="2099-01-01T00:00:00Z")
        self.assertEqual(self.call(), ("desk", "did_fallback"))

    def test_a_follow_up_of_type_none_is_always_due(self):
        self.begin()
        self.follow_up("bert", "none", due_at="2099-01-01T00:00:00Z")
        self.assertEqual(self.call(), ("bert", "active_follow_up"))

    def test_the_last_outbound_call_gets_its_agent(self):
        self.begin()
        self.dial()
        self.wait_for("completed")
        self.assertEqual(self.call(), ("anna", "last_outbound"))

    def test_an_older_outbound_call_does_not_match(self):
        self.begin(tenant={"last_outbound_window_days": 7})
        self.dial()
        self.wait_for("completed")
        self.daemon.terminate()
        self.daemon.wait()
        week = 7 * 86_400_000 + 60_000
        self.change("UPDATE attempt SET intent_at = intent_at - ?, placed_at = placed_at - ?", week, week)
        self.daemon = self.run_daemon()
        self.assertEqual(self.call(), ("desk", "did_fallback"))

    def test_whom_nobody_knows_gets_the_dialed_numbers_agent(self):
        self.begin()
        self.assertEqual(self.call("+442071838750"), ("desk", "did_fallback"))
        self.assertEqual(self.call("anonymous"), ("desk", "did_fallback"))

    def test_where_the_dialed_number_has_no_agent_the_tenants_last_resort_takes_the_call(self):
        self.begin(tenant={"unknown_caller_agent": "cleo"})
        self.apply({"kind": "phone_number", "phone_number": "+14155550042"})
        self.assertEqual(self.call(to="+14155550042"), ("cleo", "did_fallback"))

    def test_a_number_that_is_not_ours_is_declined(self):
        self.begin()
        self.assertEqual(self.call(to="+14155550777"), (None, "did_fallback"))

    def test_the_first_layer_that_matches_wins(self):
        self.begin()
        self.dial("old", "cleo")
        self.wait_for("completed", name="old")
        self.follow_up("bert")
        self.hold_a_slot("new")
        self.assertEqual(self.call(), ("anna", "active_campaign"))
        self.assertEqual(self.call(), ("bert", "active_follow_up"))
        self.assertEqual(self.call()[1], "last_outbound")

    def test_a_get_request_is_answered_as_well(self):
        self.begin()
        self.follow_up("bert")
        self.assertEqual(self.call(method="GET"), ("bert", "active_follow_up"))

    def test_each_layer_can_be_switched_off(self):
        self.begin(tenant={"layers": {"active_campaign": False}})
        self.hold_a_slot()
        self.assertEqual(self.call()[1], "did_fallback")
        self.wait_for("queued")
        self.follow_up("bert")
        self.apply({"kind": "tenant", "name": "default", "layers": {"active_follow_up": False}})
        self.assertEqual(self.call()[1], "active_campaign")


class Rules(Inbound):
    def test_of_two_campaigns_the_one_most_recently_activated_counts(self):
        self.begin()
        self.hold_a_slot("first")
        self.dial("second", "bert", concurrent_active_calls=1, priority=-5, start_date="2099-01-01")
        self.assertEqual(self.call(), ("bert", "active_campaign"))
        self.assertEqual(self.call(), ("anna", "active_campaign"))

    def test_of_two_follow_ups_the_one_most_recently_activated_counts(self):
        self.begin()
        self.follow_up("anna")
        self.follow_up("bert")
        self.assertEqual(self.call(), ("bert", "active_follow_up"))

    def check_skipped(self, why, **fields):
        self.begin()
        self.follow_up("anna")
        self.apply(assistant("anna", **fields))
        document, sid = self.ask()
        self.assertEqual(self.who(document), "desk")
        entry = self.decision(sid)["trace"][2]
        self.assertEqual((entry["layer"], entry["matched"]), ("active_follow_up", False))
        self.assertIn(why, entry["why"])

    def test_an_agent_that_is_paused_is_skipped_and_the_trace_says_so(self):
        self.check_skipped("paused", status="paused")

    def test_an_agent_that_is_archived_is_skipped_and_the_trace_says_so(self):
        self.check_skipped("archived", status="archived")

    def test_an_agent_without_a_published_version_is_skipped_and_the_trace_says_so(self):
        self.check_skipped("published", published=False)

    def test_an_agent_with_as_many_calls_as_it_takes_is_left_out_and_comes_back(self):
        self.begin()
        self.apply(assistant("bert", max_concurrent_calls=1))
        self.follow_up("bert", "none")
        other = "+12125550177"
        self.follow_up("bert", "none", phone_number=other)
        document, sid = self.ask()
        self.assertEqual(self.who(document), "bert")
        self.assertEqual(self.call(other), ("desk", "did_fallback"))
        self.hang_up(sid)
        self.assertEqual(self.call(other), ("bert", "active_follow_up"))

    def test_a_tenant_in_legacy_mode_asks_no_layer(self):
        self.begin(tenant={"routing_mode": "legacy_did"})
        self.follow_up("bert")
        document, sid = self.ask()
        self.assertEqual(self.who(document), "desk")
        decision = self.decision(sid)
        self.assertEqual(decision["mode"], "legacy_did")
        self.assertEqual([entry["evaluated"] for entry in decision["trace"]], [False] * 4 + [True])

    def test_the_kill_switch_puts_every_tenant_in_legacy_mode_and_is_shown(self):
        self.begin(environment={"INBOUND_ROUTING_FORCE_LEGACY": "Yes"})
        self.follow_up("bert")
        self.assertEqual(self.call(), ("desk", "did_fallback"))
        self.assertIn('"inbound_routing":"forced_legacy"', http("GET", self.endpoint + "/healthz")[1])
        self.assertIn("inbound_routing_forced_legacy 1", http("GET", self.endpoint + "/metrics")[1])
        self.assertIn("inbound_routing_forced_legacy", self.log())

    def test_a_call_that_is_asked_about_twice_gets_one_decision_and_one_answer(self):
        self.begin()
        self.follow_up("bert")
        first, sid = self.ask()
        again, _ = self.ask(sid=sid)
        self.assertEqual(first, again)
        self.assertEqual(self.query("SELECT count(*) FROM decision"), [(1,)])
        self.assertEqual(self.query("SELECT count(*) FROM voice_session"), [(1,)])

    def test_a_person_and_a_subscriber_can_be_agents(self):
        self.begin()
        self.apply({"kind": "agent", "name": "dora", "protocol": "number", "phone_number": "+14155550055"})
        self.apply({"kind": "agent", "name": "emil", "protocol": "subscriber", "phone_number": "2001"})
        self.follow_up("dora")
        self.assertEqual(self.call(), ("+14155550055", "active_follow_up"))
        self.follow_up("emil")
        self.assertEqual(self.call(), ("2001", "active_follow_up"))

    def test_numbers_are_compared_as_e164_whatever_they_are_written_like(self):
        self.begin()
        self.follow_up("bert")
        self.assertEqual(self.call("2125550199"), ("bert", "active_follow_up"))

    def test_a_dry_run_shows_the_trace_of_the_live_call_and_writes_nothing(self):
        self.begin()
        self.follow_up("bert")
        dry = harness.json.loads(self.cxdial("route", "--from", PERSON, "--to", DESK, "--json").stdout)
        self.assertEqual(self.query("SELECT count(*) FROM decision"), [(0,)])
        _, sid = self.ask()
        live = self.decision(sid)
        shown = harness.json.loads(self.cxdial("route", "--call-sid", sid, "--json").stdout)
        for decision in (dry, live, shown):
            for entry in decision["trace"]:
                del entry["took_us"]
        self.assertEqual(dry["trace"], live["trace"])
        self.assertEqual(shown["trace"], live["trace"])
        for key in ("from", "caller", "to", "tenant", "mode", "routing_reason", "agent", "agent_version"):
            self.assertEqual(dry[key], live[key], key)

    def test_metrics_count_matches_and_times_by_layer(self):
        self.begin()
        self.follow_up("bert")
        self.call()
        text = http("GET", self.endpoint + "/metrics")[1]
        self.assertIn('inbound_routing_layer_match_total{layer="active_follow_up"} 1', text)
        self.assertIn('inbound_routing_layer_timeout_total{layer="active_follow_up"} 0', text)
        self.assertIn('inbound_routing_decisions_total{', text)

    def test_how_many_called_back_is_shown_by_campaign(self):
        self.begin()
        self.dial()
        self.wait_for("completed")
        self.call()
        shown = http("GET", self.endpoint + "/api/v1/campaigns/list/inbound-returns")[1]
        self.assertEqual(harness.json.loads(shown)["by_reason"], {"last_outbound": 1})


if __name__ == "__main__":
    harness.main()
