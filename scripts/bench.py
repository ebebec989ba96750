"""Each figure, the command that made it, and what it is compared with in the same run."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build/bin"
DOMAIN = "sim.cloudonix.net"
API_KEY = "XI00000000000000000000000000000000"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="cxdial-bench-"))
STARTED = []


def run(command, **options):
    return subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True, **options
    ).stdout


def start(command, **options):
    process = subprocess.Popen([str(word) for word in command], **options)
    STARTED.append(process)
    return process


def end(process):
    process.terminate()
    process.wait(30)
    STARTED.remove(process)


def show(figure, value, command, compared=None):
    print(f"\n{figure}\n  {value}")
    if compared:
        print(f"  {compared}")
    print(f"  by: {command}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_ready(url):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer")


def configure(port, extra=""):
    (WORK / "cxdial.toml").write_text(
        f'[daemon]\nlisten = "127.0.0.1:{port}"\nlog_level = "error"\n'
        f'[database]\nurl = "sqlite:bench.db"\n{extra}'
    )
    for file in WORK.glob("bench.db*"):
        file.unlink()


def cxdial(*arguments):
    return [BIN / "cxdial", "--config", WORK / "cxdial.toml", *arguments]


def cxml():
    ours = json.loads(run([BIN / "cxml_bench"]))["documents_per_second"]
    folder = ROOT / "build/bench-npm"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules/twilio").exists():
        run(["npm", "install", "--no-audit", "--no-fund", "--silent", "twilio@6.2.0"], cwd=folder)
    script = ROOT / "scripts/bench_twilio.js"
    theirs = json.loads(run(["node", script], env={**os.environ, "NODE_PATH": str(folder / "node_modules")}))
    show(
        "CXML documents per second (Connect, Stream, three Parameters)",
        f"{ours:,.0f}",
        "build/bin/cxml_bench; node scripts/bench_twilio.js",
        f"{ours / theirs['documents_per_second']:.0f} times the twilio npm library's VoiceResponse "
        f"({theirs['documents_per_second']:,.0f})",
    )


def wrk(url, script, seconds=8, connections=64):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    out = run(command)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    milliseconds = float(p99) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, milliseconds, int(bad.group(1)) if bad else 0, " ".join(command[:-3])


def durable():
    port = free_port()
    configure(port)
    daemon = start(cxdial("run"))
    wait_ready(f"http://127.0.0.1:{port}/healthz")
    script = ROOT / "scripts/bench_cdr.lua"
    ours, p99, bad, command = wrk(f"http://127.0.0.1:{port}/cloudonix/cdr", script)
    end(daemon)
    stored = run(["sqlite3", WORK / "bench.db", "SELECT count(*) FROM webhook"]).strip()
    null = start([BIN / "null_server"], stdout=subprocess.PIPE, text=True)
    null_port = json.loads(null.stdout.readline())["port"]
    theirs, null_p99, _, _ = wrk(f"http://127.0.0.1:{null_port}/cloudonix/cdr", script)
    end(null)
    show(
        "CDRs made durable per second, 64 connections",
        f"{ours:,.0f}; p99 {p99:.2f} ms; {bad} refused; {int(stored):,} rows in the database",
        f"{command} -s scripts/bench_cdr.lua http://127.0.0.1:PORT/cloudonix/cdr",
        f"{ours / theirs:.2f} of the same server answering without storing "
        f"({theirs:,.0f}; p99 {null_p99:.2f} ms; build/bin/null_server)",
    )


def placing():
    configure(free_port())
    options = ["load-test", "--calls", "20000", "--concurrent-active-calls", "1000", "--json"]
    report = json.loads(run(cxdial(*options)))
    simulator = start(
        [BIN / "cloudonix-sim", "--requests", "0", "--domain", DOMAIN, "--outcomes", "answered=1",
         "--setup", "1ms..5ms", "--ring", "10ms..50ms", "--talk", "20ms..80ms", "--hangup-talk", "true"],
        stdout=subprocess.PIPE, text=True,
    )
    port = json.loads(simulator.stdout.readline())["port"]
    rate, _, bad, command = wrk(
        f"http://127.0.0.1:{port}/calls/{DOMAIN}/application", ROOT / "scripts/bench_place.lua",
        connections=64,
    )
    end(simulator)
    show(
        "Calls placed per second by one process against a simulator",
        f"{report['calls_per_second']:,.0f} (CAC {report['cac']}, utilisation "
        f"{report['cac_utilisation'] * 100:.1f} %, violations {report['violations']}, "
        f"{report['cpu_seconds']:.1f} processor seconds)",
        "build/bin/cxdial " + " ".join(options),
        f"{report['calls_per_second'] / rate:.3f} of a raw HTTP load generator that places calls at the same "
        f"simulator, stores nothing and hears no webhooks ({rate:,.0f}; {bad} refused; {command} "
        "-s scripts/bench_place.lua)",
    )
    report = json.loads(run(cxdial("load-test", "--calls", "3000", "--json")))
    refill = report["refill_ms"]
    show(
        "Slot refill at CAC 50: CDR received to next request written",
        f"p50 {refill['p50']:.2f} ms, p99 {refill['p99']:.2f} ms, max {refill['max']:.2f} ms",
        "build/bin/cxdial load-test --calls 3000 --json",
    )


def resident(pid, key):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+) kB", text).group(1)) / 1024


def many(rows, resources=(), **fields):
    """A campaign of so many destinations that may not dial yet, and how long its import took."""
    port = free_port()
    configure(
        port,
        f'[[cloudonix]]\ndomain = "{DOMAIN}"\napi_url = "http://127.0.0.1:9"\napi_key = "{API_KEY}"\n',
    )
    numbers = WORK / "many.csv"
    with numbers.open("w") as file:
        file.write("phone_number,name\n")
        for i in range(rows):
            file.write(f"+1{(i * 7_919_317) % 8_000_000_000 + 2_000_000_000},Somebody {i}\n")
    resource = WORK / "campaign.json"
    resource.write_text(json.dumps([*resources, {
        "kind": "campaign", "name": "many", "cloudonix_domain": DOMAIN,
        "routing_destination_type": "hangup", "caller_id": "+12125550100",
        "concurrent_active_calls": 50, "calls_per_second": 1, **fields,
    }]))
    run(cxdial("apply", resource))
    began = time.monotonic()
    report = json.loads(run(cxdial("import", "many", numbers, "--json")))
    took = time.monotonic() - began
    numbers.unlink()
    return port, report, took


def memory():
    rows = 1_000_000
    port, report, took = many(rows)
    show(
        "Import rate, 1 million rows, indexes in place, durable",
        f"{rows / took:,.0f} rows/s ({report['imported']:,} imported, {report['duplicates']:,} duplicates, "
        f"{report['invalid']:,} invalid, {took:.1f} s)",
        "build/bin/cxdial import many many.csv --json",
    )
    run(cxdial("start", "many"))
    daemon = start(cxdial("run"))
    wait_ready(f"http://127.0.0.1:{port}/healthz")
    time.sleep(3)
    show(
        "Memory at 1 million pending destinations",
        f"{resident(daemon.pid, 'VmRSS'):.1f} MB resident, peak {resident(daemon.pid, 'VmHWM'):.1f} MB",
        "build/bin/cxdial run, then /proc/PID/status",
    )
    end(daemon)


def fetch(method, url):
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as reply:
        reply.read()
    return (time.perf_counter() - began) * 1000


def ticks(port):
    """Seconds of the longest tick so far, as the metric's buckets tell."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
        text = reply.read().decode()
    counts = re.findall(r'cxdial_tick_duration_seconds_bucket{le="([^"]+)"} (\d+)', text)
    total = int(counts[-1][1])
    return next(float(limit) for limit, count in counts if int(count) == total)


