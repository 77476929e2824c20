-- database: mirror
-- The tracks as lines for the map of everything, simplified for a few zooms. What is here already is read from its body by the
-- workers after the start; all of it goes with its item.

-- Units of the world (lines/world.ts). East of a track over the antimeridian is beyond its edge.
CREATE TABLE outlines (
  item  INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
  west  INTEGER NOT NULL,
  south INTEGER NOT NULL,
  east  INTEGER NOT NULL,
  north INTEGER NOT NULL
) STRICT;

-- In the order in which a tile reads them. An R*Tree would find the same boxes, but each line then lies somewhere else in the file.
CREATE TABLE lines (
  account_id INTEGER NOT NULL,
  step       INTEGER NOT NULL,
  cell       INTEGER NOT NULL,
  item       INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
  line       BLOB    NOT NULL,            -- pieces, packed (lines/pack.ts)
  PRIMARY KEY (account_id, step, cell, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX lines_by_item ON lines (item);

-- Goes up with each change of what lists and maps can show: what was made of the state before is known to be old. Lines are only
-- written together with a ride, so they are in it too.
ALTER TABLE accounts ADD COLUMN shown_version INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER listed_added AFTER INSERT ON listed BEGIN
  UPDATE accounts SET shown_version = shown_version + 1 WHERE id = new.account_id;
END;
CREATE TRIGGER listed_changed AFTER UPDATE ON listed BEGIN
  UPDATE accounts SET shown_version = shown_version + 1 WHERE id = new.account_id;
END;
CREATE TRIGGER listed_removed AFTER DELETE ON listed BEGIN
  UPDATE accounts SET shown_version = shown_version + 1 WHERE id = old.account_id;
END;
