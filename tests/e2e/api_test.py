"""The HTTP API of a real daemon, beside a simulator that it dials."""

import http.client
import json
import os
import signal
import time
import unittest

import harness
from harness import API_KEY, DOMAIN, PATIENCE, eventually, free_port, http as ask

IMPORTED = int(os.environ.get("E2E_IMPORTED", "200000"))
# The writer's page cache is 64 MiB of it. A sanitizer keeps what was freed, so that it says nothing there.
MEMORY_GROWTH_MAX = int(os.environ.get("E2E_MEMORY_MIB", "96")) << 20
TOKEN = "a-token-of-the-tests"


class Api(harness.Case):
    def start_world(self, token=""):
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}/cloudonix"
        simulator = self.simulator(
            "--requests", "0", "--ring", "10ms..50ms", "--talk", "50ms..200ms", "--hangup-talk",
            "--outcomes", "answered=80,busy=20", "--cdr-endpoint", endpoint + "/cdr",
        )
        self.token = token
        self.configure(simulator.url, port, f'api_token = "{token}"' if token else "")
        self.daemon = self.start_daemon()
        self.wait_ready(self.daemon)
        return simulator

    def api(self, method, path, body=None, expect=200, token=None):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}"
        status, text = ask(method, url, body, token or self.token)
        self.assertEqual(status, expect, text)
        return json.loads(text) if text else None

    def resource(self, **fields):
        return {
            "name": "list", "cloudonix_domain": DOMAIN, "routing_destination_type": "hangup",
            "caller_id": "+12125550100", "concurrent_active_calls": 20, "calls_per_second": 0,
            "dial_timeout": 10, "time_limit": 30, **fields,
        }

    def send(self, path, kind, chunks, size):
        """Sends a body piece by piece; answers (status, JSON)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * PATIENCE)
        self.addCleanup(connection.close)
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        connection.request("POST", "/api/v1/" + path, body=chunks, headers=headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())

    def peak_memory(self):
        with open(f"/proc/{self.daemon.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10

    def test_resources_are_created_shown_paged_and_deleted(self):
        self.start_world()
        assistant = {"name": "anna", "provider": "vapi", "phone_number": "+12025550111",
                     "protocol": "sip", "auth_token": "very-secret"}
        self.assertNotIn("very-secret", json.dumps(self.api("PUT", "assistants/anna", assistant, 201)))
        self.api("PUT", "assistants/anna", assistant, 200)
        pool = {"name": "pool", "strategy": "random", "members": [{"assistant": "anna"}], "fallback": "hangup"}
        self.api("PUT", "ai_load_balancers/pool", pool, 201)
        routed = self.resource(routing_destination_type="ai_load_balancer", routing_destination="pool")
        for name in ("a", "b", "c"):
            self.api("PUT", f"campaigns/{name}", {**routed, "name": name}, 201)
        first = self.api("GET", "campaigns?limit=2")
        self.assertEqual([c["name"] for c in first["items"]], ["a", "b"])
        rest = self.api("GET", f"campaigns?limit=2&cursor={first['next_cursor']}")
        self.assertEqual([c["name"] for c in rest["items"]], ["c"])
        self.assertIsNone(rest["next_cursor"])
        refusal = self.api("DELETE", "assistants/anna", expect=409)["error"]
        self.assertEqual(refusal["code"], "conflict")
        self.assertIn("pool", refusal["message"])
        for name in ("a", "b", "c"):
            self.api("DELETE", f"campaigns/{name}", expect=204)
        self.api("DELETE", "ai_load_balancers/pool", expect=204)
        self.api("DELETE", "assistants/anna", expect=204)
        self.api("GET", "assistants/anna", expect=404)

    def test_a_bad_resource_is_refused_with_the_path_of_each_bad_field(self):
        self.start_world()
        bad = self.resource(concurrent_active_calls=0, colour="red")
        error = self.api("PUT", "campaigns/list", bad, 422)["error"]
        self.assertEqual({f["path"] for f in error["fields"]}, {"concurrent_active_calls", "colour"})
        error = self.api("PUT", "campaigns/other", self.resource(), 422)["error"]
        self.assertEqual([f["path"] for f in error["fields"]], ["name"])
        lost = self.resource(routing_destination_type="ai_assistant", routing_destination="nobody")
        error = self.api("PUT", "campaigns/list", lost, 422)["error"]
        self.assertEqual([f["path"] for f in error["fields"]], ["routing_destination"])
        self.api("GET", "campaigns/list", expect=404)
        self.api("GET", "campaigns?limit=0", expect=400)
        self.api("GET", "campaigns?colour=red", expect=400)
        self.api("PATCH", "campaigns/list", {}, expect=405)
        self.api("GET", "nothing", expect=404)

    def test_without_the_token_nothing_is_told(self):
        self.start_world(TOKEN)
        for method, path in (("GET", "campaigns"), ("POST", "suppressions"), ("GET", "nothing")):
            error = self.api(method, path, [] if method == "POST" else None, 401, token="wrong")["error"]
            self.assertEqual(error["code"], "unauthorized")
        self.api("GET", "campaigns")

    def test_the_life_cycle_over_http(self):
        self.start_world()
        # At this pace it does not come to its end by itself.
        self.api("PUT", "campaigns/list", self.resource(calls_per_second=1), 201)
        self.assertIn("nothing to dial", self.api("POST", "campaigns/list/start", expect=409)["error"]["message"])
        rows = [{"phone_number": f"+1212{i}"} for i in range(2_000_000, 2_000_300)] + ["12", "+12122000000"]
        report = self.api("POST", "campaigns/list/destinations", rows)
        self.assertEqual((report["imported"], report["duplicates"], report["invalid"]), (300, 1, 1))
        self.assertEqual(report["rejected"][0]["row"], 301)
        self.assertEqual(self.api("POST", "campaigns/list/start"), {"name": "list", "status": "active"})
        self.assertIn("active", self.api("POST", "campaigns/list/archive", expect=409)["error"]["message"])
        self.assertEqual(self.api("POST", "campaigns/list/pause")["status"], "paused")
        self.assertEqual(self.api("POST", "campaigns/list/resume")["status"], "active")
        self.api("PUT", "campaigns/list", self.resource(), 200)
        eventually(lambda: self.api("GET", "campaigns/list")["status"] == "completed", "it completes")
        shown = self.api("GET", "campaigns/list")["statistics"]
        self.assertEqual(sum(shown["destinations"].values()), 300)
        self.assertEqual(shown["active_calls"], 0)
        seen, cursor = [], ""
        while cursor is not None:
            page = self.api("GET", "campaigns/list/attempts?limit=128" + (f"&cursor={cursor}" if cursor else ""))
            seen += page["items"]
            cursor = page["next_cursor"]
        self.assertEqual(len({a["phone_number"] for a in seen}), 300)
        self.assertEqual({a["status"] for a in seen}, {"ended"})
        one = self.api("GET", "campaigns/list/destinations/+12122000000")
        self.assertIn(one["status"], ("completed", "failed"))
        failed = self.api("GET", "campaigns/list/destinations?status=failed&limit=1000")["items"]
        self.assertEqual(len(failed), shown["destinations"].get("failed", 0))
        self.assertEqual(self.api("GET", "status")[0]["name"], "list")
        self.assertEqual(self.api("GET", "orphan-cdrs")["items"], [])
        self.assertEqual(self.api("POST", "campaigns/list/archive")["status"], "archived")
        self.assertIn("archived", self.api("POST", "campaigns/list/destinations", rows, 409)["error"]["message"])

    def test_the_do_not_call_list(self):
        self.start_world()
        report = self.api("POST", "suppressions?reason=asked", ["+12125550101", {"phone_number": "+12125550102"}])
        self.assertEqual(report["imported"], 2)
        csv = b"phone\n+12125550102\n+12125550103\nbad\n"
        status, report = self.send("suppressions", "text/csv", csv, len(csv))
        self.assertEqual((status, report["imported"], report["duplicates"], report["rejected_rows"]), (200, 1, 1, 1))
        page = self.api("GET", "suppressions?limit=2")
        self.assertEqual([s["reason"] for s in page["items"]], ["asked", "asked"])
        self.api("DELETE", "suppressions/+12125550101", expect=204)
        self.api("DELETE", "suppressions/+12125550101", expect=404)
        self.assertEqual(self.send("suppressions", "text/plain", b"x", 1)[0], 415)

    def test_a_prefix_of_the_do_not_call_list(self):
        self.start_world(TOKEN)
        self.campaign()
        added = json.loads(self.cxdial("suppress", "add", "+1212*", "+16465550100", "--json").stdout)
        self.assertEqual(added, {"added": 2})
        self.assertIn("+12x*: is no prefix", self.cxdial("suppress", "add", "+12x*", expect=2).stderr)
        rows = self.path / "rows.csv"
        rows.write_text("phone_number\n+1212*\n+44*\n+*\n")
        report = json.loads(self.cxdial("suppress", "import", rows, "--json").stdout)
        self.assertEqual((report["imported"], report["duplicates"], report["invalid"]), (1, 1, 1))
        self.assertEqual(report["rejected"][0]["value"], "+*")
        beside = self.cxdial("suppress", "list", "--json").stdout
        listed = [entry["phone_number"] for entry in json.loads(beside)]
        self.assertEqual(listed, ["+44*", "+1212*", "+16465550100"])
        paged, cursor = [], ""
        while cursor is not None:
            page = self.api("GET", "suppressions?limit=1" + (f"&cursor={cursor}" if cursor else ""))
            paged += [entry["phone_number"] for entry in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual(paged, listed)
        report = self.api("POST", "campaigns/list/destinations", ["+12125550101", "+13235550101"])
        self.assertEqual((report["imported"], report["suppressed"]), (1, 1))
        why = json.loads(self.cxdial("why", "list", "+12125550101", "--json").stdout)
        self.assertEqual(why["reason"], "suppressed")
        self.assertIn("+1212*", why["detail"])
        self.assertEqual(self.api("GET", "suppressions/+1212*")["reason"], "added by an operator")
        self.api("DELETE", "suppressions/%2B44%2A", expect=204)
        self.api("DELETE", "suppressions/+44*", expect=404)
        self.assertIn("+4x*", self.api("DELETE", "suppressions/+4x*", expect=422)["error"]["message"])
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(harness.PATIENCE), 0)
        alone = json.loads(self.cxdial("suppress", "list", "--json").stdout)
        self.assertEqual(alone, json.loads(beside)[1:])
        removed = json.loads(self.cxdial("suppress", "remove", "+1212*", "+44*", "--json").stdout)
        self.assertEqual(removed, {"removed": 1})

    def test_the_commands_work_beside_a_running_daemon_as_without_it(self):
        self.start_world(TOKEN)
        self.campaign()
        bad = self.path / "bad.json"
        lost = self.resource(routing_destination_type="ai_assistant", routing_destination="nobody")
        bad.write_text(json.dumps({**lost, "kind": "campaign", "name": "other"}))
        beside = [self.cxdial("apply", bad, expect=1).stderr]
        report = json.loads(self.cxdial("import", "list", self.numbers(2500), "--json").stdout)
        self.assertEqual((report["imported"], report["duplicates"]), (2500, 0))
        self.assertIn("no campaign", self.cxdial("import", "none", self.path / "numbers.csv", expect=1).stderr)
        self.cxdial("suppress", "add", "+12125550101", "+12125550102")
        removed = self.cxdial("suppress", "remove", "+12125550101", "+12125550109", "--json").stdout
        self.assertEqual(json.loads(removed), {"removed": 1})
        self.assertEqual(self.cxdial("start", "list").stdout, "campaign list: active\n")
        self.assertIn("active", self.cxdial("start", "list", expect=1).stderr)
        eventually(lambda: self.query("SELECT count(*) FROM attempt")[0][0] > 20, "it dials")
        self.assertEqual(self.cxdial("pause", "list").stdout, "campaign list: paused\n")
        eventually(lambda: self.query("SELECT count(*) FROM attempt WHERE status <= 4") == [(0,)], "calls end")
        shows = (("get", "campaign"), ("get", "campaign", "list"), ("status",), ("suppress", "list"))
        beside += [self.cxdial(*show, "--json").stdout for show in shows]
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(harness.PATIENCE), 0)
        alone = [self.cxdial("apply", bad, expect=1).stderr]
        alone += [self.cxdial(*show, "--json").stdout for show in shows]
        self.assertEqual(beside, alone)
        self.cxdial("delete", "campaign", "list")

    def test_a_daemon_that_cannot_be_reached_is_named_and_what_is_read_is_still_shown(self):
        self.start_world()
        self.campaign()
        text = (self.path / "cxdial.toml").read_text()
        (self.path / "cxdial.toml").write_text(text.replace(str(self.port), str(free_port())))
        done = self.cxdial("pause", "list", expect=1)
        self.assertIn(f"process {self.daemon.pid}", done.stderr)
        self.assertIn("daemon.listen", done.stderr)
        self.assertIn("list", self.cxdial("status").stdout)

    def test_a_daemon_on_a_port_that_only_its_log_names_is_told_of(self):
        self.configure("http://127.0.0.1:9", 0)
        self.daemon = self.start_daemon()
        eventually(lambda: "daemon_started" in self.log(), "it has started")
        refused = self.cxdial("suppress", "add", "+12125550101", expect=1).stderr
        self.assertIn("port 0", refused)
        self.assertIn(f"process {self.daemon.pid}", refused)

    def test_sighup_names_the_keys_that_need_a_restart(self):
        self.start_world()
        text = (self.path / "cxdial.toml").read_text()
        limited = text.replace("requests = 0", "requests = 7") + "\n[dialing]\ncalls_per_number = 9\n"
        line = self.reread(limited)
        self.assertIn("restart_needed=true", line)
        self.assertIn("[dialing]", line)
        self.assertNotIn("[[cloudonix]]", line)
        rekeyed = limited.replace(API_KEY, "XI11111111111111111111111111111111")
        self.assertIn("[dialing], [[cloudonix]]", self.reread(rekeyed))
        other = text.replace(DOMAIN, "other.cloudonix.net")
        self.assertIn("[[cloudonix]]", self.reread(other))

    def reread(self, configuration):
        """The log line of a daemon that was told to read this."""
        (self.path / "cxdial.toml").write_text(configuration)

        def lines():
            return [line for line in self.log().splitlines() if "configuration_reread" in line]

        before = len(lines())
        self.daemon.send_signal(signal.SIGHUP)
        return eventually(lambda: lines()[before:], "it is read again")[0]

    def test_sighup_changes_the_request_limit_of_a_dialing_daemon(self):
        simulator = self.start_world()
        text = (self.path / "cxdial.toml").read_text()

        def limit(requests):
            return self.reread(text.replace("requests = 0", f'requests = {requests}\nper = "10m"'))

        def placed_until_held():
            held = lambda: self.api("GET", "campaigns/list").get("hold", {}).get("reason") == "domain_rate"
            idle = lambda: self.query("SELECT count(*) FROM attempt WHERE status <= 4") == [(0,)]
            eventually(lambda: held() and idle(), "the limit holds it back")
            return simulator.accepted()

        self.assertIn("restart_needed=false", limit(3))
        self.campaign()
        self.cxdial("import", "list", self.numbers(40))
        self.cxdial("start", "list")
        self.assertEqual(placed_until_held(), 3)
        self.assertIn("restart_needed=false", limit(11))
        eventually(lambda: simulator.accepted() > 3, "it goes on")
        self.assertEqual(placed_until_held(), 11)
        limit(5)
        self.assertEqual(placed_until_held(), 11)
        limit(0)
        eventually(lambda: self.api("GET", "campaigns/list")["status"] == "completed", "it completes")
        self.assertEqual(simulator.accepted(), self.query("SELECT count(*) FROM attempt")[0][0])

    def test_a_long_csv_is_imported_while_dialing_in_bounded_memory(self):
        simulator = self.start_world()
        self.api("PUT", "campaigns/list", self.resource(), 201)
        rows = [f"+1212{i}" for i in range(2_000_000, 2_002_000)]
        self.api("POST", "campaigns/list/destinations", rows)
        self.api("POST", "campaigns/list/start")
        eventually(lambda: simulator.truth()["placements"]["accepted"] > 20, "it dials")
        memory, placed = self.peak_memory(), simulator.truth()["placements"]["accepted"]
        lines = ["phone_number,name\n"] + [f"+1646{i},N {i}\n" for i in range(2_000_000, 2_000_000 + IMPORTED)]
        lines += ["bad,\n"] * 1500
        size, started = sum(map(len, lines)), time.monotonic()
        pieces = ("".join(lines[i : i + 5000]).encode() for i in range(0, len(lines), 5000))
        status, report = self.send("campaigns/list/destinations", "text/csv", pieces, size)
        took = time.monotonic() - started
        grown = self.peak_memory() - memory
        dialed = simulator.truth()["placements"]["accepted"] - placed
        print(f"{IMPORTED} rows in {took:.1f} s, {grown >> 20} MiB more, {dialed} calls meanwhile", flush=True)
        self.assertEqual(status, 200, report)
        self.assertEqual(report["imported"], IMPORTED)
        self.assertEqual((report["rejected_rows"], len(report["rejected"])), (1500, 1000))
        self.assertLess(grown, MEMORY_GROWTH_MAX)
        self.assertGreater(dialed, took)


if __name__ == "__main__":
    harness.main()
