"""The fake's CDR path, counters, relay and controls against the fact sheet."""

import hashlib
import hmac
import http.server
import json
import threading
import unittest

from opbx import testing, truth
from opbx.redis_client import Connection


class Cdrs(testing.Case):
    def dialed(self):
        campaign, (destination,) = self.campaign()
        self.initiate(campaign, destination)
        self.redis.call("SET", "dialer:cac:12:active", 3)
        return destination

    def test_a_cdr_settles_its_call_and_lowers_the_counter_once(self):
        destination = self.dialed()
        self.assertEqual(self.cdr()[:2], (200, {"message": "CDR Inserted successfully"}))
        self.assertEqual(self.row("destination", destination)["status"], "completed")
        self.assertEqual(self.row("session", 1)["disposition"], "ANSWER")
        self.assertEqual(self.cac(), "2")
        self.assertEqual(self.redis.call("GET", "dialer:cac:decremented:" + testing.TOKEN), "1")
        self.world.book.do("UPDATE campaign SET pending_calls = 1")
        self.assertEqual(self.cdr(headers={"X-Idempotency-Key": "another"})[0], 200)
        self.assertEqual(self.cac(), "2")
        self.assertEqual(self.row("campaign", 12)["completed_calls"], 2)

    def test_dispositions_map_as_the_table_says(self):
        destination = self.dialed()
        expected = {
            "ANSWER": "completed", "answered": "completed", "BUSY": "failed", "FAILED": "failed",
            "CONGESTION": "failed", "CANCELLED": "failed", "NO-ANSWER": "failed", "NOANSWER": "completed",
            "CANCEL": "completed", "NO ANSWER": "completed", "SOMETHING": "completed",
        }
        for disposition, status in expected.items():
            self.world.book.do("UPDATE campaign SET pending_calls = 1")
            self.assertEqual(self.cdr(disposition, headers={"X-Idempotency-Key": disposition})[0], 200)
            row = self.row("destination", destination)
            self.assertEqual((row["status"], row["last_disposition"]), (status, disposition))
            self.assertIsNone(row["next_retry_at"])

    def test_a_voicemail_is_retried_where_the_campaign_says_so(self):
        campaign, (destination,) = self.campaign(max_dial_attempts=2, retry_on_voicemail=True)
        self.initiate(campaign, destination)
        session = {"token": testing.TOKEN, "profile": {"amd": {"result": "voicemail", "confidence": 0.9}}}
        self.cdr(session=session)
        row = self.row("destination", destination)
        self.assertEqual((row["status"], row["last_disposition"]), ("pending", "voicemail"))
        self.assertTrue(row["next_retry_at"])

    def test_pending_calls_below_0_end_in_500_before_the_counter_goes_down(self):
        self.dialed()
        self.control("POST", "campaigns/12/pause", {})
        self.redis.call("SET", "dialer:cac:12:active", 3)
        self.assertEqual(self.cdr()[0], 500)
        self.assertEqual(self.cac(), "3")
        self.assertEqual(self.row("campaign", 12)["completed_calls"], 1)

    def test_the_counter_never_goes_below_0(self):
        self.dialed()
        self.redis.call("SET", "dialer:cac:12:active", 0)
        self.cdr()
        self.assertEqual(self.cac(), "0")

    def test_an_error_is_kept_for_a_day_and_a_fresh_key_gets_through(self):
        self.dialed()
        self.switch(cdr_500=1)
        self.assertEqual(self.cdr()[0], 500)
        status, _, headers = self.cdr()
        self.assertEqual((status, headers["Content-Type"]), (500, "application/xml"))
        self.assertEqual(self.cdr(headers={"X-Idempotency-Key": "fresh"})[0], 200)
        self.switch(idempotency_keeps_errors=False, cdr_500=1)
        other = "b" * 32
        self.assertEqual([self.cdr(token=other)[0], self.cdr(token=other)[0]], [500, 200])

    def test_two_cdrs_of_one_sip_call_collapse(self):
        self.dialed()
        self.cdr(call_id="same")
        self.cdr(token="b" * 32, call_id="same")
        self.assertEqual(self.control("GET", "truth")["cdrs"],
                         {"received": 2, "taken": 2, "replayed": 1, "refused": 0})
        self.assertEqual([row["replayed"] for row in self.control("GET", "cdrs")], [0, 1])

    def test_what_a_cdr_lacks_is_named(self):
        status, answer, _ = self.ask("POST", "/api/webhooks/cloudonix/cdr", {"call_id": "x"}, token=None)
        self.assertEqual(status, 422)
        self.assertEqual(
            sorted(answer["errors"]), ["billsec", "disposition", "duration", "from", "timestamp", "to"]
        )

    def test_a_cdr_before_its_session_row_does_nothing_for_ever(self):
        campaign, (destination,) = self.campaign()
        self.switch(row_delay=0.5)
        thread = threading.Thread(target=self.initiate, args=(campaign, destination))
        thread.start()
        self.eventually(lambda: self.cloudonix.requests, "the call is placed")
        self.redis.call("SET", "dialer:cac:12:active", 1)
        self.assertEqual(self.cdr()[0], 200)
        thread.join()
        self.assertEqual(self.row("destination", destination)["status"], "dialing")
        self.assertEqual(self.cac(), "1")

    def test_with_a_requests_key_a_cdr_must_carry_it(self):
        self.dialed()
        self.switch(requests_key="KEY")
        self.assertEqual(self.cdr()[0], 401)
        self.assertEqual(self.cdr(headers={"Authorization": "Bearer KEY"})[0], 200)
        self.assertEqual(self.cdr(headers={"Authorization": "Bearer KEY"}, domain=None)[0], 400)

    def test_the_event_is_published_with_the_prefix(self):
        self.dialed()
        self.switch(channel_prefix="laravel_database_")
        listener = Connection(self.redis_server.url)
        self.addCleanup(listener.close)
        listener.call("SUBSCRIBE", "laravel_database_cdr:completed")
        self.cdr("BUSY")
        kind, _, text = listener.read()
        event = json.loads(text)
        self.assertEqual(kind, "message")
        self.assertRegex(event.pop("timestamp"), r"^\d{4}-\d\d-\d\dT")
        self.assertEqual(event, {
            "type": "call.completed", "session_token": testing.TOKEN, "session_id": 1, "campaign_id": 12,
            "destination_id": 1, "disposition": "BUSY", "duration": 60, "billsec": 58, "worker_id": None,
        })

    def test_without_redis_a_cdr_ends_in_500(self):
        self.dialed()
        self.redis_server.kill()
        self.assertEqual(self.cdr()[0], 500)

    def test_statuses_move_the_session_alone(self):
        destination = self.dialed()
        for status, becomes in (("ringing", "ringing"), ("connected", "answered"), ("busy", "answered")):
            body = {"token": testing.TOKEN, "status": status}
            reply = self.ask("POST", "/api/webhooks/cloudonix/call-status", body, token=None)
            self.assertEqual(reply[:2], (200, {"status": "accepted"}))
            self.assertEqual(self.row("session", 1)["status"], becomes)
        self.assertEqual(self.row("destination", destination)["status"], "dialing")


