"""What Cloudonix tells OPBX: CDRs, statuses, session updates; and what a CDR does."""

import datetime
import hashlib
import json
import sqlite3

from .book import now_ms, now_text, text_of
from .lifecycle import cac_key
from .redis_client import RedisError
from .reply import DROP, Invalid, Reply, read_json, validate
from .worker_api import retry_delay_minutes

PREFIX = "/api/webhooks/cloudonix"
LIVE = ("initiated", "ringing", "answered")
FAILURES = ("busy", "failed", "congestion", "cancelled", "no-answer")
SESSION_STATUS = {
    "ringing": "ringing", "connected": "answered", "completed": "completed", "failed": "failed", "busy": "failed",
    "no-answer": "failed",
}
CDR_RULES = {
    "timestamp": "int", "call_id": "string", "from": "string", "to": "string", "disposition": "string",
    "duration": "int", "billsec": "int", "session.token": "string?", "session.id": "int?", "domain": "string?",
    "subscriber": "string?", "cx_trunk_id": "int?", "rated_cost": "number?", "approx_cost": "number?",
    "sell_cost": "number?", "recording_url": "string?",
}


class Webhooks:
    def __init__(self, book, switches, redis, relay):
        self.book = book
        self.switches = switches
        self.redis = redis
        self.relay = relay

    def handle(self, request):
        kinds = {"/cdr": self.cdr, "/call-status": self.call_status, "/session-update": self.session_update}
        kind = request.path[len(PREFIX):]
        if not request.path.startswith(PREFIX) or request.method != "POST" or kind not in kinds:
            return NotImplemented
        request.route = kind[1:]
        refused = self.authorize(request)
        if refused:
            return refused
        return self.once(request, kind, kinds[kind])

    def authorize(self, request):
        key = self.switches["requests_key"]
        if not key:
            if self.switches["cdr_needs_no_key"]:
                return None
            return Reply(401, {"error": "Unauthorized"})
        body = read_json(request.body)
        if not (body.get("domain") or (body.get("owner") or {}).get("domain")):
            return Reply(400, {"error": "Domain missing"})
        given = request.headers.get("Authorization")
        return None if given == "Bearer " + key else Reply(401, {"error": "Unauthorized"})

    # 6.3: the answer of the first time is given again, also when it was an error.

    def once(self, request, kind, action):
        body = read_json(request.body)
        key = request.headers.get("X-Idempotency-Key") or key_of(body, kind, request.body)
        is_cdr = kind == "/cdr"
        record = self.record(request, body, key) if is_cdr else None
        cached = self.book.cached("idem:webhook:" + key)
        if cached:
            if record:
                self.book.change("cdr", record, status=cached["status"], replayed=1)
            return Reply(cached["status"], cached["body"].encode(), kind="application/xml")
        try:
            reply = action(body)
        except Invalid as error:
            reply = error.reply()
        if reply.status < 400 or self.switches["idempotency_keeps_errors"]:
            self.book.cache("idem:webhook:" + key, {"status": reply.status, "body": reply.body.decode()}, 86400)
        if record:
            self.book.change("cdr", record, status=reply.status)
        return DROP if is_cdr and self.switches.happens("cdr_lost_reply") else reply

    def record(self, request, body, key):
        session = session_of(body)
        return self.book.insert(
            "cdr", token=session.get("token"), call_id=body.get("call_id"), key=key, replayed=0,
            authorization=request.headers.get("Authorization"), body=request.body.decode(errors="replace"),
            at_ms=now_ms(),
        )

    # 6.4

    def cdr(self, body):
        if self.switches.happens("cdr_500"):
            return Reply(500, {"message": "Server Error"})
        validate(body, CDR_RULES)
        self.learn_end(body)
        token = session_of(body).get("token")
        session = token and self.book.one("SELECT * FROM session WHERE session_token = ? ORDER BY id LIMIT 1", token)
        if session:
            try:
                self.settle(session, body)
                self.lower_cac(session)
                self.publish(session, body)
            except (sqlite3.IntegrityError, RedisError):
                return Reply(500, {"message": "Server Error"})
            self.relay.cdr(session, body)
        return Reply(200, {"message": "CDR Inserted successfully"})

    def settle(self, session, body):
        raw = body["disposition"]
        destination = self.book.one("SELECT * FROM destination WHERE id = ?", session["destination_id"])
        campaign = self.book.campaign(session["campaign_id"])
        answered = raw in ("ANSWER", "ANSWERED", "COMPLETED") or raw.lower() in ("answered", "completed")
        fields = {"status": "completed" if answered else "failed", "last_disposition": raw}
        if not answered and raw.lower() not in FAILURES and self.switches["unknown_disposition_completes"]:
            fields["status"] = "completed"
        is_voicemail = answered and amd_result(body) == "voicemail"
        if is_voicemail and campaign["retry_on_voicemail"] \
                and destination["dial_attempts"] < campaign["max_dial_attempts"]:
            delay = datetime.timedelta(minutes=retry_delay_minutes(destination["dial_attempts"]))
            due = text_of(datetime.datetime.now(datetime.timezone.utc) + delay)
            fields = {"status": "pending", "last_disposition": "voicemail", "next_retry_at": due}
        self.book.change(
            "session", session["id"], status="completed" if answered else "failed", disposition=raw,
            duration=body["duration"], billsec=body["billsec"], completed_at=now_text(),
        )
        self.book.change(
            "destination", destination["id"], updated_at=now_text(), duration=body["duration"],
            billsec=body["billsec"], total_duration=destination["total_duration"] + body["duration"], **fields,
        )
        self.count(session["campaign_id"], is_voicemail)

    def count(self, campaign_id, is_voicemail):
        """The unsigned column refuses to go below 0, which ends the whole request."""
        down = "pending_calls - 1" if self.switches["pending_calls_is_unsigned"] else "max(0, pending_calls - 1)"
        self.book.do("UPDATE campaign SET completed_calls = completed_calls + 1 WHERE id = ?", campaign_id)
        if is_voicemail:
            self.book.do("UPDATE campaign SET voicemail_calls = voicemail_calls + 1 WHERE id = ?", campaign_id)
        self.book.do(f"UPDATE campaign SET pending_calls = {down} WHERE id = ?", campaign_id)

    def lower_cac(self, session):
        """Three commands, with room for another's between them."""
        if not self.redis:
            return
        marker = f"dialer:cac:decremented:{session['session_token']}"
        if self.redis.call("GET", marker) is not None:
            return
        key = cac_key(session["campaign_id"])
        if self.redis.call("DECR", key) < 0:
            self.redis.call("SET", key, 0)
        self.redis.call("SETEX", marker, 86400, "1")

    def publish(self, session, body):
        if not self.redis or not self.switches["publish"]:
            return
        event = {
            "type": "call.completed", "session_token": session["session_token"], "session_id": session["id"],
            "campaign_id": session["campaign_id"], "destination_id": session["destination_id"],
            "disposition": body["disposition"], "duration": body["duration"], "billsec": body["billsec"],
            "worker_id": None,
            "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        self.redis.call("PUBLISH", self.switches["channel_prefix"] + "cdr:completed", json.dumps(event))

    # 6.5 and 6.6

    def call_status(self, body):
        self.learn_end(body)
        status = SESSION_STATUS.get(str(body.get("status") or body.get("CallStatus")).lower())
        if status:
            self.book.do(
                f"UPDATE session SET status = ? WHERE session_token = ? AND status IN {LIVE[:2]}",
                status, body.get("token"),
            )
        return Reply(200, {"status": "accepted"})

    def session_update(self, body):
        validate(body, {"id": "int", "destination": "string", "action": "string", "modifiedAt": "string"})
        return Reply(200, {"status": "accepted"})

    # The ground truth.

    def learn_end(self, body):
        """When the call ended, by Cloudonix's own clock. A call that OPBX did not place is added."""
        session = session_of(body) or body
        token, end = session.get("token"), session.get("callEndTime")
        if not token or not end:
            return
        number = session.get("destination") or body.get("to") or ""
        with self.book.lock:
            if not self.book.one("SELECT id FROM call WHERE token = ?", token):
                start = session.get("callStartTime") or end
                self.adopt(token, number if number.startswith("+") else "+" + number, start)
            self.book.do("UPDATE call SET ended_ms = ? WHERE token = ?", int(end), token)

    def adopt(self, token, number, start):
        waiting = self.book.one(
            "SELECT id FROM call WHERE token IS NULL AND phone_number = ? AND asked_ms <= ? ORDER BY id LIMIT 1",
            number, int(start),
        )
        if waiting:
            self.book.change("call", waiting["id"], token=token)
            return
        row = self.book.one("SELECT id, campaign_id FROM destination WHERE phone_number = ?", number)
        self.book.insert(
            "call", campaign_id=row and row["campaign_id"], destination_id=row and row["id"], phone_number=number,
            token=token, asked_ms=int(start),
        )


def session_of(body):
    session = body.get("session")
    return session if isinstance(session, dict) else {}


def amd_result(body):
    profile = session_of(body).get("profile")
    amd = profile.get("amd") if isinstance(profile, dict) else None
    return amd.get("result") if isinstance(amd, dict) else None


def key_of(body, kind, raw):
    """Two CDRs with one SIP call_id have one key."""
    identity = body.get("CallSid") or body.get("call_id")
    if identity:
        event = body.get("CallStatus") or body.get("event_type") or kind
        return hashlib.sha256(f"{identity}{event}".encode()).hexdigest()
    return hashlib.sha256(raw).hexdigest()