def ten_million():
    rows = 10_000_000
    port, report, took = many(rows)
    size = sum(file.stat().st_size for file in WORK.glob("bench.db*")) / 1e9
    show(
        "Import and database size, 10 million rows",
        f"{rows / took:,.0f} rows/s ({report['imported']:,} imported), {size:.2f} GB",
        "build/bin/cxdial import many many.csv --json",
    )
    daemon = start(cxdial("run"))
    api = f"http://127.0.0.1:{port}"
    wait_ready(f"{api}/healthz")
    began = fetch("POST", f"{api}/api/v1/campaigns/many/start")
    time.sleep(12)  # a poll interval
    status = max(fetch("GET", f"{api}/api/v1/campaigns/many") for _ in range(20))
    number = "%2B12000000000"
    why = max(fetch("GET", f"{api}/api/v1/campaigns/many/destinations/{number}") for _ in range(20))
    show(
        "At 10 million pending destinations (the longest of 20, by HTTP)",
        f"start {began:.1f} ms, status {status:.1f} ms, why {why:.1f} ms, no tick (polls among them) over "
        f"{ticks(port) * 1000:g} ms; {resident(daemon.pid, 'VmRSS'):.1f} MB resident, "
        f"peak {resident(daemon.pid, 'VmHWM'):.1f} MB",
        "build/bin/cxdial run; POST …/start, GET /api/v1/campaigns/many, GET …/destinations/NUMBER, /metrics",
    )
    end(daemon)


