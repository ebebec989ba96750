"""R1 to R11 of the worker API."""

import datetime
import hmac
import re
import time

from . import placing, shapes
from .book import now_ms, now_text, text_of
from .reply import DROP, Invalid, Reply, read_json, validate
from .waiting import wait

RETRYABLE = ("busy", "no-answer", "cancelled")
OUTCOMES = ("answered", "completed", "busy", "no-answer", "failed", "cancelled", "congestion")
SESSION_STATUSES = ("initiated", "ringing", "answered", "completed", "failed")
PREFIX = "/api/v1/dialer/worker"
ROUTES = [
    ("R1", "GET", r"/health", "health"),
    ("R2", "GET", r"/campaigns/active", "active_campaigns"),
    ("R3", "POST", r"/campaigns/(\d+)/pause", "pause"),
    ("R4", "GET", r"/campaigns/(\d+)/destinations/pending", "pending"),
    ("R5", "GET", r"/campaigns/(\d+)/destinations/retry", "retry"),
    ("R6", "POST", r"/calls/initiate", "initiate"),
    ("R7", "POST", r"/calls/generate-cxml", "generate_cxml"),
    ("R8", "PATCH", r"/calls/(\d+)/status", "status"),
    ("R9", "POST", r"/calls/(\d+)/disposition", "disposition"),
    ("R10", "POST", r"/state/persist", "persist"),
    ("R11", "GET", r"/state/([^/]+)", "state"),
]
ROUTES = [(name, method, re.compile(re.escape(PREFIX) + path + "$"), action) for name, method, path, action in ROUTES]


