"""What cxdial must do: when a call may be placed, to whom, how many at once, and why not.

Each test is named after what is promised.
"""

import datetime
import http.server
import json
import threading
import time
import urllib.request
import zoneinfo

import harness
from harness import DOMAIN, HELD, NO_POLL, PATIENCE, eventually, http as ask

CALLER = "+12125550100"
SECOND_CALLER = "+12125550200"
FIRST = 2_000_000  # of the numbers that `numbers` makes
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ALWAYS = {day: {"time_ranges": [{"start_time": "00:00", "end_time": "24:00"}]} for day in WEEK}


def number(index):
    return f"+1212{FIRST + index:07d}"


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def clock_text(time):
    return time.strftime("%H:%M")


def pool_of(*weights):
    return {
        "caller_id": None,
        "caller_id_pool": [
            {"phone_number": f"+1212555010{i}", "weight": weight} for i, weight in enumerate(weights)
        ],
    }


class Rules(harness.Product):
    def api(self, method, path, body=None, expect=200):
        status, text = ask(method, f"{self.endpoint}/api/v1/{path}", body)
        self.assertEqual(status, expect, text)
        return json.loads(text) if text else None

    def edit(self, name="list", **fields):
        """Changes some fields of a campaign through the API, as whoever edits one does."""
        resource = self.api("GET", f"campaigns/{name}")
        for made in ("hold", "advice"):
            resource.pop(made, None)
        return self.api("PUT", f"campaigns/{name}", {**resource, **fields})

    def load_rows(self, rows, name="list", header="phone_number", **fields):
        """A campaign with these rows of a CSV file, started."""
        self.campaign(name=name, **fields)
        file = self.path / "rows.csv"
        file.write_text("\n".join([header, *rows]) + "\n")
        self.cxdial("import", name, file)
        return self.cxdial("start", name)

    def why(self, phone, name="list"):
        return json.loads(self.cxdial("why", name, phone, "--json").stdout)

    def status(self, name="list"):
        return json.loads(self.cxdial("status", name, "--json").stdout)[0]

    def destination_status(self, phone, name="list"):
        return self.api("GET", f"campaigns/{name}/destinations/{phone}")["status"]

    def attempts_begun(self, where="1", *values):
        return self.query(f"SELECT count(*) FROM attempt WHERE {where}", *values)[0][0]

    def wait_idle(self):
        eventually(lambda: self.attempts_begun("status < 5") == 0, "no call is in progress")


class Schedule(Rules):
    def closed_schedule(self):
        """One hour of the day after tomorrow, and when it begins."""
        opens = (utc_now() + datetime.timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)
        day = WEEK[opens.weekday()]
        return {day: {"time_ranges": [{"start_time": "10:00", "end_time": "11:00"}]}}, opens

    def test_outside_its_schedule_nothing_is_placed_and_status_says_until_when(self):
        simulator = self.start_world(daemon='poll_interval = "100ms"')
        schedule, opens = self.closed_schedule()
        self.load(3, schedule=schedule, timezone="UTC")
        self.run_daemon()
        hold = eventually(lambda: self.api("GET", "campaigns/list").get("hold"), "it is held back")
        self.assertEqual(hold["reason"], "outside_schedule")
        self.assertEqual(instant(hold["until"]), opens)
        shown = self.status()
        self.assertEqual(shown["hold"], hold)
        self.assertIn("schedule", shown["reason"])
        self.assertIn("schedule", self.cxdial("status").stdout)
        why = self.why(number(0))
        self.assertEqual((why["reason"], instant(why["until"])), ("outside_schedule", opens))
        self.assertEqual(simulator.truth()["placements"]["received"], 0)

    def test_an_edit_of_the_schedule_opens_it_at_once(self):
        simulator = self.start_world(daemon=NO_POLL)
        self.load(3, schedule=self.closed_schedule()[0], timezone="UTC")
        self.run_daemon()
        eventually(lambda: "hold" in self.api("GET", "campaigns/list"), "it is held back")
        self.edit(schedule=ALWAYS)
        self.wait_for_the_end()
        self.assertEqual(simulator.accepted(), 3)

    def test_an_edit_of_the_schedule_closes_it_at_once(self):
        self.start_world(daemon=NO_POLL)
        self.load(300, concurrent_active_calls=2, schedule=ALWAYS, timezone="UTC")
        self.run_daemon()
        eventually(lambda: self.attempts_begun() > 4, "it dials")
        schedule, _ = self.closed_schedule()
        self.edit(schedule=schedule)
        begun = self.attempts_begun()
        self.wait_idle()
        self.assertEqual(self.attempts_begun(), begun)
        self.assertEqual(self.status()["hold"]["reason"], "outside_schedule")

    def test_a_campaign_whose_end_date_has_passed_pauses_and_says_so(self):
        simulator = self.start_world()
        self.load(2, end_date="2020-01-01", start_date="2019-01-01")
        self.run_daemon()
        eventually(lambda: self.campaign_status() == 2, "it pauses")
        self.assertIn("end date", self.api("GET", "campaigns/list")["status_reason"])
        self.assertEqual(simulator.accepted(), 0)


