-- database: mirror
-- What lists and search need of an item that is no ride: orders, shipments, events, trips of a bike-share. Everything else of it, its
-- body, its versions, its fetches, stands where that of rides does.
CREATE TABLE records (
  item    INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE,
  summary TEXT NOT NULL,                  -- one line, for people
  words   TEXT NOT NULL                   -- what it can be found by beside that
) STRICT;

CREATE TRIGGER records_found AFTER INSERT ON records BEGIN
  DELETE FROM search WHERE rowid = new.item;
  INSERT INTO search (rowid, name, description, place)
    SELECT id, title || ' ' || item_id, new.summary || ' ' || new.words, '' FROM items WHERE id = new.item;
END;
