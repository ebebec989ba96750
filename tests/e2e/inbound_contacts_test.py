"""Inbound routing, what follows: engagement, what agents remember, follow-ups that are dialed, a contact's history."""

import json
import re

from inbound_world import Inbound, PERSON, eventually, harness, http


class Engagement(Inbound):
    """Somebody calls in for a follow-up of anna's of the campaign `spring`; there are others beside it."""

    def begin_with_tasks(self, scope):
        self.begin(tenant={} if scope is None else {"engagement_unenroll_scope": scope})
        for name in ("spring", "autumn"):
            self.campaign(name=name)
        self.follow_up("anna", "sms", campaign="spring", due_at="2099-01-01T00:00:00Z")
        self.follow_up("anna", "sms", campaign="autumn", due_at="2099-01-01T00:00:00Z")
        self.follow_up("bert", "sms", campaign="autumn", due_at="2099-01-01T00:00:00Z")
        self.matched = self.follow_up("cleo", "none", campaign="spring")
        self.sibling = self.follow_up("cleo", "email", campaign="spring", due_at="2099-01-01T00:00:00Z")

    def engage(self, billsec=30, disposition="ANSWER"):
        document, sid = self.ask()
        self.assertEqual(self.who(document), "cleo")
        self.hang_up(sid, billsec=billsec, disposition=disposition)
        eventually(lambda: self.query("SELECT count(*) FROM voice_session WHERE live = 1") == [(0,)], "it is over")
        return self.follow_ups()

    def test_a_match_closes_the_follow_up_and_its_siblings_of_the_same_agent(self):
        self.begin_with_tasks("off")
        self.ask()
        found = self.follow_ups()
        self.assertEqual(found[("cleo", "none", "spring")][0], "contacted_inbound")
        self.assertEqual(found[("cleo", "email", "spring")], ("contacted_inbound", "contacted_inbound_sibling"))
        events = self.query("SELECT kind, call_sid <> '', decision_id > 0 FROM contact_event WHERE follow_up_id > 0")
        self.assertTrue(events)
        self.assertTrue(all(sid and decision for _, sid, decision in events), events)

    def others(self, found):
        return {key: value[0] for key, value in found.items() if key[0] != "cleo"}

    def test_with_scope_off_an_engagement_closes_nothing_else(self):
        self.begin_with_tasks("off")
        self.assertEqual(set(self.others(self.engage()).values()), {"active"})

    def test_with_scope_campaign_other_agents_tasks_stay(self):
        self.begin_with_tasks(None)
        self.assertEqual(set(self.others(self.engage()).values()), {"active"})

    def engage_outbound(self, scope):
        """anna's call of the campaign `spring` reaches a human and lasts more than 10 s."""
        self.begin(tenant={"engagement_unenroll_scope": scope})
        self.campaign(name="autumn")
        self.world.configure(talk="60m..60m")
        self.dial("spring", "anna")
        self.world.wait_live(1)
        for agent, campaign in (("anna", "spring"), ("anna", "autumn"), ("bert", "autumn")):
            self.follow_up(agent, "sms", campaign=campaign, due_at="2099-01-01T00:00:00Z")
        attempt, token = self.query("SELECT id, token FROM attempt")[0]
        cdr = {"disposition": "ANSWER", "duration": 12, "billsec": 11, "session": {"token": token}}
        self.assertEqual(http("POST", self.endpoint + "/cloudonix/cdr", cdr)[0], 200)
        self.wait_for("completed", name="spring")
        self.assertTrue(attempt)
        return {key: value[0] for key, value in self.follow_ups().items()}

    def test_scope_campaign_completes_the_siblings_of_contact_agent_and_campaign(self):
        self.assertEqual(
            self.engage_outbound("campaign"),
            {
                ("anna", "sms", "spring"): "completed",
                ("anna", "sms", "autumn"): "active",
                ("bert", "sms", "autumn"): "active",
            },
        )

    def test_scope_agent_cancels_the_agents_tasks_of_other_campaigns_too(self):
        self.assertEqual(
            self.engage_outbound("agent"),
            {
                ("anna", "sms", "spring"): "completed",
                ("anna", "sms", "autumn"): "cancelled",
                ("bert", "sms", "autumn"): "active",
            },
        )

    def test_scope_contact_cancels_every_other_task_of_the_contact(self):
        self.assertEqual(
            self.engage_outbound("contact"),
            {
                ("anna", "sms", "spring"): "completed",
                ("anna", "sms", "autumn"): "cancelled",
                ("bert", "sms", "autumn"): "cancelled",
            },
        )

    def test_a_call_that_nobody_answered_engages_nobody(self):
        self.begin_with_tasks("contact")
        found = self.engage(billsec=0, disposition="NOANSWER")
        self.assertEqual(set(self.others(found).values()), {"active"})
        self.assertEqual(self.query("SELECT count(*) FROM contact WHERE engaged_at IS NOT NULL"), [(0,)])

    def test_an_answered_call_that_came_in_engages_the_contact(self):
        self.begin_with_tasks("contact")
        self.assertEqual(set(self.others(self.engage(billsec=2)).values()), {"cancelled"})
        self.assertEqual(self.query("SELECT count(*) FROM contact WHERE engaged_at IS NOT NULL"), [(1,)])


