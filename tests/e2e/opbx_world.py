"""OPBX, Cloudonix, Redis and cxdial together on the loopback, and what each of them counted."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import harness
from harness import PATIENCE, API_KEY, BIN, DOMAIN, eventually, free_port, http

FAKES = pathlib.Path(__file__).resolve().parent.parent / "fakes"
sys.path.insert(0, str(FAKES))
sys.dont_write_bytecode = True

from opbx.redis_client import Connection, Redis, RedisError  # noqa: E402
from opbx.redis_server import RedisServer, die_with_parent  # noqa: E402

KILLS = int(os.environ.get("E2E_KILLS", "4"))
SECRET = "webhook-secret"
SETTLED = 5  # destination states from here on are terminal; attempt states too


class FakeOpbx:
    """The fake in a process of its own, at the same ports and with the same book through every restart."""

    def __init__(self, folder, *options, **switches):
        self.command = [
            sys.executable, "-m", "opbx", "--die-with-parent", "--database", str(folder / "opbx.db"), *options,
        ]
        self.ports = []
        self.process = None
        self.start(switches)

    def start(self, switches=None):
        self.process = subprocess.Popen(
            [*self.command, "--set", json.dumps(switches or {}), *self.ports], stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(FAKES), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        told = json.loads(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{told['port']}"
        self.control_url = f"http://127.0.0.1:{told['control']}/control/"
        self.ports = ["--port", str(told["port"]), "--control-port", str(told["control"])]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.kill()

    def control(self, method, path, body=None):
        status, text = http(method, self.control_url + path, body)
        assert status == 200, text
        return json.loads(text)

    def switch(self, **changes):
        self.control("PATCH", "switches", changes)

    def act(self, campaign, action):
        self.control("POST", f"campaigns/{campaign}/{action}", {})

    def edit(self, campaign, **fields):
        self.control("PATCH", f"campaigns/{campaign}", fields)

    def truth(self):
        return self.control("GET", "truth")

    def campaign(self, campaign=12):
        return self.truth()["campaigns"][str(campaign)]

    def requests(self, route):
        return [row for row in self.control("GET", "requests") if row["route"] == route]

    def initiated(self):
        """The bodies of R6, in order."""
        return [json.loads(row["body"]) for row in self.requests("R6")]


class RedisWatch:
    """Every value that the counters have had, replayed from what Redis says it was told."""

    LINE = re.compile(r"^\d+\.\d+ \[\d+ \S+\] (.*)$")
    WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
    COUNTER = re.compile(r"^dialer:cac:(\d+):active$")

    def __init__(self, url):
        self.url = url
        self.values, self.peaks = {}, {}
        self.written = set()
        self.seen = set()
        self.ended = threading.Event()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.wait(PATIENCE)

    def run(self):
        while not self.ended.is_set():
            try:
                connection = Connection(self.url, timeout=None)
                connection.call("MONITOR")
                self.values = {}
                self.ready.set()
                while not self.ended.is_set():
                    self.take(connection.line().decode(errors="replace")[1:])
            except RedisError:
                self.ended.wait(0.02)

    def take(self, line):
        match = self.LINE.match(line)
        words = self.WORD.findall(match[1]) if match else []
        if not words:
            return
        name, arguments = words[0].lower(), words[1:]
        if name == "echo":
            self.seen.add(arguments[0])
        elif name in ("flushall", "flushdb"):
            self.values = {}
        elif name.startswith(("set", "incr", "decr", "del", "unlink", "hset", "hdel", "push", "zadd", "sadd")):
            self.written.add(arguments[0])
            self.count(name, arguments)

    def count(self, name, arguments):
        counter = self.COUNTER.match(arguments[0])
        if not counter:
            return
        campaign = int(counter[1])
        value = self.values.get(campaign, 0)
        amount = int(arguments[1]) if len(arguments) > 1 else 1
        value = {
            "set": amount, "incr": value + 1, "decr": value - 1, "incrby": value + amount, "decrby": value - amount,
        }.get(name, 0)
        self.values[campaign] = value
        self.peaks[campaign] = max(self.peaks.get(campaign, 0), value)

    def catch_up(self):
        """What was done before this call has been taken after it."""
        mark = os.urandom(8).hex()
        Redis(self.url).call("ECHO", mark)
        eventually(lambda: mark in self.seen, "Redis tells what it was told")

    def stop(self):
        """After Redis itself, whose end wakes the thread."""
        self.ended.set()
        self.thread.join(PATIENCE)


class Case(harness.Product):
    """A world with one OPBX. `start_opbx` first, then campaigns, then `run_daemon`."""

    def start_opbx(self, *options, cdrs="tee", placement="opbx", opbx=(), switches=(), domains=({},), daemon="",
                   redis=True, password=""):
        """`cdrs`: tee (Cloudonix → cxdial → OPBX), opbx (Cloudonix → OPBX alone), none. `opbx`: keys of [opbx]."""
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self.redis_server = RedisServer(self.path, password)
        self.watch = RedisWatch(self.redis_server.url)
        self.addCleanup(self.watch.stop)
        self.addCleanup(self.redis_server.stop)
        self.redis = Redis(self.redis_server.url)
        self.addCleanup(self.redis.drop)
        self.sim = self.simulator(
            "--requests", "0", "--setup", "5ms..10ms", "--ring", "10ms..50ms", "--talk", "50ms..150ms",
            "--hangup-talk", "--outcomes", "answered=1", "--noanswer-after", "20ms..60ms", "--webhook-tries", "100",
            *options,
        )
        self.opbx = FakeOpbx(
            self.path, "--cloudonix", self.sim.url, "--domain", DOMAIN, "--api-key", API_KEY,
            "--redis", self.redis_server.url, "--secret", SECRET, "--worker", self.endpoint,
            "--seed", str(harness.SEED),
            **{"rate_limit": 0, **dict(switches)},
        )
        self.addCleanup(self.opbx.stop)
        self.send_cdrs_to(cdrs)
        self.configure(self.sim.url, port, daemon, domains)
        keys = {
            "url": self.opbx.url, "token": "worker-token", "worker_id": "cxdial-1", "placement": placement,
            "webhook_secret": SECRET, "poll_interval": "200ms", "in_doubt_limit": "10s", **dict(opbx),
        }
        if redis:
            keys["redis_url"] = self.redis_server.url
        with open(self.path / "cxdial.toml", "a") as file:
            file.write("\n[opbx]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()))

    def send_cdrs_to(self, cdrs):
        where = {"tee": self.endpoint + "/cloudonix/cdr", "opbx": self.opbx.url + "/api/webhooks/cloudonix/cdr"}
        self.sim.configure(**{"cdr-endpoint": where.get(cdrs, "")})

    def give(self, count, campaign=12, first=2_000_000, cac=5, **fields):
        """A campaign at OPBX with so many destinations; its caller ID is its own, and its cap is watched."""
        caller = f"+121255501{campaign:02d}"
        rows = [f"+1212{number:07d}" for number in range(first, first + count)]
        self.caps = {**getattr(self, "caps", {}), campaign: cac}
        self.callers = {**getattr(self, "callers", {}), caller: {"cap": cac}}
        self.sim.bounds(caller_id=self.callers)
        self.opbx.control("POST", "campaigns", {
            "id": campaign, "name": f"campaign {campaign}", "caller_id": caller, "concurrent_active_calls": cac,
            "calls_per_second": 30, "api_interval_seconds": 0.04, "dial_timeout": 10, "time_limit": 30,
            "destinations": rows, **fields,
        })

    def settled(self):
        return self.query("SELECT count(*) FROM destination WHERE status >= ?", SETTLED)[0][0]

    def live_attempts(self):
        return self.query("SELECT count(*) FROM attempt WHERE status < ?", SETTLED)[0][0]

    def wait_settled(self, count):
        def done():
            return self.settled() >= count and self.live_attempts() == 0

        eventually(done, f"{count} destinations are settled; {self.state()}")

    def state(self):
        """For a failure's message."""
        return "daemon: " + self.log()[-1500:] if (self.path / "daemon.log").exists() else ""

    def wait_passed_on(self, count):
        """OPBX has taken so many calls' CDRs."""
        eventually(lambda: self.opbx.truth()["cdrs"]["taken"] >= count, f"{count} CDRs at OPBX")

    def counter(self, campaign=12):
        return int(self.redis.call("GET", f"dialer:cac:{campaign}:active") or 0)

    def wait_counter(self, value, campaign=12):
        eventually(lambda: self.counter(campaign) == value, f"the counter in Redis is {value}")

    def wait_paused(self, reason):
        """cxdial has had OPBX pause the campaign, without a time, and has seen it paused there."""
        eventually(lambda: self.opbx.campaign()["status"] == "paused", "OPBX has paused the campaign")
        self.assertIn(reason, self.opbx.campaign()["pause_reason"])
        self.assertIsNone(self.opbx.campaign()["resume_at"])
        kept = lambda: self.query("SELECT status_reason FROM campaign")[0][0]
        eventually(lambda: "not list" in kept(), "the next poll has shown that it is paused")

    def dispositions(self):
        """As the product's; an attempt that was given back before anybody was asked has none."""
        return {name: count for name, count in super().dispositions().items() if name}

    def check_books(self, attempts=1):
        """Nobody was called twice, no cap was broken, by anybody's count; each destination at most `attempts` times."""
        self.check_no_violation(self.sim)
        ends = {call["token"]: call["callEndTime"] for call in self.sim.calls() if call["ended"]}
        self.opbx.control("POST", "ends", ends)
        truth = self.opbx.truth()
        self.watch.catch_up()
        for campaign, cac in self.caps.items():
            own = truth["campaigns"][str(campaign)]
            self.assertEqual(own["double_dials"], [], campaign)
            self.assertLessEqual(own["peak"], cac, f"calls of campaign {campaign} at once, by OPBX's book")
            self.assertLessEqual(self.watch.peaks.get(campaign, 0), cac, f"counter of campaign {campaign} in Redis")
            self.assertLessEqual(max(own["calls_by_destination"].values(), default=0), attempts)
        return truth

    def given_cdrs(self):
        """The tokens of the CDRs that cxdial was given, in that order."""
        rows = self.query("SELECT token FROM webhook WHERE kind = 0 ORDER BY id")
        return list(dict.fromkeys(row[0] for row in rows))

    def taken_cdrs(self):
        """Those that OPBX took, each the first time."""
        rows = [row for row in self.opbx.control("GET", "cdrs") if row["status"] == 200]
        return list(dict.fromkeys(row["token"] for row in rows))

    def check_passed_on_in_order(self, passed=frozenset()):
        """What OPBX took is what cxdial was given, in that order, but for those that others passed."""
        self.assertEqual(
            [token for token in self.taken_cdrs() if token not in passed],
            [token for token in self.given_cdrs() if token not in passed],
        )

    def often_refused(self):
        """The tokens of the CDRs that OPBX answered with an error so often that the others passed them."""
        refusals = [row["token"] for row in self.opbx.control("GET", "cdrs") if row["status"] == 500]
        return {token for token in refusals if refusals.count(token) >= 4}

    def outbox(self, queue="opbx_cdr"):
        """What waits to be passed on, as the API shows it."""
        queues = json.loads(http("GET", self.endpoint + "/api/v1/outbox")[1])
        found = [shown for shown in queues if shown["queue"] == queue]
        return found[0] if found else {"waiting": 0, "refused": 0, "dead_letters": 0}

    def ended_tokens(self):
        return {call["token"] for call in self.sim.calls() if call["ended"]}
