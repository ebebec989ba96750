"""The fake's worker API against the literal examples of the fact sheet."""

import datetime
import unittest

from opbx import testing


class Common(testing.Case):
    def test_both_bearer_tokens_are_taken_and_others_get_the_sheets_bodies(self):
        self.worker("GET", "/health")
        self.worker("GET", "/health", token="second-token")
        self.assertEqual(
            self.worker("GET", "/health", token="", expect=401),
            {"error": "Unauthorized", "message": "Missing or invalid Authorization header"},
        )
        self.assertEqual(
            self.worker("GET", "/health", token="wrong", expect=401),
            {"error": "Unauthorized", "message": "Invalid authentication token"},
        )

    def test_over_the_rate_limit_it_answers_429_with_retry_after(self):
        self.switch(rate_limit=2)
        statuses = []
        for _ in range(6):  # a minute may end in between
            status, answer, headers = self.ask("GET", testing.WORKER + "/health")
            statuses.append(status)
        self.assertEqual(status, 429)
        self.assertEqual(answer["error"], "Too Many Requests")
        self.assertEqual(answer["message"], "Dialer worker rate limit exceeded.")
        self.assertEqual(str(answer["retry_after"]), headers["Retry-After"])

    def test_health_has_no_envelope(self):
        self.campaign()
        self.assertEqual(
            self.worker("GET", "/health"),
            {"status": "healthy", "active_campaigns": 1, "active_calls": 0, "queue_depth": 0},
        )

    def test_ids_that_nobody_knows_get_404(self):
        self.assertEqual(
            self.worker("GET", "/campaigns/7/destinations/pending", expect=404), {"error": "Campaign not found"}
        )
        self.assertEqual(
            self.worker("PATCH", "/calls/7/status", {"status": "failed", "disposition": None}, 404),
            {"error": "Session not found"},
        )
        self.assertEqual(self.worker("GET", "/state/nobody", expect=404), {"error": "State not found"})

    def test_validation_names_each_field(self):
        answer = self.worker("POST", "/campaigns/7/pause", {}, 422)
        self.assertEqual(sorted(answer["errors"]), ["paused_by", "reason"])
        self.assertIn("message", answer)

    def test_state_is_kept_and_read_back(self):
        state = {
            "worker_id": "cxdial-1", "active_calls": [], "retry_queue": [], "campaign_states": {"12": {"a": 1}},
            "last_updated": "2026-06-01T09:00:00Z",
        }
        self.assertEqual(
            self.worker("POST", "/state/persist", state), {"message": "State persisted successfully"}
        )
        self.assertEqual(self.worker("GET", "/state/cxdial-1"), {"data": state})


class NoToken(testing.Case):
    options = {"token": "", "second_token": ""}

    def test_without_a_token_of_its_own_it_answers_503(self):
        self.assertEqual(
            self.worker("GET", "/health", expect=503),
            {"error": "Service Unavailable", "message": "Worker authentication not configured"},
        )


