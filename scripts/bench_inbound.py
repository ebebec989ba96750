"""Calls that come in at a fixed rate, beside CDRs at another; what each had to wait from the instant it was due."""

import argparse
import asyncio
import json
import random
import time
import uuid

DID = "+14155550000"
CONNECTIONS = 64


def caller(index):
    """Three of four are in the list of destinations, as scripts/bench.py makes it; one is a stranger."""
    number = (index * 7_919_317) % 8_000_000_000 + 2_000_000_000
    return f"+1{number}" if index % 4 else f"+4420718{index % 100_000:05d}"


def voice_request(index):
    sid = uuid.uuid4().hex
    return "/voice/inbound", {
        "CallSid": sid, "Session": sid, "From": caller(index), "To": DID, "Direction": "inbound",
        "CallStatus": "ringing",
    }


def cdr(index):
    token = uuid.uuid4().hex
    return "/cloudonix/cdr", {
        "domain": "sim.cloudonix.net", "from": DID, "to": caller(index), "disposition": "ANSWER", "duration": 33,
        "billsec": 31, "session": {"token": token},
    }


class Client:
    def __init__(self, host, port):
        self.host, self.port = host, port
        self.idle = asyncio.Queue()

    async def open(self):
        for _ in range(CONNECTIONS):
            self.idle.put_nowait(await asyncio.open_connection(self.host, self.port))

    async def post(self, path, body):
        reader, writer = await self.idle.get()
        text = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\n\r\n"
        )
        writer.write(head.encode() + text)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        document = await reader.readexactly(length)
        self.idle.put_nowait((reader, writer))
        return int(answer.split()[1]), document.decode()


async def at_rate(client, rate, seconds, make, taken):
    """Sends each when it is due, whatever became of those before it."""
    began = time.perf_counter()
    numbers = random.Random(7)
    tasks = []

    async def one(due, index):
        status, document = await client.post(*make(index))
        taken.append((1000 * (time.perf_counter() - due), status, document))

    for count in range(int(rate * seconds)):
        due = began + count / rate
        delay = due - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        tasks.append(asyncio.create_task(one(due, numbers.randrange(2_000_000))))
    await asyncio.gather(*tasks)


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


async def measure(options):
    host, port = options.url.removeprefix("http://").split(":")
    client = Client(host, int(port))
    await client.open()
    warm, decisions, cdrs = [], [], []
    await at_rate(client, 50, 2, voice_request, warm)
    await asyncio.gather(
        at_rate(client, options.decisions, options.seconds, voice_request, decisions),
        at_rate(client, options.cdrs, options.seconds, cdr, cdrs),
    )
    waits = [wait for wait, _, _ in decisions]
    errors = [row for row in decisions + cdrs if row[1] != 200]
    print(json.dumps({
        "decisions": len(decisions),
        "matched": sum("+14155550002" not in document for _, _, document in decisions),
        "errors": len(errors),
        "p50_ms": share(waits, 0.5),
        "p99_ms": share(waits, 0.99),
        "max_ms": max(waits),
        "cdr_p99_ms": share([wait for wait, _, _ in cdrs], 0.99),
    }))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="the daemon, as http://127.0.0.1:8081")
    parser.add_argument("--decisions", type=int, default=500, help="a second")
    parser.add_argument("--cdrs", type=int, default=200, help="a second")
    parser.add_argument("--seconds", type=float, default=20)
    asyncio.run(measure(parser.parse_args()))


main()
