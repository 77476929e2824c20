-- database: mirror
-- Each reconciliation, audit and backfill, with what came of it: the proof beneath "verified". What found nothing is told as one.
CREATE TABLE runs (
  id           INTEGER PRIMARY KEY,
  account_id   INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  kind         TEXT    NOT NULL CHECK (kind IN ('reconciliation', 'audit', 'backfill')),
  started_by   TEXT    NOT NULL,           -- the last of them, where several are told as one
  began_at     INTEGER NOT NULL,           -- epoch ms
  ended_at     INTEGER NOT NULL,
  times        INTEGER NOT NULL DEFAULT 1, -- so many in a row came to the same nothing, or to the same failure
  found        INTEGER NOT NULL,           -- items to be fetched because of it
  compared     INTEGER,                    -- an audit's: items
  missing_here  INTEGER,                   -- an audit's differences
  missing_there INTEGER,
  older_here    INTEGER,
  pins_differ   INTEGER,
  items        TEXT    NOT NULL,           -- JSON [{type, id, why}], the first of what was found
  failed       TEXT                        -- why, as a sentence; NULL: it went well
) STRICT;
CREATE INDEX runs_by_account ON runs (account_id, ended_at);
