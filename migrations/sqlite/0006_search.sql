-- database: mirror
-- Search, filters, sorting and totals of the library. Kept by triggers, in the transaction of whoever writes an item: nobody can
-- forget it, and nothing is ever found that is not there.

ALTER TABLE rides ADD COLUMN gear_id   TEXT NOT NULL DEFAULT '';
ALTER TABLE rides ADD COLUMN gear_name TEXT NOT NULL DEFAULT '';
ALTER TABLE rides ADD COLUMN calories  REAL;
ALTER TABLE rides ADD COLUMN country   TEXT NOT NULL DEFAULT '';  -- the name of country_code, in English
ALTER TABLE rides ADD COLUMN name_key  TEXT NOT NULL DEFAULT '';  -- what names are sorted by: no case, no diacritics
-- Which DESCRIPTION (storage/items.ts) filled this row. What was described by an earlier one is described anew after the start.
ALTER TABLE rides ADD COLUMN described INTEGER NOT NULL DEFAULT 0;
CREATE INDEX rides_by_description ON rides (described);

-- What rides have in common and lists offer to choose by, each combination once: so twenty thousand of them are grouped by a number.
CREATE TABLE kinds (
  id                  INTEGER PRIMARY KEY,
  account_id          INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  activity_type       TEXT    NOT NULL,
  gear_id             TEXT    NOT NULL,
  gear_name           TEXT    NOT NULL,
  visibility          TEXT    NOT NULL,
  country_code        TEXT    NOT NULL,
  country             TEXT    NOT NULL,
  administrative_area TEXT    NOT NULL,
  UNIQUE (account_id, activity_type, gear_id, gear_name, visibility, country_code, country, administrative_area)
) STRICT;

-- One narrow row for each item, in the order of the library: twenty thousand rides are sorted and summed without touching their
-- descriptions and thumbnails, which are ten times as large.
CREATE TABLE listed (
  account_id  INTEGER NOT NULL,
  state       TEXT    NOT NULL,
  happened_at TEXT    NOT NULL,
  item        INTEGER NOT NULL UNIQUE REFERENCES items ON DELETE CASCADE,
  type        TEXT    NOT NULL,
  pinned      INTEGER NOT NULL,
  version     TEXT    NOT NULL,
  name_key    TEXT    NOT NULL,
  distance    REAL,                       -- m
  climbing    REAL,                       -- m
  time        REAL,                       -- s, moving; with stops where nothing else is known
  kind        INTEGER NOT NULL REFERENCES kinds ON DELETE CASCADE,
  year        TEXT    NOT NULL,
  PRIMARY KEY (account_id, state, happened_at DESC, item DESC)
) STRICT, WITHOUT ROWID;
-- All that totals and facets need, already in their groups.
CREATE INDEX listed_by_kind ON listed (kind, account_id, state, year, type, pinned, version, distance, climbing, time);

-- It has its own copy of the texts: only so can it forget their words for good when an item is erased.
CREATE VIRTUAL TABLE search USING fts5 (
  name, description, place,
  prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER rides_listed AFTER INSERT ON rides BEGIN
  -- Not by OR IGNORE: within a trigger the policy of the statement that fired it is used instead, which is OR REPLACE.
  INSERT INTO kinds (account_id, activity_type, gear_id, gear_name, visibility, country_code, country, administrative_area)
    SELECT account_id, new.activity_type, new.gear_id, new.gear_name, new.visibility, new.country_code, new.country,
      new.administrative_area
    FROM items WHERE id = new.item AND NOT EXISTS (SELECT 1 FROM kinds
      WHERE (account_id, activity_type, gear_id, gear_name, visibility, country_code, country, administrative_area)
        = (items.account_id, new.activity_type, new.gear_id, new.gear_name, new.visibility, new.country_code, new.country,
          new.administrative_area));
  DELETE FROM listed WHERE item = new.item;
  INSERT INTO listed
    SELECT items.account_id, state, happened_at, items.id, type, pinned, version, new.name_key, new.distance, new.elevation_gain,
      coalesce(new.moving_time, new.duration), kinds.id, substr(happened_at, 1, 4)
    FROM items JOIN kinds ON (kinds.account_id, activity_type, gear_id, gear_name, visibility, country_code, country,
        administrative_area)
      = (items.account_id, new.activity_type, new.gear_id, new.gear_name, new.visibility, new.country_code, new.country,
        new.administrative_area)
    WHERE items.id = new.item;
  DELETE FROM search WHERE rowid = new.item;
  INSERT INTO search (rowid, name, description, place)
    SELECT id, title, new.description, concat_ws(' ', new.locality, new.administrative_area, new.country, new.country_code)
    FROM items WHERE id = new.item;
END;

CREATE TRIGGER items_listed_again AFTER UPDATE ON items
WHEN (old.state, old.pinned, old.happened_at, old.version) IS NOT (new.state, new.pinned, new.happened_at, new.version)
BEGIN
  UPDATE listed SET state = new.state, pinned = new.pinned, happened_at = new.happened_at,
    year = substr(new.happened_at, 1, 4), version = new.version
  WHERE item = new.id;
END;

CREATE TRIGGER items_forgotten AFTER DELETE ON items BEGIN
  DELETE FROM search WHERE rowid = old.id;
END;

-- What is here already can be listed and found at once; what only its body says is read by the workers after the start.
INSERT INTO kinds (account_id, activity_type, gear_id, gear_name, visibility, country_code, country, administrative_area)
  SELECT DISTINCT account_id, activity_type, '', '', visibility, country_code, country_code, administrative_area
  FROM items JOIN rides ON rides.item = items.id;
INSERT INTO listed
  SELECT items.account_id, state, happened_at, items.id, type, pinned, version, lower(title), distance, elevation_gain,
    coalesce(moving_time, duration), kinds.id, substr(happened_at, 1, 4)
  FROM items JOIN rides ON rides.item = items.id
    JOIN kinds USING (account_id, activity_type, visibility, country_code, administrative_area);
INSERT INTO search (rowid, name, description, place)
  SELECT items.id, title, description, concat_ws(' ', locality, administrative_area, country_code)
  FROM items JOIN rides ON rides.item = items.id;
