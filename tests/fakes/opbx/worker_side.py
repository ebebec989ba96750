"""What OPBX sends to the worker: relayed CDRs, and the health poll of the monitor page."""

import hashlib
import hmac
import http.client
import json
import queue
import threading
import urllib.parse

from .book import now_text
from .waiting import wait


def send(method, url, body=None, headers=None, timeout=10):
    """(status, body); (0, what went wrong) when there was no answer."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request(method, parts.path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


class WorkerSide:
    """The relay tries each CDR once: nothing in OPBX does more."""

    def __init__(self, book, switches, worker_url, secret):
        self.switches = switches
        self.worker_url = worker_url
        self.secret = secret
        self.waiting = queue.Queue()
        self.relayed = {}
        self.health = {"polls": 0, "status": 0, "body": "", "shown": "offline"}
        self.book = book

    def start(self):
        for work in (self.relay, self.poll):
            threading.Thread(target=work, daemon=True).start()

    def cdr(self, session, body):
        if self.worker_url() and self.switches["relay"] != "off" and not self.switches.happens("relay_never"):
            self.waiting.put((session, body))
            if self.switches.happens("relay_twice"):
                self.waiting.put((session, body))

    def relay(self):
        while True:
            session, body = self.waiting.get()
            wait(self.switches["relay_delay"])
            data = json.dumps({
                "session_id": str(session["id"]), "status": "completed", "disposition": body["disposition"],
                "duration": body["duration"], "billsec": body["billsec"],
                "recording_url": body.get("recording_url"), "completed_at": now_text(),
            }).encode()
            headers = {"Content-Type": "application/json", **self.signature(data)}
            status, _ = send("POST", self.worker_url() + "/webhooks/cdr", data, headers)
            self.relayed[str(status)] = self.relayed.get(str(status), 0) + 1

    def signature(self, data):
        kind = self.switches["relay"]
        if kind == "plain":
            return {}
        secret = self.secret if kind == "hmac" else "somebody else's"
        return {"X-Webhook-Signature": hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()}

    def poll(self):
        while True:
            period = self.switches["health_poll"]
            wait(period or 0.2)
            if period and self.worker_url():
                self.look()

    def look(self):
        """Once; also when a test asks for it."""
        status, text = send("GET", self.worker_url() + "/webhooks/health", timeout=5)
        try:
            healthy = status == 200 and json.loads(text)["status"] == "healthy"
        except (ValueError, KeyError, TypeError):
            healthy = False
        shown = "healthy" if healthy else "degraded" if status else "offline"
        self.health = {"polls": self.health["polls"] + 1, "status": status, "body": text, "shown": shown}
        return self.health
