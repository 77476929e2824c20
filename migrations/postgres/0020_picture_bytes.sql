-- database: mirror
-- The bytes of pictures, which beside SQLite are files: processes on several machines have nothing in common but the database.
CREATE TABLE picture_bytes (
  hash  text  COLLATE "C" PRIMARY KEY,    -- as `pictures.hash`, hexadecimal
  bytes bytea NOT NULL
);
-- They are as small as they get.
ALTER TABLE picture_bytes ALTER COLUMN bytes SET STORAGE EXTERNAL;