def time_of(text):
    """A date as a worker may send it, as OPBX stores it; Invalid when it is none."""
    try:
        return text_of(datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00"))))
    except (ValueError, AttributeError) as error:
        raise Invalid({"date": ["The field must be a valid date."]}) from error


def retry_delay_minutes(attempts):
    return min(5 * 2 ** max(0, attempts - 1), 60)


class WorkerApi:
    def __init__(self, book, switches, lifecycle, base_url, tokens):
        self.book = book
        self.switches = switches
        self.lifecycle = lifecycle
        self.base_url = base_url
        self.tokens = tokens
        self.hits = {}

    def handle(self, request):
        """A Reply, DROP, or NotImplemented for a path that is not the worker's."""
        if not request.path.startswith(PREFIX + "/"):
            return NotImplemented
        refused = self.authorize(request) or self.throttle(request)
        if refused:
            return refused
        for name, method, pattern, action in ROUTES:
            match = pattern.match(request.path)
            if match and method == request.method:
                request.route = name
                if name != "R6" and self.switches.happens("api_500"):
                    return Reply(500, {"message": "Server Error"})
                return getattr(self, action)(request, *match.groups())
        return Reply(404, {"message": "The route could not be found."})

    def authorize(self, request):
        if not any(self.tokens):
            return Reply(503, {"error": "Service Unavailable", "message": "Worker authentication not configured"})
        given = request.headers.get("Authorization") or ""
        if not given.startswith("Bearer "):
            text = "Missing or invalid Authorization header"
            return Reply(401, {"error": "Unauthorized", "message": text})
        if not any(token and hmac.compare_digest(token, given[len("Bearer "):]) for token in self.tokens):
            return Reply(401, {"error": "Unauthorized", "message": "Invalid authentication token"})
        return None

    def throttle(self, request):
        limit = self.switches["rate_limit"]
        minute = int(time.time() // 60)
        with self.book.lock:
            key = (request.address, minute)
            self.hits = {old: count for old, count in self.hits.items() if old[1] == minute}
            self.hits[key] = self.hits.get(key, 0) + 1
            if not limit or self.hits[key] <= limit:
                return None
        after = 60 - int(time.time() % 60)
        body = {"error": "Too Many Requests", "message": "Dialer worker rate limit exceeded.", "retry_after": after}
        return Reply(429, body, {"Retry-After": str(after)})

    # R1 and R2

    def health(self, _):
        count = lambda sql: self.book.one("SELECT count(*) AS n FROM " + sql)["n"]
        marks = ", ".join(f"'{name}'" for name in RETRYABLE)
        return Reply(200, {
            "status": "healthy",
            "active_campaigns": count("campaign WHERE status = 'active'"),
            "active_calls": count("session WHERE status IN ('initiated', 'ringing', 'answered')"),
            "queue_depth": count(
                f"destination WHERE lower(last_disposition) IN ({marks}) "
                f"AND (next_retry_at IS NULL OR next_retry_at <= '{now_text()}')"
            ),
        })

    def active_campaigns(self, _):
        shown = [
            shapes.campaign_json(self.book, self.switches, campaign)
            for campaign in self.book.campaigns() if shapes.is_runnable(campaign, self.switches)
        ]
        return Reply(200, {"data": shown})

    # R3

    def pause(self, request, campaign_id):
        body = read_json(request.body)
        validate(body, {"reason": "string", "paused_by": "string", "resume_at": "string?"})
        campaign = self.book.campaign(int(campaign_id))
        if campaign is None:
            return Reply(404, {"error": "Campaign not found"})
        resume_at = time_of(body["resume_at"]) if body.get("resume_at") else None
        self.lifecycle.pause(campaign["id"], body["reason"], resume_at, by_user=False)
        data = {"campaign_id": campaign["id"], "status": "paused"}
        if self.switches["version"] == "newest":
            data["reason"] = body["reason"]
        return Reply(200, {"message": "Campaign paused", "data": data})

    # R4 and R5

    def pending(self, request, campaign_id):
        rows = self.rows(campaign_id, "status = 'pending'")
        if rows is None:
            return Reply(404, {"error": "Campaign not found"})
        if not self.switches["pending_ignores_retry_time"]:
            rows = [row for row in rows if (row["next_retry_at"] or "") <= now_text()]
        rank = (lambda row: 0) if self.switches["pending_ignores_priority"] else (lambda row: row["priority"])
        rows.sort(key=lambda row: (rank(row), row["created_at"], row["id"]))
        return self.page(request, rows)

    def retry(self, request, campaign_id):
        marks = ", ".join(f"'{name}'" for name in RETRYABLE)
        rows = self.rows(
            campaign_id,
            f"lower(last_disposition) IN ({marks}) AND (next_retry_at IS NULL OR next_retry_at <= '{now_text()}')",
        )
        if rows is None:
            return Reply(404, {"error": "Campaign not found"})
        if not self.switches["retry_has_no_status_filter"]:
            rows = [row for row in rows if row["status"] == "pending"]
        rows.sort(key=lambda row: (row["next_retry_at"] or "", row["id"]))
        return self.page(request, rows)

    def rows(self, campaign_id, condition):
        campaign = self.book.campaign(int(campaign_id))
        if campaign is None:
            return None
        sql = f"SELECT * FROM destination WHERE campaign_id = ? AND dial_attempts < ? AND {condition}"
        return self.book.all(sql, campaign["id"], campaign["max_dial_attempts"])

    def page(self, request, rows):
        try:
            limit = int(request.query.get("limit", "50"))
        except ValueError:
            limit = 0
        rows = rows[:max(0, limit)]
        shown = [shapes.destination_json(self.switches, row) for row in rows]
        return Reply(200, {"data": shown, "meta": {"total": len(shown), "limit": limit, "offset": 0}})

    # R6

    def initiate(self, request):
        body = read_json(request.body)
        validate(body, {
            "campaign_id": "int", "destination_id": "int", "phone_number": "string", "worker_id": "string",
            "initiated_at": "string", "caller_id": "string?", "caller_did_id": "int?",
        })
        time_of(body["initiated_at"])
        campaign = self.book.campaign(int(body["campaign_id"]))
        destination = self.book.one("SELECT * FROM destination WHERE id = ?", int(body["destination_id"]))
        if campaign is None or destination is None:
            missing = lambda found, name: [] if found else [f"The selected {name} is invalid."]
            raise Invalid({
                "campaign_id": missing(campaign, "campaign id"),
                "destination_id": missing(destination, "destination id"),
            }, "Campaign or destination not found")
        if self.switches["version"] == "v1":
            return self.create_session(campaign, destination, body, "sess-%x" % time.time_ns(), None)
        if not campaign.get("cloudonix_api_key"):
            return Reply(422, {"message": "Cloudonix not configured for this organization"})
        return self.place_call(campaign, destination, body)

    def place_call(self, campaign, destination, body):
        """(1) the call, (2) the session row, (3) the destination, (4) the campaign: not one transaction."""
        wait(self.switches["initiate_delay_before"])
        if self.switches.happens("initiate_500"):
            return initiate_failed("Cloudonix API call failed")
        caller_id = body.get("caller_id") or campaign["caller_id"]
        wanted = placing.call_request(self.book, campaign, destination, caller_id, self.base_url(), self.switches)
        truth = self.book.insert(
            "call", campaign_id=campaign["id"], destination_id=destination["id"],
            phone_number=destination["phone_number"], asked_ms=now_ms(),
        )
        try:
            call_id, token = placing.place(campaign, wanted, self.switches["cloudonix_timeout"])
        except placing.Failed as error:
            self.book.do("DELETE FROM call WHERE id = ?", truth)
            return self.cloudonix_failed(destination, error)
        self.book.change("call", truth, token=token)
        if self.switches.happens("initiate_500_after"):
            return initiate_failed("Server Error")
        wait(self.switches["row_delay"])
        reply = self.create_session(campaign, destination, body, token, call_id)
        wait(self.switches["initiate_delay"])
        return DROP if self.switches.happens("initiate_lost") else reply

    def cloudonix_failed(self, destination, error):
        if not self.switches["failed_initiate_leaves_no_trace"]:
            self.book.do("UPDATE destination SET dial_attempts = dial_attempts + 1 WHERE id = ?", destination["id"])
        if isinstance(error, placing.Refused) and not self.switches["every_error_is_500"]:
            headers = {"Retry-After": error.retry_after} if error.retry_after else {}
            return Reply(error.status, {"message": f"Failed to initiate call: {error}"}, headers)
        return initiate_failed(str(error))

    def create_session(self, campaign, destination, body, token, call_id):
        is_newest = self.switches["version"] == "newest"
        caller_id = body.get("caller_id") or campaign["caller_id"]
        session_id = self.book.insert(
            "session", campaign_id=campaign["id"], destination_id=destination["id"],
            phone_number=body["phone_number"], caller_id=caller_id, caller_did_id=body.get("caller_did_id"),
            worker_id=body["worker_id"] if is_newest else None, session_token=token, call_id=call_id,
            status="initiated", initiated_at=time_of(body["initiated_at"]),
        )
        self.book.do(
            "UPDATE destination SET status = 'dialing', dial_attempts = dial_attempts + 1, last_dialed_at = ?, "
            "last_session_token = ?, last_call_id = ?, updated_at = ? WHERE id = ?",
            now_text(), token, call_id, now_text(), destination["id"],
        )
        wait(self.switches["count_delay"])
        self.book.do("UPDATE campaign SET pending_calls = pending_calls + 1 WHERE id = ?", campaign["id"])
        shown = {None: call_id, "number": 900000 + session_id, "string": f"call-{session_id}"}[self.switches["call_id"]]
        data = {"session_id": session_id, "call_id": shown}
        if is_newest:
            data.update(caller_id=caller_id, caller_did_id=body.get("caller_did_id"))
        data["callback_url"] = self.base_url() + "/api/webhooks/cloudonix/call-status"
        return Reply(201, {"message": "Call initiated", "data": data})

    # R7

    def generate_cxml(self, request):
        body = read_json(request.body)
        rules = {"campaign_id": "int", "session_id": "int", "phone_number": "string", "call_sid": "string"}
        validate(body, rules)
        campaign = self.book.campaign(int(body["campaign_id"]))
        session = self.book.one("SELECT * FROM session WHERE id = ?", int(body["session_id"]))
        if campaign is None or session is None:
            return Reply(404, {"error": "Campaign or destination not found"})
        cxml = placing.document(self.book, campaign, {"phone_number": body["phone_number"]}, self.switches)
        return Reply(200, {"data": {"cxml": cxml, "routing_type": campaign["routing_destination_type"]}})

    # R8 and R9

    def status(self, request, session_id):
        body = read_json(request.body)
        rules = {
            "status": "string", "disposition": "string?", "duration": "int?", "billsec": "int?",
            "recording_url": "string?", "completed_at": "string?",
        }
        validate(body, rules)
        session = self.book.one("SELECT * FROM session WHERE id = ?", int(session_id))
        if session is None:
            return Reply(404, {"error": "Session not found"})
        if "disposition" not in body or body["status"] not in SESSION_STATUSES:
            return Reply(500, {"message": "Server Error"})
        done = time_of(body["completed_at"]) if body.get("completed_at") else None
        with self.book.lock:
            self.book.change(
                "session", session["id"], status=body["status"], disposition=body["disposition"],
                duration=body.get("duration"), billsec=body.get("billsec"), completed_at=done,
                recording_url=body.get("recording_url"),
            )
            result = self.apply_status(session, body["disposition"])
            self.lower_pending_calls(session["campaign_id"])
        data = {"session_id": session["id"], "destination_status": result}
        return Reply(200, {"message": "Call status updated", "data": data})

    def apply_status(self, session, disposition):
        """The destination's status as the reply tells it, which is wrong when the attempts are used up."""
        destination = self.book.one("SELECT * FROM destination WHERE id = ?", session["destination_id"])
        campaign = self.book.campaign(session["campaign_id"])
        self.set_destination(destination["id"], last_disposition=disposition or destination["last_disposition"])
        if disposition in ("answered", "completed"):
            self.finish(session, "completed")
            return "completed"
        if disposition in ("failed", "congestion"):
            self.finish(session, "failed")
            return "failed"
        if disposition in RETRYABLE:
            if destination["dial_attempts"] < campaign["max_dial_attempts"]:
                delay = datetime.timedelta(minutes=retry_delay_minutes(destination["dial_attempts"]))
                due = text_of(datetime.datetime.now(datetime.timezone.utc) + delay)
                self.set_destination(destination["id"], status="pending", next_retry_at=due)
            else:
                self.finish(session, "failed")
        return "pending"

    def disposition(self, request, session_id):
        body = read_json(request.body)
        rules = {
            "disposition": "string", "should_retry": "bool", "next_retry_at": "string?", "attempt_number": "int",
            "duration": "int?", "billsec": "int?",
        }
        validate(body, rules)
        if body["disposition"] not in OUTCOMES:
            raise Invalid({"disposition": ["The selected disposition is invalid."]})
        if int(body["attempt_number"]) < 1:
            raise Invalid({"attempt_number": ["The attempt number field must be at least 1."]})
        session = self.book.one("SELECT * FROM session WHERE id = ?", int(session_id))
        if session is None:
            return Reply(404, {"error": "Session not found"})
        due = time_of(body["next_retry_at"]) if body.get("next_retry_at") else None
        with self.book.lock:
            result = self.apply_disposition(session, body, due)
            if self.switches["both_outcomes_count"] or not session["completed_at"]:
                self.lower_pending_calls(session["campaign_id"])
        data = {
            "session_id": session["id"], "disposition": body["disposition"], "destination_status": result,
            "will_retry": result == "pending",
        }
        return Reply(200, {"message": "Disposition set successfully", "data": data})

    def apply_disposition(self, session, body, due):
        outcome = body["disposition"]
        self.set_destination(session["destination_id"], last_disposition=outcome)
        fields = {"disposition": outcome, "duration": body.get("duration"), "billsec": body.get("billsec")}
        if outcome in ("answered", "completed"):
            self.book.change("session", session["id"], status="completed", **fields)
            self.finish(session, "completed")
            return "completed"
        self.book.change("session", session["id"], status="failed", **fields)
        if body["should_retry"] and due and self.may_retry(session, outcome):
            self.set_destination(session["destination_id"], status="pending", next_retry_at=due)
            return "pending"
        self.finish(session, "failed")
        return "failed"

    def may_retry(self, session, outcome):
        if self.switches["disposition_trusts_worker"]:
            return True
        destination = self.book.one("SELECT * FROM destination WHERE id = ?", session["destination_id"])
        limit = self.book.campaign(session["campaign_id"])["max_dial_attempts"]
        return outcome in RETRYABLE and destination["dial_attempts"] < limit

    def finish(self, session, status):
        """The destination's end, and one more in the campaign's counter: every time, also for the same call."""
        if self.switches["both_outcomes_count"] or not session["completed_at"]:
            column = "completed_calls" if status == "completed" else "failed_calls"
            self.book.do(f"UPDATE campaign SET {column} = {column} + 1 WHERE id = ?", session["campaign_id"])
        self.set_destination(session["destination_id"], status=status)

    def set_destination(self, destination_id, **fields):
        self.book.change("destination", destination_id, updated_at=now_text(), **fields)

    def lower_pending_calls(self, campaign_id):
        self.book.do("UPDATE campaign SET pending_calls = max(0, pending_calls - 1) WHERE id = ?", campaign_id)

    # R10 and R11

    def persist(self, request):
        body = read_json(request.body)
        validate(body, {"worker_id": "string", "last_updated": "string"})
        errors = {
            name: [f"The {name.replace('_', ' ')} field must be present."]
            for name in ("active_calls", "retry_queue", "campaign_states")
            if not isinstance(body.get(name), (list, dict))
        }
        if errors:
            raise Invalid(errors)
        self.book.cache(f"worker_state:{body['worker_id']}", body, 600)
        return Reply(200, {"message": "State persisted successfully"})

    def state(self, _, worker_id):
        stored = self.book.cached(f"worker_state:{worker_id}")
        return Reply(200, {"data": stored}) if stored else Reply(404, {"error": "State not found"})


def initiate_failed(text):
    return Reply(500, {"message": f"Failed to initiate call: {text}"})
