#include "storage/internal/schema.h"

namespace cxdial::storage {

// The people who call back: who may take calls, for which numbers, what is known of contacts, and
// each call that came in with the decision on it.
const char* const callers_version_5 = R"sql(
CREATE TABLE newer_resource (
    kind TEXT NOT NULL CHECK (kind <> ''),
    tenant TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    body TEXT NOT NULL CHECK (json_valid(body)),
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
    PRIMARY KEY (kind, tenant, name)
) STRICT, WITHOUT ROWID;
INSERT INTO newer_resource (kind, tenant, name, body, updated_at)
    SELECT kind, tenant, name, body, updated_at FROM resource;
DROP TABLE resource;
ALTER TABLE newer_resource RENAME TO resource;
-- Assistants and people share one space of names; a dialed number is one tenant's.
CREATE UNIQUE INDEX resource_agent ON resource (tenant, name) WHERE kind IN ('assistant', 'agent');
CREATE UNIQUE INDEX resource_did
    ON resource (ltrim(json_extract(body, '$.phone_number'), '+')) WHERE kind = 'phone_number';

-- A destination may wait for its own agent (6). The rule binds no row that is there, so that the
-- text of the schema is all that changes, however many rows there are.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'wait BETWEEN 0 AND 5', 'wait BETWEEN 0 AND 6')
    WHERE type = 'table' AND name = 'destination';
PRAGMA writable_schema = RESET;

ALTER TABLE campaign ADD COLUMN activated_at INTEGER NOT NULL DEFAULT 0;
UPDATE campaign SET activated_at = updated_at WHERE status = 1;
CREATE TRIGGER campaign_activated AFTER UPDATE OF status ON campaign
WHEN new.status = 1 AND old.status <> 1 BEGIN
    UPDATE campaign SET activated_at = new.updated_at WHERE id = new.id;
END;

-- A follow-up that falls due becomes a destination with an agent of its own; where its number was
-- in that list before, the row is opened anew.
ALTER TABLE destination ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE destination ADD COLUMN follow_up_id INTEGER;
DROP TRIGGER destination_final;
CREATE TRIGGER destination_final BEFORE UPDATE OF status ON destination
WHEN old.status >= 5 AND new.status <> old.status
    AND NOT (new.external_id IS NOT NULL AND new.status = 0 AND new.attempts = 0)
    AND NOT (new.follow_up_id IS NOT NULL AND new.follow_up_id IS NOT old.follow_up_id
        AND new.status = 0 AND new.attempts = 0) BEGIN
    SELECT raise(ABORT, 'a terminal destination is final');
END;

CREATE TABLE contact (
    tenant TEXT NOT NULL,
    phone INTEGER NOT NULL CHECK (phone BETWEEN 1000000 AND 999999999999999),
    name TEXT NOT NULL DEFAULT '',
    tier TEXT NOT NULL DEFAULT '',
    attributes TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(attributes)),
    engaged_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, phone)
) STRICT, WITHOUT ROWID;

-- The numbers of the statuses are those of routing/follow_up.h.
CREATE TABLE follow_up (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    phone INTEGER NOT NULL CHECK (phone BETWEEN 1000000 AND 999999999999999),
    agent TEXT NOT NULL CHECK (agent <> ''),
    type TEXT NOT NULL CHECK (type <> ''),
    campaign TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
    reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    due_at INTEGER NOT NULL,
    activated_at INTEGER NOT NULL,
    closed_at INTEGER,
    destination_id INTEGER,
    decision_id INTEGER
) STRICT;
CREATE UNIQUE INDEX follow_up_active ON follow_up (tenant, phone, agent, type, campaign)
    WHERE status = 0;
CREATE INDEX follow_up_due ON follow_up (due_at)
    WHERE status = 0 AND type = 'call' AND destination_id IS NULL;
CREATE INDEX follow_up_phone ON follow_up (phone, id);
CREATE INDEX follow_up_status ON follow_up (tenant, status, id);
CREATE TRIGGER follow_up_final BEFORE UPDATE OF status ON follow_up
WHEN old.status <> 0 AND new.status <> old.status BEGIN
    SELECT raise(ABORT, 'a closed follow-up is final');
END;

-- A call that came in. While `live` it holds a place at its agent.
CREATE TABLE voice_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    call_sid TEXT NOT NULL UNIQUE,
    token TEXT CHECK (token <> ''),
    phone INTEGER,
    did TEXT NOT NULL,
    agent TEXT NOT NULL,
    campaign_id INTEGER,
    live INTEGER DEFAULT 1 CHECK (live = 1),
    disposition TEXT,
    started_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answered_at INTEGER,
    ended_at INTEGER,
    duration INTEGER,
    billsec INTEGER
) STRICT;
CREATE UNIQUE INDEX voice_session_token ON voice_session (token) WHERE token IS NOT NULL;
CREATE INDEX voice_session_live ON voice_session (id) WHERE live = 1;
CREATE INDEX voice_session_phone ON voice_session (phone, started_at);

CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    call_sid TEXT NOT NULL UNIQUE,
    token TEXT,
    caller TEXT NOT NULL,
    did TEXT NOT NULL,
    phone INTEGER,
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    agent TEXT NOT NULL,
    agent_version INTEGER NOT NULL,
    campaign_id INTEGER,
    destination_id INTEGER,
    follow_up_id INTEGER,
    attempt_id INTEGER,
    voice_session_id INTEGER,
    took INTEGER NOT NULL,
    trace TEXT NOT NULL CHECK (json_valid(trace)),
    decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_campaign ON decision (campaign_id, reason) WHERE campaign_id IS NOT NULL;
CREATE INDEX decision_phone ON decision (phone, decided_at);

CREATE TABLE contact_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    phone INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind <> ''),
    at INTEGER NOT NULL,
    call_sid TEXT NOT NULL DEFAULT '',
    voice_session_id INTEGER,
    decision_id INTEGER,
    destination_id INTEGER,
    follow_up_id INTEGER,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contact_event_phone ON contact_event (phone, at);

CREATE TABLE contact_fact (
    tenant TEXT NOT NULL,
    phone INTEGER NOT NULL,
    agent TEXT NOT NULL,
    key TEXT NOT NULL CHECK (key <> ''),
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, phone, agent, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE contact_summary (
    tenant TEXT NOT NULL,
    phone INTEGER NOT NULL,
    agent TEXT NOT NULL,
    summary TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, phone, agent)
) STRICT, WITHOUT ROWID;

-- The CDR of a call that came in is no orphan.
ALTER TABLE webhook ADD COLUMN voice_session_id INTEGER;
DROP INDEX webhook_orphan;
DROP INDEX webhook_orphan_token;
DROP INDEX webhook_orphan_external;
DROP INDEX webhook_orphan_phone;
CREATE INDEX webhook_orphan ON webhook (id)
    WHERE attempt_id IS NULL AND voice_session_id IS NULL AND kind = 0;
CREATE INDEX webhook_orphan_token ON webhook (token)
    WHERE attempt_id IS NULL AND voice_session_id IS NULL AND kind = 0 AND token IS NOT NULL;
CREATE INDEX webhook_orphan_external ON webhook (external_id)
    WHERE attempt_id IS NULL AND voice_session_id IS NULL AND kind = 0 AND external_id IS NOT NULL;
CREATE INDEX webhook_orphan_phone ON webhook (phone, started_at)
    WHERE attempt_id IS NULL AND voice_session_id IS NULL AND kind = 0 AND phone IS NOT NULL;
)sql";

}  // namespace cxdial::storage
