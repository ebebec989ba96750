"""Real programs on loopback: a simulator, a daemon, and what a test asks of them."""

import atexit
import contextlib
import json
import os
import pathlib
import random
import select
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

# CXDIAL_ variables configure the programs; whoever runs the tests may have some of their own.
for name in [name for name in os.environ if name.startswith("CXDIAL_")]:
    del os.environ[name]

BIN = pathlib.Path(os.environ["E2E_BIN"])
SEED = int(os.environ.get("E2E_SEED", random.SystemRandom().randrange(1 << 31)))
DOMAIN = "sim.cloudonix.net"
API_KEY = "XI00000000000000000000000000000000"

# Seconds. Ends a test that hangs; what works does not come near it on the slowest machine.
PATIENCE = 300
# A talk that lasts until `let_go`, and a poll that never comes: what happens all the same was not waited for.
HELD = ("--talk", "60m..60m")
NO_POLL = 'poll_interval = "1h"'
# Restarts leave attempts in doubt, and this is how long such a one is waited for. Elsewhere it is long: a call
# that a slow machine places after its deadline fails.
SHORT_DOUBT = {"in_doubt_limit": "3s"}


def http(method, url, body=None, token=None):
    """One request; answers (status, body as text)."""
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def eventually(condition, what):
    """Waits for a condition with a deadline; the only way a test here lets time go by."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        select_nothing(0.02)


def select_nothing(seconds):
    select.select([], [], [], seconds)


@contextlib.contextmanager
def variables(values):
    """The environment of what is started meanwhile."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class Simulator:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [BIN / "cloudonix-sim", "--die-with-parent", "--domain", DOMAIN, *options],
            stdout=subprocess.PIPE,
        )
        self.url = "http://127.0.0.1:%d" % json.loads(self.process.stdout.readline())["port"]

    def configure(self, **knobs):
        status, body = http("PATCH", self.url + "/control/config", knobs)
        assert status == 200, body

    def truth(self, **query):
        """All that was counted, or what one destination, attempt, assistant or domain has to do with."""
        query = urllib.parse.urlencode(query)
        return json.loads(http("GET", self.url + "/control/truth" + ("?" + query if query else ""))[1])

    def bounds(self, **kinds):
        """Declares what is counted as a violation when it is broken, from now on."""
        status, body = http("PUT", self.url + "/control/bounds", kinds)
        assert status == 204, body

    def change_domain(self, name, **settings):
        settings = {key.replace("_", "-"): value for key, value in settings.items()}
        status, body = http("PATCH", f"{self.url}/control/domains/{name}", settings)
        assert status == 200, body

    def accepted(self):
        return self.truth()["placements"]["accepted"]

    def calls(self):
        """Every call that was accepted, paged."""
        found, after = [], 0
        while True:
            status, body = http("GET", f"{self.url}/control/calls?after={after}&limit=1000")
            page = json.loads(body)
            rows = page["calls"] if isinstance(page, dict) else page
            if not rows:
                return found
            found += rows
            after = rows[-1]["id"]

    def live(self):
        return self.truth()["live"]["now"]

    def wait_live(self, count):
        """Waits until so many calls are up, all of them answered."""
        def answered():
            up = [call for call in self.calls() if not call["ended"]]
            return len(up) == count and all(call["status"] == "connected" for call in up)

        eventually(answered, f"{count} calls are up")

    def let_go(self, talk="50ms..150ms"):
        """Ends the calls that are up; those that take their slots talk for so long."""
        up = [call["token"] for call in self.calls() if not call["ended"]]
        self.configure(talk=talk)
        for token in up:
            http("POST", f"{self.url}/control/calls/{token}/hangup")

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Case(unittest.TestCase):
    """A folder of its own, a seed that is printed, programs that are ended."""

    def setUp(self):
        self.random = random.Random(SEED)
        self.folder = tempfile.TemporaryDirectory(prefix="cxdial-e2e-")
        self.path = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)
        self.daemons = []
        self.addCleanup(self.end_daemons)

    def end_daemons(self):
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.kill()
            daemon.wait()

    def simulator(self, *options):
        simulator = Simulator("--seed", str(SEED), *options)
        self.addCleanup(simulator.stop)
        return simulator

    def configure(self, api_url, port, extra="", domains=({},)):
        """`extra`: more lines of [daemon]. `domains`: keys of each [[cloudonix]] that differ from the usual."""
        self.port = port
        text = f"""
[daemon]
listen = "127.0.0.1:{port}"
log_level = "info"
log_format = "text"
{extra}
[database]
url = "sqlite:cxdial.db"
"""
        for domain in domains:
            keys = {
                "domain": DOMAIN,
                "api_url": api_url,
                "api_key": API_KEY,
                "requests": 0,
                **domain,
            }
            lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
            text += "\n[[cloudonix]]\n" + "\n".join(lines) + "\n"
        (self.path / "cxdial.toml").write_text(text)

    def cxdial(self, *arguments, expect=0, stdin=None):
        done = subprocess.run(
            [BIN / "cxdial", "--config", self.path / "cxdial.toml", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            stdin=stdin or subprocess.DEVNULL,
        )
        self.assertEqual(
            done.returncode, expect, f"cxdial {arguments}\n{done.stdout}\n{done.stderr[-4000:]}"
        )
        return done

    def start_daemon(self):
        log = open(self.path / "daemon.log", "ab")
        self.addCleanup(log.close)
        daemon = subprocess.Popen(
            [BIN / "cxdial", "--config", self.path / "cxdial.toml", "run"],
            stdout=log,
            stderr=log,
        )
        self.daemons.append(daemon)
        return daemon

    def wait_ready(self, daemon):
        def ready():
            self.assertIsNone(daemon.poll(), self.log()[-4000:])
            try:
                return http("GET", f"http://127.0.0.1:{self.port}/readyz")[0] == 200
            except OSError:
                return False

        eventually(ready, "the daemon is ready")

    def log(self):
        return (self.path / "daemon.log").read_text()

    def kill(self, daemon):
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()

    def query(self, sql, *values):
        file = f"file:{self.path}/cxdial.db?mode=ro"
        with contextlib.closing(sqlite3.connect(file, uri=True, timeout=PATIENCE)) as db:
            return db.execute(sql, values).fetchall()

    def numbers(self, count, name="numbers.csv", first=2_000_000):
        file = self.path / name
        rows = [f"+1212{i:07d}" for i in range(first, first + count)]
        file.write_text("phone_number\n" + "\n".join(rows) + "\n")
        return file

    def campaign(self, expect=0, **fields):
        resource = {
            "kind": "campaign",
            "name": "list",
            "cloudonix_domain": DOMAIN,
            "routing_destination_type": "hangup",
            "caller_id": "+12125550100",
            "concurrent_active_calls": 20,
            "calls_per_second": 0,
            "dial_timeout": 10,
            "time_limit": 3600,
            **fields,
        }
        return self.apply(resource, expect)

    def apply(self, resource, expect=0):
        file = self.path / "resource.json"
        file.write_text(json.dumps(resource))
        return self.cxdial("apply", file, expect=expect)


class Product(Case):
    """A simulator with short times, and campaigns that are run to their end."""

    def start_world(self, *options, daemon="", domains=({},), public=False, notices=True):
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        names = [domain["domain"] for domain in domains if "domain" in domain]
        listed = [word for name in names for word in ("--domain", name)]
        if notices:
            listed += ["--cdr-endpoint", self.endpoint + "/cloudonix/cdr"]
            listed += ["--session-update-endpoint", self.endpoint + "/cloudonix/session-update"]
        world = self.simulator(
            "--requests", "0", "--setup", "5ms..10ms", "--ring", "10ms..50ms", "--talk", "50ms..150ms",
            "--hangup-talk", "--outcomes", "answered=1", "--noanswer-after", "20ms..60ms", *listed, *options,
        )
        if public:
            daemon += f'\npublic_url = "{self.endpoint}"'
        self.configure(world.url, port, daemon, domains)
        return world

    def load(self, count, name="list", first=2_000_000, **fields):
        """A campaign with so many destinations, started."""
        self.campaign(name=name, **fields)
        self.cxdial("import", name, self.numbers(count, first=first))
        self.cxdial("start", name)

    def run_daemon(self):
        daemon = self.start_daemon()
        self.wait_ready(daemon)
        return daemon

    def open_destinations(self):
        return self.query("SELECT count(*) FROM destination WHERE status < 5")[0][0]

    def run_to_the_end(self):
        daemon = self.run_daemon()
        self.wait_for_the_end()
        return daemon

    def wait_for_the_end(self):
        eventually(lambda: self.open_destinations() == 0, "every destination is settled")

    def campaign_status(self, name="list"):
        """As a number: draft 0, active 1, paused 2, completed 3, archived 4."""
        return self.query("SELECT status FROM campaign WHERE name = ?", name)[0][0]

    def dispositions(self):
        """How many attempts came out how."""
        return dict(self.query("SELECT disposition, count(*) FROM attempt GROUP BY 1"))

    def check_no_violation(self, simulator):
        truth = simulator.truth()
        self.assertEqual(truth["violations"], 0, truth)
        self.assertEqual(truth["double_dials"], 0, truth["double_dial_examples"])
        self.assertEqual(truth["repeated_attempts"], 0, truth["repeated_attempt_examples"])
        return truth


def free_port():
    """A port on which nobody listens, and that nobody but a program we name it to gets while this process lives."""
    holder = socket.socket()
    # Bound and not listening: the system gives the port to nobody else, and a server that asks for it by number,
    # with SO_REUSEADDR as here, may have it.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    atexit.register(holder.close)
    return holder.getsockname()[1]


def main():
    print(f"seed {SEED}; repeat with E2E_SEED={SEED}", flush=True)
    unittest.main(verbosity=2)
