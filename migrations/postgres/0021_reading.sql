-- database: mirror
-- What PostgreSQL alone needs, so that looking at one library costs the same whatever all the others have.

-- Hashes of pictures that may be nobody's: bytes without a photo as yet, and what lost a photo. Only these are looked at when something
-- is erased. Lines are added and taken away and never changed, so that nobody waits for anybody here.
CREATE TABLE loose_pictures (
  hash text COLLATE "C" NOT NULL          -- hexadecimal, as in `picture_bytes`
);
CREATE INDEX loose_pictures_by_hash ON loose_pictures (hash);

CREATE FUNCTION loosen_picture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO loose_pictures (hash) SELECT encode(hash, 'hex') FROM pictures WHERE id = old.picture;
  RETURN NULL;
END $$;
CREATE TRIGGER photos_loosened AFTER DELETE OR UPDATE OF picture ON photos FOR EACH ROW
  WHEN (old.picture IS NOT NULL) EXECUTE FUNCTION loosen_picture();

-- Statistics are made of all rides of an account: with these two in the narrow row they read nothing else of them.
ALTER TABLE listed ADD COLUMN calories double precision;
ALTER TABLE listed ADD COLUMN highest  double precision;  -- m above the sea
DROP INDEX rides_burnt;

CREATE OR REPLACE FUNCTION list_ride() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kinds (account_id, activity_type, gear_id, gear_name, visibility, country_code, country, administrative_area)
    SELECT account_id, new.activity_type, new.gear_id, new.gear_name, new.visibility, new.country_code, new.country,
      new.administrative_area
    FROM items WHERE id = new.item
    ON CONFLICT (account_id, hash) DO NOTHING;
  INSERT INTO listed (account_id, state, happened_at, item, type, pinned, version, name_key, distance, climbing, time, calories, highest,
      kind, year)
    SELECT items.account_id, state, happened_at, items.id, type, pinned, version, new.name_key, new.distance, new.elevation_gain,
      coalesce(new.moving_time, new.duration), new.calories, new.highest, kinds.id, left(happened_at, 4)
    FROM items JOIN kinds ON kinds.account_id = items.account_id AND kinds.hash = kind_hash(new.activity_type, new.gear_id,
      new.gear_name, new.visibility, new.country_code, new.country, new.administrative_area)
    WHERE items.id = new.item
    ON CONFLICT (item) DO UPDATE SET state = excluded.state, happened_at = excluded.happened_at, pinned = excluded.pinned,
      version = excluded.version, name_key = excluded.name_key, distance = excluded.distance, climbing = excluded.climbing,
      time = excluded.time, calories = excluded.calories, highest = excluded.highest, kind = excluded.kind, year = excluded.year;
  RETURN NULL;
END $$;

-- What the map says of an item, of all items of an account, without their rows.
CREATE INDEX items_named ON items (account_id, id) INCLUDE (type, item_id);

-- In SQLite lines lie in the order in which tiles read them. Here a row lies where it was written, beside the other steps of its item,
-- and the world at a glance would be read out of all that is drawn. So each step (lines/world.ts) has a place of its own.
DROP TABLE lines;
CREATE TABLE lines (
  account_id bigint  NOT NULL,
  step       integer NOT NULL,
  cell       bigint  NOT NULL,
  item       bigint  NOT NULL REFERENCES items ON DELETE CASCADE,
  line       bytea   NOT NULL,            -- pieces, packed (lines/pack.ts)
  PRIMARY KEY (account_id, step, cell, item)
) PARTITION BY LIST (step);
CREATE INDEX lines_by_item ON lines (item);
CREATE TABLE lines_0 PARTITION OF lines FOR VALUES IN (0);
CREATE TABLE lines_1 PARTITION OF lines FOR VALUES IN (1);
CREATE TABLE lines_2 PARTITION OF lines FOR VALUES IN (2);
CREATE TABLE lines_3 PARTITION OF lines FOR VALUES IN (3);
CREATE TABLE lines_4 PARTITION OF lines FOR VALUES IN (4);
CREATE TABLE lines_5 PARTITION OF lines FOR VALUES IN (5);
CREATE TABLE lines_6 PARTITION OF lines FOR VALUES IN (6);
CREATE TABLE lines_more PARTITION OF lines DEFAULT;

-- Once a transaction and account: a thousand changes of one row in one transaction would each have to pass all those before it.
CREATE OR REPLACE FUNCTION show_anew() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  account bigint := coalesce(new.account_id, old.account_id);
BEGIN
  IF current_setting('slipstream.shown_anew', true) IS DISTINCT FROM account::text THEN
    UPDATE accounts SET shown_version = shown_version + 1 WHERE id = account;
    PERFORM set_config('slipstream.shown_anew', account::text, true);
  END IF;
  RETURN NULL;
END $$;
