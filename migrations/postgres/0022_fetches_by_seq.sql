-- database: mirror
-- Here it has been from the beginning; under this number the files of SQLite have learnt it.
CREATE INDEX IF NOT EXISTS fetches_by_seq ON fetches (seq);
