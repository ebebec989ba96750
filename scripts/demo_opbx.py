"""For scripts/demo-opbx: OPBX owns two campaigns, cxdial dials them, and OPBX is away for a while in the middle."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAKES = ROOT / "tests" / "fakes"
BIN = ROOT / "build" / "bin"
sys.path.insert(0, str(FAKES))
sys.dont_write_bytecode = True

from opbx.redis_client import Redis, RedisError  # noqa: E402
from opbx.redis_server import RedisServer, die_with_parent, free_port  # noqa: E402

DEADLINE_S = 120
AWAY_S = 3
CAMPAIGNS = {
    12: {"name": "June", "caller_id": "+12125550112", "concurrent_active_calls": 12, "numbers": 120},
    13: {"name": "July", "caller_id": "+12125550113", "concurrent_active_calls": 5, "numbers": 40},
}
TOTAL = sum(campaign["numbers"] for campaign in CAMPAIGNS.values())
SIMULATOR = [
    "--requests", "0", "--setup", "20ms..60ms", "--ring", "100ms..400ms", "--talk", "300ms..900ms", "--hangup-talk",
    "--outcomes", "answered=75,busy=12,noanswer=13", "--noanswer-after", "200ms..500ms", "--webhook-tries", "100",
    "--cdr-duplicate", "0.1",
]
CONFIG = """
[daemon]
listen = "127.0.0.1:{port}"
log_level = "warn"
log_format = "text"

[database]
url = "sqlite:demo.db"

[opbx]
url = "{opbx}"
token = "worker-token"
worker_id = "cxdial-1"
redis_url = "{redis}"
poll_interval = "1s"

[[cloudonix]]
domain = "sim.cloudonix.net"
api_url = "{cloudonix}"
api_key = "XI00000000000000000000000000000000"
requests = 0
"""


def ask(method, url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        text = reply.read()
        return json.loads(text) if text else None


class Demo:
    def __init__(self, folder):
        self.folder = folder
        self.programs = []
        self.redis_server = None

    def start(self, words, **more):
        program = subprocess.Popen(words, preexec_fn=die_with_parent, **more)
        self.programs.append(program)
        return program

    def start_all(self):
        self.redis_server = RedisServer(self.folder)
        self.redis = Redis(self.redis_server.url)
        port = free_port()
        cdrs = f"http://127.0.0.1:{port}/cloudonix/cdr"
        simulator = self.start([BIN / "cloudonix-sim", "--cdr-endpoint", cdrs, *SIMULATOR], stdout=subprocess.PIPE)
        self.cloudonix = "http://127.0.0.1:%d" % json.loads(simulator.stdout.readline())["port"]
        opbx = self.start(
            [sys.executable, "-m", "opbx", "--cloudonix", self.cloudonix, "--redis", self.redis_server.url,
             "--database", str(self.folder / "opbx.db"), "--worker", f"http://127.0.0.1:{port}"],
            stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(FAKES), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        ports = json.loads(opbx.stdout.readline())
        self.opbx, self.control = (f"http://127.0.0.1:{ports[name]}" for name in ("port", "control"))
        self.add_campaigns()
        file = self.folder / "cxdial.toml"
        file.write_text(CONFIG.format(
            port=port, opbx=self.opbx, redis=self.redis_server.url, cloudonix=self.cloudonix
        ))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CXDIAL_")}
        self.cxdial = self.start([BIN / "cxdial", "--config", file, "run"], env=environment)

    def add_campaigns(self):
        first = 2_000_000
        for number, campaign in CAMPAIGNS.items():
            fields = {**campaign, "id": number, "calls_per_second": 30, "dial_timeout": 10, "time_limit": 30}
            count = fields.pop("numbers")
            fields["destinations"] = [f"+1212{row:07d}" for row in range(first, first + count)]
            first += count
            ask("POST", self.control + "/control/campaigns", fields)

    def stop_all(self):
        for program in reversed(self.programs):
            if program.poll() is None:
                program.terminate()
                try:
                    program.wait(15)
                except subprocess.TimeoutExpired:
                    program.kill()
                    program.wait()
        if self.redis_server:
            self.redis_server.stop()

    def truth(self):
        return ask("GET", self.control + "/control/truth")

    def settled(self):
        """Destinations that came to an end, by cxdial's database."""
        file = self.folder / "demo.db"
        if not file.exists():
            return 0
        try:
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5) as book:
                return book.execute("SELECT count(*) FROM destination WHERE status >= 5").fetchone()[0]
        except sqlite3.OperationalError:
            return 0  # it is being made

    def counters(self):
        try:
            return [int(self.redis.call("GET", f"dialer:cac:{number}:active") or 0) for number in CAMPAIGNS]
        except RedisError:
            return [0 for _ in CAMPAIGNS]

    def run(self):
        """Until all is settled and passed on; what the counters in Redis were at most."""
        peaks = [0 for _ in CAMPAIGNS]
        began, away_at = time.monotonic(), None
        while True:
            settled, truth, counters = self.settled(), self.truth(), self.counters()
            peaks = [max(pair) for pair in zip(peaks, counters)]
            if away_at is None and truth["calls"] >= TOTAL // 3:
                away_at = time.monotonic()
                ask("POST", self.control + "/control/down", {"seconds": AWAY_S})
            away = away_at is not None and time.monotonic() < away_at + AWAY_S
            show(settled, truth, counters, away)
            if settled >= TOTAL and truth["cdrs"]["taken"] >= TOTAL and not any(counters):
                return peaks, time.monotonic() - began
            if self.cxdial.poll() is not None or time.monotonic() > began + DEADLINE_S:
                raise SystemExit("demo-opbx: it did not come to its end")
            time.sleep(0.2)


