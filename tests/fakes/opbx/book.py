"""What a real OPBX keeps in its database, in one SQLite file, and beside it what the tests want to know."""

import datetime
import json
import sqlite3
import threading
import time

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS campaign (
  id INTEGER PRIMARY KEY, fields TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'draft', hidden INTEGER NOT NULL DEFAULT 0,
  completed_calls INTEGER NOT NULL DEFAULT 0, failed_calls INTEGER NOT NULL DEFAULT 0,
  voicemail_calls INTEGER NOT NULL DEFAULT 0, pending_calls INTEGER NOT NULL DEFAULT 0 CHECK (pending_calls >= 0),
  pause_reason TEXT, resume_at TEXT, started_at TEXT, completed_at TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS destination (
  id INTEGER PRIMARY KEY, campaign_id INTEGER NOT NULL, phone_number TEXT NOT NULL, name TEXT, batch_identifier TEXT,
  metadata TEXT, status TEXT NOT NULL DEFAULT 'pending', priority INTEGER NOT NULL DEFAULT 1,
  dial_attempts INTEGER NOT NULL DEFAULT 0, last_dialed_at TEXT, last_disposition TEXT, next_retry_at TEXT,
  last_session_token TEXT, last_call_id TEXT, duration INTEGER NOT NULL DEFAULT 0, billsec INTEGER NOT NULL DEFAULT 0,
  total_duration INTEGER NOT NULL DEFAULT 0, last_error TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS destination_of_campaign ON destination (campaign_id, status, id);
CREATE TABLE IF NOT EXISTS session (
  id INTEGER PRIMARY KEY, campaign_id INTEGER NOT NULL, destination_id INTEGER NOT NULL, phone_number TEXT NOT NULL,
  caller_id TEXT, caller_did_id INTEGER, worker_id TEXT, session_token TEXT, call_id TEXT, status TEXT NOT NULL,
  disposition TEXT, duration INTEGER, billsec INTEGER, recording_url TEXT, initiated_at TEXT, completed_at TEXT
);
CREATE INDEX IF NOT EXISTS session_of_token ON session (session_token);
CREATE TABLE IF NOT EXISTS resource (
  kind TEXT NOT NULL, id INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (kind, id)
);
-- The ground truth: no part of OPBX.
CREATE TABLE IF NOT EXISTS call (
  id INTEGER PRIMARY KEY, campaign_id INTEGER, destination_id INTEGER, phone_number TEXT NOT NULL, token TEXT UNIQUE,
  asked_ms INTEGER NOT NULL, ended_ms INTEGER
);
CREATE TABLE IF NOT EXISTS cdr (
  id INTEGER PRIMARY KEY, token TEXT, call_id TEXT, key TEXT, status INTEGER, replayed INTEGER NOT NULL,
  authorization TEXT, body TEXT NOT NULL, at_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS request (
  id INTEGER PRIMARY KEY, route TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at_ms INTEGER NOT NULL
);
"""


def now_text():
    """The time as OPBX writes it: without a zone."""
    return text_of(datetime.datetime.now(datetime.timezone.utc))


def text_of(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def now_ms():
    return time.time_ns() // 1_000_000


class Book:
    """One connection for all threads. Whoever does more than one statement holds `lock`.

    What a statement has written outlives a kill of the process, as it would at OPBX.
    """

    def __init__(self, path):
        self.lock = threading.RLock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.executescript(SCHEMA)

    def all(self, sql, *values):
        with self.lock:
            return [dict(row) for row in self.db.execute(sql, values)]

    def one(self, sql, *values):
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    def do(self, sql, *values):
        """The id of a row that was inserted."""
        with self.lock:
            return self.db.execute(sql, values).lastrowid

    def insert(self, table, **fields):
        names = ", ".join(fields)
        marks = ", ".join("?" * len(fields))
        return self.do(f"INSERT INTO {table} ({names}) VALUES ({marks})", *fields.values())

    def change(self, table, row_id, **fields):
        names = ", ".join(f"{name} = ?" for name in fields)
        self.do(f"UPDATE {table} SET {names} WHERE id = ?", *fields.values(), row_id)

    def kept(self, name):
        row = self.one("SELECT value FROM kept WHERE name = ?", name)
        return json.loads(row["value"]) if row else None

    def keep(self, name, value):
        self.do("INSERT OR REPLACE INTO kept VALUES (?, ?)", name, json.dumps(value))

    def cached(self, key):
        row = self.one("SELECT value FROM cache WHERE key = ? AND expires > ?", key, time.time())
        return json.loads(row["value"]) if row else None

    def cache(self, key, value, seconds):
        self.do("INSERT OR REPLACE INTO cache VALUES (?, ?, ?)", key, json.dumps(value), time.time() + seconds)

    def campaign(self, campaign_id):
        """Its columns and its fields in one; None when there is none."""
        row = self.one("SELECT * FROM campaign WHERE id = ?", campaign_id)
        return merged(row) if row else None

    def campaigns(self):
        return [merged(row) for row in self.all("SELECT * FROM campaign ORDER BY id")]


def merged(row):
    fields = json.loads(row.pop("fields"))
    return {**fields, **row}
