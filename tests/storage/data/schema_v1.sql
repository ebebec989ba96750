-- A database as version 1 of the schema left it. Never edited: newer programs must read it.
PRAGMA application_id = 1668834412;
CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT;
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

-- How many there are, kept by the database itself as rows move (a batch that is added counts itself,
-- once): asking costs nothing at any size.
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
INSERT INTO schema_version VALUES (1);
INSERT INTO sqlite_sequence (name, seq) VALUES ('attempt', 4294967296);
INSERT INTO meta VALUES ('attempt_id_base', '4294967296');
INSERT INTO campaign VALUES (1, 'default', 'spring', 3, 1, '', '{"kind":"campaign","tenant":"default","name":"spring","cloudonix_domain":"acme.cloudonix.net","routing_destination_type":"hangup","caller_id":"+12025550100"}', 1000, 2000);
INSERT INTO suppression VALUES (12025550009, 'asked', 1000);
INSERT INTO destination VALUES (1, 1, 12025550001, 3, 0, 1, 0, 0, NULL, 'Ada', '', '');
INSERT INTO destination VALUES (2, 1, 12025550002, 4, 5, 1, 90000, 1, 'busy', '', '', '{"plan":"gold"}');
INSERT INTO attempt VALUES (4294967297, 1, 1, 12025550001, 'acme.cloudonix.net', '+12025550100', '', 3,
    2, '0123456789abcdef0123456789abcdef', NULL, '', 3000, 90000, 3100, NULL, NULL, NULL, NULL);
INSERT INTO attempt VALUES (4294967298, 1, 2, 12025550002, 'acme.cloudonix.net', '+12025550100', '', 3,
    5, 'fedcba9876543210fedcba9876543210', 'busy', '', 3000, 90000, 3100, NULL, 9000, 6, 0);
INSERT INTO webhook VALUES (1, 0, 'call-9', 'acme.cloudonix.net', NULL, '00000000000000000000000000000009',
    NULL, 3, 'answered', 2000, 9000, 8, 7, 9100, '{"disposition":"ANSWER"}');
INSERT INTO destination_count VALUES (1, 3, 1), (1, 4, 1);