class Listener(http.server.ThreadingHTTPServer):
    """A worker's side that only listens."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ListenerHandler)
        self.got = []
        threading.Thread(target=self.serve_forever, daemon=True, args=(0.02,)).start()


class ListenerHandler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            self.server.got.append((self.headers.get("X-Webhook-Signature"), body))
        self.send_response(202 if self.command == "POST" else 200)
        self.end_headers()
        self.wfile.write(b'{"status":"healthy","timestamp":"2026-06-01T09:00:00Z"}')

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class WorkerSide(testing.Case):
    def setUp(self):
        super().setUp()
        self.listener = Listener()
        self.addCleanup(self.listener.server_close)
        self.addCleanup(self.listener.shutdown)
        self.control("PUT", "worker", {"url": "http://127.0.0.1:%d" % self.listener.server_address[1]})

    def test_cdrs_are_relayed_with_the_signature(self):
        self.switch(relay="hmac", relay_twice=1)
        campaign, (destination,) = self.campaign()
        self.initiate(campaign, destination)
        self.cdr("BUSY")
        self.eventually(lambda: len(self.listener.got) == 2, "the CDR is relayed twice")
        signature, body = self.listener.got[0]
        self.assertEqual(signature, hmac.new(b"webhook-secret", body, hashlib.sha256).hexdigest())
        self.assertEqual(json.loads(body)["session_id"], "1")
        self.assertEqual(json.loads(body)["disposition"], "BUSY")

    def test_the_monitor_shows_the_worker_as_healthy_degraded_or_offline(self):
        self.assertEqual(self.control("POST", "health")["shown"], "healthy")
        self.control("PUT", "worker", {"url": f"http://127.0.0.1:{self.world.port}"})
        self.assertEqual(self.control("POST", "health")["shown"], "degraded")
        self.control("PUT", "worker", {"url": "http://127.0.0.1:9"})
        self.assertEqual(self.control("POST", "health")["shown"], "offline")


class Controls(testing.Case):
    def test_down_refuses_connections_and_up_takes_them_at_the_same_port(self):
        port = self.world.port
        self.control("POST", "down", {})
        self.assertEqual(self.ask("GET", testing.WORKER + "/health")[0], 0)
        self.control("POST", "up")
        self.worker("GET", "/health")
        self.assertEqual(self.world.port, port)

    def test_what_opbx_keeps_lives_through_a_restart_and_switches_too(self):
        campaign, (destination,) = self.campaign()
        self.initiate(campaign, destination)
        self.switch(call_id="string")
        self.world.down()
        self.world = self.start()
        self.assertEqual(self.row("destination", destination)["status"], "dialing")
        self.assertEqual(self.world.switches["call_id"], "string")

    def test_the_monitor_page_frees_old_dialing_rows_and_sets_the_counter_to_0(self):
        campaign, (destination,) = self.campaign()
        self.initiate(campaign, destination)
        self.redis.call("SET", "dialer:cac:12:active", 1)
        self.control("POST", "campaigns/12/monitor", {})
        self.assertEqual(self.row("destination", destination)["status"], "dialing")
        self.assertEqual(self.cac(), "0")
        self.world.book.do("UPDATE destination SET last_dialed_at = '2026-01-01 00:00:00'")
        self.control("POST", "campaigns/12/monitor", {})
        self.assertEqual(self.row("destination", destination)["status"], "pending")

    def test_an_unknown_switch_is_refused_and_changes_nothing(self):
        self.control("PATCH", "switches", {"call_id": "string", "no_such": 1}, expect=400)
        self.assertIsNone(self.control("GET", "switches")["call_id"])


class Truth(unittest.TestCase):
    def test_the_peak_is_of_calls_that_overlap(self):
        call = lambda start, end, number="1": {"asked_ms": start, "ended_ms": end, "phone_number": number}
        self.assertEqual(truth.peak([call(0, 10), call(10, 20), call(15, None)]), 2)
        self.assertEqual(truth.double_dials([call(0, 10), call(10, 20)]), [])
        self.assertEqual(truth.double_dials([call(0, 11), call(10, 20), call(0, 9, "2")]), ["1"])
        self.assertEqual(truth.peak([call(5, 5), call(5, 5)]), 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
