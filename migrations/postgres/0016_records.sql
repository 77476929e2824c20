-- database: mirror
-- What lists and search need of an item that is no ride: orders, shipments, events, trips of a bike-share. Everything else of it, its
-- body, its versions, its fetches, stands where that of rides does.
CREATE TABLE records (
  item    bigint PRIMARY KEY REFERENCES items ON DELETE CASCADE,
  summary text NOT NULL,                  -- one line, for people
  words   text NOT NULL                   -- what it can be found by beside that
);