def show(settled, truth, counters, away):
    filled = 30 * settled // TOTAL
    bar = "█" * filled + "·" * (30 - filled)
    line = f"settled [{bar}] {settled:3d}/{TOTAL}  calls {truth['calls']:3d}  CDRs at OPBX {truth['cdrs']['taken']:3d}"
    line += f"  in Redis {counters}  {'OPBX is away' if away else ''}"
    if sys.stderr.isatty():
        print("\r" + line + "\x1b[K", end="", file=sys.stderr, flush=True)
    elif settled != show.last:
        print(line.rstrip(), file=sys.stderr)
    show.last = settled


show.last = -1


def summary(demo, peaks, seconds):
    opbx, cloudonix = demo.truth(), ask("GET", demo.cloudonix + "/control/truth")
    rows = [
        ("destinations settled", demo.settled()), ("calls placed, by OPBX", opbx["calls"]),
        ("calls accepted, by Cloudonix", cloudonix["placements"]["accepted"]),
        ("CDRs that OPBX took", opbx["cdrs"]["taken"]), ("OPBX was away", f"{AWAY_S} s"),
        ("double dials, by OPBX", opbx["double_dials"]), ("double dials, by Cloudonix", cloudonix["double_dials"]),
    ]
    broken = opbx["double_dials"] + cloudonix["double_dials"]
    for (number, campaign), in_redis in zip(CAMPAIGNS.items(), peaks):
        own = opbx["campaigns"][str(number)]
        cap = campaign["concurrent_active_calls"]
        rows.append((f"{campaign['name']}: peak of {cap}, by OPBX", own["peak"]))
        rows.append((f"{campaign['name']}: peak of {cap}, seen in Redis", in_redis))
        broken += max(0, own["peak"] - cap) + max(0, in_redis - cap)
        broken += sum(count - 1 for count in own["calls_by_destination"].values())
    rows.append(("seconds", f"{seconds:.1f}"))
    for name, value in rows:
        print(f"{name:34} {value:>8}")
    return broken == 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="cxdial-demo-") as folder:
        demo = Demo(pathlib.Path(folder))
        try:
            demo.start_all()
            print(f"\ncxdial dials {TOTAL} destinations of two campaigns that OPBX owns; OPBX places the calls:")
            peaks, seconds = demo.run()
            print(file=sys.stderr)
            kept = summary(demo, peaks, seconds)
        finally:
            demo.stop_all()
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
