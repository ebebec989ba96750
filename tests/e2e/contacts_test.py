"""Who takes calls, and what is known of those who call: by CLI and over the API of a real daemon."""

import contextlib
import json
import pathlib
import sqlite3

import harness
from harness import free_port, http as ask

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "routing" / "tenant.toml"
DID = "+12125550100"
ZOE = "+12025550147"


class Contacts(harness.Case):
    def start_world(self):
        """The example, applied before the daemon runs."""
        self.configure("http://127.0.0.1:9", free_port())
        self.cxdial("apply", EXAMPLE)
        self.start_again()

    def start_again(self):
        self.daemon = self.start_daemon()
        self.wait_ready(self.daemon)

    def stop(self):
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(harness.PATIENCE), 0)

    def api(self, method, path, body=None, expect=200):
        status, text = ask(method, f"http://127.0.0.1:{self.port}/api/v1/{path}", body)
        self.assertEqual(status, expect, text)
        return json.loads(text) if text else None

    def shown(self, *arguments, expect=0):
        return json.loads(self.cxdial(*arguments, "--json", expect=expect).stdout)

    def bad_fields(self, method, path, body):
        return {field["path"] for field in self.api(method, path, body, 422)["error"]["fields"]}

    def test_an_example_applies_and_reads_the_same_with_and_without_a_daemon(self):
        self.configure("http://127.0.0.1:9", free_port())
        report = self.shown("apply", EXAMPLE)
        self.assertEqual(
            [(line["kind"], line["name"], line["outcome"]) for line in report],
            [("assistant", "reception", "created"), ("agent", "ada", "created"),
             ("campaign", "call-backs", "created"), ("tenant", "default", "created"),
             ("phone_number", DID, "created")],
        )
        commands = [("get", kind) for kind in ("assistant", "agent", "tenant", "phone_number")]
        commands += [("get", "tenant", "default"), ("get", "phone_number", DID), ("get", "agent", "ada")]
        alone = [self.shown(*command) for command in commands]
        self.start_again()
        self.assertEqual([self.shown(*command) for command in commands], alone)
        again = self.shown("apply", EXAMPLE)
        self.assertEqual({line["outcome"] for line in again}, {"unchanged"})
        self.assertIn("unknown_caller_agent", self.cxdial("get", "tenant").stdout)

    def test_who_takes_calls_is_edited_over_http(self):
        self.start_world()
        person = {"name": "bob", "protocol": "subscriber", "phone_number": "bob-desk"}
        self.assertEqual(self.api("PUT", "agents/bob", person, 201)["max_concurrent_calls"], 1)
        self.api("PUT", "agents/bob", person, 200)
        self.assertEqual([a["name"] for a in self.api("GET", "agents")["items"]], ["ada", "bob"])
        taken = self.api("PUT", "assistants/bob", {"name": "bob", "protocol": "sip", "provider": "vapi",
                                                   "phone_number": "+12025550111"}, 409)
        self.assertIn("share their names", taken["error"]["message"])
        number = {"phone_number": "+12125550101", "agent": "bob"}
        self.assertEqual(self.api("PUT", "phone_numbers/+12125550101", number, 201)["name"], "+12125550101")
        used = self.api("DELETE", "agents/bob", expect=409)["error"]["message"]
        self.assertIn("+12125550101", used)
        doubled = {"name": "again", "phone_number": "+12125550101"}
        self.assertIn("+12125550101", self.api("PUT", "phone_numbers/again", doubled, 409)["error"]["message"])
        self.cxdial("delete", "phone_number", "+12125550101")
        self.cxdial("delete", "agent", "bob")
        self.api("GET", "agents/bob", expect=404)
        self.api("DELETE", "tenants/default", expect=204)
        self.api("GET", "tenants/default", expect=404)

    def test_what_is_wrong_is_named_by_its_path(self):
        self.start_world()
        tenant = {"name": "default", "layers": {"last_call": True}, "total_budget": "1h"}
        self.assertEqual(self.bad_fields("PUT", "tenants/default", tenant), {"layers.last_call", "total_budget"})
        lost = {"name": "default", "callback_campaign": "nobody"}
        self.assertEqual(self.bad_fields("PUT", "tenants/default", lost), {"callback_campaign"})
        number = {"phone_number": "+12125550102", "agent": "nobody"}
        self.assertEqual(self.bad_fields("PUT", "phone_numbers/+12125550102", number), {"agent"})
        self.assertEqual(self.bad_fields("PUT", f"contacts/{ZOE}", {"phone_number": ZOE, "age": 7}), {"age"})
        self.assertEqual(self.bad_fields("PUT", f"contacts/{ZOE}", {"phone_number": DID}), {"phone_number"})
        task = {"phone_number": "12", "agent": "ada", "due_at": "soon"}
        self.assertEqual(self.bad_fields("POST", "follow-ups", task), {"phone_number", "due_at"})
        task = {"phone_number": ZOE, "agent": "nobody"}
        self.assertEqual(self.bad_fields("POST", "follow-ups", task), {"agent"})
        memory = {"facts": {"a b": "c", "age": 7}}
        self.assertEqual(
            self.bad_fields("PUT", f"contacts/{ZOE}/memory/ada", memory), {"facts.a b", "facts.age"}
        )
        bad = self.path / "bad.json"
        bad.write_text(json.dumps({"kind": "tenant", "name": "default", "routing_mode": "clever"}))
        self.assertIn("routing_mode", self.cxdial("apply", bad, expect=2).stderr)

    def test_a_contact_is_kept_paged_and_removed_with_what_is_known_of_it(self):
        self.start_world()
        for index in range(3):
            number = f"+1202555014{index}"
            contact = {"phone_number": number, "name": f"n{index}", "tier": "vip", "attributes": {"plan": "gold"}}
            self.assertEqual(self.api("PUT", f"contacts/{number}", contact, 201)["name"], f"n{index}")
            self.api("PUT", f"contacts/{number}", contact, 200)
        page = self.api("GET", "contacts?limit=2")
        self.assertEqual([c["name"] for c in page["items"]], ["n0", "n1"])
        rest = self.api("GET", f"contacts?limit=2&cursor={page['next_cursor']}")
        self.assertEqual(([c["name"] for c in rest["items"]], rest["next_cursor"]), (["n2"], None))
        first = "contacts/+12025550140"
        self.api("PUT", f"{first}/memory/ada", {"facts": {"pet": "cat"}})
        task = self.api("POST", "follow-ups", {"phone_number": "+12025550140", "agent": "ada"}, 201)
        self.assertEqual([e["kind"] for e in self.api("GET", f"{first}/timeline")], ["follow_up"])
        self.api("DELETE", first, expect=204)
        self.api("GET", first, expect=404)
        self.assertEqual(self.api("GET", f"{first}/memory"), [])
        self.assertEqual(self.api("GET", f"follow-ups/{task['id']}")["reason"], "contact_removed")

    def test_what_an_agent_remembers_changes_key_by_key(self):
        self.start_world()
        memory = f"contacts/{ZOE}/memory"
        known = {"facts": {"pet": "cat", "plan": "gold"}, "summary": "Likes tea.\nCalls late."}
        self.api("PUT", f"{memory}/ada", known)
        changed = self.api("PUT", f"{memory}/ada", {"facts": {"pet": "dog", "plan": None}})
        self.assertEqual(changed[0]["facts"], {"pet": "dog"})
        self.assertEqual(changed[0]["summary"], "Likes tea.\nCalls late.")
        self.api("PUT", f"{memory}/reception", {"facts": {"language": "de"}})
        self.assertEqual([m["agent"] for m in self.api("GET", memory)], ["ada", "reception"])
        self.assertEqual([m["agent"] for m in self.api("GET", f"{memory}?agent=ada")], ["ada"])
        self.assertEqual([m["agent"] for m in self.api("GET", f"{memory}?except=ada")], ["reception"])
        self.api("DELETE", f"{memory}/ada", expect=204)
        self.api("DELETE", f"{memory}/ada", expect=404)
        self.assertEqual([m["agent"] for m in self.api("GET", memory)], ["reception"])

    def test_a_follow_up_is_added_once_listed_and_cancelled(self):
        self.start_world()
        task = {"phone_number": ZOE, "agent": "ada", "campaign": "call-backs", "due_at": "2030-01-01T09:00:00Z"}
        added = self.api("POST", "follow-ups", task, 201)
        self.assertEqual(self.api("POST", "follow-ups", task, 200)["id"], added["id"])
        later = {**task, "due_at": "2030-01-02T09:00:00Z", "note": "after nine"}
        self.assertEqual(self.api("POST", "follow-ups", later, 200)["note"], "after nine")
        other = self.api("POST", "follow-ups", {"phone_number": DID, "agent": "reception", "type": "none"}, 201)
        zoe = ZOE.replace("+", "%2B")
        for query, ids in (
            ("", [added["id"], other["id"]]), (f"contact={zoe}", [added["id"]]), ("agent=reception", [other["id"]]),
            ("campaign=call-backs&status=active", [added["id"]]), ("status=completed", []),
        ):
            found = self.api("GET", f"follow-ups?{query}")["items"]
            self.assertEqual([f["id"] for f in found], ids, query)
        self.api("DELETE", f"follow-ups/{added['id']}", expect=204)
        self.assertIn("closed", self.api("DELETE", f"follow-ups/{added['id']}", expect=409)["error"]["message"])
        self.assertEqual(self.api("GET", f"follow-ups/{added['id']}")["status"], "cancelled")
        self.api("GET", "follow-ups/99", expect=404)
        self.api("GET", "follow-ups?status=busy", expect=400)
        self.api("GET", "contacts?agent=ada", expect=400)

    def test_a_dry_run_follows_what_is_known_and_leaves_no_trace(self):
        self.start_world()
        known = self.shown("route", "--from", ZOE, "--to", DID)
        self.assertEqual((known["agent"], known["routing_reason"]), ("ada", "did_fallback"))
        self.api("POST", "follow-ups", {"phone_number": ZOE, "agent": "reception", "type": "none"}, 201)
        known = self.shown("route", "--from", "2025550147", "--to", DID)
        self.assertEqual((known["agent"], known["routing_reason"]), ("reception", "active_follow_up"))
        self.assertEqual((known["from"], known["caller"]), ("2025550147", ZOE))
        self.assertEqual(
            [entry["layer"] for entry in known["trace"]],
            ["active_campaign", "retry_pending", "active_follow_up", "last_outbound", "did_fallback"],
        )
        people = self.cxdial("route", "--from", ZOE, "--to", DID).stdout
        for word in ("agent reception", "active_follow_up", "evaluated", "matched", "why", " ms"):
            self.assertIn(word, people)
        withheld = self.shown("route", "--from", "", "--to", DID)
        self.assertEqual((withheld["caller"], withheld["agent"]), (None, "ada"))
        nobody = self.shown("route", "--from", ZOE, "--to", "+12125550999")
        self.assertIsNone(nobody["agent"])
        self.assertEqual(self.query("SELECT count(*) FROM decision"), [(0,)])
        for wrong in ((), ("--from", ZOE), ("--from", ZOE, "--to", DID, "--call-sid", "CA1")):
            self.cxdial("route", *wrong, expect=2)

    def test_a_past_decision_is_shown_alike_by_cli_and_api(self):
        self.start_world()
        dry = self.shown("route", "--from", ZOE, "--to", DID)
        self.stop()
        with contextlib.closing(sqlite3.connect(self.path / "cxdial.db")) as db:
            campaign = db.execute("SELECT id FROM campaign").fetchone()[0]
            db.execute(
                "INSERT INTO decision (tenant, call_sid, caller, did, phone, mode, reason, agent, agent_version,"
                " campaign_id, took, trace, decided_at) VALUES ('default', 'CA1', ?, ?, ?, 'smart', 'did_fallback',"
                " 'ada', 1, ?, 850, ?, 1772355600000)",
                (ZOE, DID, int(ZOE), campaign, json.dumps(dry["trace"], separators=(",", ":"))),
            )
            db.commit()
        past = self.shown("route", "--call-sid", "CA1")
        self.start_again()
        self.assertEqual(self.shown("route", "--call-sid", "CA1"), past)
        self.assertEqual(self.api("GET", f"decisions/{past['id']}"), past)
        self.assertEqual(self.api("GET", "decisions?call_sid=CA1")["items"], [past])
        self.assertEqual(self.api("GET", "decisions?campaign=call-backs")["items"], [past])
        self.assertEqual(self.api("GET", f"decisions?contact=%2B{int(ZOE)}")["items"], [past])
        self.assertEqual(json.dumps(past["trace"]), json.dumps(dry["trace"]))
        self.assertEqual(list(dry), [key for key in past if key not in ("id", "call_sid", "decided_at")])
        returns = self.api("GET", "campaigns/call-backs/inbound-returns")
        self.assertEqual(returns, {"total": 1, "by_reason": {"did_fallback": 1}})
        timeline = self.api("GET", f"contacts/{ZOE}/timeline")
        self.assertEqual([entry["record"] for entry in timeline], [past])
        self.assertIn("CA9", self.cxdial("route", "--call-sid", "CA9", expect=1).stderr)


if __name__ == "__main__":
    harness.main()
