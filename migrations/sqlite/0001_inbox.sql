-- database: inbox
-- Written by the main thread alone, so that acknowledging never waits for a lock.

-- One webhook request as it came. Append only: which ones have become tasks is a watermark in `marks`,
-- because updating a row would write its body a second time.
CREATE TABLE deliveries (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  source      TEXT    NOT NULL,
  client      TEXT    NOT NULL,
  received_at INTEGER NOT NULL,           -- epoch ms
  headers     TEXT    NOT NULL,           -- JSON, chosen ones only
  body        BLOB    NOT NULL,
  packed      INTEGER NOT NULL,           -- 1: body is zstd
  unreadable  TEXT                        -- why it could not be read; NULL: it could
) STRICT;
CREATE INDEX deliveries_by_time ON deliveries (received_at);

-- One row for each key that has something to do; a finished task has none.
CREATE TABLE tasks (
  id                 INTEGER PRIMARY KEY,
  source             TEXT    NOT NULL,
  account            TEXT    NOT NULL,
  type               TEXT    NOT NULL,
  item_id            TEXT    NOT NULL,
  state              TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'active', 'dead')),
  priority           INTEGER NOT NULL,    -- -1 the probe of a token, 0 as it happens, 1 caught up, 2 backfill
  due_at             INTEGER NOT NULL,    -- epoch ms
  generation         INTEGER NOT NULL DEFAULT 1,  -- grows with each notification
  claimed_generation INTEGER,             -- what the running fetch answers; smaller than generation: one more fetch is owed
  claimed_at         INTEGER,
  seq                INTEGER,             -- of the running fetch; a finisher with another one is too late
  attempts           INTEGER NOT NULL DEFAULT 0,
  origin             TEXT    NOT NULL,
  action             TEXT    NOT NULL,
  announces_deletion INTEGER NOT NULL DEFAULT 0,
  secret             BLOB,                -- a privacy code, sealed
  notifications      INTEGER NOT NULL DEFAULT 1,
  first_learnt_at    INTEGER NOT NULL,
  last_learnt_at     INTEGER NOT NULL,
  webhook_first      INTEGER,
  webhook_last       INTEGER,
  last_error         TEXT,
  UNIQUE (source, account, type, item_id)
) STRICT;
CREATE INDEX tasks_pending ON tasks (priority, source, account, due_at) WHERE state = 'pending';
CREATE INDEX tasks_active ON tasks (source, account) WHERE state = 'active';

-- What holds for all tasks of one account.
CREATE TABLE queues (
  source          TEXT NOT NULL,
  account         TEXT NOT NULL,
  paused_until    INTEGER NOT NULL DEFAULT 0,  -- epoch ms: the provider asked us to wait
  parked          TEXT,                        -- why its tasks wait for a person; NULL: they do not
  last_webhook_at INTEGER,
  PRIMARY KEY (source, account)
) STRICT, WITHOUT ROWID;

-- Changes that reconciliation found, judged two minutes later: had a webhook announced them?
CREATE TABLE findings (
  source      TEXT    NOT NULL,
  account     TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  item_id     TEXT    NOT NULL,
  action      TEXT    NOT NULL,
  happened_at INTEGER NOT NULL,           -- epoch ms, on our clock
  found_at    INTEGER NOT NULL,
  announced   INTEGER,                    -- NULL: not judged yet
  PRIMARY KEY (source, account, type, item_id, action, happened_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_open ON findings (happened_at) WHERE announced IS NULL;

CREATE TABLE dead_letters (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  kind        TEXT    NOT NULL CHECK (kind IN ('task', 'delivery', 'notification')),
  source      TEXT    NOT NULL,
  account     TEXT,
  type        TEXT,
  item_id     TEXT,
  delivery_id INTEGER,
  code        TEXT    NOT NULL,
  sentence    TEXT    NOT NULL,
  evidence    TEXT    NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX dead_tasks ON dead_letters (source, account, type, item_id) WHERE kind = 'task';

CREATE TABLE marks (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES ('taken', 0), ('seq', 0);