class RecipientHours(Rules):
    TOKYO, NEW_YORK, TOLL_FREE = "+81312345678", "+12122345678", "+18002345678"

    def hours_open_in_tokyo(self):
        """Two hours around now in Tokyo, which are another half of the day in New York."""
        now = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Tokyo"))
        hour = datetime.timedelta(hours=1)
        return {"start_time": clock_text(now - hour), "end_time": clock_text(now + hour)}

    def test_a_number_is_dialed_only_in_the_hours_of_its_own_zone(self):
        simulator = self.start_world()
        hours = self.hours_open_in_tokyo()
        self.load_rows([self.TOKYO, self.NEW_YORK], respect_recipient_time=hours)
        self.run_daemon()
        eventually(lambda: simulator.accepted() == 1, "it dials Tokyo")
        why = eventually(
            lambda: (found := self.why(self.NEW_YORK))["reason"] == "recipient_hours" and found, "it waits"
        )
        opens = instant(why["until"]).astimezone(zoneinfo.ZoneInfo("America/New_York"))
        self.assertEqual(clock_text(opens), hours["start_time"])
        self.assertLess(opens - utc_now(), datetime.timedelta(hours=24))
        self.assertEqual([call["destination"] for call in simulator.calls()], [self.TOKYO])
        eventually(
            lambda: self.api("GET", "campaigns/list")["statistics"]["reasons"]
            == {"completed": 1, "recipient_hours": 1}, "the reasons are counted",
        )

    def test_a_destinations_own_zone_counts_before_that_of_its_number(self):
        simulator = self.start_world()
        rows = [f"{self.NEW_YORK},Asia/Tokyo", f"{self.TOKYO},America/New_York"]
        self.load_rows(rows, header="phone_number,timezone", respect_recipient_time=self.hours_open_in_tokyo())
        self.run_daemon()
        eventually(lambda: simulator.accepted() == 1, "it dials")
        eventually(lambda: self.why(self.TOKYO)["reason"] == "recipient_hours", "it waits")
        self.assertEqual([call["destination"] for call in simulator.calls()], [self.NEW_YORK])

    def test_a_number_whose_zone_nobody_knows_is_invalid_and_says_why(self):
        simulator = self.start_world()
        all_day = {"start_time": "00:00", "end_time": "24:00"}
        self.load_rows([self.TOLL_FREE, self.NEW_YORK], respect_recipient_time=all_day)
        self.run_to_the_end()
        self.assertEqual(self.destination_status(self.TOLL_FREE), "invalid")
        why = self.why(self.TOLL_FREE)
        self.assertEqual(why["reason"], "invalid")
        self.assertIn("time it is", why["detail"])
        self.assertEqual([call["destination"] for call in simulator.calls()], [self.NEW_YORK])
        reasons = self.api("GET", "campaigns/list")["statistics"]["reasons"]
        self.assertEqual(reasons, {"completed": 1, "invalid": 1})