class Campaigns(testing.Case):
    def active(self):
        return self.worker("GET", "/campaigns/active")["data"]

    def test_the_newest_form_has_int_ids_zoneless_times_and_nested_statistics(self):
        pool = [{"did_id": 7, "phone_number": "+12125550100", "friendly_name": "NY", "weight": 1}]
        self.campaign(
            caller_id_pool=pool, caller_id_pool_enabled=True, calls_per_second=2, action_voicemail="HANGUP"
        )
        shown = self.active()[0]
        self.assertEqual((shown["id"], shown["status"], shown["status_label"]), (12, "active", "Active"))
        self.assertRegex(shown["created_at"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(shown["statistics"]["total_destinations"], 1)
        self.assertNotIn("pending_calls", shown)
        self.assertEqual(shown["api_interval_ms"], 500.0)
        self.assertEqual(shown["caller_id_pool"][0]["did_id"], 7)
        self.assertEqual(shown["schedule"]["monday"]["time_ranges"][0]["end_time"], "24:00")
        self.assertEqual(shown["cloudonix_api_key"], "XI0")
        self.assertNotIn("pause_reason", shown)

    def test_the_old_form_has_machine_detection_and_neither_rate_nor_pool(self):
        self.switch(version="old")
        self.campaign(concurrent_active_calls=6)
        shown = self.active()[0]
        self.assertEqual(shown["valid_cac_values"], [2, 3, 4, 6, 10, 15, 20])
        self.assertEqual(shown["api_interval_seconds"], 10)
        self.assertEqual(shown["amd_speech_threshold"], 1500)
        for name in ("calls_per_second", "caller_id_pool", "caller_id_pool_enabled", "max_cac"):
            self.assertNotIn(name, shown)

    def test_a_campaign_disappears_and_comes_back(self):
        self.campaign()
        for action, count in (("hide", 0), ("show", 1), ("pause", 0), ("resume", 1), ("complete", 0)):
            self.control("POST", f"campaigns/12/{action}", {})
            self.assertEqual(len(self.active()), count, action)

    def test_only_what_is_within_dates_and_hours_is_listed(self):
        closed = {"enabled": False, "time_ranges": []}
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        self.campaign(schedule={day: closed for day in days})
        self.assertEqual(self.active(), [])
        today = str(datetime.datetime.now(datetime.timezone.utc).date())
        self.campaign(id=13, end_date=today)
        self.assertEqual(self.active(), [])  # L-18: the last day is lost
        self.switch(schedule_in_app_zone=False)
        self.assertEqual([row["id"] for row in self.active()], [13])

    def test_a_worker_pauses_a_campaign_with_the_sheets_reply(self):
        self.campaign()
        body = {"reason": "cloudonix_rate_limit", "paused_by": "cxdial-1", "resume_at": "2026-06-01T09:05:00Z"}
        self.assertEqual(self.worker("POST", "/campaigns/12/pause", body), {
            "message": "Campaign paused",
            "data": {"campaign_id": 12, "status": "paused", "reason": "cloudonix_rate_limit"},
        })
        campaign = self.row("campaign", 12)
        self.assertEqual((campaign["status"], campaign["resume_at"]), ("paused", "2026-06-01 09:05:00"))
        self.assertEqual(self.active(), [])

    def test_a_pause_fails_sessions_but_leaves_rows_dialing_and_the_users_sets_the_counter_to_0(self):
        campaign, (destination,) = self.campaign()
        self.initiate(campaign, destination)
        self.redis.call("SET", "dialer:cac:12:active", 1)
        self.control("POST", "campaigns/12/pause", {})
        self.assertEqual(self.row("session", 1)["status"], "failed")
        self.assertEqual(self.row("destination", destination)["status"], "dialing")
        self.assertEqual(self.row("campaign", 12)["pending_calls"], 0)
        self.assertEqual(self.cac(), "0")

    def test_a_wrong_state_is_409_and_the_users_api_wants_its_own_token(self):
        self.campaign()
        path = "/api/v1/auto-dialer-campaigns/12/"
        self.assertEqual(self.ask("PATCH", path + "resume", {}, token="user-token")[0], 409)
        self.assertEqual(self.ask("PATCH", path + "pause", {}, token="user-token")[0], 200)
        self.assertEqual(self.ask("PATCH", path + "resume", {}, token="worker-token")[0], 401)


class Destinations(testing.Case):
    def ids(self, kind, limit=50):
        return [row["id"] for row in self.worker("GET", f"/campaigns/12/destinations/{kind}?limit={limit}")["data"]]

    def test_pending_rows_have_no_retry_time_and_no_campaign(self):
        self.campaign([{"phone_number": "+14155550101", "name": "Ann", "metadata": '{"a": 1}'}])
        page = self.worker("GET", "/campaigns/12/destinations/pending?limit=50")
        self.assertEqual(page["meta"], {"total": 1, "limit": 50, "offset": 0})
        row = page["data"][0]
        self.assertEqual((row["phone_number"], row["status"], row["metadata"]), ("+14155550101", "pending", {"a": 1}))
        for name in ("next_retry_at", "campaign_id", "list_id", "organization_id"):
            self.assertNotIn(name, row)

    def test_pending_ignores_retry_times_and_priority_and_claims_nothing(self):
        self.campaign([
            {"phone_number": "+14155550101", "priority": 9, "next_retry_at": "2999-01-01 00:00:00"},
            {"phone_number": "+14155550102", "priority": 1},
        ])
        self.assertEqual(self.ids("pending"), [1, 2])
        self.assertEqual(self.ids("pending"), [1, 2])
        self.assertEqual(self.ids("pending", limit=1), [1])
        self.switch(pending_ignores_priority=False)
        self.assertEqual(self.ids("pending"), [2, 1])
        self.switch(pending_ignores_retry_time=False)
        self.assertEqual(self.ids("pending"), [2])

    def test_retry_offers_rows_in_any_status_in_any_case_and_only_when_due(self):
        self.campaign([
            {"phone_number": "+14155550101", "status": "dialing", "last_disposition": "BUSY", "dial_attempts": 1},
            {"phone_number": "+14155550102", "status": "failed", "last_disposition": "no-answer", "dial_attempts": 1},
            {"phone_number": "+14155550103", "last_disposition": "busy", "next_retry_at": "2999-01-01 00:00:00"},
            {"phone_number": "+14155550104", "status": "completed", "last_disposition": "NOANSWER"},
            {"phone_number": "+14155550105", "last_disposition": "busy", "dial_attempts": 3},
        ], max_dial_attempts=3)
        self.assertEqual(self.ids("retry"), [1, 2])
        self.switch(retry_has_no_status_filter=False)
        self.assertEqual(self.ids("retry"), [])


class Initiate(testing.Case):
    def test_the_reply_is_the_sheets_and_tells_no_token(self):
        campaign, (destination,) = self.campaign()
        answer = self.initiate(campaign, destination, caller_id="+12125550100", caller_did_id=7)
        self.assertEqual(answer, {"message": "Call initiated", "data": {
            "session_id": 1, "call_id": None, "caller_id": "+12125550100", "caller_did_id": 7,
            "callback_url": f"http://127.0.0.1:{self.world.port}/api/webhooks/cloudonix/call-status",
        }})
        session, row = self.row("session", 1), self.row("destination", destination)
        self.assertEqual((session["session_token"], session["status"]), (testing.TOKEN, "initiated"))
        self.assertEqual((row["status"], row["dial_attempts"]), ("dialing", 1))
        self.assertEqual(self.row("campaign", 12)["pending_calls"], 1)

    def test_call_id_is_null_a_number_or_a_string(self):
        campaign, numbers = self.campaign(["+14155550101", "+14155550102", "+14155550103"])
        kinds = []
        for kind, destination in zip((None, "number", "string"), numbers):
            self.switch(call_id=kind)
            kinds.append(type(self.initiate(campaign, destination)["data"]["call_id"]).__name__)
        self.assertEqual(kinds, ["NoneType", "int", "str"])

    def test_cloudonix_is_asked_as_the_sheet_says(self):
        campaign, (destination,) = self.campaign(dial_timeout=30, time_limit=600)
        self.initiate(campaign, destination)
        request = self.cloudonix.requests[0]
        self.assertEqual(request["path"], "/calls/sim.cloudonix.net/application")
        self.assertEqual(request["headers"]["Authorization"], "Bearer XI0")
        self.assertEqual(request["body"], {
            "destination": "+14155550101", "caller-id": "+12127773456", "timeout": 30, "timeLimit": 600,
            "cxml": '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>',
            "callback": f"http://127.0.0.1:{self.world.port}/api/webhooks/cloudonix/call-status",
        })

    def test_the_dialed_number_is_the_destinations_and_nothing_else_is_checked(self):
        campaign, (destination,) = self.campaign(status="paused")
        self.initiate(campaign, destination, phone_number="+19995550000")
        self.initiate(campaign, destination)
        self.assertEqual([r["body"]["destination"] for r in self.cloudonix.requests], ["+14155550101"] * 2)
        self.assertEqual(self.row("destination", destination)["dial_attempts"], 2)
        self.assertEqual(self.control("GET", "truth")["double_dials"], 1)

    def test_unknown_ids_get_422_with_both_keys(self):
        campaign, _ = self.campaign()
        errors = self.initiate(campaign, 99, expect=422)["errors"]
        self.assertEqual(errors["campaign_id"], [])
        self.assertTrue(errors["destination_id"])

    def test_without_cloudonix_settings_it_answers_422(self):
        campaign, (destination,) = self.campaign(cloudonix_api_key=None)
        self.assertEqual(
            self.initiate(campaign, destination, expect=422),
            {"message": "Cloudonix not configured for this organization"},
        )

    def test_every_failure_of_cloudonix_is_the_same_500_and_leaves_no_trace(self):
        campaign, (destination,) = self.campaign()
        for status in (400, 402, 429, 500):
            self.cloudonix.answers.append((status, {"message": "no"}))
            answer = self.initiate(campaign, destination, expect=500)
            self.assertTrue(answer["message"].startswith("Failed to initiate call: "))
        row = self.row("destination", destination)
        self.assertEqual((row["status"], row["dial_attempts"]), ("pending", 0))
        self.assertIsNone(self.row("session", 1))

    def test_a_lost_reply_and_a_500_after_the_call_leave_the_call_placed(self):
        campaign, numbers = self.campaign(["+14155550101", "+14155550102"])
        self.switch(initiate_lost=1)
        self.initiate(campaign, numbers[0], expect=0)
        self.switch(initiate_500_after=1)
        self.initiate(campaign, numbers[1], expect=500)
        self.assertEqual(len(self.cloudonix.requests), 2)
        self.assertEqual(self.row("destination", numbers[1])["status"], "pending")

    def test_a_slow_initiate_holds_up_nobody_else(self):
        campaign, (destination,) = self.campaign()
        self.switch(initiate_delay=0.3)
        self.initiate(campaign, destination)
        self.assertEqual(self.row("session", 1)["id"], 1)

    def test_v1_only_makes_a_session(self):
        self.switch(version="v1")
        campaign, (destination,) = self.campaign()
        data = self.initiate(campaign, destination)["data"]
        self.assertIsNone(data["call_id"])
        self.assertEqual(self.cloudonix.requests, [])
        self.assertTrue(self.row("session", data["session_id"])["session_token"].startswith("sess-"))


class Outcomes(testing.Case):
    def dialed(self, attempts=1):
        campaign, (destination,) = self.campaign(max_dial_attempts=3)
        self.initiate(campaign, destination)
        self.world.book.do("UPDATE destination SET dial_attempts = ?", attempts)
        return destination

    def status(self, disposition, expect=200):
        return self.worker("PATCH", "/calls/1/status", {"status": "failed", "disposition": disposition}, expect)

    def disposition(self, **fields):
        body = {"disposition": "busy", "should_retry": True, "attempt_number": 1, **fields}
        return self.worker("POST", "/calls/1/disposition", body)

    def test_status_replies_as_the_sheet_says(self):
        self.dialed()
        self.assertEqual(
            self.status("answered"),
            {"message": "Call status updated", "data": {"session_id": 1, "destination_status": "completed"}},
        )
        self.assertEqual(self.row("campaign", 12)["completed_calls"], 1)
        self.assertEqual(self.row("campaign", 12)["pending_calls"], 0)

    def test_a_busy_call_is_retried_after_5_10_20_40_60_minutes(self):
        for attempts, minutes in ((1, 5), (2, 10)):
            destination = self.dialed(attempts) if attempts == 1 else destination
            self.world.book.do("UPDATE destination SET dial_attempts = ?", attempts)
            self.status("busy")
            due = datetime.datetime.fromisoformat(self.row("destination", destination)["next_retry_at"])
            now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
            self.assertAlmostEqual((due - now).total_seconds() / 60, minutes, delta=1)

    def test_the_last_busy_attempt_fails_but_the_reply_says_pending(self):
        destination = self.dialed(3)
        self.assertEqual(self.status("busy")["data"]["destination_status"], "pending")
        self.assertEqual(self.row("destination", destination)["status"], "failed")

    def test_a_status_without_disposition_or_out_of_its_list_is_500(self):
        self.dialed()
        self.worker("PATCH", "/calls/1/status", {"status": "failed"}, 500)
        self.worker("PATCH", "/calls/1/status", {"status": "busy", "disposition": None}, 500)

    def test_a_disposition_trusts_the_worker_and_answers_an_int(self):
        destination = self.dialed(3)
        self.assertEqual(self.disposition(next_retry_at="2026-06-01T09:00:00Z"), {
            "message": "Disposition set successfully",
            "data": {"session_id": 1, "disposition": "busy", "destination_status": "pending", "will_retry": True},
        })
        self.assertEqual(self.row("destination", destination)["next_retry_at"], "2026-06-01 09:00:00")

    def test_status_and_disposition_both_move_the_counters(self):
        self.dialed()
        self.status("answered")
        self.disposition(disposition="answered", should_retry=False)
        self.assertEqual(self.row("campaign", 12)["completed_calls"], 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
