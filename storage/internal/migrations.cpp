#include "storage/internal/schema.h"

#include <array>

namespace cxdial::storage {
namespace {

// The numbers of the statuses and reasons are those of campaign/destination.h and
// campaign/attempt.h.
constexpr const char* version_1 = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 4),
    status_reason TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (tenant, name)
) STRICT;
CREATE INDEX campaign_active ON campaign (id) WHERE status = 1;

CREATE TABLE resource (
    kind TEXT NOT NULL CHECK (kind IN ('assistant', 'ai_load_balancer')),
    tenant TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    body TEXT NOT NULL CHECK (json_valid(body)),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE destination (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER NOT NULL REFERENCES campaign (id),
    phone INTEGER NOT NULL CHECK (phone BETWEEN 1000000 AND 999999999999999),
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 10),
    priority INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at INTEGER NOT NULL,
    waiting INTEGER NOT NULL CHECK (waiting IN (0, 1)),
    last_disposition TEXT,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (campaign_id, phone)
) STRICT;
CREATE INDEX destination_ready ON destination (campaign_id, priority DESC, next_at, id)
    WHERE status IN (0, 4) AND waiting = 0;
CREATE INDEX destination_waiting ON destination (campaign_id, next_at)
    WHERE status IN (0, 4) AND waiting = 1;
CREATE INDEX destination_queued ON destination (campaign_id) WHERE status = 1;

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER NOT NULL REFERENCES campaign (id),
    destination_id INTEGER NOT NULL REFERENCES destination (id),
    phone INTEGER NOT NULL CHECK (phone BETWEEN 1000000 AND 999999999999999),
    domain TEXT NOT NULL,
    caller_id TEXT NOT NULL,
    assistant TEXT NOT NULL,
    campaign_revision INTEGER NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 8),
    token TEXT CHECK (token <> ''),
    disposition TEXT CHECK (disposition <> ''),
    detail TEXT NOT NULL DEFAULT '',
    intent_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    placed_at INTEGER,
    answered_at INTEGER,
    ended_at INTEGER,
    duration INTEGER CHECK (duration >= 0),
    billsec INTEGER CHECK (billsec >= 0)
) STRICT;
CREATE UNIQUE INDEX attempt_live_destination ON attempt (destination_id) WHERE status <= 4;
CREATE UNIQUE INDEX attempt_live_number ON attempt (campaign_id, phone) WHERE status <= 4;
CREATE UNIQUE INDEX attempt_token ON attempt (token) WHERE token IS NOT NULL;
CREATE INDEX attempt_destination ON attempt (destination_id);
CREATE INDEX attempt_campaign ON attempt (campaign_id);
CREATE INDEX attempt_domain ON attempt (domain, intent_at);

CREATE TABLE webhook (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
    key TEXT NOT NULL,
    domain TEXT NOT NULL,
    attempt_id INTEGER,
    token TEXT,
    reported_attempt INTEGER,
    progress INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 3),
    disposition TEXT,
    answered_at INTEGER,
    ended_at INTEGER,
    duration INTEGER,
    billsec INTEGER,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
) STRICT;
CREATE INDEX webhook_orphan ON webhook (id) WHERE attempt_id IS NULL AND kind = 0;
CREATE INDEX webhook_orphan_token ON webhook (token)
    WHERE attempt_id IS NULL AND kind = 0 AND token IS NOT NULL;
CREATE INDEX webhook_passing ON webhook (received_at) WHERE kind <> 0;