class WhoIsDialed(Rules):
    def test_a_number_is_called_no_more_often_than_the_cap_over_all_campaigns(self):
        simulator = self.start_world(daemon="[dialing]\ncalls_per_number = 1")
        self.load(4)
        self.load(6, "second", caller_id=SECOND_CALLER)
        self.run_daemon()
        eventually(lambda: simulator.accepted() == 6, "each number is dialed")
        self.wait_idle()
        waiting = self.query(
            "SELECT c.name, '+' || phone FROM destination d JOIN campaign c ON c.id = d.campaign_id WHERE attempts = 0"
        )
        self.assertEqual({phone for _, phone in waiting}, {number(index) for index in range(4)})
        for name, phone in waiting:
            why = eventually(
                lambda: (found := self.why(phone, name))["reason"] == "frequency_cap" and found, "it waits"
            )
            left = instant(why["until"]) - utc_now()
            self.assertTrue(datetime.timedelta(hours=23) < left < datetime.timedelta(hours=24), why)
        for index in range(6):
            self.assertEqual(simulator.truth(destination=number(index))["started"], 1)

    def test_a_number_that_is_suppressed_while_it_is_queued_is_not_dialed(self):
        self.suppressed_while_queued(number(3))

    def test_a_number_whose_prefix_is_suppressed_while_it_is_queued_is_not_dialed(self):
        self.suppressed_while_queued(number(3)[:-1] + "3*")

    def suppressed_while_queued(self, entry):
        simulator = self.start_world(*HELD)
        self.load(4, concurrent_active_calls=1)
        self.run_daemon()
        simulator.wait_live(1)
        eventually(lambda: self.destination_status(number(3)) == "queued", "it is queued")
        self.cxdial("suppress", "add", entry)
        simulator.let_go()
        self.wait_for_the_end()
        self.assertEqual(self.destination_status(number(3)), "suppressed")
        self.assertEqual(simulator.truth(destination=number(3))["started"], 0)
        self.assertEqual(simulator.accepted(), 3)
        self.assertEqual(self.why(number(3))["reason"], "suppressed")

    def test_a_destination_is_not_dialed_before_its_not_before_and_then_at_once(self):
        simulator = self.start_world(daemon=NO_POLL)
        self.run_daemon()
        now = utc_now().replace(microsecond=0)
        soon, later = now + datetime.timedelta(seconds=5), now + datetime.timedelta(days=1)
        due = [time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in (soon, later)]
        self.load_rows(
            [f"{number(0)},{due[0]}", f"{number(1)},", f"{number(2)},{due[1]}"], header="phone_number,not_before"
        )
        eventually(lambda: simulator.truth(destination=number(1))["started"] == 1, "the other is dialed")
        why = self.why(number(2))
        self.assertEqual((why["reason"], instant(why["until"])), ("not_before", later))
        # No poll comes: it is its time that wakes the engine.
        eventually(lambda: self.destination_status(number(0)) == "completed", "it is dialed")
        created = {call["destination"]: instant(call["createdAt"]) for call in simulator.calls()}
        self.assertEqual(set(created), {number(0), number(1)})
        self.assertGreaterEqual(created[number(0)], soon)

    def test_an_import_into_an_active_campaign_is_dialed_at_once(self):
        simulator = self.start_world(daemon=NO_POLL)
        later = (utc_now() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.load_rows([f"{number(0)},{later}"], header="phone_number,not_before")
        self.run_daemon()
        eventually(lambda: self.status().get("hold", {}).get("reason") == "nothing_due", "nothing is due")
        report = json.loads(self.cxdial("import", "list", self.numbers(5), "--json").stdout)
        self.assertEqual((report["imported"], report["duplicates"]), (4, 1))
        eventually(lambda: simulator.accepted() == 4, "what was imported is dialed")
        self.assertEqual(self.campaign_status(), 1)


class Retries(Rules):
    def test_each_disposition_is_tried_again_as_its_policy_says_and_never_more_often_than_allowed(self):
        simulator = self.start_world(
            "--outcome-for", f"{number(0)}=busy", "--outcome-for", f"{number(1)}=noanswer",
            "--outcome-for", f"{number(2)}=congestion", "--outcome-for", f"{number(3)}=failed",
        )
        self.load(5, max_dial_attempts=3, retry={"busy": ["200ms"], "no_answer": ["200ms", "300ms"], "congestion": []})
        self.run_to_the_end()
        started = [simulator.truth(destination=number(i))["started"] for i in range(5)]
        self.assertEqual(started, [3, 3, 1, 1, 1])
        shown = [self.api("GET", f"campaigns/list/destinations/{number(i)}") for i in range(5)]
        self.assertEqual([d["status"] for d in shown], ["failed"] * 4 + ["completed"])
        self.assertEqual([d["attempts"] for d in shown], started)
        self.assertEqual(
            [d["last_disposition"] for d in shown], ["busy", "no_answer", "congestion", "failed", "answered"]
        )
        self.check_no_violation(simulator)

    def test_with_one_attempt_allowed_nothing_is_tried_again(self):
        simulator = self.start_world("--outcomes", "busy=1")
        self.load(3, max_dial_attempts=1, retry={"busy": ["100ms"]})
        self.run_to_the_end()
        eventually(lambda: self.campaign_status() == 3, "it is completed")
        self.assertEqual(simulator.accepted(), 3)

    def test_a_destination_that_waits_for_its_next_attempt_says_until_when(self):
        simulator = self.start_world("--outcomes", "busy=1")
        self.load(1, max_dial_attempts=2, retry={"busy": ["10m"]})
        self.run_daemon()
        why = eventually(lambda: (found := self.why(number(0)))["reason"] == "retry" and found, "it waits")
        ended = self.query("SELECT ended_at FROM attempt")[0][0] / 1000
        waits = instant(why["until"]).timestamp() - ended
        self.assertTrue(9 * 60 < waits < 11 * 60, (why, ended))
        self.assertEqual(self.destination_status(number(0)), "retry_pending")
        self.assertEqual(simulator.accepted(), 1)


    def test_a_retry_that_is_due_waits_for_the_schedule(self):
        simulator = self.start_world("--outcomes", "busy=1", daemon=NO_POLL)
        self.load(1, max_dial_attempts=2, retry={"busy": ["2s"]}, schedule=ALWAYS, timezone="UTC")
        self.run_daemon()
        eventually(lambda: simulator.accepted() > 0, "it dials")
        day = WEEK[(utc_now() + datetime.timedelta(days=2)).weekday()]
        self.edit(schedule={day: {"time_ranges": [{"start_time": "10:00", "end_time": "11:00"}]}})
        begun = self.attempts_begun()
        self.wait_idle()
        ended = self.query("SELECT max(ended_at) FROM attempt")[0][0]
        eventually(lambda: time.time() * 1000 > ended + 4000, "the retry is due")
        self.assertEqual(self.attempts_begun(), begun)
        self.edit(schedule=ALWAYS)
        self.wait_for_the_end()
        self.assertEqual(simulator.accepted(), 2)


class CallerIds(Rules):
    def shown(self, count, strategy, weights, **fields):
        """Runs a campaign over a pool and answers the caller IDs' indices in the order of the attempts."""
        simulator = self.start_world()
        self.load(count, caller_id_strategy=strategy, **pool_of(*weights), **fields)
        self.run_to_the_end()
        callers = self.check_no_violation(simulator)["caller_ids"]
        shown = [int(row[0][-1]) for row in self.query("SELECT caller_id FROM attempt ORDER BY id")]
        counted = [callers.get(f"+1212555010{i}", {"accepted": 0})["accepted"] for i in range(len(weights))]
        self.assertEqual(counted, [shown.count(i) for i in range(len(weights))])
        return shown

    def test_round_robin_shows_each_in_turn(self):
        shown = self.shown(12, "round_robin", [1, 1, 1])
        self.assertEqual(shown, [(shown[0] + i) % 3 for i in range(12)])

    def test_least_recently_used_shows_each_before_one_a_second_time(self):
        shown = self.shown(12, "least_recently_used", [1, 1, 1])
        for begin in range(10):
            self.assertEqual(len(set(shown[begin:begin + 3])), 3, shown)

    def test_random_shows_all_in_no_order(self):
        shown = self.shown(150, "random", [1, 1, 1])
        for each in range(3):
            self.assertTrue(15 <= shown.count(each) <= 85, shown)  # six standard deviations
        self.assertNotEqual(shown, [(shown[0] + i) % 3 for i in range(150)])

    def test_weighted_shows_them_by_weight_and_never_one_of_weight_zero(self):
        shown = self.shown(160, "weighted", [300, 100, 0])
        self.assertEqual(shown.count(2), 0)
        self.assertTrue(87 <= shown.count(0) <= 153, shown)  # six standard deviations

    def test_a_sticky_pool_shows_a_contact_the_same_caller_id_on_every_attempt_of_every_campaign(self):
        self.start_world("--outcomes", "busy=1", daemon="[dialing]\ncalls_per_number = 0")
        pool = pool_of(1, 1, 1)
        again = {"max_dial_attempts": 2, "retry": {"busy": ["100ms"]}, "caller_id_sticky": True}
        self.load(12, **pool, **again)
        pool["caller_id_pool"].reverse()
        self.load(12, "second", **pool, **again)
        self.run_to_the_end()
        seen = self.query("SELECT phone, count(*), count(DISTINCT caller_id) FROM attempt GROUP BY phone")
        self.assertEqual([row[1:] for row in seen], [(4, 1)] * 12)
        self.assertGreater(self.query("SELECT count(DISTINCT caller_id) FROM attempt")[0][0], 1)


class Caps(Rules):
    def test_the_cap_of_the_process_holds_over_all_domains(self):
        names = ["one.cloudonix.net", "two.cloudonix.net"]
        simulator = self.start_world(
            *HELD, daemon="max_concurrent_calls = 5", domains=[{"domain": name} for name in names]
        )
        simulator.bounds(all={"cap": 5})
        self.load(15, "first", cloudonix_domain=names[0])
        self.load(15, "second", 3_000_000, cloudonix_domain=names[1], caller_id=SECOND_CALLER)
        self.run_daemon()
        eventually(lambda: self.status("first").get("hold", {}).get("reason") == "process_cap", "it is said")
        simulator.wait_live(5)
        simulator.let_go()
        self.wait_for_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["live"]["max"], 5)
        self.assertEqual(truth["placements"]["accepted"], 30)
        for name in names:
            self.assertGreater(truth["domains"][name]["live_max"], 0)

    def test_the_caps_of_process_domain_and_assistant_hold_through_a_restart(self):
        names = ["one.cloudonix.net", "two.cloudonix.net"]
        simulator = self.start_world(
            *HELD, daemon="max_concurrent_calls = 5",
            domains=[{"domain": names[0], "max_concurrent_calls": 3}, {"domain": names[1]}],
        )
        simulator.bounds(all={"cap": 5}, domain={names[0]: {"cap": 3}}, caller_id={CALLER: {"cap": 2}})
        self.apply({"kind": "assistant", "name": "bot", "protocol": "sip", "provider": "vapi",
                    "phone_number": "+14155550001", "max_concurrent_calls": 2})
        bot = {"routing_destination_type": "ai_assistant", "routing_destination": "bot"}
        self.load(5, cloudonix_domain=names[0], **bot)
        self.load(5, "second", 3_000_000, cloudonix_domain=names[0], caller_id=SECOND_CALLER)
        self.load(20, "third", 4_000_000, cloudonix_domain=names[1], caller_id="+12125550300")
        for calls in (5, 10):
            daemon = self.run_daemon()
            simulator.wait_live(5)
            self.assertEqual(simulator.accepted(), calls)
            self.kill(daemon)
            simulator.let_go("60m..60m")
        simulator.configure(talk="50ms..150ms")
        self.run_to_the_end()
        self.assertEqual(self.check_no_violation(simulator)["placements"]["accepted"], 30)

    def test_the_caps_of_campaign_assistant_domain_and_process_hold_together(self):
        names = ["one.cloudonix.net", "two.cloudonix.net"]
        simulator = self.start_world(
            *HELD, daemon="max_concurrent_calls = 8",
            domains=[{"domain": names[0], "max_concurrent_calls": 6}, {"domain": names[1]}],
        )
        simulator.bounds(
            all={"cap": 8}, domain={names[0]: {"cap": 6}}, assistant={"vapi/+14155550001": {"cap": 2}},
            caller_id={CALLER: {"cap": 2}, SECOND_CALLER: {"cap": 5}},
        )
        self.apply({"kind": "assistant", "name": "bot", "protocol": "sip", "provider": "vapi",
                    "phone_number": "+14155550001", "max_concurrent_calls": 2})
        bot = {"routing_destination_type": "ai_assistant", "routing_destination": "bot"}
        self.load(10, cloudonix_domain=names[0], **bot)
        self.load(20, "second", 3_000_000, cloudonix_domain=names[0], caller_id=SECOND_CALLER,
                  concurrent_active_calls=5)
        self.load(20, "third", 4_000_000, cloudonix_domain=names[1], caller_id="+12125550300")
        self.run_daemon()
        simulator.wait_live(8)
        simulator.let_go()
        self.wait_for_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["placements"]["accepted"], 50)
        self.assertEqual(truth["live"]["max"], 8)
        # All calls of the assistant's campaign, ringing ones too, count against its two seats.
        self.assertEqual(truth["caller_ids"][CALLER]["live_max"], 2)
        self.assertEqual(truth["assistants"]["vapi/+14155550001"]["accepted"], 10)

    def test_two_campaigns_share_the_cap_of_their_assistant(self):
        simulator = self.start_world(*HELD)
        simulator.bounds(all={"cap": 3}, assistant={"vapi/+14155550001": {"cap": 3}})
        self.apply({"kind": "assistant", "name": "bot", "protocol": "sip", "provider": "vapi",
                    "phone_number": "+14155550001", "max_concurrent_calls": 3})
        bot = {"routing_destination_type": "ai_assistant", "routing_destination": "bot"}
        self.load(8, **bot)
        self.load(8, "second", 3_000_000, caller_id=SECOND_CALLER, **bot)
        self.run_daemon()
        eventually(lambda: self.status().get("hold", {}).get("reason") == "assistants_full", "it is said")
        simulator.wait_live(3)
        simulator.let_go()
        self.wait_for_the_end()
        self.assertEqual(self.check_no_violation(simulator)["live"]["max"], 3)

    def shares(self, first, second, calls):
        """Two campaigns on a domain that takes 4 calls: of the first so many calls, those of each."""
        simulator = self.start_world("--talk", "20ms..40ms", domains=[{"max_concurrent_calls": 4}])
        self.load(200, **first)
        self.load(200, "second", 3_000_000, caller_id=SECOND_CALLER, **second)
        self.run_daemon()
        eventually(lambda: self.attempts_begun() >= calls, "it dials")
        self.assertLessEqual(self.check_no_violation(simulator)["live"]["max"], 4)
        shown = [row[0] for row in self.query("SELECT caller_id FROM attempt ORDER BY id LIMIT ?", calls)]
        return shown.count(CALLER), shown.count(SECOND_CALLER)

    def test_two_campaigns_share_a_limited_domain_by_their_weights(self):
        first, second = self.shares({"weight": 3}, {"weight": 1}, 80)
        self.assertAlmostEqual(first, 60, delta=3)
        self.assertAlmostEqual(second, 20, delta=3)

    def test_a_campaign_of_higher_priority_goes_first_and_starves_nobody(self):
        first, second = self.shares({"priority": 5}, {"priority": 1}, 110)
        self.assertAlmostEqual(first, 100, delta=3)
        self.assertAlmostEqual(second, 10, delta=3)

    def test_a_campaign_that_is_edited_in_mid_run_goes_on_with_the_new_cap(self):
        simulator = self.start_world(*HELD, daemon=NO_POLL)
        self.load(30, concurrent_active_calls=2)
        self.run_daemon()
        simulator.wait_live(2)
        self.edit(concurrent_active_calls=6)
        simulator.wait_live(6)
        self.edit(concurrent_active_calls=3)
        simulator.let_go("60m..60m")
        simulator.wait_live(3)
        simulator.bounds(caller_id={CALLER: {"cap": 3}})
        simulator.let_go()
        self.wait_for_the_end()
        self.check_no_violation(simulator)
        revisions = self.query("SELECT DISTINCT campaign_revision FROM attempt ORDER BY id")
        self.assertEqual(len(revisions), 3)
        self.assertEqual(revisions, sorted(revisions))


