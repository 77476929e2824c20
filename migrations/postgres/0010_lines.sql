-- database: mirror
-- The tracks as lines for the map of everything, simplified for a few zooms; all of it goes with its item.

-- Units of the world (lines/world.ts). East of a track over the antimeridian is beyond its edge.
CREATE TABLE outlines (
  item  bigint  PRIMARY KEY REFERENCES items ON DELETE CASCADE,
  west  integer NOT NULL,
  south integer NOT NULL,
  east  integer NOT NULL,
  north integer NOT NULL
);

-- In the order in which a tile reads them.
CREATE TABLE lines (
  account_id bigint  NOT NULL,
  step       integer NOT NULL,
  cell       bigint  NOT NULL,
  item       bigint  NOT NULL REFERENCES items ON DELETE CASCADE,
  line       bytea   NOT NULL,            -- pieces, packed (lines/pack.ts)
  PRIMARY KEY (account_id, step, cell, item)
);
CREATE INDEX lines_by_item ON lines (item);

-- Goes up with each change of what lists and maps can show: what was made of the state before is known to be old. Lines are only
-- written together with a ride, so they are in it too. At the commit, so that nobody waits for the account's row while an item of it
-- is still being written.
ALTER TABLE accounts ADD COLUMN shown_version bigint NOT NULL DEFAULT 0;
CREATE FUNCTION show_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET shown_version = shown_version + 1 WHERE id = coalesce(new.account_id, old.account_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER listed_shown AFTER INSERT OR UPDATE OR DELETE ON listed DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION show_anew();