# Whoever has an even number among the first two million is known, and has called once.
PEOPLE = """
INSERT INTO contact (tenant, phone, name, created_at, updated_at)
    SELECT 'default', phone, 'Somebody', 0, 0 FROM destination WHERE id <= 2000000 AND id % 2 = 0;
INSERT INTO voice_session (tenant, domain, call_sid, token, phone, did, agent, live, started_at, expires_at, ended_at)
    SELECT 'default', '', 'old' || id, 'old' || id, phone, '+14155550000', 'desk', NULL, 0, 0, 1
    FROM destination WHERE id <= 2000000 AND id % 2 = 0;
INSERT INTO follow_up (tenant, phone, agent, type, status, due_at, activated_at)
    SELECT 'default', phone, 'anna', 'none', 0, 0, 0 FROM destination WHERE id <= 2000000 AND id % 4 = 0;
"""


def inbound():
    rows = 10_000_000
    resources = [
        {"kind": "assistant", "name": name, "protocol": "sip", "provider": "vapi", "phone_number": number}
        for name, number in (("anna", "+14155550001"), ("desk", "+14155550002"))
    ] + [{"kind": "phone_number", "phone_number": "+14155550000", "agent": "desk"}]
    port, report, _ = many(
        rows, resources, routing_destination_type="ai_assistant", routing_destination="anna", start_date="2099-01-01"
    )
    run(cxdial("start", "many"))
    run(["sqlite3", WORK / "bench.db", PEOPLE])
    daemon = start(cxdial("run"))
    wait_ready(f"http://127.0.0.1:{port}/healthz")
    command = ["python3", "scripts/bench_inbound.py", f"http://127.0.0.1:{port}", "--seconds", "20"]
    told = json.loads(run(command, cwd=ROOT))
    show(
        f"Decisions on calls that come in: {report['imported']:,} destinations, 1 million contacts and sessions, "
        "500 decisions/s beside 200 CDRs/s",
        f"p50 {told['p50_ms']:.2f} ms, p99 {told['p99_ms']:.2f} ms, max {told['max_ms']:.1f} ms, by HTTP from the "
        f"instant they were due; {told['decisions']:,} decisions, {told['matched']:,} matched a layer, "
        f"{told['errors']} errors; CDRs p99 {told['cdr_p99_ms']:.2f} ms; "
        f"{resident(daemon.pid, 'VmRSS'):.1f} MB resident",
        "build/bin/cxdial run; " + " ".join(command),
    )
    end(daemon)


FIGURES = {
    "cxml": cxml,
    "durable": durable,
    "placing": placing,
    "memory": memory,
    "ten_million": ten_million,
    "inbound": inbound,
}


def main():
    chosen = sys.argv[1:] or list(FIGURES)
    try:
        for name in chosen:
            FIGURES[name]()
    finally:
        for process in STARTED:
            process.send_signal(signal.SIGKILL)
            process.wait()
        subprocess.run(["rm", "-rf", str(WORK)], check=False)


main()