class NoCredit(Rules):
    NAMES = ["one.cloudonix.net", "two.cloudonix.net"]

    def check_paused_with_the_reason(self, words):
        for name in ("list", "second"):
            eventually(lambda: self.campaign_status(name) == 2, f"{name} pauses")
            reason = self.api("GET", f"campaigns/{name}")["status_reason"]
            self.assertIn(words, reason)
            self.assertIn(self.NAMES[0], reason)
        self.assertIn(words, self.why(number(39))["detail"])

    def load_two(self):
        self.load(40, cloudonix_domain=self.NAMES[0], concurrent_active_calls=2)
        self.load(40, "second", 3_000_000, cloudonix_domain=self.NAMES[0], concurrent_active_calls=2)

    def test_a_402_pauses_all_campaigns_of_the_domain_with_the_reason(self):
        simulator = self.start_world("--refuse-402", "1", domains=[{"domain": name} for name in self.NAMES])
        self.load_two()
        self.run_daemon()
        self.check_paused_with_the_reason("402 payment required")
        self.wait_idle()
        self.assertEqual(simulator.accepted(), 0)
        self.assertEqual(self.query("SELECT max(attempts) FROM destination"), [(0,)])

    def test_the_disposition_no_credit_pauses_the_campaigns_of_that_domain_and_no_other(self):
        simulator = self.start_world(
            "--outcome-for", "+1212200*=nocredit", domains=[{"domain": name} for name in self.NAMES]
        )
        self.load_two()
        self.load(10, "third", 4_000_000, cloudonix_domain=self.NAMES[1])
        self.run_daemon()
        self.check_paused_with_the_reason("has no credit")
        eventually(lambda: self.campaign_status("third") == 3, "the other domain's campaign completes")
        self.wait_idle()
        self.assertEqual(simulator.truth()["domains"][self.NAMES[1]]["accepted"], 10)
        self.assertLess(simulator.truth()["domains"][self.NAMES[0]]["accepted"], 40)


