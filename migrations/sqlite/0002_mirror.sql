-- database: mirror
-- Written by the workers alone, read by everybody.

CREATE TABLE accounts (
  id                   INTEGER PRIMARY KEY,
  source               TEXT    NOT NULL,
  user_id              TEXT    NOT NULL,
  name                 TEXT    NOT NULL,
  client               TEXT    NOT NULL,
  state                TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'reconnect', 'disconnected')),
  owner                INTEGER NOT NULL DEFAULT 0,
  token_kind           TEXT    NOT NULL CHECK (token_kind IN ('bearer', 'auth-token')),
  sealed_token         BLOB,
  cursor               TEXT,              -- ISO 8601, the provider's clock
  backfill_total       INTEGER,
  connected_at         INTEGER NOT NULL,
  last_reconciled_at   INTEGER,
  last_audit_at        INTEGER,
  last_audit_compared  INTEGER,
  last_audit_different INTEGER,
  pins_seq             INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source, user_id)
) STRICT;

-- The provider's answers, byte for byte, each stored once.
CREATE TABLE bodies (
  id    INTEGER PRIMARY KEY,
  hash  BLOB    NOT NULL UNIQUE,          -- SHA-256 of the raw bytes
  bytes INTEGER NOT NULL,                 -- raw
  zstd  BLOB    NOT NULL
) STRICT;

CREATE TABLE items (
  id                 INTEGER PRIMARY KEY,
  account_id         INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  type               TEXT    NOT NULL,
  item_id            TEXT    NOT NULL,
  version            TEXT    NOT NULL DEFAULT '',  -- the provider's updated_at, ISO 8601 in UTC
  seq                INTEGER NOT NULL,             -- of the fetch that decided what this row says
  body_id            INTEGER REFERENCES bodies,    -- NULL: never seen (pinned only, or gone before the first look)
  owned              INTEGER NOT NULL DEFAULT 0,
  pinned             INTEGER NOT NULL DEFAULT 0,
  secret             BLOB,                -- a privacy code, sealed
  began_at           INTEGER NOT NULL,    -- epoch ms, the provider's clock, never later than the last good fetch really began
  fetched_at         INTEGER NOT NULL,    -- epoch ms, our clock
  refused_at         INTEGER,             -- not owned, and not visible or not followed any more: hidden until it was looked at again
  missing_at         INTEGER,             -- gone for the owner, not announced, to be confirmed
  held_at            INTEGER,             -- gone and confirmed, but the brake holds it
  deleted_at         INTEGER,
  deletion_announced INTEGER,
  title              TEXT    NOT NULL DEFAULT '',
  happened_at        TEXT    NOT NULL DEFAULT '',  -- ISO 8601: what lists are sorted by
  state              TEXT    GENERATED ALWAYS AS (
    CASE WHEN body_id IS NULL THEN 'absent'
         WHEN deleted_at IS NOT NULL THEN 'deleted'
         WHEN owned = 0 AND (pinned = 0 OR refused_at IS NOT NULL) THEN 'hidden'
         ELSE 'active' END) STORED,
  UNIQUE (account_id, type, item_id)
) STRICT;
CREATE INDEX items_listed ON items (account_id, state, happened_at DESC, id);
CREATE INDEX items_elsewhere ON items (type, item_id) WHERE pinned = 1;
CREATE INDEX items_by_body ON items (body_id);
CREATE INDEX items_deleted ON items (account_id, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX items_held ON items (account_id) WHERE held_at IS NOT NULL;

CREATE TABLE revisions (
  id          INTEGER PRIMARY KEY,
  item        INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
  body_id     INTEGER NOT NULL REFERENCES bodies,
  version     TEXT    NOT NULL,
  seq         INTEGER NOT NULL,
  fetched_at  INTEGER NOT NULL,
  replaced_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revisions_by_item ON revisions (item, id);
CREATE INDEX revisions_by_body ON revisions (body_id);

-- What lists, search and statistics need of a route or trip, beside its body.
CREATE TABLE rides (
  item                INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
  description         TEXT NOT NULL,
  visibility          TEXT NOT NULL,
  locality            TEXT NOT NULL,
  administrative_area TEXT NOT NULL,
  country_code        TEXT NOT NULL,
  activity_type       TEXT NOT NULL,
  distance            REAL,               -- m
  elevation_gain      REAL,               -- m
  elevation_loss      REAL,               -- m
  duration            REAL,               -- s
  moving_time         REAL,               -- s
  avg_speed           REAL,               -- km/h
  departed_at         TEXT,
  created_at          TEXT,
  thumbnail           TEXT NOT NULL       -- JSON [[x, y], …] in 48 × 48
) STRICT;

-- Each fetch and what came of it: the evidence for "why is this ride (not) here".
CREATE TABLE fetches (
  id              INTEGER PRIMARY KEY,
  account_id      INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  type            TEXT    NOT NULL,
  item_id         TEXT    NOT NULL,
  seq             INTEGER NOT NULL,
  origin          TEXT    NOT NULL,
  action          TEXT    NOT NULL,
  notifications   INTEGER NOT NULL,
  first_learnt_at INTEGER NOT NULL,
  webhook_first   INTEGER,
  webhook_last    INTEGER,
  claimed_at      INTEGER NOT NULL,
  finished_at     INTEGER NOT NULL,
  outcome         TEXT    NOT NULL,
  detail          TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX fetches_by_item ON fetches (account_id, type, item_id, id);
CREATE INDEX fetches_by_time ON fetches (account_id, finished_at);

CREATE TABLE sessions (
  hash       BLOB PRIMARY KEY,            -- SHA-256 of the cookie's value
  account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE personal_tokens (
  id         INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  name       TEXT    NOT NULL,
  hash       BLOB    NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE login_links (
  hash       BLOB PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
