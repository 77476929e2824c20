-- database: mirror
-- Photos are named by the bodies of items, and copied later, one by one. Their bytes are files beside this database, `photos/ab/HASH`:
-- thousands of several megabytes each would make every copy of it, every check of it and its log as large as they are.

-- What was copied, each picture once, whoever has it.
CREATE TABLE pictures (
  id     INTEGER PRIMARY KEY,
  hash   BLOB    NOT NULL UNIQUE,         -- SHA-256 of the bytes, and the name of the file
  bytes  INTEGER NOT NULL,
  media  TEXT    NOT NULL,                -- image/jpeg and so on, by what the bytes are
  width  INTEGER NOT NULL,                -- px, the right way up
  height INTEGER NOT NULL
) STRICT;

-- Every photo that any body of an item has named. Those of earlier bodies stay, as the bodies do.
CREATE TABLE photos (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given again: a copy that is under way for an erased one finds nobody
  item     INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
  photo_id TEXT    NOT NULL,              -- the provider's
  url      TEXT    NOT NULL,              -- the provider's word, judged each time before it is followed
  picture  INTEGER REFERENCES pictures,   -- NULL: not copied
  attempts INTEGER NOT NULL DEFAULT 0,    -- counted when one begins, so that a picture that kills a worker cannot loop
  due_at   INTEGER,                       -- epoch ms; NULL: copied, or given up
  begun_at INTEGER,                       -- epoch ms, of the attempt that has not ended yet
  problem  TEXT,                          -- how the last attempt ended; NULL: well, or there was none
  UNIQUE (item, photo_id)
) STRICT;
CREATE INDEX photos_due ON photos (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX photos_by_picture ON photos (picture) WHERE picture IS NOT NULL;
