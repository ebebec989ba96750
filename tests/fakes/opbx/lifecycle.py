"""The campaign's states, moved by users, by the worker and by the monitor page."""

import datetime
import json

from .book import now_text, text_of
from .redis_client import RedisError
from .reply import Reply
from .shapes import campaign_defaults

COLUMNS = ("id", "status", "hidden", "pending_calls", "completed_calls", "failed_calls", "voicemail_calls")


def cac_key(campaign_id):
    return f"dialer:cac:{campaign_id}:active"


class Lifecycle:
    def __init__(self, book, switches, redis):
        self.book = book
        self.switches = switches
        self.redis = redis

    def add(self, fields):
        """A campaign from what differs from the usual; `id` may be given."""
        columns = {name: fields.pop(name) for name in COLUMNS if name in fields}
        merged = {**campaign_defaults(), **fields}
        return self.book.insert(
            "campaign", fields=json.dumps(merged), created_at=now_text(), updated_at=now_text(), **columns
        )

    def edit(self, campaign_id, fields):
        """As OPBX's database would be changed, whatever the state is."""
        columns = {name: fields.pop(name) for name in COLUMNS if name in fields}
        with self.book.lock:
            row = self.book.one("SELECT fields FROM campaign WHERE id = ?", campaign_id)
            merged = {**json.loads(row["fields"]), **fields}
            self.book.change(
                "campaign", campaign_id, fields=json.dumps(merged), updated_at=now_text(), **columns
            )

    def add_destinations(self, campaign_id, rows):
        """Numbers, or objects with a phone_number and more."""
        with self.book.lock:
            self.book.do("BEGIN")
            ids = [
                self.book.insert(
                    "destination", campaign_id=campaign_id, created_at=now_text(), updated_at=now_text(),
                    **(row if isinstance(row, dict) else {"phone_number": row}),
                )
                for row in rows
            ]
            self.book.do("COMMIT")
        return ids

    def act(self, campaign_id, action):
        """What a user does; 409 for a wrong state."""
        campaign = self.book.campaign(campaign_id)
        if campaign is None:
            return Reply(404, {"error": "Campaign not found"})
        allowed = {
            "start": ("draft", "paused"), "pause": ("active",), "resume": ("paused",), "assign": ("draft",),
            "archive": ("draft", "active", "paused", "completed"), "complete": ("active",),
        }
        if campaign["status"] not in allowed[action]:
            return Reply(409, {"message": f"Campaign cannot {action} while it is {campaign['status']}."})
        getattr(self, action)(campaign_id)
        return Reply(200, {"data": {"id": campaign_id, "status": self.book.campaign(campaign_id)["status"]}})

    def start(self, campaign_id):
        self.book.change("campaign", campaign_id, status="active", started_at=now_text(), updated_at=now_text())
        self.reset_cac(campaign_id)

    def assign(self, campaign_id):
        """Giving it a list makes it active, without a start."""
        self.book.change("campaign", campaign_id, status="active", updated_at=now_text())

    def resume(self, campaign_id):
        self.book.change(
            "campaign", campaign_id, status="active", pause_reason=None, resume_at=None, updated_at=now_text()
        )
        self.reset_cac(campaign_id)

    def pause(self, campaign_id, reason="manual", resume_at=None, by_user=True):
        self.book.change(
            "campaign", campaign_id, status="paused", pause_reason=reason, resume_at=resume_at, updated_at=now_text()
        )
        self.book.cache(f"campaign_pause:{campaign_id}", {"reason": reason}, 86400)
        if self.switches["pause_fails_sessions"]:
            self.book.do(
                "UPDATE session SET status = 'failed', disposition = 'cancelled' "
                "WHERE campaign_id = ? AND status IN ('initiated', 'ringing', 'answered')", campaign_id,
            )
            self.book.change("campaign", campaign_id, pending_calls=0)
        if by_user:
            self.reset_cac(campaign_id)

    def archive(self, campaign_id):
        if self.book.campaign(campaign_id)["status"] == "active":
            self.pause(campaign_id)
        self.book.change("campaign", campaign_id, status="archived", updated_at=now_text())

    def complete(self, campaign_id):
        """Only OPBX's old processor does it."""
        self.book.change("campaign", campaign_id, status="completed", completed_at=now_text(), updated_at=now_text())

    def open_monitor(self, campaign_id):
        """Somebody looks at the campaign's page."""
        if self.switches["monitor_frees_dialing"]:
            limit = text_of(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5))
            self.book.do(
                "UPDATE destination SET status = 'pending', updated_at = ? "
                "WHERE campaign_id = ? AND status = 'dialing' AND last_dialed_at < ?", now_text(), campaign_id, limit,
            )
        self.reset_cac(campaign_id)

    def reset_cac(self, campaign_id):
        """The switch is for what does it in passing; the button does it always."""
        if self.switches["resets_cac"]:
            self.force_cac(campaign_id)

    def force_cac(self, campaign_id):
        if self.redis:
            try:
                self.redis.call("SET", cac_key(campaign_id), 0)
            except RedisError:
                pass  # a user sees an error; nothing else changes