class Machines(Rules):
    BOT = "vapi/+14155550001"

    def run_with(self, on_machine, **fields):
        """Two people and three machines."""
        machines = [word for i in range(3) for word in ("--answered-by-for", f"{number(i)}=machine_start")]
        simulator = self.start_world(
            *machines, "--answered-by", "human=1", "--amd-delay", "20ms..40ms", public=True
        )
        self.apply({"kind": "assistant", "name": "bot", "protocol": "sip", "provider": "vapi",
                    "phone_number": "+14155550001"})
        self.load(
            5, routing_destination_type="ai_assistant", routing_destination="bot",
            amd={"mode": "Enable", "on_machine": on_machine}, **fields,
        )
        self.run_to_the_end()
        return self.check_no_violation(simulator)

    def test_machines_are_hung_up_on_and_counted_as_voicemail(self):
        truth = self.run_with("hangup")
        self.assertEqual(truth["answered_by"], {"human": 2, "machine_start": 3})
        self.assertEqual(truth["assistants"][self.BOT]["accepted"], 2)
        self.assertEqual(truth["assistants"][self.BOT]["machines"], 0)
        self.assertEqual(self.dispositions(), {"answered": 2, "voicemail": 3})
        self.assertEqual(self.destination_status(number(0)), "failed")

    def test_machines_are_connected_where_the_campaign_says_continue(self):
        truth = self.run_with("continue")
        self.assertEqual(truth["assistants"][self.BOT]["accepted"], 5)
        self.assertEqual(truth["assistants"][self.BOT]["machines"], 3)
        self.assertEqual(self.destination_status(number(0)), "completed")

    def test_a_voicemail_is_tried_again_by_the_policy(self):
        self.run_with("hangup", max_dial_attempts=2, retry={"voicemail": ["200ms"]})
        self.assertEqual(self.dispositions(), {"answered": 2, "voicemail": 6})

    def test_machine_detection_without_a_public_url_is_refused_with_the_reason(self):
        self.start_world()
        self.campaign(amd={"mode": "Enable", "on_machine": "hangup"})
        self.cxdial("import", "list", self.numbers(1))
        self.assertIn("public_url", self.cxdial("start", "list", expect=1).stderr)


