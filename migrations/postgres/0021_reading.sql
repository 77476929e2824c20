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