CREATE TABLE suppression (
    phone INTEGER PRIMARY KEY CHECK (phone BETWEEN 1000000 AND 999999999999999),
    reason TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- How many there are, kept by the database itself as rows move (a batch that is added counts
-- itself, once): asking costs nothing at any size.
CREATE TABLE destination_count (
    campaign_id INTEGER NOT NULL,
    status INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (campaign_id, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER destination_moved AFTER UPDATE OF status ON destination
WHEN old.status <> new.status BEGIN
    UPDATE destination_count SET number = number - 1
        WHERE campaign_id = old.campaign_id AND status = old.status;
    INSERT INTO destination_count VALUES (new.campaign_id, new.status, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER destination_final BEFORE UPDATE OF status ON destination
WHEN old.status >= 5 AND new.status <> old.status BEGIN
    SELECT raise(ABORT, 'a terminal destination is final');
END;

CREATE TABLE attempt_count (
    campaign_id INTEGER NOT NULL,
    status INTEGER NOT NULL,
    disposition TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (campaign_id, status, disposition)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER attempt_added AFTER INSERT ON attempt BEGIN
    INSERT INTO attempt_count VALUES (new.campaign_id, new.status, ifnull(new.disposition, ''), 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER attempt_moved AFTER UPDATE OF status, disposition ON attempt
WHEN old.status <> new.status OR old.disposition IS NOT new.disposition BEGIN
    UPDATE attempt_count SET number = number - 1
        WHERE campaign_id = old.campaign_id AND status = old.status
            AND disposition = ifnull(old.disposition, '');
    INSERT INTO attempt_count VALUES (new.campaign_id, new.status, ifnull(new.disposition, ''), 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER attempt_final BEFORE UPDATE OF status ON attempt
WHEN old.status >= 5 AND new.status <> old.status BEGIN
    SELECT raise(ABORT, 'a terminal attempt is final');
END;
)sql";

// Why a destination waits, and how many wait for what; which balancer an attempt goes through and
// who answered; how often a number was dialed over all campaigns; prefixes that nobody dials.
constexpr const char* version_2 = R"sql(
ALTER TABLE attempt ADD COLUMN balancer TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';
CREATE INDEX attempt_phone ON attempt (phone, intent_at);

ALTER TABLE destination ADD COLUMN wait INTEGER NOT NULL DEFAULT 0 CHECK (wait BETWEEN 0 AND 5);
UPDATE destination SET wait = 1 WHERE status = 0 AND waiting = 1;
UPDATE destination SET wait = 2 WHERE status = 4 AND waiting = 1;

-- Of one priority, whoever waited for a time goes before those that may be dialed at any time.
DROP INDEX destination_ready;
CREATE INDEX destination_ready
    ON destination (campaign_id, priority DESC, (next_at = 0), next_at, id)
    WHERE status IN (0, 4) AND waiting = 0;

-- Why an active campaign places no calls, as the engine saw it last; kept apart from its resource.
CREATE TABLE campaign_hold (
    campaign_id INTEGER PRIMARY KEY,
    reason INTEGER NOT NULL,
    until INTEGER
) STRICT;

CREATE TABLE suppression_prefix (
    prefix INTEGER PRIMARY KEY CHECK (prefix BETWEEN 1 AND 99999999999999),
    reason TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

DROP TRIGGER destination_moved;
DROP TABLE destination_count;
CREATE TABLE destination_count (
    campaign_id INTEGER NOT NULL,
    status INTEGER NOT NULL,
    wait INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (campaign_id, status, wait)
) STRICT, WITHOUT ROWID;
INSERT INTO destination_count
    SELECT campaign_id, status, wait, count(*) FROM destination GROUP BY campaign_id, status, wait;
CREATE TRIGGER destination_moved AFTER UPDATE OF status, wait ON destination
WHEN old.status <> new.status OR old.wait <> new.wait BEGIN
    UPDATE destination_count SET number = number - 1
        WHERE campaign_id = old.campaign_id AND status = old.status AND wait = old.wait;
    INSERT INTO destination_count VALUES (new.campaign_id, new.status, new.wait, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;

-- Kept by the database itself: 1 while the attempt holds its slot. A status moves several times in
-- a call's life, and whatever index hangs on it is written each time.
ALTER TABLE attempt ADD COLUMN live INTEGER DEFAULT 1;
UPDATE attempt SET live = NULL WHERE status > 4;
DROP INDEX attempt_live_destination;
DROP INDEX attempt_live_number;
CREATE UNIQUE INDEX attempt_live_destination ON attempt (destination_id) WHERE live = 1;
CREATE UNIQUE INDEX attempt_live_number ON attempt (campaign_id, phone) WHERE live = 1;
CREATE TRIGGER attempt_ended AFTER UPDATE OF status ON attempt
WHEN new.status > 4 AND old.live = 1 BEGIN
    UPDATE attempt SET live = NULL WHERE id = new.id;
END;

-- A CDR is kept once. What only tells how far a call is changes nothing when it comes again, and
-- nobody asks for its text.
ALTER TABLE webhook RENAME TO older_webhook;
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
    key TEXT NOT NULL,
    domain TEXT NOT NULL,
    attempt_id INTEGER,
    token TEXT,
    reported_attempt INTEGER,
    progress INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 3),
    disposition TEXT,
    answered_at INTEGER,
    ended_at INTEGER,
    duration INTEGER,
    billsec INTEGER,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO webhook SELECT id, kind, key, domain, attempt_id, token, reported_attempt, progress,
    disposition, answered_at, ended_at, duration, billsec, received_at, iif(kind = 0, body, '')
    FROM older_webhook;
DROP TABLE older_webhook;
CREATE UNIQUE INDEX webhook_cdr ON webhook (key) WHERE kind = 0;
CREATE INDEX webhook_orphan ON webhook (id) WHERE attempt_id IS NULL AND kind = 0;
CREATE INDEX webhook_orphan_token ON webhook (token)
    WHERE attempt_id IS NULL AND kind = 0 AND token IS NOT NULL;
CREATE INDEX webhook_passing ON webhook (received_at) WHERE kind <> 0;
)sql";

// What OPBX calls its campaigns, rows and calls. Whose call names us is known by more than its
// token: by OPBX's own id of it, by the number called and when.
constexpr const char* version_3 = R"sql(
ALTER TABLE campaign ADD COLUMN external_id INTEGER;
CREATE UNIQUE INDEX campaign_external ON campaign (external_id) WHERE external_id IS NOT NULL;

ALTER TABLE destination ADD COLUMN external_id INTEGER;
CREATE UNIQUE INDEX destination_external ON destination (campaign_id, external_id)
    WHERE external_id IS NOT NULL;

ALTER TABLE attempt ADD COLUMN by_opbx INTEGER NOT NULL DEFAULT 0 CHECK (by_opbx IN (0, 1));
ALTER TABLE attempt ADD COLUMN external_id INTEGER;
CREATE UNIQUE INDEX attempt_external ON attempt (external_id) WHERE external_id IS NOT NULL;

ALTER TABLE webhook ADD COLUMN external_id INTEGER;
ALTER TABLE webhook ADD COLUMN phone INTEGER;
ALTER TABLE webhook ADD COLUMN started_at INTEGER;
CREATE INDEX webhook_orphan_external ON webhook (external_id)
    WHERE attempt_id IS NULL AND kind = 0 AND external_id IS NOT NULL;
CREATE INDEX webhook_orphan_phone ON webhook (phone, started_at)
    WHERE attempt_id IS NULL AND kind = 0 AND phone IS NOT NULL;

-- A row of OPBX's list is opened anew when its owner resets it, or lists its number again.
DROP TRIGGER destination_final;
CREATE TRIGGER destination_final BEFORE UPDATE OF status ON destination
WHEN old.status >= 5 AND new.status <> old.status
    AND NOT (new.external_id IS NOT NULL AND new.status = 0 AND new.attempts = 0) BEGIN
    SELECT raise(ABORT, 'a terminal destination is final');
END;
)sql";

// What goes out to others, in the order in which it came up; `body` is empty where a stored webhook
// goes on as it is. With `failed_at` it is a dead letter.
constexpr const char* version_4 = R"sql(
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    key TEXT NOT NULL,
    target TEXT NOT NULL,
    webhook_id INTEGER,
    body TEXT NOT NULL DEFAULT '',
    authorization TEXT NOT NULL DEFAULT '',
    added_at INTEGER NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL DEFAULT 0,
    failed_at INTEGER,
    why TEXT NOT NULL DEFAULT '',
    UNIQUE (queue, key)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (queue, id) WHERE failed_at IS NULL;
CREATE INDEX outbox_dead ON outbox (id) WHERE failed_at IS NOT NULL;
)sql";

const std::array migrations{
    Migration{1, version_1},
    Migration{2, version_2},
    Migration{3, version_3},
    Migration{4, version_4},
    Migration{5, callers_version_5},
};

}  // namespace

std::span<const Migration> all_migrations() {
    return migrations;
}

}  // namespace cxdial::storage
