"""People who call back: a daemon with agents and dialed numbers, and calls that come in to it."""

import contextlib
import json
import re
import sqlite3
import urllib.parse
import uuid

import harness
from harness import HELD, eventually, http

DESK = "+14155550000"  # a number of ours, whose agent is desk
AGENTS = {"anna": "+14155550001", "bert": "+14155550002", "cleo": "+14155550003", "desk": "+14155550009"}
PERSON = "+12125550199"  # who calls


def assistant(name, **fields):
    return {
        "kind": "assistant", "name": name, "protocol": "sip", "provider": "vapi", "phone_number": AGENTS[name],
        **fields,
    }


class Inbound(harness.Product):
    """`anna`, `bert` and `cleo` dial and are called back; `desk` answers our number."""

    def begin(self, *options, tenant=None, environment=None):
        self.world = self.start_world(*options, public=True)
        resources = [assistant(name) for name in AGENTS]
        resources.append({"kind": "tenant", "name": "default", **(tenant or {})})
        resources.append({"kind": "phone_number", "phone_number": DESK, "agent": "desk"})
        self.apply(resources)
        self.environment = environment or {}
        self.daemon = self.run_daemon()

    def start_daemon(self):
        with harness.variables(self.environment):
            return super().start_daemon()

    def dial(self, name="list", agent="anna", numbers=(PERSON,), **fields):
        """A campaign to these numbers, started."""
        self.campaign(
            name=name, routing_destination_type="ai_assistant", routing_destination=agent, **fields
        )
        file = self.path / "called.csv"
        file.write_text("phone_number\n" + "\n".join(numbers) + "\n")
        self.cxdial("import", name, file)
        self.cxdial("start", name)

    def wait_for(self, status, number=PERSON, name="list"):
        sql = (
            "SELECT count(*) FROM destination d JOIN campaign c ON c.id = d.campaign_id"
            " WHERE c.name = ? AND d.phone = ? AND d.status = ?"
        )
        phone = int(number[1:])
        eventually(lambda: self.query(sql, name, phone, STATUS[status])[0][0] == 1, f"{number} is {status}")

    def hold_a_slot(self, name="list", **fields):
        """A campaign with one slot that somebody else's call has: the person waits in its list."""
        other = "+12125550100"
        self.world.configure(talk="60m..60m")
        self.dial(name, numbers=(other, PERSON), concurrent_active_calls=1, **fields)
        self.world.wait_live(1)

    def follow_up(self, agent="bert", type="none", expect=201, **fields):
        body = {"phone_number": PERSON, "agent": agent, "type": type, **fields}
        status, text = http("POST", self.endpoint + "/api/v1/follow-ups", body)
        self.assertEqual(status, expect, text)
        return json.loads(text)

    def ask(self, caller=PERSON, to=DESK, sid=None, method="POST"):
        """A person calls: Cloudonix asks what is to be done. The document, and the call's name."""
        sid = sid or uuid.uuid4().hex
        body = {
            "ApiVersion": "1", "AccountSid": harness.DOMAIN, "Domain": harness.DOMAIN, "Session": sid,
            "CallSid": sid, "From": caller, "To": to, "CallStatus": "ringing", "Direction": "inbound",
        }
        url = self.endpoint + "/voice/inbound"
        if method == "GET":
            status, document = http("GET", url + "?" + urllib.parse.urlencode(body))
        else:
            status, document = http("POST", url, body)
        self.assertEqual(status, 200, document)
        return document, sid

    def who(self, document):
        """Whom a document connects to; None: nobody."""
        service = re.search(r"<Service[^>]*>([^<]+)</Service>", document)
        for name, number in AGENTS.items():
            if service and service.group(1) == number:
                return name
        number = re.search(r"<Number[^>]*>([^<]+)</Number>", document)
        stream = re.search(r'<Stream[^>]* url="([^"]+)"', document)
        found = number or stream
        self.assertTrue(found or "<Reject" in document, document)
        return found.group(1) if found else None

    def call(self, caller=PERSON, **fields):
        """Who takes the call, and by which layer."""
        document, sid = self.ask(caller, **fields)
        return self.who(document), self.decision(sid)["routing_reason"]

    def decision(self, sid):
        status, text = http("GET", f"{self.endpoint}/api/v1/decisions?call_sid={sid}")
        self.assertEqual(status, 200, text)
        items = json.loads(text)["items"]
        self.assertEqual(len(items), 1, text)
        return items[0]

    def hang_up(self, sid, billsec=30, caller=PERSON, disposition="ANSWER"):
        """The call that came in is over: its CDR."""
        cdr = {
            "domain": harness.DOMAIN, "from": caller, "to": DESK, "disposition": disposition,
            "duration": billsec + 2, "billsec": billsec, "session": {"token": sid, "direction": "inbound"},
        }
        self.assertEqual(http("POST", self.endpoint + "/cloudonix/cdr", cdr)[0], 200)

    def change(self, sql, *values):
        """Changes the database of a program that does not run."""
        with contextlib.closing(sqlite3.connect(self.path / "cxdial.db", timeout=harness.PATIENCE)) as book:
            book.execute(sql, values)
            book.commit()

    def follow_ups(self):
        """Status and reason of each follow-up, by agent, type and campaign."""
        status, text = http("GET", f"{self.endpoint}/api/v1/follow-ups?limit=100")
        self.assertEqual(status, 200, text)
        return {
            (row["agent"], row["type"], row.get("campaign", "")): (row["status"], row.get("reason", ""))
            for row in json.loads(text)["items"]
        }


STATUS = {
    "pending": 0, "queued": 1, "placing_call": 2, "calling": 3, "retry_pending": 4, "completed": 5, "failed": 6,
    "contacted_inbound": 7,
}
RINGS = ("--ring", "60m..60m")  # a call that rings until its dial_timeout
__all__ = ["AGENTS", "DESK", "HELD", "Inbound", "PERSON", "RINGS", "assistant", "eventually", "http", "harness"]
