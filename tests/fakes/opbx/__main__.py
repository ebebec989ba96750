"""`python3 -m opbx --cloudonix URL …`: serves until it is ended; one line of JSON says where."""

import argparse
import ctypes
import json
import signal

from .server import World
from .switches import TABLE


def read_options():
    parser = argparse.ArgumentParser(prog="opbx", description=__doc__)
    parser.add_argument("--database", default=":memory:", help="SQLite file; what was kept there goes on")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--cloudonix", default="http://127.0.0.1:9", help="where calls are placed")
    parser.add_argument("--domain", default="sim.cloudonix.net")
    parser.add_argument("--api-key", default="XI00000000000000000000000000000000")
    parser.add_argument("--redis", default="", help="redis://host:port/db; empty: OPBX without Redis")
    parser.add_argument("--token", default="worker-token", help="bearer of the worker API; empty: none is configured")
    parser.add_argument("--second-token", default="", help="a second one, for rotation")
    parser.add_argument("--user-token", default="user-token")
    parser.add_argument("--worker", default="", help="base URL of the worker, for relay and health")
    parser.add_argument("--secret", default="webhook-secret", help="HMAC key of the relay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", dest="switches", type=json.loads, default={}, help="switches as a JSON object")
    parser.add_argument("--die-with-parent", action="store_true")
    parser.add_argument("--list-switches", action="store_true", help="print the table of switches and end")
    return parser.parse_args()


def main():
    options = read_options()
    if options.list_switches:
        for name, (default, rows, what) in TABLE.items():
            print(f"{name} = {json.dumps(default)}  [{rows}] {what}")
        return
    if options.die_with_parent:
        death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
    world = World(options)
    print(json.dumps({"port": world.port, "control": world.control.server_address[1]}), flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pause()


if __name__ == "__main__":
    main()