class Memory(Inbound):
    def begin_with_memory(self, scope):
        self.begin(tenant={"contact_memory_scope": scope})
        for name in ("mia", "noa"):
            self.apply({
                "kind": "assistant", "name": name, "protocol": "websocket",
                "url_template": "wss://agent.example/" + name,
            })
        contact = f"{self.endpoint}/api/v1/contacts/{PERSON}/memory"
        for agent, facts, summary in (
            ("mia", {"order": "A-17", "mood": "fine"}, "wants a refund"),
            ("noa", {"language": "en"}, "speaks quickly"),
        ):
            status, text = http("PUT", f"{contact}/{agent}", {"facts": facts, "summary": summary})
            self.assertIn(status, (200, 204), text)
        self.follow_up("mia")
        document, _ = self.ask()
        return dict(re.findall(r'<Parameter name="([^"]*)" value="([^"]*)"', document))

    def test_exclusive_memory_is_an_agents_own(self):
        told = self.begin_with_memory("exclusive")
        self.assertEqual(
            told, {"memory.order": "A-17", "memory.mood": "fine", "memory_summary": "wants a refund"}
        )

    def test_shared_memory_is_everybodys_each_fact_with_its_origin(self):
        told = self.begin_with_memory("shared")
        self.assertEqual(told["memory.language@noa"], "en")
        self.assertEqual(told["memory.order@mia"], "A-17")
        self.assertIn("mia: wants a refund", told["memory_summary"])
        self.assertIn("noa: speaks quickly", told["memory_summary"])

    def test_on_demand_memory_is_an_agents_own_and_where_to_ask_for_the_rest(self):
        told = self.begin_with_memory("on_demand")
        self.assertEqual(told["memory.order"], "A-17")
        self.assertNotIn("memory.language@noa", told)
        rest = http("GET", told["memory_url"].replace("&amp;", "&"))
        self.assertEqual(rest[0], 200)
        self.assertIn("speaks quickly", rest[1])


class ClosingTheLoop(Inbound):
    def begin_with_callbacks(self, *options):
        self.begin(*options)
        self.campaign(
            name="callbacks", routing_destination_type="ai_assistant", routing_destination="anna", keep_open=True
        )
        self.cxdial("start", "callbacks")
        self.apply({"kind": "tenant", "name": "default", "callback_campaign": "callbacks"})

    def test_a_call_back_that_falls_due_is_dialed_with_its_agent(self):
        self.begin_with_callbacks()
        made = self.follow_up("bert", "call")
        eventually(lambda: self.follow_ups()[("bert", "call", "")][0] == "completed", "it was dialed")
        self.assertEqual(self.query("SELECT assistant, phone FROM attempt"), [("bert", int(PERSON[1:]))])
        self.assertEqual(self.world.truth()["assistants"]["vapi/+14155550002"]["accepted"], 1)
        self.assertTrue(made["id"])

    def test_a_person_can_be_called_back_again_and_again(self):
        self.begin_with_callbacks()
        for count in (1, 2, 3):
            self.follow_up("bert", "call")
            eventually(lambda: self.follow_ups()[("bert", "call", "")][0] == "completed", "it was dialed")
            self.assertEqual(self.world.accepted(), count)
        self.assertEqual(self.campaign_status("callbacks"), 1)

    def test_a_call_back_whose_person_calls_first_is_not_dialed(self):
        self.begin_with_callbacks()
        self.follow_up("bert", "call", due_at="2099-01-01T00:00:00Z")
        self.assertEqual(self.call(), ("desk", "did_fallback"))
        self.follow_up("bert", "none")
        self.assertEqual(self.call(), ("bert", "active_follow_up"))
        self.assertEqual(self.follow_ups()[("bert", "call", "")][0], "contacted_inbound")
        self.assertEqual(self.world.accepted(), 0)

    def test_claims_and_calls_survive_a_kill(self):
        self.begin()
        self.apply({**BERT, "max_concurrent_calls": 1})
        self.follow_up("bert")
        other = "+12125550177"
        self.follow_up("bert", phone_number=other)
        document, sid = self.ask()
        self.assertEqual(self.who(document), "bert")
        self.kill(self.daemon)
        self.daemon = self.run_daemon()
        self.assertEqual(self.call(other), ("desk", "did_fallback"))
        self.assertEqual(self.ask(sid=sid)[0], document)
        self.hang_up(sid)
        self.assertEqual(self.call(other), ("bert", "active_follow_up"))

    def test_the_cdr_of_a_call_that_came_in_is_no_orphan(self):
        self.begin()
        _, sid = self.ask()
        self.hang_up(sid, billsec=7)
        self.assertEqual(json.loads(http("GET", self.endpoint + "/api/v1/orphan-cdrs")[1])["items"], [])
        self.assertEqual(self.query("SELECT billsec, disposition FROM voice_session"), [(7, "answered")])

    def test_a_contacts_timeline_tells_what_happened_newest_first(self):
        self.begin()
        self.dial()
        self.wait_for("completed")
        _, sid = self.ask()
        self.hang_up(sid)
        text = http("GET", f"{self.endpoint}/api/v1/contacts/{PERSON}/timeline")[1]
        kinds = [entry["kind"] for entry in json.loads(text)]
        self.assertEqual(kinds[-1], "outbound_call")
        self.assertIn("decision", kinds)
        self.assertIn("inbound_call", kinds)


BERT = {
    "kind": "assistant", "name": "bert", "protocol": "sip", "provider": "vapi", "phone_number": "+14155550002",
}

if __name__ == "__main__":
    harness.main()