class Why(Rules):
    def test_every_destination_is_counted_under_one_reason(self):
        simulator = self.start_world(*HELD, "--outcome-for", "+12122000001=busy")
        later = (utc_now() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        rows = [f"{number(i)}," for i in range(30)] + [f"{number(i)},{later}" for i in range(30, 34)]
        rows += ["+18002345678,"]
        self.cxdial("suppress", "add", number(5))
        self.load_rows(
            rows, header="phone_number,not_before", concurrent_active_calls=4, max_dial_attempts=2,
            retry={"busy": ["10m"]}, respect_recipient_time={"start_time": "00:00", "end_time": "24:00"},
        )
        self.run_daemon()

        def reasons_with(**counts):
            reasons = self.api("GET", "campaigns/list")["statistics"]["reasons"]
            self.assertEqual(sum(reasons.values()), 35, reasons)
            return all(reasons.get(name) == count for name, count in counts.items()) and reasons

        busy = eventually(lambda: reasons_with(in_call=4, retry=1), "all slots are taken")
        self.assertTrue({"queued", "ready"} & set(busy), busy)
        simulator.wait_live(4)
        simulator.let_go()
        reasons = eventually(lambda: reasons_with(completed=28), "who can be dialed is dialed")
        expected = {"completed": 28, "retry": 1, "not_before": 4, "suppressed": 1, "invalid": 1}
        self.assertEqual(reasons, expected)
        self.assertEqual(self.status()["reasons"], expected)
        for phone, reason in ((number(0), "completed"), (number(1), "retry"), (number(5), "suppressed"),
                              (number(30), "not_before"), ("+18002345678", "invalid")):
            self.assertEqual(self.why(phone)["reason"], reason)

    def test_why_follows_a_destination_from_draft_to_its_end(self):
        simulator = self.start_world(*HELD)
        self.campaign(concurrent_active_calls=1)
        self.cxdial("import", "list", self.numbers(2))
        self.assertEqual(self.why(number(0))["reason"], "campaign_draft")
        self.cxdial("start", "list")
        self.assertEqual(self.why(number(0))["reason"], "no_daemon")
        self.run_daemon()
        simulator.wait_live(1)
        self.assertEqual(self.why(number(0))["reason"], "in_call")
        self.assertEqual(self.why(number(1))["reason"], "cac_reached")
        self.cxdial("pause", "list")
        self.assertEqual(self.why(number(1))["reason"], "campaign_paused")
        self.cxdial("why", "list", "+12129999999", expect=1)

    def test_starting_a_campaign_says_what_will_be_regretted_and_the_api_shows_it(self):
        self.start_world(*HELD)
        self.apply({"kind": "assistant", "name": "bot", "protocol": "sip", "provider": "vapi",
                    "phone_number": "+14155550001", "max_concurrent_calls": 3})
        self.campaign(routing_destination_type="ai_assistant", routing_destination="bot")
        self.cxdial("import", "list", self.numbers(1))
        started = self.cxdial("start", "list")
        self.assertEqual(started.stdout, "campaign list: active\n")
        self.assertIn("warning: concurrent_active_calls is 20 and its assistants take 3 calls", started.stderr)
        self.run_daemon()
        advice = {one["code"]: one["message"] for one in self.api("GET", "campaigns/list")["advice"]}
        self.assertEqual(set(advice), {"cac_above_capacity", "cac_without_balancer"})
        for message in advice.values():
            self.assertIn(f"warning: {message}", started.stderr)
        self.edit(concurrent_active_calls=3)
        self.assertNotIn("advice", self.api("GET", "campaigns/list"))

    def test_a_hangup_campaign_is_advised_against_when_it_is_started_beside_a_daemon(self):
        self.start_world()
        self.run_daemon()
        self.campaign()
        self.cxdial("import", "list", self.numbers(1))
        self.assertIn("hung up on", self.cxdial("start", "list").stderr)


class LifeCycle(Rules):
    def test_a_pause_stops_calls_at_once_and_a_resume_goes_on(self):
        simulator = self.start_world("--talk", "100ms..200ms", daemon=NO_POLL)
        self.load(2000, concurrent_active_calls=5)
        self.run_daemon()
        eventually(lambda: simulator.accepted() > 8, "it dials")
        self.assertEqual(self.api("POST", "campaigns/list/pause")["status"], "paused")
        begun = self.attempts_begun()
        self.wait_idle()
        self.assertEqual(self.attempts_begun(), begun)
        self.assertEqual(simulator.accepted(), begun)
        self.assertEqual(self.api("POST", "campaigns/list/resume")["status"], "active")
        eventually(lambda: simulator.accepted() > begun + 8, "it goes on")
        self.check_no_violation(simulator)


class Tap(http.server.BaseHTTPRequestHandler):
    """Hands requests on to a simulator and keeps the bodies of the placements."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(json.loads(body))
        headers = {key: self.headers[key] for key in ("Authorization", "Content-Type") if key in self.headers}
        request = urllib.request.Request(self.server.target + self.path, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            answer = reply.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Nothing: the test's output is its result."""


class OnTheWire(Rules):
    def test_recording_time_limit_and_dial_timeout_reach_cloudonix(self):
        simulator = self.start_world()
        tap = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tap)
        tap.target, tap.bodies = simulator.url, []
        threading.Thread(target=tap.serve_forever, daemon=True).start()
        self.addCleanup(tap.server_close)
        self.addCleanup(tap.shutdown)
        self.configure(f"http://127.0.0.1:{tap.server_port}", self.port)
        self.load(1, record_calls=True, time_limit=77, dial_timeout=13)
        self.load(1, "plain", 3_000_000)
        self.run_to_the_end()
        sent = {body["destination"]: body for body in tap.bodies}
        recorded, plain = sent["+12122000000"], sent["+12123000000"]
        self.assertEqual((recorded["timeLimit"], recorded["timeout"]), (77, 13))
        self.assertTrue(recorded["record"])
        self.assertFalse(plain.get("record", False))
        self.assertEqual((plain["timeLimit"], plain["timeout"]), (3600, 10))


if __name__ == "__main__":
    harness.main()
