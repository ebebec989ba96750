"""Beside OPBX: calls settled by what OPBX tells, health, and a Go worker's environment."""

import hashlib
import hmac
import json
import os
import subprocess

import harness
import opbx_world
from harness import PATIENCE, BIN, eventually, free_port, http
from opbx_world import SECRET


class Relay(opbx_world.Case):
    def post(self, body, secret=SECRET):
        """The status of a relayed CDR; no signature without a secret."""
        data = json.dumps(body).encode()
        request = harness.urllib.request.Request(self.endpoint + "/webhooks/cdr", data=data, method="POST")
        if secret:
            request.add_header("X-Webhook-Signature", hmac.new(secret.encode(), data, hashlib.sha256).hexdigest())
        try:
            with harness.urllib.request.urlopen(request, timeout=PATIENCE) as reply:
                return reply.status, json.loads(reply.read())
        except harness.urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_relayed_cdrs_settle_calls_that_cloudonix_tells_only_opbx_of(self):
        self.start_opbx(cdrs="opbx", switches={"relay": "hmac", "publish": False, "relay_twice": 5})
        self.give(15)
        self.run_daemon()
        self.wait_settled(15)
        self.assertEqual(self.dispositions(), {"answered": 15})
        self.check_books()
        self.wait_counter(0)
        eventually(lambda: self.opbx.control("GET", "relayed") == {"202": 20}, "each was accepted")

    def test_a_relayed_cdr_is_answered_as_the_go_worker_does(self):
        self.start_opbx()
        self.run_daemon()
        body = {"session_id": "501", "status": "completed", "disposition": "ANSWER", "duration": 3, "billsec": 2}
        self.assertEqual(self.post(body), (202, {"status": "accepted", "session_id": "501"}))
        self.assertEqual(self.post(body, secret="wrong")[0], 401)
        self.assertEqual(self.post(body, secret="")[0], 401)
        self.assertEqual(http("POST", self.endpoint + "/webhooks/cdr", b"{")[0] in (400, 401), True)

    def test_a_relayed_cdr_is_durable_before_it_is_acknowledged(self):
        self.start_opbx(cdrs="none")
        daemon = self.run_daemon()
        body = {"session_id": "501", "status": "completed", "disposition": "ANSWER", "duration": 3, "billsec": 2}
        self.assertEqual(self.post(body)[0], 202)
        self.kill(daemon)
        self.assertEqual(self.query("SELECT count(*) FROM webhook WHERE external_id = 501"), [(1,)])

    def test_the_channel_in_redis_settles_calls_that_cloudonix_tells_only_opbx_of(self):
        self.start_opbx(cdrs="opbx", switches={"channel_prefix": "laravel_"}, opbx={"redis_prefix": "laravel_"})
        self.give(15)
        self.run_daemon()
        self.wait_settled(15)
        self.assertEqual(self.dispositions(), {"answered": 15})
        self.check_books()
        self.wait_counter(0)

    def test_the_monitor_page_shows_the_worker_as_healthy(self):
        self.start_opbx(switches={"health_poll": 0.2})
        self.run_daemon()
        shown = eventually(
            lambda: (self.opbx.control("GET", "health")["shown"] == "healthy") and self.opbx.control("GET", "health"),
            "it is shown as healthy",
        )
        answer = json.loads(shown["body"])
        self.assertEqual(answer["status"], "healthy")
        self.assertIn("timestamp", answer)


class GoWorker(opbx_world.Case):
    def environment(self, port):
        """The file that a Go worker was started with, in its own words."""
        return {
            "LARAVEL_API_URL": self.opbx.url, "LARAVEL_API_TOKEN": "worker-token", "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(self.redis_server.port), "REDIS_PASSWORD": "of redis", "REDIS_DB": "0",
            "WORKER_ID": "worker-1", "POLL_INTERVAL": "1s", "WEBHOOK_PORT": str(port),
            "HEALTH_CHECK_PORT": str(free_port()), "WEBHOOK_SECRET": SECRET,
        }

    def test_a_go_workers_environment_file_works_unchanged(self):
        self.start_opbx(cdrs="opbx", password="of redis", switches={"health_poll": 0.2})
        port = self.port
        (self.path / "cxdial.toml").unlink()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CXDIAL_")}
        log = open(self.path / "daemon.log", "ab")
        self.addCleanup(log.close)
        daemon = subprocess.Popen(
            [BIN / "cxdial", "run"], cwd=self.path, stdout=log, stderr=log, env={**clean, **self.environment(port)}
        )
        self.daemons.append(daemon)
        self.wait_ready(daemon)
        self.give(6)
        self.wait_settled(6)
        self.check_books()
        self.assertEqual({body["worker_id"] for body in self.opbx.initiated()}, {"worker-1"})
        eventually(lambda: self.opbx.control("GET", "health")["shown"] == "healthy", "it is healthy")
        # On all interfaces, without a token: webhooks are served, the API is not.
        self.assertIn(http("GET", self.endpoint + "/api/v1/campaigns")[0], (401, 403, 404))


if __name__ == "__main__":
    harness.main()
