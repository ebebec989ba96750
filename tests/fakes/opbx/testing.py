"""What the fake's own tests need: a fake in this process, and a Cloudonix that says what it is told to."""

import argparse
import http.client
import http.server
import json
import tempfile
import threading
import unittest

from . import server
from .redis_client import Redis
from .redis_server import RedisServer
from .waiting import wait

TOKEN = "16a7294c989b11e7b3d32b9edb8660c7"
WORKER = "/api/v1/dialer/worker"


class Cloudonix(http.server.ThreadingHTTPServer):
    """Answers each placement with the next of `answers`, then with a fresh token."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CloudonixHandler)
        self.requests = []
        self.answers = []
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True, args=(0.02,)).start()


class CloudonixHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = self.server
        told.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        answer = {
            "domainId": 3, "subscriberId": None, "destination": body["destination"], "direction": "outbound-api",
            "token": TOKEN if len(told.requests) == 1 else "%032x" % len(told.requests),
        }
        status, answer = told.answers.pop(0) if told.answers else (200, answer)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Case(unittest.TestCase):
    """A fake with Redis and Cloudonix behind it; `options` of a subclass change its command line."""

    options = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fake-opbx-")
        self.addCleanup(folder.cleanup)
        self.redis_server = RedisServer(folder.name)
        self.addCleanup(self.redis_server.stop)
        self.redis = Redis(self.redis_server.url)
        self.addCleanup(self.redis.drop)
        self.cloudonix = Cloudonix()
        self.addCleanup(self.cloudonix.server_close)
        self.addCleanup(self.cloudonix.shutdown)
        self.file = folder.name + "/opbx.db"
        self.world = self.start()

    def start(self):
        usual = {
            "database": self.file, "port": 0, "control_port": 0, "cloudonix": self.cloudonix.url,
            "domain": "sim.cloudonix.net", "api_key": "XI0", "redis": self.redis_server.url, "token": "worker-token",
            "second_token": "second-token", "user_token": "user-token", "worker": "", "secret": "webhook-secret",
            "seed": 1, "switches": {},
        }
        world = server.World(argparse.Namespace(**{**usual, **self.options}))
        self.addCleanup(world.down)
        self.addCleanup(world.control.server_close)
        self.addCleanup(world.control.shutdown)
        return world

    def ask(self, method, path, body=None, token="worker-token", headers=None, port=None):
        """(status, JSON or text, headers); status 0 when the connection ended without a reply."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.world.port, timeout=60)
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = "Bearer " + token
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            reply = connection.getresponse()
            text = reply.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, None, {}
        finally:
            connection.close()
        try:
            return reply.status, json.loads(text), reply.headers
        except ValueError:
            return reply.status, text, reply.headers

    def worker(self, method, path, body=None, expect=200, token="worker-token"):
        status, answer, _ = self.ask(method, WORKER + path, body, token)
        self.assertEqual(status, expect, answer)
        return answer

    def control(self, method, path, body=None, expect=200):
        port = self.world.control.server_address[1]
        status, answer, _ = self.ask(method, "/control/" + path, body, port=port)
        self.assertEqual(status, expect, answer)
        return answer

    def switch(self, **changes):
        self.control("PATCH", "switches", changes)

    def campaign(self, numbers=("+14155550101",), **fields):
        """(id, ids of its destinations)."""
        made = self.control("POST", "campaigns", {"id": 12, "destinations": list(numbers), **fields})
        return made["id"], made["destinations"]

    def initiate(self, campaign, destination, expect=201, **fields):
        body = {
            "campaign_id": campaign, "destination_id": destination, "phone_number": "+14155550101",
            "worker_id": "cxdial-1", "initiated_at": "2026-06-01T09:00:00.123456789Z", **fields,
        }
        return self.worker("POST", "/calls/initiate", body, expect)

    def cdr(self, disposition="ANSWER", token=TOKEN, headers=None, **fields):
        """(status, answer, headers) of a CDR in the sheet's form."""
        body = {
            "timestamp": 1703123456, "call_id": f"{token}@172.24.40.152:5060", "from": "+12127773456",
            "to": "+14155550101", "disposition": disposition, "duration": 60, "billsec": 58,
            "domain": "company.cloudonix.io", "cx_trunk_id": 12345, "rated_cost": 0.012,
            "session": {
                "token": token, "id": 123456789, "callStartTime": 1703123456000, "callEndTime": 1703123516000,
                "destination": "+14155550101",
            },
            **fields,
        }
        return self.ask("POST", "/api/webhooks/cloudonix/cdr", body, token=None, headers=headers)

    def cac(self, campaign=12):
        return self.redis.call("GET", f"dialer:cac:{campaign}:active")

    def row(self, table, row_id):
        return self.world.book.one(f"SELECT * FROM {table} WHERE id = ?", row_id)

    def eventually(self, condition, what):
        for _ in range(3000):
            value = condition()
            if value:
                return value
            wait(0.02)
        raise AssertionError("not within a minute: " + what)
